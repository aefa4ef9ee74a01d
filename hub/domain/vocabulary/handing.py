"""转介、移交: who hands a person on to whom, and what became of it."""

from hub.domain.vocabulary.term import Term


class ReferralKind(Term):
    """What is handed on (R160, R161)."""

    TRANSFER = "TRANSFER", "移交", "The person leaves the one and comes to the other", "转出"
    REFER = "REFER", "转介", "Another helps as well", "转介服务"


class ReferralStatus(Term):
    PENDING = "PENDING", "待接收", "Waiting for the receiver"
    ACCEPTED = "ACCEPTED", "已接收", "Accepted: the receiver is assigned"
    DECLINED = "DECLINED", "已谢绝", "Declined by the receiver"
    WITHDRAWN = "WITHDRAWN", "已撤回", "Withdrawn by who referred"
    OVERTAKEN = "OVERTAKEN", "已被取代", "Ended by itself: another transfer was accepted"
