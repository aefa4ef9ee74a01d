"""残疾人两项补贴 by file drops: every fault such files are known for, one after another in one hub."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.emulators.drop_faults import FAULTS
from connectors.emulators.model import Person
from hub.sync.withdrawal import MassDelete
from tests.connectors.dropping import Dropping, dropping, everybody
from tests.connectors.hub_of import TODAY

ROWS = [name for name, fault in FAULTS.items() if fault.expected == "read"]
REFUSED = [
    name
    for name, fault in FAULTS.items()
    if fault.expected.isupper() and name not in ("x10-missing", "x16-standard")
]
FILES = ("UNREADABLE_FILE", "HEADER_MISSING")


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return everybody()


@pytest.fixture(scope="module")
async def shared(people: list[Person], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dropping]:
    folder = tmp_path_factory.mktemp("drops") / "in"
    async with dropping("disability-subsidies", folder, people) as there:
        yield there


@pytest.fixture
async def there(shared: Dropping) -> Dropping:
    """With an unharmed list of today that was read."""
    shared.drops.publish("两项补贴", shared.tomorrow())
    await shared.hub.sync()
    assert await shared.standing() == shared.truth()
    assert await shared.hub.reasons() == {}
    return shared


@pytest.fixture
async def alone(people: list[Person], tmp_path: Path) -> AsyncIterator[Dropping]:
    async with dropping("disability-subsidies", tmp_path / "in", people) as there:
        yield there


async def test_everybody_arrives_and_a_second_run_reads_nothing(alone: Dropping) -> None:
    alone.drops.publish("两项补贴", alone.day)
    report = await alone.hub.sync()
    rows = alone.drops.rows("两项补贴")
    assert len(rows) > 40
    assert (report.read, report.quarantined) == (len(rows), 0)
    assert await alone.standing() == alone.truth()
    assert await alone.hub.one("select count(*) from category_membership where monthly_amount is null") == 0
    categories = await alone.hub.database.owner.fetch(
        "select distinct legal_basis, category from category_membership"
    )
    assert {tuple(row) for row in categories} == {
        ("困难残疾人生活补贴", "DISABLED"),
        ("重度残疾人护理补贴", "SEVERE_DISABLED"),
    }
    again = await alone.hub.sync()
    assert (again.read, again.changed) == (0, 0)


async def test_who_is_no_longer_listed_is_withdrawn(there: Dropping) -> None:
    rows = there.drops.rows("两项补贴")
    there.drops.publish("两项补贴", there.tomorrow(), rows[2:])
    report = await there.hub.sync()
    assert report.withdrawn >= 2
    assert await there.standing() == there.truth()


async def test_changes_say_what_is_done(there: Dropping) -> None:
    rows = there.drops.rows("两项补贴")
    first, second, third, fourth = rows[:4]
    changes = [("D", first), ("U", {**second, "月补贴标准": "85"}), ("X", third), ("", fourth)]
    path = there.drops.change("两项补贴", there.tomorrow(), changes)
    report = await there.hub.sync()
    assert report.quarantined == 2
    codes = await there.hub.database.owner.fetch(
        "select reason_codes from quarantined_row where resolved_at is null and file = $1", path.name
    )
    assert sorted(row["reason_codes"] for row in codes) == [["CODE_UNKNOWN"], ["REQUIRED"]]
    assert len(there.truth() - await there.standing()) == 1
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 85") == 1


@pytest.mark.parametrize("fault", ROWS)
async def test_what_is_read_all_the_same(there: Dropping, fault: str) -> None:
    before = there.drops.switches.count(fault)
    there.drops.switches.turn_on(fault)
    there.drops.publish("两项补贴", there.tomorrow())
    report = await there.hub.sync()
    assert there.drops.switches.count(fault) == before + 1
    assert (report.quarantined, report.withdrawn) == (0, 0)
    assert report.read == len(there.drops.rows("两项补贴"))
    assert await there.standing() == there.truth()
    assert (
        await there.hub.one(
            "select min(monthly_amount) || ' ' || max(monthly_amount) from category_membership"
        )
        == "80.00 100.00"
    )


@pytest.mark.parametrize("fault", REFUSED)
async def test_what_is_refused_and_mended(there: Dropping, fault: str) -> None:
    code = FAULTS[fault].expected
    there.drops.switches.turn_on(fault)
    path = there.drops.publish("两项补贴", there.tomorrow())
    report = await there.hub.sync()
    assert there.drops.switches.count(fault) == 1
    assert report.quarantined == 1
    assert await there.hub.reasons() == {path.name: [code]}
    assert await there.standing() == there.truth()  # who stood there before still does
    path.unlink()
    there.drops.publish("两项补贴", there.day)
    report = await there.hub.sync()
    assert report.quarantined == 0
    assert await there.hub.reasons() == {}
    assert await there.standing() == there.truth()


@pytest.mark.parametrize("fault", ["x09-no-marker", "x09-no-digest", "x09-marker-early"])
async def test_x9_a_file_that_is_not_complete_waits(there: Dropping, fault: str) -> None:
    there.drops.switches.turn_on(fault)
    path = there.drops.publish("两项补贴", there.tomorrow(), there.drops.rows("两项补贴")[1:])
    before = await there.standing()
    assert (await there.hub.sync()).read == 0
    there.clock.now += dt.timedelta(hours=3)
    await there.hub.sync()
    told = await there.hub.reasons()
    assert told == ({} if fault == "x09-no-marker" else {path.name: ["UNREADABLE_FILE"]})
    assert await there.standing() == before
    if fault == "x09-marker-early":
        there.drops.complete(path)
    else:
        there.drops.publish("两项补贴", there.day, there.drops.rows("两项补贴")[1:])
    await there.hub.sync()
    assert await there.hub.reasons() == {}
    assert await there.standing() == there.truth()
    assert there.drops.switches.count(fault) == 1


async def test_x9_a_file_that_grows_is_on_its_way(there: Dropping) -> None:
    there.drops.switches.turn_on("x09-marker-early")
    path = there.drops.publish("两项补贴", there.tomorrow())
    for _ in range(3):
        await there.hub.sync()
        there.clock.now += dt.timedelta(hours=1, minutes=59)
        path.write_bytes(path.read_bytes() + b" ")
    await there.hub.sync()
    assert await there.hub.reasons() == {}


async def test_x9_a_file_is_replaced_under_its_name(there: Dropping) -> None:
    before = there.drops.switches.count("x09-replaced")
    rows = there.drops.rows("两项补贴")
    changed = [{**rows[0], "月补贴标准": "81"}, *rows[2:]]
    there.drops.publish("两项补贴", there.day, changed)
    await there.hub.sync()
    assert await there.standing() == there.truth()
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 81") == 1
    there.drops.publish("两项补贴", there.day, rows)
    await there.hub.sync()
    assert await there.standing() == there.truth()
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 81") == 0
    assert there.drops.switches.count("x09-replaced") == before + 2


async def test_x9_a_file_of_the_same_day_takes_the_place_of_a_package(there: Dropping) -> None:
    """Though its name comes before that of the package."""
    rows, day = there.drops.rows("两项补贴"), there.tomorrow()
    package = there.drops.publish("两项补贴", day, zipped=True)
    assert (await there.hub.sync()).read == len(rows)
    for path in there.drops.folder.glob(f"{package.name}*"):
        path.unlink()
    corrected = [{**rows[0], "月补贴标准": "81"}, *rows[1:]]
    there.drops.publish("两项补贴", day, corrected)
    assert (await there.hub.sync()).read == len(rows)
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 81") == 1
    assert (await there.hub.sync()).read == 0


async def test_x9_a_file_put_again_as_it_was_corrects_what_was_refused(there: Dropping) -> None:
    """Of the same name and with the content the hub has read before."""
    there.drops.switches.turn_on("x09-zero-bytes")
    path = there.drops.publish("两项补贴", there.day)
    assert (await there.hub.sync()).quarantined == 1
    assert await there.hub.reasons() == {path.name: ["UNREADABLE_FILE"]}
    there.drops.publish("两项补贴", there.day)
    report = await there.hub.sync()
    assert (report.read, report.changed) == (len(there.drops.rows("两项补贴")), 0)
    assert await there.hub.reasons() == {}
    assert (await there.hub.sync()).read == 0
    assert await there.standing() == there.truth()


async def test_x9_a_link_is_not_followed(there: Dropping) -> None:
    there.drops.switches.turn_on("x09-link")
    path = there.drops.publish("两项补贴", there.tomorrow())
    assert path.is_symlink()
    assert (await there.hub.sync()).read == 0
    assert await there.hub.reasons() == {}
    path.unlink()


async def test_x1_a_list_three_days_late_takes_nothing_back(there: Dropping) -> None:
    rows = there.drops.rows("两项补贴")
    there.drops.switches.turn_on("x01-late")
    there.drops.publish("两项补贴", there.tomorrow(), rows[:5])
    there.day += dt.timedelta(days=3)
    there.drops.publish("两项补贴", there.day)
    await there.hub.sync()
    there.drops.deliver()
    assert (await there.hub.sync()).read == 0
    assert await there.standing() == there.truth()
    assert there.drops.switches.count("x01-late") == 1


async def test_x1_changes_that_arrive_behind_later_ones(there: Dropping) -> None:
    first = there.drops.rows("两项补贴")[0]
    there.drops.switches.turn_on("x01-late")
    there.drops.change("两项补贴", there.tomorrow(), [("U", {**first, "月补贴标准": "81"})])
    there.drops.change("两项补贴", there.tomorrow(), [("U", {**first, "月补贴标准": "82"})])
    await there.hub.sync()
    there.drops.deliver()
    assert (await there.hub.sync()).read == 1
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 82") == 1


async def test_several_lists_that_nobody_read_yet(alone: Dropping) -> None:
    rows = alone.drops.rows("两项补贴")
    alone.drops.publish("两项补贴", alone.day)
    alone.drops.publish("两项补贴", alone.tomorrow(), rows[3:])
    alone.drops.change("两项补贴", alone.tomorrow(), [("I", rows[0])])
    report = await alone.hub.sync()
    assert report.read == len(rows) - 2
    assert await alone.standing() == alone.truth() | {
        (number, label) for number, label in await alone.standing() if number == rows[0]["身份证号"]
    }
    assert (await alone.hub.sync()).read == 0


async def test_x2_a_file_sent_again(there: Dropping) -> None:
    path = there.drops.publish("两项补贴", there.tomorrow())
    await there.hub.sync()
    there.drops.resend(path)
    assert (await there.hub.sync()).read == 0
    assert there.drops.switches.count("x02-resent") == 1


async def test_x10_a_list_that_lacks_four_in_ten_stops_and_asks(alone: Dropping) -> None:
    alone.drops.publish("两项补贴", alone.day)
    await alone.hub.sync()
    before = await alone.standing()
    alone.drops.switches.turn_on("x10-missing")
    alone.drops.publish("两项补贴", alone.tomorrow())
    for _ in range(2):
        with pytest.raises(MassDelete):
            await alone.hub.sync()
    assert await alone.standing() == before
    alone.drops.publish("两项补贴", alone.tomorrow(), alone.drops.rows("两项补贴")[:3])  # meant as changes
    with pytest.raises(MassDelete):
        await alone.hub.sync()
    for path in alone.drops.folder.glob(f"*{alone.day:%Y%m%d}*"):
        path.unlink()
    await alone.hub.sync(accept_losses=True)
    assert len(await alone.standing()) == len(before) * 6 // 10


async def test_x26_another_grade_is_the_same_record(there: Dropping) -> None:
    count = "select count(*) from category_membership"
    people, before = await there.hub.one("select count(*) from beneficiary"), await there.hub.one(count)
    row = next(row for row in there.drops.rows("两项补贴") if row["补贴类别"] == "02")
    other = {**row, "残疾人证号": row["残疾人证号"][:19] + "3", "停发原因": ""}
    there.drops.change("两项补贴", there.tomorrow(), [("U", other)])
    report = await there.hub.sync()
    assert (report.quarantined, await there.hub.one(count)) == (0, before)
    assert await there.hub.one("select count(*) from beneficiary") == people
    told = await there.hub.database.owner.fetch(
        "select b.disability_grade, b.disability_certificate, m.category from category_membership m"
        " join beneficiary b on b.id = m.beneficiary_id where m.legal_basis = '重度残疾人护理补贴'"
        " and b.disability_grade = 3"
    )
    assert [there.hub.vault.open(one["disability_certificate"]) for one in told] == [other["残疾人证号"]]
    assert [one["category"] for one in told] == ["DISABLED"]


async def test_x32_stopped_without_a_last_month(there: Dropping) -> None:
    open_ones = [row for row in there.drops.rows("两项补贴") if not row["享受终止月"]]
    dead, poor = ({**row, "停发原因": reason} for row, reason in zip(open_ones, ("01", "03"), strict=False))
    path = there.drops.change("两项补贴", there.tomorrow(), [("U", dead), ("U", poor)])
    await there.hub.sync()
    codes = await there.hub.database.owner.fetch(
        "select reason_codes from quarantined_row where resolved_at is null and file = $1", path.name
    )
    assert sorted(row["reason_codes"] for row in codes) == [["CONTRADICTION"], ["DECEASED_WITHOUT_END"]]


async def test_rows_that_contradict_each_other(there: Dropping) -> None:
    rows = there.drops.rows("两项补贴")
    first, second = rows[:2]
    twice = [*rows, {**first, "月补贴标准": "999"}, {**second, "补贴类别": "02", "姓名": "王五"}]
    path = there.drops.publish("两项补贴", there.tomorrow(), twice)
    report = await there.hub.sync()
    assert report.quarantined == 4
    codes = await there.hub.database.owner.fetch(
        "select reason_codes from quarantined_row where resolved_at is null and file = $1", path.name
    )
    assert sorted(row["reason_codes"][0] for row in codes) == ["DUPLICATE_KEY"] * 2 + ["ID_TWO_NAMES"] * 2
    assert await there.hub.one("select count(*) from category_membership where monthly_amount = 999") == 0


LAST = "run_id = (select max(id) from sync_run)"


async def test_x35_what_nobody_asked_for_reaches_no_table(there: Dropping) -> None:
    for fault in ("x35-more", "x16-code"):
        there.drops.switches.turn_on(fault)
    there.drops.publish("两项补贴", there.tomorrow())
    await there.hub.sync()
    raws = await there.hub.database.owner.fetch("select raw from quarantined_row where resolved_at is null")
    assert len(raws) == 1
    opened = there.hub.vault.open(raws[0]["raw"])
    assert "残疾人证号" in opened
    assert not any(word in opened for word in ("6200000000000000", "农村信用社", "D000001"))
    told = f"select kind || ' ' || name from source_drift where {LAST} order by 1"
    assert [row[0] for row in await there.hub.database.owner.fetch(told)] == [
        "CODES_UNKNOWN 补贴类别", "COLUMN_CAME DNA编号", "COLUMN_CAME 开户银行", "COLUMN_CAME 银行账号"
    ]  # fmt: skip
    rows = await there.hub.one(f"select read_count from run_list where {LAST}")
    dropped = await there.hub.database.owner.fetch(
        f"select field_class, cell_count from dropped_cells where {LAST}"
    )
    assert {row["field_class"]: row["cell_count"] for row in dropped} == {"BANK": 2 * rows, "BIOMETRIC": rows}


async def test_x13_a_column_that_is_missing_is_told_though_the_file_is_refused(there: Dropping) -> None:
    there.drops.switches.turn_on("x13-missing")
    there.drops.publish("两项补贴", there.tomorrow())
    await there.hub.sync()
    assert list((await there.hub.reasons()).values()) == [["HEADER_MISSING"]]
    told = await there.hub.database.owner.fetch(f"select kind, name, header from source_drift where {LAST}")
    assert [tuple(row) for row in told] == [("COLUMN_GONE", "享受终止月", "终止日期")]


async def test_a_day_that_does_not_exist_or_lies_ahead(there: Dropping) -> None:
    for day in (dt.date(2062, 12, 1), TODAY + dt.timedelta(days=40)):
        there.drops.publish("两项补贴", day)
    there.drops.publish("两项补贴", there.tomorrow())
    for path in there.drops.folder.glob("两项补贴_450305_20621201*"):
        path.rename(path.with_name(path.name.replace("20621201", "20251399")))
    await there.hub.sync()
    assert list((await there.hub.reasons()).values()) == [["UNREADABLE_FILE"]] * 2
    assert await there.standing() == there.truth()
    for path in (*there.drops.folder.glob("*_20251399*"), *there.drops.folder.glob("*_202607*")):
        path.unlink()
    there.drops.publish("两项补贴", there.tomorrow())
    await there.hub.sync()
    assert await there.hub.reasons() == {}


async def test_files_of_others_are_left_alone(there: Dropping) -> None:
    rows = there.drops.rows("两项补贴")
    path = there.drops.publish("两项补贴", there.tomorrow(), rows[:3])
    for other in ("350582", "450305001000"):  # one of another county, one of a township
        for one in there.drops.folder.glob(f"{path.name}*"):
            one.with_name(one.name.replace("450305", other)).write_bytes(one.read_bytes())
    for one in there.drops.folder.glob(f"{path.name}*"):
        one.unlink()
    (there.drops.folder / "说明.docx").write_bytes(b"x")
    assert (await there.hub.sync()).read == 0
    assert await there.hub.reasons() == {}
