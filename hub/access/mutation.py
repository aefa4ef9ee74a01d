"""What a mutation is asked with: the read engine fills it in, the write engine does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.store.database import Database
from hub.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Mutation:
    """``name``: of the field; ``operation``: of the operation, if it has one. ``arguments``: as GraphQL names
    them, coerced. ``values``: the viewer's, as slices name them. ``digest``: of the whole document, and
    ``document`` its text without values.
    """

    database: Database
    vault: Vault
    viewer: Viewer
    values: Mapping[str, Any]
    now: dt.datetime
    name: str
    arguments: Mapping[str, Any]
    digest: bytes
    document: str
    operation: str | None
    limits: Limits = field(default_factory=Limits)


Write: TypeAlias = Callable[[Mutation], Awaitable[str]]
"""Does it and tells the global id of the record it is about, without the type: ``450305:17`` or ``12``."""
