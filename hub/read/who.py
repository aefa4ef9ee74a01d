"""``accessLog``: who was shown something of a person, or asked about the person's number.

Whether the asker may see the person is a statement of the read engine like any other, under the same slice
and locks, and goes into the log too. Only then the log itself is read, with the owner's rights: no role has
any on it. Batches tell which of them speak of a person; what is not sealed yet is looked through. Who may not
be told of every entry is read for on and on, since nobody knows beforehand how many are left out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable
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
from hub.read.refusals import watched
from hub.read.sql import Statement, Writer
from hub.read.text import Row, where
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import LINKABLE

ARGUMENT: Final = "beneficiary"
TYPE: Final = "Beneficiary"
NUMBERS: Final = f"""
    select id, id_number from {LINKABLE.golden.name} where county_code = $1 and id = $2
    union all select id, id_number from {LINKABLE.apart.name} where county_code = $1 and linked_to = $2"""  # noqa: S608 - of bound names
"""The person's own, and those of the files that are linked with it: all were shown of one person."""

SEALED: Final = """
    select coalesce(max(number), 0) as number, coalesce(max(last_sequence), 0) as sequence,
        (select coalesce(max(last_number), 0) from access_span) as spanned from access_batch"""
SPEAKS: Final = "(people && $1::bigint[] or asked && $2::text[]) and first_sequence < $3"
# A span that speaks of the person has a batch that does, but the newest, of which a part may be read already.
BATCHES: Final = f"""
    with span as (
        select $5::bigint + 1 as first_number, $4::bigint as last_number
        union all
        (select first_number, last_number from access_span
        where first_number <= $4 and last_number <= $5 and {SPEAKS}
        order by last_number desc limit $6 + 1))
    select number, first_sequence from span s
        join access_batch b on b.number between s.first_number and least(s.last_number, $4)
    where {SPEAKS} order by number desc limit $6"""  # noqa: S608
OF_ACCESS: Final = """
    coalesce(substring(e.purpose from '^emergency:([0-9]+)'),
        case when 'emergency_access' = any (e.tables)
            and (s.content::json -> 'others' ->> 0) = any ($10::text[])
            then substring(e.records from '^0:([0-9]+)(?: |$)') end)::bigint"""
"""Number of the emergency access an entry was made by, or that it opened, which is its first record then. A
read may show the record of an access first as well; it is no entry of a mutation."""
SEEN: Final = f"{SHOWN} or {OPENED_BY_IT}".format(t="a", today="$7", client="$8", user="$9")
TOLD: Final = f"""
    ($7::date is null or {OF_ACCESS} is null
        or exists (select from emergency_access a where a.id = {OF_ACCESS} and ({SEEN})))"""
USES: Final = f"""
    with candidate as (
        select e.* from access_batch n
            join access_entry e on e.sequence between n.first_sequence and n.last_sequence
        where n.number = any ($5::bigint[])
        union all
        select * from access_entry where sequence > $6)
    select e.sequence, e.at, e.client_id, c.name, e.user_id, e.role, e.purpose, e.operation, e.request_id,
        e.records, s.content, coalesce(e.asked && $2::text[], false) as asked,
        p.label_zh, p.legal_basis, p.citation
    from candidate e left join oauth_client c on c.client_id = e.client_id {SAID}
    where e.sequence < $3 and (e.records ~ $1 or e.asked && $2::text[]) and {TOLD}
    order by e.sequence desc limit $4"""  # noqa: S608
PORTION: Final = 100
"""Batches looked through at once for who may not be told of every entry."""
MOST_BATCHES: Final = 500
"""That are looked through for one question."""
NEWEST: Final = 2**63 - 1


About = tuple[list[int], list[str], int]
"""The person by all its files, keyed hashes of its numbers, and before which entry: ``$1`` to ``$3``."""


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


class NothingNear(BadArgument):
    """Expected a lower before: of what was looked through nothing may be told to you."""

    zh = "所查范围内没有可告知的记录，请以更小的 before 继续"

    @classmethod
    def before(cls, number: int) -> NothingNear:
        return cls(
            f"Nothing of the newest {MOST_BATCHES} batches may be told to you; go on with before: {number}.",
            zh=f"最近 {MOST_BATCHES} 批记录中没有可告知的，请以 before: {number} 继续",
        )


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

    What was done by an emergency access, or opened one, is told to who may see the access itself. Fewer than
    ``first`` are told where much may not be; nothing is left when none are. NothingNear.
    """
    if not 1 <= first <= MAX_PAGE:
        raise BadArgument(f"Expected first from 1 to {MAX_PAGE}.", zh=f"first 应为 1 至 {MAX_PAGE}")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) <= 18):
        raise BadArgument("Expected before to be the number of an entry.", zh="before 应为访问记录的序号")
    found = orjson.loads(body)
    if found is None:
        return None
    _, county, number = person.split(":")
    files = await database.fetch(NUMBERS, county, int(number))
    ids = sorted({row["id"] for row in files})
    keys = [person_key(county, one) for one in ids]
    # Entries keep what the number was asked by for good, whatever the row is found by now.
    hashes = [vault.blind(vault.open(row["id_number"])).hex() for row in files if row["id_number"]]
    either = "|".join(map(str, ids))
    pattern = f"(^| )[0-9]+:{county}:(({either})/|[0-9]+/({either}))( |$)"
    about = keys, hashes, NEWEST if before is None else int(before)
    rows = await _read(database, viewer, today, about, pattern, first)
    return [_use(row, keys) for row in rows]


async def _read(
    database: Database, viewer: Viewer, today: dt.date, about: About, pattern: str, first: int
) -> list[Any]:
    """Portion by portion until the page is full. A batch that speaks of the person has an entry that does, so
    one batch more than entries are asked for is enough for who is told of every one."""
    sees_all = "minor" in viewer.groups
    openings = [f"Mutation.{name}" for name in watched()]
    own = None if sees_all else today, viewer.client_id, viewer.user_id or 0, openings
    [sealed] = await database.fetch(SEALED)
    size, looked = first + 1 if sees_all else PORTION, 0
    last, after, rows = sealed["number"], sealed["sequence"], list[Any]()
    while True:
        near = await database.fetch(BATCHES, *about, last, sealed["spanned"], size)
        numbers = [row["number"] for row in near]
        rows += await database.fetch(USES, pattern, *about[1:], first - len(rows), numbers, after, *own)
        looked += len(near)
        if len(rows) == first or len(near) < size:
            return rows
        if looked >= MOST_BATCHES:
            if rows:
                return rows
            raise NothingNear.before(near[-1]["first_sequence"])
        last, after = numbers[-1] - 1, NEWEST


def _use(row: Any, keys: Collection[int]) -> Use:
    content: dict[str, Any] = {"places": [], "document": ""}
    if row["content"]:
        content = json.loads(row["content"])
    refused = content.get("refused")
    fields = {} if refused else dict.fromkeys(_fields(content["places"], row["records"], keys))
    name = content.get("operation") or row["operation"]
    return Use(
        row["sequence"], row["at"], row["client_id"], row["name"], row["user_id"], row["role"],
        *cause_of(row["purpose"]), row["label_zh"], row["legal_basis"], row["citation"],
        name, content["document"], row["request_id"], list(fields), row["asked"],
        refused,
    )  # fmt: skip


def _fields(places: list[Any], records: str | None, keys: Collection[int]) -> Iterable[str]:
    for each in shown(records):
        if each.person in keys:
            place = places[each.place]
            yield from (f"{place['type']}.{name}" for name in place["fields"])
