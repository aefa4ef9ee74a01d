"""Whose value stands in a field, and why."""

from hub.domain.vocabulary.term import Term


class ChosenBy(Term):
    """Why the value of one source stands in a field and not another's; the first that decides."""

    OVERRIDE = "OVERRIDE", "人工核定", "A steward has decided, until a day"
    RULE = "RULE", "本地优先规则", "A rule of precedence for this field and place"
    PRECEDENCE = "PRECEDENCE", "名单优先级", "Precedence of the list that states it"
    NEWEST = "NEWEST", "时间最新", "Newest statement of equal precedence"
    FIRST = "FIRST", "记录次序", "Equal in all of this: the first by the key of the record"
    ONLY = "ONLY", "唯一来源", "Nobody else states the field"
