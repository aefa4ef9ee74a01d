"""Work without a network: a copy of a caseload that is kept in step, and a queue of what was noted meanwhile.

What it does, and why, is docs/offline.md; clients/typescript/offline does the same, file by file.
"""

from offline.copy import Copy, Pulled
from offline.hub import Away, Hub, Refused, documents_in
from offline.queue import Conflict, Kind, Queue
from offline.store import Entry, Store
from offline.tokens import Tokens

__all__ = [
    "Away",
    "Conflict",
    "Copy",
    "Entry",
    "Hub",
    "Kind",
    "Pulled",
    "Queue",
    "Refused",
    "Store",
    "Tokens",
    "documents_in",
]
