"""The log as a file that is checked without the hub: canonical JSON, one value on a line.

    {"format": …, "issuer": …}
    {"shape": sha256, "content": …}      before the first batch with an entry of this shape
    {"entry": […]}                       columns as in ``hub.audit.chain.ENTRY``, in order
    {"batch": […], "digest": …, "head": …, "pruned": …}    after its entries

Only sealed batches are in it. Those whose entries were deleted are there with their hashes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Final, NamedTuple

import orjson

from hub.audit.chain import ENTRY, SHAPE, AnotherAddress, Batch, Check, Entry, broken, canonical, entry_of
from hub.audit.records import people
from hub.audit.seal import asked, batch_of
from hub.store.database import Connection, Database

FORMAT: Final = "civil-affairs-hub access log 1"

LOWEST: Final = -(2**63)
"""No position is below 1, unless somebody has put an entry there."""
REACHED: Final = "select last_sequence from access_batch where number = $1"
BATCHES: Final = "select * from access_batch where number >= $1 order by number"
BEFORE: Final = "select * from access_batch order by number desc offset $1 limit 1"
ENTRIES: Final = f"""
    select {", ".join(ENTRY)} from access_entry where sequence > $1 and sequence <= $2
    order by sequence"""  # noqa: S608
SHAPES: Final = "select digest, content from access_shape where digest = any($1::bytea[])"


class Sealed(NamedTuple):
    """A batch, its entries unless they were deleted, and the contents of their shapes by hash.

    ``found``: it is found by the people in its entries and by nobody else.
    """

    batch: Batch
    entries: list[Entry] | None
    shapes: dict[str, str]
    found: bool = True


async def sealed_in(database: Database, first: int = 1) -> AsyncGenerator[Sealed, None]:
    """The batches from number ``first`` on."""
    async with (
        database.owner.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        last = await connection.fetchval(REACHED, first - 1)
        async for row in connection.cursor(BATCHES, first):
            yield await _sealed(connection, row, LOWEST if last is None else last)
            last = row["last_sequence"]


async def _sealed(connection: Connection, row: Any, last: int) -> Sealed:
    batch = batch_of(row)
    rows = await connection.fetch(ENTRIES, last, batch.last)
    if batch.pruned and not rows:
        return Sealed(batch, None, {})
    if batch.pruned:
        raise broken(f"batch {batch.number}", "entries are there that ought to be deleted")
    found = (people(r["records"] for r in rows), asked(rows)) == (row["people"], row["asked"])
    digests = {r["shape"] for r in rows} - {None}
    shapes = {r["digest"].hex(): r["content"] for r in await connection.fetch(SHAPES, digests)}
    return Sealed(batch, [entry_of(r) for r in rows], shapes, found)


async def exported(database: Database, issuer: str) -> AsyncGenerator[bytes, None]:
    """The lines of a file."""
    yield canonical({"format": FORMAT, "issuer": issuer}) + b"\n"
    told: set[str] = set()
    async with aclosing(sealed_in(database)) as found:
        async for batch, entries, shapes, _ in found:
            said: list[Any] = [{"shape": s, "content": shapes[s]} for s in sorted(set(shapes) - told)]
            told |= set(shapes)
            said += [{"entry": entry} for entry in entries or ()]
            said.append(
                {
                    "batch": batch.bound(),
                    "digest": batch.digest.hex(),
                    "head": batch.head,
                    "pruned": batch.pruned,
                }
            )
            for each in said:
                yield canonical(each) + b"\n"


def read(lines: Iterable[bytes]) -> Iterator[Sealed | str]:
    """First the issuer, then the batches of a file; ChainBroken for what is none."""
    shapes: dict[str, str] = {}
    fresh: set[str] = set()
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        where = f"line {number}"
        match _value(line, where, number):
            case {"format": str(format_), "issuer": str(named)} if number == 1 and format_ == FORMAT:
                yield named
            case {"shape": str(digest), "content": str(content)} if digest not in shapes:
                shapes[digest] = content
                fresh.add(digest)
            case {"entry": list(entry)} if len(entry) == len(ENTRY) and type(entry[0]) is int:
                entries.append(entry)
            case {"batch": list(bound), "digest": str(digest), "head": str(head), "pruned": bool(pruned)}:
                fresh -= {entry[SHAPE] for entry in entries}
                yield Sealed(_batch(bound, digest, head, pruned, where), None if pruned else entries, shapes)
                if fresh or (pruned and entries):
                    raise broken(where, "is not all of what stands before it")
                entries = []
            case _:
                raise broken(where, "is nothing an access log holds there")
    if entries or fresh:
        raise broken("the end", "a batch is missing")


def _value(line: bytes, where: str, number: int) -> Any:
    try:
        value = json.loads(line)
    except ValueError:
        raise broken(where, "is no JSON") from None
    if not _canonical(value, line):
        raise broken(where, "is not written as the hub writes it")
    if (number == 1) is not (isinstance(value, dict) and "format" in value):
        raise broken(where, "a log begins with its format, once")
    return value


def _canonical(value: Any, line: bytes) -> bool:
    try:
        return canonical(value) + b"\n" == line
    except orjson.JSONEncodeError:  # numbers and characters the hub never writes
        return False


def _batch(bound: list[Any], digest: str, head: str, pruned: bool, where: str) -> Batch:
    try:
        number, first, last, count, algorithm, sealed_at, content, previous = bound
        hashes = [bytes.fromhex(text) for text in (content, previous, digest)]
        made = (number, first, last, count, algorithm, sealed_at, *hashes, head, pruned)
        if [each.hex() for each in hashes] != [content, previous, digest]:
            raise ValueError("capitals")
        return Batch(*made)
    except (ValueError, TypeError):
        raise broken(where, "is no batch") from None


def check_file(lines: Iterable[bytes], check: Check, kept: Iterable[str] = ()) -> Check:
    """``check`` after all of a file; ChainBroken at the first thing that is wrong, AnotherAddress."""
    try:
        found = read(lines)
        named = next(found, None)
        if named is None:
            raise broken("the file", "is empty")
        for sealed in found:
            assert isinstance(sealed, Sealed)
            check.take(*sealed[:3])
        if check.known and named != (check.address or check.issuer):
            raise broken("line 1", "names another address than the last head")
        check.end(kept)
    except AnotherAddress:
        raise AnotherAddress.of_file(str(check.address), check.issuer) from None
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise broken("the file", f"holds what no log holds ({type(error).__name__})") from None
    return check


# A span that names fewer than its batches, or a batch below the newest that is in none, would hide uses.
HIDDEN: Final = """
    select s.last_number from access_span s where s.last_number >= $1 and (
        exists (select p from access_batch b, unnest(b.people) p
            where b.number between s.first_number and s.last_number except select unnest(s.people))
        or exists (select a from access_batch b, unnest(b.asked) a
            where b.number between s.first_number and s.last_number except select unnest(s.asked)))
    union all
    select number from access_batch b
    where number >= $1 and pruned_at is null and number <= (select max(last_number) from access_span)
        and not exists (select from access_span s where b.number between s.first_number and s.last_number)
    limit 1"""


async def check_database(
    database: Database, check: Check, kept: Iterable[str] = (), recent: int | None = None
) -> Check:
    """``recent``: so many batches, the newest; else all."""
    first = 1
    if recent is not None:
        row = await database.owner.fetchrow(BEFORE, recent)
        if row is not None:
            check.last, first = batch_of(row), row["number"] + 1
    async with aclosing(sealed_in(database, first)) as found:  # or its transaction would outlive an error
        async for sealed in found:
            check.take(*sealed[:3])
            if not sealed.found:
                raise broken(f"batch {sealed.batch.number}", "what finds people in it is not of its entries")
    hidden = await database.owner.fetchval(HIDDEN, first)
    if hidden is not None:
        raise broken(f"batch {hidden}", "what finds people in it is not of its entries")
    check.end(kept)
    return check


async def waiting(database: Database) -> tuple[int, float]:
    """Entries that are not sealed yet, and how old the oldest is in seconds."""
    row = await database.owner.fetchrow(
        "select count(*), coalesce(extract(epoch from now() - min(at)), 0)::float8 from access_entry"
        " where sequence > (select coalesce(max(last_sequence), 0) from access_batch)"
    )
    assert row is not None
    return row[0], row[1]
