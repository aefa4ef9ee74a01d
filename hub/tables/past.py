"""What rows said before: the versions of facts that another one has taken the place of, or that are gone.

A fact says itself on which days it is true; ``known_from`` says since when the hub knows it as it stands. A
version that is changed or deleted goes to the history with the moment it ended (``known_until``), by
triggers, statement by statement (migration 0039). A row that is said again as it was leaves nothing.

Who sees a version is decided by where the person lives today, so the derived columns of a version follow
the person as those of the fact do.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table

from hub.tables._columns import STAMP, internal, metadata, stated
from hub.tables.audit import OF_PERSON, PERSON
from hub.tables.beneficiary import category_membership
from hub.tables.caseload import assignment

LEFT_OUT: Final = frozenset({"content_hash", "made_at"})
"""Only the merge compares by the one, and only triggers by the other."""
NOT_FOLLOWED: Final = frozenset({"source_id", "county_code", OF_PERSON})
"""No list leads from a source to facts; the way from a person begins with the county."""


def _history(fact: Table[Any]) -> Table[Any]:
    columns = [
        Column(c.name, c.type, nullable=c.nullable, comment=c.comment, info=c.info, primary_key=c.primary_key)
        for c in fact.c
        if c.name not in LEFT_OUT | {"known_from"}
    ]
    name, zh = f"{fact.name}_history", f"{fact.info['zh']}（历史版本）"
    keys = ["county_code", OF_PERSON]
    return Table(
        name,
        metadata,
        *columns,
        internal("系统知悉起", "Since when the hub knew it so", STAMP, name="known_from", primary_key=True),
        internal("系统知悉止", "When it knew better", STAMP, name="known_until", nullable=False),
        Index(None, *keys),
        *(Index(None, c.name) for c in stated(fact.c) if c.foreign_keys and c.name not in NOT_FOLLOWED),
        ForeignKeyConstraint(keys, [f"{PERSON}.county_code", f"{PERSON}.id"], ondelete="CASCADE"),
        comment=zh,
        info={"zh": zh, "en": f"Former versions of: {fact.info['en']}"},
    )


HISTORIES: Final[dict[str, Table[Any]]] = {
    fact.name: _history(fact) for fact in (category_membership, assignment)
}
"""By the name of the fact."""
