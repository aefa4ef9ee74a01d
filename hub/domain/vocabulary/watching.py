"""关注名单: why a watch on a person's entitlement is over."""

from hub.domain.vocabulary.term import Term


class WatchEnd(Term):
    UNWATCHED = "UNWATCHED", "主动取消", "Taken back by the agency"
    LAST_DAY = "LAST_DAY", "到期", "Its last day is over"
    PURPOSE_ENDED = "PURPOSE_ENDED", "用途终止", "Its purpose, or the agency's grant of it, has ended"
    ACCESS_ENDED = "ACCESS_ENDED", "权限终止", "The agency may not ask or watch any more"
