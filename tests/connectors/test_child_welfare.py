"""The children's list behind a province's gateway: a real server, and the faults such gateways have."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.child_welfare import ChildWelfare
from connectors.emulators.children import SERVICE, TYPES, ChildGateway
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.web import served
from connectors.emulators.world import build_world
from connectors.gateway import GatewayRefused
from connectors.gateway_lists import ListUnsteady, records_of
from connectors.lists.wording import SchemaDrift
from hub.domain.id_number import make_id_number
from hub.domain.vocabulary import Category
from hub.errors import ConfigurationError, SourceError
from hub.sync.withdrawal import MassDelete
from tests.connectors.gateway_of import COUNTY, NOON, Clock, reading
from tests.connectors.hub_of import TODAY, Filled, moment

OF_CHILDREN = """
    select b.name, b.id_number, m.category from category_membership m
        join beneficiary b on b.id = m.beneficiary_id and b.county_code = m.county_code"""


@pytest.fixture(scope="module")
def children() -> list[Person]:
    people = build_world(seed=3, people=1500, today=TODAY).people(COUNTY)
    found = [person for person in people if "child" in person.list_kinds]
    number = make_id_number("459999", dt.date(2016, 3, 4), 11)
    assert all(person.id_number != number for person in found)
    found[1].id_number, found[1].file_number = None, "ET-1"
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(tmp_path: Path, clock: Clock, children: list[Person]) -> ChildGateway:
    there = ChildGateway(Switches(tmp_path), clock)
    there.publish(moment(1), children)
    return there


@pytest.fixture
async def hub(gateway: ChildGateway, clock: Clock) -> AsyncIterator[Filled]:
    async with reading(gateway, ChildWelfare(clock=clock, page=20, per_second=1000), SERVICE) as filled:
        yield filled


async def held(hub: Filled) -> list[tuple[str | None, str, str]]:
    rows = await hub.database.owner.fetch(OF_CHILDREN)
    return sorted(
        (
            (hub.vault.open(r["id_number"]) if r["id_number"] else None, r["name"], r["category"])
            for r in rows
        ),
        key=str,
    )


def truth(gateway: ChildGateway) -> list[tuple[str | None, str, str]]:
    there = {(record["CHILD_NO"], record["CHILD_TYPE"]) for record in gateway.records}
    told = [t for t in gateway.truth if (t.record, TYPES[Category(t.fact)]) in there]
    return sorted(((t.id_number or None, t.name, t.fact) for t in told), key=str)


async def of(hub: Filled, record: dict[str, Any], column: str) -> Any:
    """A column of the child of the record."""
    query = f"select {column} from beneficiary where file_number = $1"
    return await hub.one(query, record["CHILD_NO"])


async def test_every_child_arrives_and_a_second_run_changes_nothing(
    gateway: ChildGateway, hub: Filled
) -> None:
    report = await hub.sync()
    assert len(gateway.records) > 40, "some pages"
    assert await held(hub) == truth(gateway)
    assert (report.read, report.quarantined) == (len(gateway.records), 0)
    again = await hub.sync()
    assert (again.unchanged, again.withdrawn, again.changed) == (again.read, 0, 0)
    first = gateway.records[0]
    assert await of(hub, first, "guardian_name") == first["GUARDIAN_NAME"]
    assert await of(hub, first, "risk_level") == {"1": "LEVEL_1", "2": "LEVEL_2", "3": "LEVEL_3"}.get(
        first["RISK_LEVEL"]
    )


async def test_who_comes_who_leaves_and_who_is_back_as_before(
    gateway: ChildGateway, hub: Filled, clock: Clock
) -> None:
    await hub.sync()
    gone = gateway.records.pop(3)
    report = await hub.sync()
    assert report.withdrawn >= 1
    assert await held(hub) == truth(gateway)
    gateway.records.append(gone)  # with the time it had
    clock.now += dt.timedelta(hours=1)
    await hub.sync()
    assert await held(hub) == truth(gateway)


async def test_a_new_guardian_and_another_school(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    child = gateway.records[0]
    gateway.write(
        SERVICE, child, moment(5), GUARDIAN_NAME="覃测试", GUARDIAN_RELATION="外祖母", SCHOOL="第二小学"
    )
    report = await hub.sync()
    assert (report.accepted, report.withdrawn) == (1, 0)
    assert await of(hub, child, "guardian_name") == "覃测试"
    assert await of(hub, child, "school") == "第二小学"


async def test_one_child_in_two_categories_is_one_person(gateway: ChildGateway, hub: Filled) -> None:
    child = next(r for r in gateway.records if r["CHILD_TYPE"] == "03")
    gateway.records = [r for r in gateway.records if r["CHILD_NO"] != child["CHILD_NO"]]
    gateway.write(SERVICE, child, moment(2))
    gateway.write(SERVICE, {**child, "CHILD_TYPE": "04"}, moment(3))
    await hub.sync()
    query = "select array_agg(category order by category) from category_membership m join beneficiary b on"
    both = f"{query} b.id = m.beneficiary_id where b.file_number = $1"
    assert await hub.one(both, child["CHILD_NO"]) == ["CHILD_IN_DIFFICULTY", "LEFT_BEHIND_CHILD"]
    gateway.records = [r for r in gateway.records if r["CHILD_NO"] != child["CHILD_NO"]]
    gateway.write(SERVICE, {**child, "CHILD_TYPE": "04"}, moment(3))
    await hub.sync()
    assert await hub.one(both, child["CHILD_NO"]) == ["CHILD_IN_DIFFICULTY"]
    assert await of(hub, child, "count(*)") == 1


async def test_nobody_reads_what_needs_no_reading(gateway: ChildGateway, hub: Filled) -> None:
    """X35: the account and the picture reach no table, nor the quarantine."""
    gateway.write(SERVICE, gateway.records[0], moment(2), RISK_LEVEL="7")
    await hub.sync()
    raw = hub.vault.open(await hub.one("select raw from quarantined_row"))
    assert "/9j/4AAQ" not in raw
    assert gateway.records[-1]["BANK_ACCOUNT"] not in raw


# --- the catalogue -----------------------------------------------------------------------------


async def test_x2_x3_versions_come_in_any_order_and_again(gateway: ChildGateway, hub: Filled) -> None:
    child = gateway.records[0]
    newer = {**child, "SCHOOL": "第二小学", "UPDATE_TIME": "2026-06-05 09:00:00"}
    gateway.records = [newer, *gateway.records, dict(child), dict(newer)]
    await hub.sync()
    assert await of(hub, child, "school") == "第二小学"
    gateway.records = [r for r in gateway.records if r != newer]  # a copy that lags behind
    for _ in range(3):
        report = await hub.sync()
        assert (report.changed, report.withdrawn) == (0, 0)
    assert await of(hub, child, "school") == "第二小学"


@pytest.mark.parametrize("fault", ["x04-short", "x04-shift", "x04-swap"])
async def test_x4_pages_that_move_lose_nobody(gateway: ChildGateway, hub: Filled, fault: str) -> None:
    await hub.sync()
    gateway.spare = [gateway.records.pop(), gateway.records.pop()]
    gateway.switches.turn_on(fault, 2)
    await hub.sync()
    assert gateway.switches.count(fault) == 2
    assert await held(hub) == truth(gateway)
    assert (await hub.sync()).changed == 0


async def test_x4_a_list_that_never_stands_still_is_not_believed(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    before = await held(hub)
    gateway.switches.turn_on("x04-shift", 999)
    with pytest.raises(ListUnsteady):
        await hub.sync()
    assert await held(hub) == before
    gateway.switches.turn_off("x04-shift")
    await hub.sync()
    assert await held(hub) == truth(gateway)


@pytest.mark.parametrize(("fault", "times"), [("x05-500", 2), ("x05-half-open", 2), ("x08-too-often", 1)])
async def test_x5_x8_what_passes_is_asked_again(
    gateway: ChildGateway, hub: Filled, fault: str, times: int
) -> None:
    gateway.switches.turn_on(fault, times)
    await hub.sync()
    assert gateway.switches.count(fault) == times
    assert await held(hub) == truth(gateway)


async def test_x6_an_error_with_status_200(gateway: ChildGateway, hub: Filled) -> None:
    gateway.switches.turn_on("x06-error", 1)
    await hub.sync()
    assert await held(hub) == truth(gateway)
    gateway.switches.turn_on("x06-error", 2)
    with pytest.raises(GatewayRefused, match=r"refuses \(code 99\)"):
        await hub.sync()
    assert "459999" not in await hub.one("select error from sync_run order by id desc limit 1")
    gateway.switches.turn_on("x06-page", 1)
    with pytest.raises(SourceError, match="with a page"):
        await hub.sync()
    assert await held(hub) == truth(gateway)


@pytest.mark.parametrize("fault", ["x07-request", "x07-refresh"])
async def test_x7_secrets_that_end_between_two_pages(gateway: ChildGateway, hub: Filled, fault: str) -> None:
    gateway.switches.turn_on(fault, 3)
    report = await hub.sync()
    assert gateway.switches.count(fault) == 3
    assert (report.read, await held(hub)) == (len(gateway.records), truth(gateway))


async def test_x17_a_day_that_nobody_can_tell_which_it_is(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    gateway.switches.turn_on("x17-meaning", 1)
    report = await hub.sync()
    assert gateway.switches.count("x17-meaning") == report.quarantined == 1
    assert list((await hub.reasons()).values()) == [["CODE_UNKNOWN"]]
    assert await held(hub) == truth(gateway), "what was known of the child stands"


async def test_x7_fifteen_minutes_pass_while_the_list_is_read(
    gateway: ChildGateway, hub: Filled, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = ChildGateway._move

    def slowly(self: ChildGateway, path: str) -> None:
        clock.now += dt.timedelta(minutes=9)
        move(self, path)

    monkeypatch.setattr(ChildGateway, "_move", slowly)
    await hub.sync()
    assert await held(hub) == truth(gateway)


async def test_x7_a_clock_that_is_wrong_and_a_secret_that_is_not_ours(
    gateway: ChildGateway, hub: Filled, clock: Clock
) -> None:
    gateway.clock = lambda: NOON + dt.timedelta(hours=1)
    with pytest.raises(GatewayRefused, match="code 02"):
        await hub.sync()
    gateway.clock = clock
    gateway.secret = "another"
    with pytest.raises(GatewayRefused, match="code 02") as told:
        await hub.sync()
    assert gateway.key not in str(told.value)


async def test_x10_half_a_list_is_asked_about(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    before = await held(hub)
    gateway.records = gateway.records[: len(gateway.records) // 2]
    with pytest.raises(MassDelete):
        await hub.sync()
    assert await held(hub) == before


async def test_x13_a_field_is_renamed_and_another_is_missing(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    child = gateway.records[0]
    school = await of(hub, child, "school")
    gateway.records = [{k: v for k, v in r.items() if k != "SCHOOL"} for r in gateway.records]
    await hub.sync()
    assert await of(hub, child, "school") == school, "a column that is not there says nothing"
    gateway.records = [{{"ID_CARD": "SFZH"}.get(k, k): v for k, v in r.items()} for r in gateway.records]
    with pytest.raises(SchemaDrift, match=r"CHILD lacks: ID_CARD\. Fields not known: SFZH\."):
        await hub.sync()


async def test_x14_x15_small_letters_and_numbers(gateway: ChildGateway, hub: Filled) -> None:
    gateway.records = [
        {k.lower(): int(v) if k == "SEX" else v or None for k, v in r.items()} for r in gateway.records
    ]
    report = await hub.sync()
    assert report.quarantined == 0
    assert len(await held(hub)) == len(gateway.truth)


async def test_x17_one_column_that_means_several_days(gateway: ChildGateway, hub: Filled) -> None:
    open_ones = [r for r in gateway.records if not r["LEAVE_DATE"] and r["CHILD_TYPE"] == "04"][:5]
    for record, reason in zip(open_ones, ["01", "02", "03", "04", "09"], strict=True):
        gateway.write(SERVICE, record, moment(2), LEAVE_DATE="2026-06-10", LEAVE_REASON=reason)
    await hub.sync()
    ends = "(select max(ends_on) from category_membership m where m.beneficiary_id = beneficiary.id)"
    birthday, last, died, back, unknown = [(await of(hub, r, ends)) for r in open_ones]
    assert (birthday, last, died, back) == (
        dt.date(2026, 6, 9),
        *(dt.date(2026, 6, 10),) * 3,
    )
    assert await of(hub, open_ones[2], "deceased_on") == dt.date(2026, 6, 10)
    assert unknown is None
    assert await hub.reasons() == {f"CHILD {open_ones[4]['CHILD_NO']}": ["CODE_UNKNOWN"]}


async def test_x18_a_child_without_a_number_gets_one(gateway: ChildGateway, hub: Filled) -> None:
    child = next(r for r in gateway.records if not r["ID_CARD"])
    await hub.sync()
    people = await hub.one("select count(*) from beneficiary")
    assert await of(hub, child, "id_number") is None
    number = make_id_number("459999", dt.date(2016, 3, 4), 11)
    gateway.write(SERVICE, child, moment(3), ID_CARD=number, NAME="韦测试")
    await hub.sync()
    assert hub.vault.open(await of(hub, child, "id_number")) == number
    assert await hub.one("select count(*) from beneficiary") == people


@pytest.mark.parametrize(("kind", "born"), [("03", dt.date(2010, 6, 20)), ("01", dt.date(2008, 6, 20))])
async def test_a_child_grows_too_old_for_its_category(
    gateway: ChildGateway, hub: Filled, clock: Clock, kind: str, born: dt.date
) -> None:
    child = next(r for r in gateway.records if r["CHILD_TYPE"] == kind and not r["LEAVE_DATE"])
    cells = {"ID_CARD": make_id_number("459999", born, 11), "BIRTHDAY": born.isoformat()}
    gateway.write(SERVICE, child, moment(2), **cells)
    await hub.sync()
    assert await hub.reasons() == {}
    clock.now += dt.timedelta(days=5)  # the birthday, and nothing else has changed
    await hub.sync()
    assert await hub.reasons() == {f"CHILD {child['CHILD_NO']}": ["AGED_WITHOUT_END"]}
    gateway.write(
        SERVICE, gateway.records[-1], moment(20), LEAVE_REASON="01", LEAVE_DATE=f"{clock.now.date():%Y-%m-%d}"
    )
    await hub.sync()
    assert await hub.reasons() == {}
    assert await hub.one("select count(*) from category_membership where ends_on = '2026-06-19'") == 1


async def test_a_record_without_its_time_is_no_news(gateway: ChildGateway, hub: Filled) -> None:
    await hub.sync()
    before = await held(hub)
    gateway.records[0] = {**gateway.records[0], "UPDATE_TIME": "昨天"}
    report = await hub.sync()
    assert (report.quarantined, report.withdrawn) == (1, 0)
    assert await held(hub) == before
    assert list((await hub.reasons()).values()) == [["DATE_UNREADABLE"]]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("[]", "has no code"),
        ('{"code":"00","datas":"no list","totalPage":1,"totalDataCount":0}', "holds no list"),
        ('{"code":"00","datas":{},"totalPage":1}', "no totalDataCount"),
        ('{"code":"00","datas":[],"totalPage":"x","totalDataCount":0}', "no totalPage"),
        ('{"code":"00","datas":[],"totalPage":900000,"totalDataCount":0}', "more pages"),
        ('{"code":"张三","datas":[]}', r"code none"),
    ],
)
async def test_answers_that_are_none(
    gateway: ChildGateway, hub: Filled, monkeypatch: pytest.MonkeyPatch, answer: str, sentence: str
) -> None:
    from starlette.responses import Response

    async def instead(self: ChildGateway, _: object) -> Response:
        return Response(answer, media_type="application/json")

    monkeypatch.setattr(ChildGateway, "_list", instead)
    async with served(gateway.app()) as address:
        opened = {"app-key": gateway.key, "app-secret": gateway.secret}
        await hub.register("child-welfare", address + SERVICE, **opened)
        with pytest.raises(SourceError, match=sentence):
            await hub.sync()


async def test_a_list_written_as_text_and_an_empty_one(gateway: ChildGateway, hub: Filled) -> None:
    assert records_of({"datas": '[{"child_no": "1"}]'}) == [{"CHILD_NO": "1"}]
    gateway.records = []
    assert (await hub.sync()).read == 0


async def test_a_location_that_is_no_service(hub: Filled) -> None:
    await hub.register("child-welfare", "http://127.0.0.1:9/elsewhere")
    with pytest.raises(ConfigurationError, match="location of a list service"):
        await hub.sync()
