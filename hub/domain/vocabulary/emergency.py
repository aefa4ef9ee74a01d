"""紧急访问: why somebody outside the usual slice is looked at, and what the bureau says of it afterwards."""

from hub.domain.vocabulary.term import Term


class EmergencyReason(Term):
    """个人信息保护法 13(4), and what R154, R161 and R173 let no one wait for."""

    LIFE_OR_HEALTH = "LIFE_OR_HEALTH", "生命健康紧急情况", "Somebody's life or health is in danger"
    CHILD_IN_DANGER = "CHILD_IN_DANGER", "未成年人受侵害或面临危险", "A child is harmed or in danger"
    MISSING = "MISSING", "人员走失", "Somebody is missing"
    DISASTER = "DISASTER", "突发事件、灾害", "A disaster or another public emergency"
    PROPERTY = "PROPERTY", "财产安全紧急情况", "Somebody's property is in danger"


class EmergencyEnd(Term):
    """Why one ended before its hours were over."""

    OPENER = "OPENER", "启动方结束", "Its opener closed it"
    BUREAU = "BUREAU", "民政部门结束", "A bureau closed it"
    CONTRACT_ENDED = (
        "CONTRACT_ENDED",
        "合同终止",
        "The contractor's last contract in the county ended",
    )
    CLIENT_SUSPENDED = "CLIENT_SUSPENDED", "客户端停用", "The client that opened it was suspended"
    CLIENT_EXPIRED = "CLIENT_EXPIRED", "客户端登记到期", "The registration of the client that opened it ended"
    USER_SUSPENDED = "USER_SUSPENDED", "用户停用", "The user it was opened for was suspended"


class EmergencyVerdict(Term):
    JUSTIFIED = "JUSTIFIED", "正当", "It was justified"
    UNJUSTIFIED = "UNJUSTIFIED", "不正当", "It was not: who opened it may open no other"
    SETTLED = (
        "SETTLED",
        "不正当，已处理",
        "It was not, and that was dealt with",
    )
