"""Entries for people to read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from hub.audit.chain import stamp
from hub.audit.records import shown
from hub.store.database import Database

SAID: Final = """
    left join access_shape s on s.digest = e.shape
    left join purpose p on p.code = substring(e.purpose from '[^ ]+$')"""
"""What an entry ``e`` refers to. In an emergency the code of its purpose stands behind the emergency's."""
IN_EMERGENCY: Final = re.compile("emergency:([0-9]+)(?: (.+))?", re.ASCII)
"""What stands in the column ``purpose`` then."""
NEWEST: Final = f"""
    select e.*, s.content, p.label_zh, p.legal_basis, p.citation from access_entry e {SAID}
    where $1::text is null or e.client_id = $1 order by e.sequence desc limit $2"""  # noqa: S608


class Cause(NamedTuple):
    """What an entry was for: number of the emergency access, and code of the purpose, if it had any."""

    emergency: int | None
    purpose: str | None


def cause_of(text: str | None) -> Cause:
    found = IN_EMERGENCY.fullmatch(text or "")
    return Cause(None, text) if found is None else Cause(int(found[1]), found[2])


async def newest(database: Database, client_id: str | None, last: int) -> list[Any]:
    return list(await database.owner.fetch(NEWEST, client_id, last))


def told(row: Any) -> Iterator[str]:
    """The lines of an entry: itself, then each kind of record with its keys and fields."""
    user = f" user {row['user_id']}" if row["user_id"] is not None else ""
    cause = cause_of(row["purpose"])
    purpose = f" in emergency access {cause.emergency}" if cause.emergency is not None else ""
    purpose += f" for {cause.purpose}" if cause.purpose else ""
    shape = json.loads(row["content"]) if row["content"] else {"operation": None, "places": [], "others": []}
    if "act" in shape:
        yield from _act(row, shape)
        return
    name = shape["operation"] or row["operation"][:16]
    yield (
        f"{row['sequence']}  {stamp(row['at'])}  {row['client_id']}{user} as {row['role']}{purpose}:"
        f" {name} ({', '.join(row['tables'])})"
    )
    keys: dict[int, list[str]] = {}
    for each in shown(row["records"]):
        keys.setdefault(each.place, []).append(each.key)
    for place, found in keys.items():
        kind = shape["places"][place]
        yield f"    {kind['type']} {', '.join(found)}: {', '.join(kind['fields']) or 'that it is there'}"
    if row["label_zh"]:
        law = f", {row['citation']}" if row["citation"] else ""
        yield f"    purpose {row['label_zh']}: {row['legal_basis'] or 'legal basis not stated'}{law}"
    if "refused" in shape:
        yield f"    refused: {shape['refused']}"
    if shape["others"]:
        yield f"    {', '.join(shape['others'])}"
    if row["asked"]:
        yield f"    asked about {len(row['asked'])} number(s)"


def _act(row: Any, shape: dict[str, Any]) -> Iterator[str]:
    """Of an administrator: by whom, on what, and each value that changed."""
    act = shape["act"]
    yield (
        f"{row['sequence']}  {stamp(row['at'])}  {act['by']} as {row['role']} ({act['as']}):"
        f" {shape['operation']} {act['on']}"
    )
    before, after = act["before"] or {}, act["after"] or {}
    for name in dict.fromkeys((*before, *after)):
        was, now = (json.dumps(row.get(name), ensure_ascii=False) for row in (before, after))
        yield f"    {name}: {was} → {now}"
