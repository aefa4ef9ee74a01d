"""Rows that were refused: written once, reopened when they come again, resolved when they do not."""

from __future__ import annotations

from collections.abc import Collection

from hub.sync.references import Scope


async def quarantine(scope: Scope, division_code: str, files: Collection[str] | None) -> int:
    """Writes what was refused and resolves what no longer is; the number of rows refused.

    ``files`` are those delivered whole in this run, ``None`` if the run was the whole source. The
    raw copy is that of the first refusal of the same row at the same place.
    """
    run = scope.connection
    await run.execute("""
        insert into row_refused
        select r.list_kind, r.file, r.sheet, r.row_number, r.row_hash, r.raw,
            array_agg(distinct q.code), array_agg(distinct q.sentence)
        from reason q join row_staged r using (row_id)
        group by r.row_id, r.list_kind, r.file, r.sheet, r.row_number, r.row_hash, r.raw;
        analyze row_refused""")
    await run.execute(
        """
        insert into quarantined_row as held (source_id, division_code, run_id, file, sheet, row_number,
            list_kind, reason_codes, reasons, raw, content_hash, quarantined_at)
        select distinct on (file, sheet, row_number, row_hash) $1::int, $2::text, $3::bigint, file, sheet,
            row_number, list_kind, codes, reasons, raw, row_hash, now()
        from row_refused
        on conflict (source_id, file, sheet, row_number, content_hash) do update
        set reason_codes = excluded.reason_codes, reasons = excluded.reasons, resolved_at = null
        where held.resolved_at is not null or held.reason_codes <> excluded.reason_codes""",
        scope.source_id,
        division_code,
        scope.run_id,
    )
    await run.execute(
        """
        update quarantined_row held set resolved_at = now()
        where held.source_id = $1 and held.resolved_at is null
            and ($2::text[] is null or held.file = any($2)) and not exists (
                select from row_refused r where (r.file, r.sheet, r.row_number, r.row_hash)
                    = (held.file, held.sheet, held.row_number, held.content_hash))""",
        scope.source_id,
        None if files is None else list(files),
    )
    count: int = await run.fetchval("select count(*) from row_refused")
    return count
