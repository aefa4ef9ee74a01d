"""同一人核验: whether two files are of one person."""

from hub.domain.vocabulary.term import Term


class IdentityStatus(Term):
    """What is held of two files: that they may be, are, or are not of one person."""

    PENDING = "PENDING", "待核验", "They may be of one person; somebody has to look"
    LINKED = "LINKED", "已关联", "They are of one person, and shown as one"
    DIFFERENT = "DIFFERENT", "非同一人", "They are of two people"
