"""规则: what the policy documents ask for, as data that quotes them.

``data`` holds one file for each document and the ambiguities between them; ``sources`` the documents' text,
against which every quote is tested. A rule means what its quote says: a number that a document does not give
is not there (``Bound.value`` is None), and what depends on it cannot be decided.
"""

from hub.domain.norms.model import Ambiguity, Bound, Document, Rule
from hub.domain.norms.read import AMBIGUITIES, DOCUMENTS, RULES, rules_between, rules_of, source_text

__all__ = [
    "AMBIGUITIES",
    "DOCUMENTS",
    "RULES",
    "Ambiguity",
    "Bound",
    "Document",
    "Rule",
    "rules_between",
    "rules_of",
    "source_text",
]
