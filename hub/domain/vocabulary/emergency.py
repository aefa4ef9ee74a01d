"""紧急访问: why somebody outside the usual slice is looked at, and what the bureau says of it afterwards."""

from hub.domain.vocabulary.term import Term


class EmergencyReason(Term):
    """个人信息保护法 13(4), and what R154, R161 and R173 let no one wait for."""

    LIFE_OR_HEALTH = "LIFE_OR_HEALTH", "生命健康紧急情况", "Somebody's life or health is in danger"
    CHILD_IN_DANGER = "CHILD_IN_DANGER", "未成年人受侵害或面临危险", "A child is harmed or in danger"
    MISSING = "MISSING", "人员走失", "Somebody is missing"
    DISASTER = "DISASTER", "突发事件、灾害", "A disaster or another public emergency"
    PROPERTY = "PROPERTY", "财产安全紧急情况", "Somebody's property is in danger"


class EmergencyVerdict(Term):
    JUSTIFIED = "JUSTIFIED", "正当", "It was justified"
    UNJUSTIFIED = "UNJUSTIFIED", "不正当", "It was not: who opened it may open no other"
    SETTLED = (
        "SETTLED",
        "不正当，已处理",
        "It was not, and that was dealt with",
    )
