"""The exercise of a demo: of each bound that is decided a record that meets it and one that does not; and one
fact of it changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from hub.compliance.evaluate import Verdict, evaluate
from hub.domain.norms.read import source_text
from hub.domain.vocabulary import VOCABULARY
from hub.errors import BadArgument, NotFound
from hub.exercise.changing import change, told
from hub.exercise.scene import Judged
from hub.exercise.script import script
from hub.exercise.table import Line
from hub.exercise.table import table as held
from hub.exercise.writing import FILE, Ids, known, write
from hub.store.database import Database
from hub.tables import metadata
from tests.compliance.facts import by_bound
from tests.support.postgres import everything, fresh_database


class Exercised(NamedTuple):
    database: Database
    ids: Ids
    lines: Sequence[Line]
    folder: Path


@pytest.fixture(scope="module")
async def exercised(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exercised]:
    folder = tmp_path_factory.mktemp("exercise")
    async with fresh_database(everything) as database:
        ids = await write(database, folder)
        yield Exercised(database, ids, await held(database.fetch, ids), folder)


def test_each_bound_has_a_record_that_meets_it_and_one_that_does_not(exercised: Exercised) -> None:
    lines = exercised.lines
    assert not [(line.rule.key, line.bound.quantity) for line in lines if not line.is_whole]
    reasons = {(line.rule.key, line.bound.quantity) for line in lines if line.reason}
    assert reasons == {
        ("R99", "fund.earmarked"),
        ("R101", "fund.spending_rate"),
        ("R129", "report.REGULAR"),
        ("R132", "report.REGULAR"),
        ("R177", "incident.told_within"),
        ("R181", "evaluation.SECTION_SCORE"),
    }, "where a document names no number, and where there is one province and year"
    assert len(lines) - len(reasons) == 136


async def test_it_is_written_once(exercised: Exercised) -> None:
    database, ids, _, folder = exercised
    rows = "select count(*) from change"
    before = await database.owner.fetchval(rows)
    assert await write(database, folder) == ids
    assert await database.owner.fetchval(rows) == before
    (folder / FILE).write_bytes(b'{"whole project": [999999]}')
    assert await known(database, folder) is None, "what it tells of is not there"


async def test_its_codes_are_those_of_the_vocabulary(exercised: Exercised) -> None:
    for row in script().rows:
        table = metadata.tables[row.table]
        coded = {
            c.name: c.info["vocabulary"] for c in table.columns if c.info.get("vocabulary") in VOCABULARY
        }
        if not coded or not (ids := exercised.ids[row.name]):
            continue
        sql = f'select {", ".join(coded)} from "{row.table}" where id = $1'
        found = await exercised.database.owner.fetchrow(sql, ids[0])
        assert found is not None
        for name, kind in coded.items():
            said = found[name] if isinstance(found[name], list) else [found[name]]
            assert {each for each in said if each} <= {term.value for term in VOCABULARY[kind]}, row.name


Change = Mapping[str, Any] | None
GONE: Final = None


def on(month: int, day: int = 1, year: int = 2026) -> dt.date:
    return dt.date(year, month, day)


DIFFERENT: Final[Sequence[tuple[str, str, Change, str]]] = (
    # Who is judged; which row becomes what, or is gone; and what flips from MET, as "R6 R10" or "R104>DUE".
    ("station 秀峰街道", "station 秀峰街道", {"name": "秀峰民政服务站"}, "R6"),
    ("station 秀峰街道", "station 秀峰街道", {"renamed_on": on(4, 1, 2025)}, "R26"),
    ("station 秀峰街道", "sign of 秀峰街道", {"height_cm": 199}, "R11 sign.vertical.height"),
    ("station 丽君街道", "sign of 丽君街道", {"width_cm": 61}, "R11 sign.horizontal.width"),
    ("station 秀峰街道", "HANDOVER of 秀峰街道", GONE, "R24"),
    ("station 秀峰街道", "DEPUTY of 秀峰街道", GONE, "R30 station.deputies"),
    ("worker of 秀峰街道", "PRE_JOB attended by worker of 秀峰街道", {"hours": Decimal(23)}, "R49"),
    ("worker of 秀峰街道", "CONTINUING attended by worker of 秀峰街道", {"hours": Decimal(39)}, "R51"),
    ("450302000000", "fund of 450302", {"amount": Decimal("20000.01")}, "R97"),
    (
        "450302000000",
        "STAGE_INSPECTION of 秀峰街道",
        {"evaluated_on": on(10, 1, 2025)},
        "R184 evaluation.STAGE_INSPECTION",
    ),
    ("450302000000", "station 甲山街道", {"staffed_on": on(7, 1, 2025)}, "R216"),
    ("450300000000", "PROGRESS report of 桂林市 for 2025-03-31", GONE, "R122"),
    ("450300000000", "PROGRESS report of 桂林市 for 2025-06-30", GONE, "R123"),
    ("450300000000", "ANNUAL report of 桂林市 for 2025-12-20", GONE, "R124"),
    ("450000000000", "earmarked lottery fund", {"amount": Decimal(29_999_999)}, "R99"),
    ("whole project", "whole project", {"amount": Decimal("345000.01")}, "R117"),
    ("whole project", "whole project", {"ends_on": on(12, 30)}, "R89"),
    ("whole project", "relief worker 1", GONE, "R36 project.staff, R36 project.vagrancy_staff"),
    ("whole project", "project worker 1", {"sex": "FEMALE"}, "R36 project.full_time_male"),
    ("whole project", "child workers' training 6", {"kind": "BUREAU"}, "R55 training.child_workers>DUE"),
    ("whole project", "supervision training 6", GONE, "R57>DUE"),
    ("whole project", "MONTHLY report", {"status": "RETURNED"}, "R119"),
    ("whole project", "MID_TERM report", GONE, "R120>DUE"),
    ("whole project", "FINAL_TERM report", GONE, "R121>DUE"),
    ("whole project", "bulletin", GONE, "R137"),
    ("whole project", "ASSESSMENT_RECHECK of whole project", {"sample_count": 1}, "R169>DUE"),
    ("whole project", "SERVICE_SPOT_CHECK of whole project", {"sample_count": 1}, "R170>DUE"),
    ("whole project", "patrol 24", GONE, "R172"),
    (
        "whole project",
        "incident of whole project",
        {"reported_to_township_at": None},
        "R177 incident.recipients>DUE",
    ),
    ("whole project", "supervision", {"notified_bureau_at": None}, "R178>DUE"),
    ("whole project", "adoption assessment 1 of idle project", {"contract_id": "whole project"}, "R203"),
    ("whole project", "CONSULT case 24", {"session_count": 2}, "R205>DUE"),
    ("whole project", "PROFESSIONAL case 6", {"hours": Decimal(60)}, "R206>DUE"),
    ("whole project", "group session 5", {"hours": Decimal(2)}, "R207>DUE"),
    ("whole project", "activity 4", {"attendee_count": 50}, "R208>DUE"),
    ("whole project", "activity 20", {"attendee_count": 9}, "R209>DUE"),
    ("whole project", "volunteers", {"is_stable": False}, "R210 volunteer.teams>DUE"),
    ("whole project", "volunteering 3", {"hours": Decimal(1)}, "R211>DUE"),
    ("whole project", "volunteers' training 2", {"hours": Decimal(1)}, "R212>DUE"),
    ("whole project", "article 6", {"level": "COUNTY"}, "R213>DUE"),
    ("whole project", "visits of the project", {"kind": "CALL"}, "R201>DUE"),
    ("project worker 1", "project worker 1", {"education": "BELOW_COLLEGE"}, "R42 person.education"),
    ("worker of 45", "worker of 45", {"birth_on": on(11, 28, 1978)}, "R39"),
    ("worker of 45", "worker of 45", {"education": "BELOW_COLLEGE"}, "R40"),
    ("station 350582401000", "vacancy at 350582401000", {"since_on": on(9, 30, 2024)}, "R44"),
    ("good contract", "good contract", {"procurement_method": "INQUIRY"}, "R83"),
    ("good contract", "ACTIVITY of good contract", {"planned_amount": Decimal(99_999)}, "R105, R108"),
    ("good contract", "MID_TERM to TOWNSHIP", GONE, "R132 report.MID_TERM.TOWNSHIP>DUE"),
    ("good contract", "contractor of social work", {"business_scope": "养老服务"}, "R76"),
    ("contract of 海沧区", "contract of 海沧区", {"procurement_method": "FRAMEWORK_AGREEMENT"}, "R82"),
    ("contract of 海沧区", "self-evaluation of 海沧区", GONE, "R130>DUE"),
    ("contract of 海沧区", "FINAL_YEAR of 海沧区", GONE, "R186 evaluation.FINAL_YEAR>DUE"),
    ("350205000000", "station 新阳街道", {"status": "CLOSED"}, "R5, R91"),
    ("350205000000", "half-yearly report of 海沧区", GONE, "R127"),
    ("350200000000", "half-yearly report of 厦门市", GONE, "R126"),
    ("640105000000", "fund of 640105", {"surplus_amount": Decimal(0)}, "R114"),
    ("640105000000", "fund of 640105", {"amount": Decimal("30000.01")}, "R112"),
    (
        "640105000000",
        "guidance centre of 西夏区",
        {"opened_on": on(10, 1, 2021)},
        "R27 guidance_centre.opened_on",
    ),
    ("contract renewed", "contract renewed", {"amount": Decimal("100000.01")}, "R79"),
    ("contract renewed", "contractor renewed", {"grade": "GRADE_2A"}, "R80"),
    ("contract renewed", "FINANCE of renewed", GONE, "R81"),
    ("contract renewed", "past project renewed", {"audit_rating": "UNQUALIFIED"}, "R78"),
    ("contract renewed", "evaluation of YL-NX-renewed-2025", {"grade": "UNQUALIFIED"}, "R88"),
    ("contract renewed", "supervisor renewed", {"credential": "ASSISTANT"}, "R35 supervisor.grade"),
    ("contract renewed", "monthly report to TOWNSHIP", GONE, "R134 report.MONTHLY.TOWNSHIP"),
    ("worker of two years", "worker of two years", {"onboarded_on": on(6, 29, 2023)}, "R47"),
    (
        "orphan visited at home and again",
        "RETURN visit of 2026-05-04 to orphan visited at home and again",
        {"kind": "HOME"},
        "R158 visit.orphans_reached",
    ),
    (
        "elder visited each month",
        "HOME visit of 2026-03-09 to elder visited each month",
        GONE,
        "R165 visit.elder",
    ),
    ("elder visited each month", "dossier of elder visited each month", GONE, "R164"),
    (
        "escorted alone for a week",
        "escort of 2026-03-02 of escorted alone for a week",
        {"ends_on": on(3, 9)},
        "R199 escort.days",
    ),
)


def judged_as(name: str) -> Judged:
    return next(each for each in script().judged if each.name == name)


async def verdicts(fetch: Any, ids: Ids, record: Judged) -> Mapping[str, Verdict]:
    id_ = ids[record.name][0] if record.name in ids else int(record.name)
    day = record.days[-1] if len(record.days) == 1 or not record.name.startswith("45") else record.days[0]
    return by_bound(await evaluate(fetch, record.subjects, record.division, [id_], day))


def expected_of(said: str, keys: Mapping[str, Verdict]) -> dict[str, str]:
    """By bound: the status it has then."""
    found = {}
    for each in filter(None, said.split(", ")):
        key, _, status = each.partition(">")
        full = [name for name in keys if name == key or (" " not in key and name.split()[0] == key)]
        assert len(full) == 1, (key, full)
        found[full[0]] = status or "NOT_MET"
    return found


@pytest.mark.parametrize(("who", "row", "change", "said"), DIFFERENT)
async def test_one_fact_flips_exactly_what_it_is_about(
    exercised: Exercised, who: str, row: str, change: Change, said: str
) -> None:
    database, ids, _, _ = exercised
    made = next(each for each in script().rows if each.name == row)
    before = await verdicts(database.fetch, ids, judged_as(who))
    async with database.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            if change is None:
                await connection.execute(f'delete from "{made.table}" where id = $1', ids[row][0])
            else:
                given = [ids[each][0] if each in ids else each for each in change.values()]
                named = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(change, 2))
                sql = f'update "{made.table}" set {named} where id = $1'
                await connection.execute(sql, ids[row][0], *given)
            after = await verdicts(connection.fetch, ids, judged_as(who))
        finally:
            await transaction.rollback()
    flipped = {key: then for key, then in after.items() if then.status is not before[key].status}
    assert {key: str(then.status) for key, then in flipped.items()} == expected_of(said, after)
    for key, then in flipped.items():
        assert before[key].status.value == "MET"
        assert then.rule.article
        text = source_text(then.rule.document.code)
        assert all(quote in text for quote in then.rule.quotes), "the very words of the document"


async def test_a_change_tells_all_it_turns_and_leaves_no_trace(exercised: Exercised) -> None:
    database, ids, *_ = exercised
    before = await database.owner.fetchval("select count(*) from change")
    flips = [told(each) for each in await change(database, ids, "whole project", {"amount": "1"}, keep=False)]
    assert [(each["rule"], each["before"], each["then"], each["value"]) for each in flips] == [
        ("R117", "MET", "NOT_MET", "1.00")
    ]
    assert flips[0]["quote"] in source_text("QX")
    gone = await change(database, ids, "patrol 24", {}, keep=False)
    assert [each.then.rule.key for each in gone] == ["R172"]
    assert await database.owner.fetchval("select count(*) from change") == before


async def test_a_change_that_is_kept_is_followed(exercised: Exercised) -> None:
    database, ids, *_ = exercised
    told_of = "select count(*) from change where entity = 'contract' and entity_id = $1 and operation = 'U'"
    flips = await change(database, ids, "bad contract", {"procurement_method": "OPEN_TENDER"}, keep=True)
    assert [(each.then.rule.key, each.then.status) for each in flips] == [("R83", "MET")]
    assert await database.owner.fetchval(told_of, ids["bad contract"][0]) == 1
    back = await change(database, ids, "bad contract", {"procurement_method": "INQUIRY"}, keep=True)
    assert [(each.then.rule.key, each.then.status) for each in back] == [("R83", "NOT_MET")]


@pytest.mark.parametrize(
    ("row", "values", "error"),
    [
        ("project", {"amount": "1"}, NotFound),
        ("nothing of the kind", {}, NotFound),
        ("whole project", {"colour": "red"}, BadArgument),
        ("whole project", {"id": "1"}, BadArgument),
        ("whole project", {"amount": "much"}, BadArgument),
        ("whole project", {"starts_on": None}, BadArgument),
    ],
)
async def test_a_change_that_cannot_be(
    exercised: Exercised, row: str, values: dict[str, str | None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await change(exercised.database, exercised.ids, row, values, keep=True)


def test_forty_rules_and_more_are_flipped() -> None:
    rules = {each.split(">")[0].split()[0] for *_, said in DIFFERENT for each in said.split(", ") if each}
    assert len(rules) >= 60
