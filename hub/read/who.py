"""``accessLog``: who was shown something of a person, or asked about the person's number.

Whether the asker may see the person is a statement of the read engine like any other, under the same slice
and locks, and goes into the log too. Only then the log itself is read, with the owner's rights: no role has
any on it. Batches tell which of them speak of a person; what is not sealed yet is looked through.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson

from hub.access.older import OPENED_BY_IT, SHOWN
from hub.access.viewer import Capability, Viewer
from hub.audit.entries import SAID, cause_of
from hub.audit.records import person_key, shown
from hub.audit.shape import Place
from hub.errors import BadArgument
from hub.read.bind import MAX_PAGE, TYPES
from hub.read.leaves import id_param
from hub.read.plan import Leaf
from hub.read.sql import Statement, Writer
from hub.read.text import Row, where
from hub.store.database import Database
from hub.store.vault import Vault

ARGUMENT: Final = "beneficiary"
TYPE: Final = "Beneficiary"
NUMBER: Final = "select id_number from beneficiary where county_code = $1 and id = $2"

SPANS: Final = """
    select first_number, last_number from access_span
    where last_number <= $4 and (people @> array[$1::bigint] or asked && $2::text[]) and first_sequence < $3
    order by last_number desc limit $5"""
SPANNED: Final = "select coalesce(max(last_number), 0) from access_span"
OF_ACCESS: Final = """
    coalesce(substring(e.purpose from '^emergency:([0-9]+)'), case when 'emergency_access' = any (e.tables)
        then substring(e.records from '^0:([0-9]+)(?: |$)') end)::bigint"""
"""Number of the emergency access an entry was made by, or that it opened, which is its first record then."""
SEEN: Final = f"{SHOWN} or {OPENED_BY_IT}".format(t="a", today="$9", client="$10", user="$11")
TOLD: Final = f"""
    ($9::date is null or {OF_ACCESS} is null
        or exists (select from emergency_access a where a.id = {OF_ACCESS} and ({SEEN})))"""
# A batch that speaks of the person has an entry that does, so one more than are asked for are enough; where
# such an entry may not be told, nobody knows how many are.
USES: Final = f"""
    with near as (
        select first_sequence, last_sequence from access_batch
        where number between $6 and $7
            and (people @> array[$1::bigint] or asked && $2::text[]) and first_sequence < $3
        order by number desc limit $8),
    candidate as (
        select e.* from near n join access_entry e on e.sequence between n.first_sequence and n.last_sequence
        union all
        select * from access_entry
        where $7 = 9223372036854775807
            and sequence > (select coalesce(max(last_sequence), 0) from access_batch))
    select e.sequence, e.at, e.client_id, c.name, e.user_id, e.role, e.purpose, e.operation, e.request_id,
        e.records, s.content, coalesce(e.asked && $2::text[], false) as asked,
        p.label_zh, p.legal_basis, p.citation
    from candidate e left join oauth_client c on c.client_id = e.client_id {SAID}
    where e.sequence < $3 and (e.records ~ $5 or e.asked && $2::text[]) and {TOLD}
    order by e.sequence desc limit $4"""  # noqa: S608
NEWEST: Final = 2**63 - 1


class Use(NamedTuple):
    """An entry of the log, as far as it speaks of one person. ``emergency``: number of the access it was made
    by. ``fields``: as ``Type.field``, none where it was ``refused``, which is the code of the error.
    """

    number: int
    at: dt.datetime
    client_id: str
    client_name: str | None
    user_id: int | None
    role: str
    emergency: int | None
    purpose: str | None
    purpose_label: str | None
    legal_basis: str | None
    citation: str | None
    operation: str
    document: str
    request_id: str
    fields: list[str]
    asked: bool
    refused: str | None


def seen(capability: Capability) -> Statement:
    """Whether the viewer sees the person: null, or true."""
    table = TYPES[TYPE].table
    writer = Writer(capability)
    row = Row(writer.alias(), writer.readable(table.name))
    keys = list(table.primary_key.columns)
    casts = ("text", "bigint")
    tests = [
        f"{row.column(c.name)} = {writer.put(id_param(Leaf(0, (ARGUMENT,)), TYPE, i, len(keys), cast))}"
        for i, (c, cast) in enumerate(zip(keys, casts, strict=True))
    ]
    tests += writer.visible(row, "its key")
    writer.count(row, Place(TYPE, ("accessLog",)))
    found = writer.record(row, [("seen", "'true'")])
    rows = f"select {found} from {table.name} {row.alias}{where(tests)}"  # noqa: S608 - of bound names
    return writer.made(f"select coalesce(({rows}), 'null')")


async def uses(
    database: Database,
    vault: Vault,
    viewer: Viewer,
    today: dt.date,
    person: str,
    body: bytes,
    first: int,
    before: str | None,
) -> list[Use] | None:
    """``person``: global id; ``body``: what ``seen`` answered. None where there is nobody to be seen.

    What was done by an emergency access, or opened one, is told to who may see the access itself.
    """
    if not 1 <= first <= MAX_PAGE:
        raise BadArgument(f"Expected first from 1 to {MAX_PAGE}.", zh=f"first 应为 1 至 {MAX_PAGE}")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) <= 18):
        raise BadArgument("Expected before to be the number of an entry.", zh="before 应为访问记录的序号")
    found = orjson.loads(body)
    if found is None:
        return None
    _, county, number = person.split(":")
    key = person_key(county, int(number))
    sealed = await database.fetch(NUMBER, county, int(number))
    # Entries keep what the number was asked by for good, whatever the row is found by now.
    hashes = [vault.blind(vault.open(row["id_number"])).hex() for row in sealed if row["id_number"]]
    pattern = f"(^| )[0-9]+:{county}:({int(number)}/|[0-9]+/{int(number)})( |$)"
    end = NEWEST if before is None else int(before)
    [(spanned,)] = await database.fetch(SPANNED)
    sees_all = "minor" in viewer.groups
    most = first + 1 if sees_all else None
    own = most, None if sees_all else today, viewer.client_id, viewer.user_id or 0
    rows = await database.fetch(USES, key, hashes, end, first, pattern, spanned + 1, NEWEST, *own)
    if len(rows) < first:
        for span in await database.fetch(SPANS, key, hashes, end, spanned, most):
            left = first - len(rows)
            rows += await database.fetch(USES, key, hashes, end, left, pattern, *span, *own)
            if len(rows) == first:
                break
    return [_use(row, key) for row in rows]


def _use(row: Any, key: int) -> Use:
    content: dict[str, Any] = {"places": [], "document": ""}
    if row["content"]:
        content = json.loads(row["content"])
    refused = content.get("refused")
    fields = {} if refused else dict.fromkeys(_fields(content["places"], row["records"], key))
    name = content.get("operation") or row["operation"]
    return Use(
        row["sequence"], row["at"], row["client_id"], row["name"], row["user_id"], row["role"],
        *cause_of(row["purpose"]), row["label_zh"], row["legal_basis"], row["citation"],
        name, content["document"], row["request_id"], list(fields), row["asked"],
        refused,
    )  # fmt: skip


def _fields(places: list[Any], records: str | None, key: int) -> Iterable[str]:
    for each in shown(records):
        if each.person == key:
            place = places[each.place]
            yield from (f"{place['type']}.{name}" for name in place["fields"])
