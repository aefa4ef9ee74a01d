"""``uv run python -m benchmarks.rollup``: what a province's summary costs, and what a change does to it."""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.command import command
from benchmarks.read.stage import Stage, opened
from benchmarks.read.world import build
from hub.compliance.following import BEGIN, follow, look
from hub.compliance.keeping import PERSON, keep_county
from hub.compliance.summing import summed
from hub.domain.vocabulary import NormSubject
from hub.store.database import Database

PROVINCE, RULED = "450000000000", "450305"
DAY: Final = dt.date(2026, 10, 15)
FLOOR: Final = """
    select s.id, count(b.id) from station s join beneficiary b on b.station_id = s.id
    where s.county_code between '450000' and '459999' group by s.id"""
SUBJECTS: Final = [subject for subject in NormSubject if subject is not NormSubject.CONTRACTOR]

# Only one district of the province has a document about people: as if all had one with four bounds.
EVERYWHERE: Final = """
    insert into beneficiary_verdict (county_code, beneficiary_id, division_code, shown_from_on, document,
        rule, bound, quantity, status, value, target, due_on, since_on)
    select b.county_code, b.id, b.division_code, b.shown_from_on, 'QX', r.rule, r.bound, r.quantity,
        (array['MET', 'NOT_MET', 'DUE'])[1 + (b.id + r.n) % 3], '1', '1', $1::date + 9, $1
    from beneficiary b cross join (values (1, 'R155', 0, 'visit.level_1'), (2, 'R156', 0, 'visit.level_2'),
        (3, 'R157', 0, 'visit.level_3'), (4, 'R165', 0, 'visit.elder')) r (n, rule, bound, quantity)
    where b.county_code between '450000' and '459999' and b.county_code <> $2"""
VISITED: Final = """
    with made as (
        insert into visit (county_code, id, beneficiary_id, source_id, record_key, content_hash,
            observed_at, received_at, run_id, visited_on, kind, purpose)
        select county_code, 900000000 + $2 * 1000 + row_number() over (), id, 1,
            'again' || $2 || '/' || id, '', now(), now(), 1, $3::date, 'HOME', 'OTHER'
        from (select county_code, id from beneficiary where county_code = $1
            order by hashint8extended(id, $2) limit 100) b
        returning county_code, id)
    insert into change (entity, county_code, entity_id, operation)
    select 'visit', county_code, id, 'I' from made"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.rollup", description=__doc__)
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--data", type=Path, default=Path("bench-data") / "province")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()

    async def run(console: Console) -> dict[str, Any]:
        def say(text: str) -> None:
            console.print(text, highlight=False, soft_wrap=True)

        async with opened(given.data, build(given.people, within=PROVINCE[:2]), say) as stage:
            found = await _measured(stage, given.rounds, say)
        _show(console, found)
        return found

    command(run, given.json, ValueError)


async def _measured(stage: Stage, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    db = stage.database
    await db.owner.execute("insert into sync_run (id, source_id, started_at, status) overriding system value"
                           " values (1, 1, now(), 'SUCCEEDED') on conflict do nothing")  # fmt: skip
    await db.owner.execute("truncate beneficiary_verdict, work_verdict, judged, judged_county")
    await db.owner.execute("delete from visit where id >= 900000000; delete from change", timeout=None)
    await db.owner.execute(BEGIN)
    say("judging the province from nothing")
    found: dict[str, Any] = {"people": stage.world.people, "stations": stage.world.stations}
    found["first_s"] = await _took(lambda: look(db, DAY))
    found["day_s"] = await _took(lambda: look(db, DAY + dt.timedelta(days=1)))
    found["county_ms"] = 1000 * await _took(lambda: keep_county(db, RULED, DAY + dt.timedelta(days=1)))
    found["changes_ms"] = await _changes(db, rounds)
    say("verdicts for everybody")
    await db.owner.execute(EVERYWHERE, DAY, RULED, timeout=None)
    for table in ("beneficiary_verdict", "beneficiary_verdict_tally", "work_verdict"):
        await db.owner.execute(f"vacuum analyze {table}", timeout=None)
    found["verdicts"] = await db.owner.fetchval(
        "select (select count(*) from beneficiary_verdict) + (select count(*) from work_verdict)",
        timeout=None,
    )
    return found | await _side_by_side(db, rounds)


async def _changes(db: Database, rounds: int) -> float:
    """100 visits are recorded in a district: until what they touch is judged."""
    took = []
    for number in range(rounds):
        await db.owner.execute(VISITED, RULED, number, DAY, timeout=None)
        took.append(await _took(lambda: follow(db, DAY + dt.timedelta(days=1))))
    return 1000 * statistics.median(took)


async def _side_by_side(db: Database, rounds: int) -> dict[str, Any]:
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "count": lambda: db.owner.fetch(FLOOR),
        "province": lambda: summed(db.owner.fetch, PROVINCE, 2, SUBJECTS),
        "by_county": lambda: summed(db.owner.fetch, PROVINCE, 6, SUBJECTS, ["R30", "R155"]),
    }
    await _same(db)
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            took[name].append(1000 * await _took(ask))
    medians = {f"{name}_ms": statistics.median(each) for name, each in took.items()}
    return medians | {"ratio": medians["province_ms"] / medians["count_ms"]}


async def _same(db: Database) -> None:
    """The sums are the numbers of rows, counted one by one."""
    told: Counter[tuple[str, ...]] = Counter()
    for each in (await summed(db.owner.fetch, PROVINCE, 2, SUBJECTS)).sums:
        key = (each.subject.value, each.rule.document.code, each.rule.key)
        for status, number in zip(("MET", "NOT_MET", "DUE", "UNKNOWN"), each[4:], strict=True):
            told[*key, status] += number
    rows = await db.owner.fetch(f"""
        select subject, document, rule, status, count(*) from (
            select '{PERSON}' as subject, document, rule, status from beneficiary_verdict
            where county_code between '450000' and '459999'
            union all select subject, document, rule, status from work_verdict
            where county_code between '450000' and '459999') v
        group by 1, 2, 3, 4""", timeout=None)  # fmt: skip
    counted = Counter({tuple(row)[:4]: row["count"] for row in rows})
    if +told != counted:
        raise ValueError("the sums are not the numbers of rows")


async def _took(work: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def _show(console: Console, found: dict[str, Any]) -> None:
    table = Table("what", "figure")
    for name, value in found.items():
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
    console.print(table)


if __name__ == "__main__":
    main()
