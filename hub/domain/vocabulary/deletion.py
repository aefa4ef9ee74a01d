"""返还与删除: what an entrusted party owes when it may not use people's data any more (PIPL, article 21)."""

from hub.domain.vocabulary.term import Term


class DutyReason(Term):
    CONTRACT_ENDED = "CONTRACT_ENDED", "合同终止", "The contract is not in force any more"
    ASSIGNMENT_ENDED = "ASSIGNMENT_ENDED", "服务分派结束", "The assignments of these people ended"


class DutyStatus(Term):
    OPEN = "OPEN", "待履行", "Something is still to be certified"
    FILED = "FILED", "待审核", "All is certified and waits for the bureau"
    DONE = "DONE", "已履行", "All is certified and accepted"
    RELEASED = "RELEASED", "已解除", "All people are served by the contractor again"


class DeletionMethod(Term):
    """The law leaves either to the entrusted party."""

    RETURNED = "RETURNED", "返还", "Returned, and nothing is kept"
    DELETED = "DELETED", "删除", "Deleted"


class CertificateDecision(Term):
    PENDING = "PENDING", "待审核", "Waiting for the bureau"
    ACCEPTED = "ACCEPTED", "已认可", "Accepted"
    REJECTED = "REJECTED", "已退回", "Rejected: the people are open again"
