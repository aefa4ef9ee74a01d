"""Rows that were refused: written once, reopened when they come again, resolved when they are mended."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

from hub.store.database import Database
from hub.sync.delivery import Delivered
from hub.sync.references import Scope

REFUSED: Final = """
    insert into row_refused
    select r.list_kind, r.file, r.sheet, r.row_number, r.row_hash, r.observed_at, c.raw,
        array_agg(distinct q.code), array_agg(distinct q.sentence)
    from reason q join row_staged r using (row_id) join row_raw c using (row_id)
    group by r.row_id, r.list_kind, r.file, r.sheet, r.row_number, r.row_hash, r.observed_at, c.raw;
    analyze row_refused"""

HELD: Final = """
    insert into quarantined_row as held (source_id, division_code, run_id, file, sheet, row_number,
        list_kind, reason_codes, reasons, raw, content_hash, observed_at, quarantined_at)
    select distinct on (file, sheet, row_number, row_hash) $1::int, $2::text, $3::bigint, file, sheet,
        row_number, list_kind, codes, reasons, raw, row_hash, observed_at, now()
    from row_refused order by file, sheet, row_number, row_hash, reasons
    on conflict (source_id, file, sheet, row_number, content_hash) do update
    set reason_codes = excluded.reason_codes, reasons = excluded.reasons, run_id = excluded.run_id,
        resolved_at = null
    where held.resolved_at is not null
        or (held.reason_codes, held.reasons) is distinct from (excluded.reason_codes, excluded.reasons)"""

# A list that is complete takes the place of all before it. A row that nobody could look for is no row that
# was corrected. A file that is gone took its own refusal (row 0) with it; its rows wait until a file brings a
# list of their kind.
RESOLVED: Final = """
    update quarantined_row held set resolved_at = now()
    where held.source_id = $1 and held.resolved_at is null
        and (held.file = any($2) or $5 and (held.row_number = 0 or held.list_kind = any($6))
            or held.list_kind = any($7) or (held.file, held.sheet, held.row_number) in (
                select * from unnest($8::text[], $9::text[], $10::int[])))
        and not exists (
            select from unnest($3::text[], $4::text[]) u (file, sheet)
            where u.file = held.file and (u.sheet in ('', held.sheet)))
        and not exists (
            select from row_refused r where (r.file, r.sheet, r.row_number, r.row_hash)
                = (held.file, held.sheet, held.row_number, held.content_hash))"""


NOW: Final = """
    select s.code as source, q.list_kind, reason, count(*) as rows, min(q.quarantined_at) as since,
        (array_agg(q.file || case q.sheet when '' then '' else ' / ' || q.sheet end || ' : ' || q.row_number
            order by q.quarantined_at, q.id))[1] as place,
        (array_agg(q.id order by q.quarantined_at, q.id))[1] as first
    from quarantined_row q join source s on s.id = q.source_id, unnest(q.reasons) reason
    where q.resolved_at is null and ($1::text is null or s.code = $1)
    group by 1, 2, 3 order by 1, 2, rows desc, 3"""


class Refused(NamedTuple):
    """Rows of a list that are refused for one reason; ``place``: file, sheet and row of the ``first``."""

    source: str
    list_kind: str
    reason: str
    rows: int
    since: dt.datetime
    place: str
    first: int


async def refused_now(db: Database, code: str | None) -> list[Refused]:
    """Of one source, or of all; the most of a list first. No cell of a row is in it."""
    return [Refused(**row) for row in await db.owner.fetch(NOW, code)]


async def quarantine(scope: Scope, division_code: str, delivered: Delivered) -> int:
    """Writes what was refused and resolves what no longer is; the number of rows refused.

    The raw copy is that of the first refusal of the same row at the same place.
    """
    run = scope.connection
    await run.execute(REFUSED)
    await run.execute(HELD, scope.source_id, division_code, scope.run_id)
    unread, again = sorted(delivered.unread), sorted(delivered.again) or [("", "", -1)]
    await run.execute(
        RESOLVED,
        scope.source_id,
        list(delivered.files),
        [file for file, _ in unread],
        [sheet for _, sheet in unread],
        delivered.whole,
        list(delivered.kinds),
        list(delivered.complete),
        *(list(column) for column in zip(*again, strict=True)),
    )
    count: int = await run.fetchval("select count(*) from row_refused")
    return count
