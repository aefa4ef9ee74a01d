"""The SOAP service of social assistance: one person a question, replies in GBK, XML that attacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.emulators.exchange import in_gbk
from connectors.emulators.soap import SERVICE, Assistance
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.emulators.world import build_world
from connectors.lists.wording import SchemaDrift
from connectors.social_assistance.fields import FAMILIES, MEMBERS
from connectors.social_assistance.service import AssistanceService, InquiryRefused, UnsafeXml
from connectors.social_assistance.soap import Inquiry, Told, families
from hub.errors import SourceError
from hub.sync.connector import Batch, ListMapping, Place
from tests.connectors.hub_of import TODAY, Filled, at, hub_of, moment

COUNTY: Final = "450305"
NOBODY: Final = "459999190001010016"


@dataclass
class Asking:
    """A source that asks about these numbers."""

    numbers: list[str] = field(default_factory=list)
    name: str = "asking"
    lists: Mapping[str, ListMapping] = field(
        default_factory=lambda: {each.kind: each for each in (FAMILIES, MEMBERS)}
    )
    day: int = 1

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        async for batch in families(
            place, self._numbers(), clock=lambda: at(moment(self.day)), per_second=1000
        ):
            yield batch
        yield Batch(MEMBERS.kind, dt.datetime.now(dt.UTC), (), checkpoint={"asked": len(self.numbers)})

    async def _numbers(self) -> AsyncIterator[str]:
        for number in self.numbers:
            yield number


@pytest.fixture
def service(tmp_path: Path) -> Assistance:
    there = Assistance(Switches(tmp_path))
    people = build_world(seed=3, people=600, today=TODAY).people(COUNTY)
    there.publish(person for person in people if "?" not in in_gbk(person.name))
    return there


@pytest.fixture
async def address(service: Assistance) -> AsyncIterator[str]:
    async with served(Faulty(service.app(), service.switches)) as base:
        yield base + SERVICE


@pytest.fixture
def asking(service: Assistance) -> Asking:
    return Asking([NOBODY, *(told.id_number for told in service.truth)])


@pytest.fixture
async def hub(address: str, asking: Asking) -> AsyncIterator[Filled]:
    async with hub_of(COUNTY, {asking.name: asking}) as filled:
        await filled.register("asking", address)
        await filled.open_stations()
        yield filled


async def test_whoever_is_asked_about_arrives_with_the_family(
    service: Assistance, hub: Filled, asking: Asking
) -> None:
    report = await hub.sync()
    assert await hub.benefits() == service.truth.facts()
    assert service.asked == asking.numbers
    assert report.quarantined == 0
    asking.day = 2
    assert (await hub.sync()).changed == 0
    some = next(cells for cells, members in service.families.values() if len(members) > 1)
    assert await hub.one("select count(*) from beneficiary b join household h on h.id = b.household_id") > 1
    assert some["BANK"] not in str(await hub.database.owner.fetch("select address, phone from beneficiary"))


async def test_an_open_end_and_one_that_receives_nothing(
    service: Assistance, hub: Filled, asking: Asking
) -> None:
    await hub.sync()
    assert await hub.one("select count(*) from category_membership where ends_on > '2900-01-01'") == 0
    assert await hub.one("select count(*) from category_membership where ends_on is null") > 0
    before = await hub.benefits()
    _, members = next(iter(service.families.values()))
    members[0]["IS_ASSISTANCE"] = "0"
    asking.day = 2
    await hub.sync()
    assert {number for number, _ in before - await hub.benefits()} == {members[0]["ID_CARD"]}


@pytest.mark.parametrize("fault", ["x34-type", "x34-entity", "x34-bomb"])
async def test_x34_xml_that_attacks_is_not_read(service: Assistance, hub: Filled, fault: str) -> None:
    service.switches.turn_on(fault, 1)
    with pytest.raises(UnsafeXml):
        await hub.sync()
    assert service.switches.count(fault) == 1
    await hub.sync()
    assert len(await hub.benefits()) == len(service.truth)


async def test_x6_one_refusal_stops_nobody_else_and_ten_stop_the_run(
    service: Assistance, hub: Filled
) -> None:
    service.switches.turn_on("x06-error", 2)
    await hub.sync()
    assert service.switches.count("x06-error") == 2
    assert len(await hub.benefits()) >= len(service.truth) - 2
    service.switches.turn_on("x06-error", 99)
    with pytest.raises(InquiryRefused, match=r"refuses \(code 102\)"):
        await hub.sync()
    assert "459999" not in await hub.one("select error from sync_run order by id desc limit 1")


@pytest.mark.parametrize(("fault", "times"), [("x05-500", 2), ("x05-half-open", 1), ("x08-too-often", 1)])
async def test_x5_x8_what_passes_is_asked_again(
    service: Assistance, hub: Filled, fault: str, times: int
) -> None:
    service.switches.turn_on(fault, times)
    await hub.sync()
    assert service.switches.count(fault) == times
    assert len(await hub.benefits()) == len(service.truth)


async def test_x6_a_page_is_no_reply(service: Assistance, hub: Filled) -> None:
    service.switches.turn_on("x06-page", 1)
    with pytest.raises(SourceError, match="with a page"):
        await hub.sync()


async def test_x13_a_field_is_gone(service: Assistance) -> None:
    cells, (member, *_) = next(iter(service.families.values()))
    del member["ID_CARD"]
    family, person = ("".join(f"<{name}>x</{name}>" for name in each) for each in (cells, member))
    text = f"<SAM_FAMILY>{family}<SAM_PEOPLE>{person}</SAM_PEOPLE></SAM_FAMILY>"
    with pytest.raises(SchemaDrift, match=r"SAM_PEOPLE lacks: ID_CARD\."):
        Told().add(text, at(moment(1)))


async def test_replies_that_are_none(
    address: str, service: Assistance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, sentence in (
        ("", "holds no XML"),
        ("<a>", "holds no XML"),
        ("<RESULT><CODE>张三</CODE></RESULT>", "code none"),
    ):
        monkeypatch.setattr(Assistance, "_text", lambda _, __, text=text: text)
        async with Inquiry(address, per_second=1000) as inquiry:
            with pytest.raises(SourceError, match=sentence):
                await inquiry.ask(NOBODY)
    with pytest.raises(SourceError, match="no family"):
        Told().add("<SAM_FAMILY_INFO/>", at(moment(1)))


async def test_an_envelope_that_is_none(service: Assistance, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.emulators import soap

    monkeypatch.setattr(soap, "ENVELOPE", "<no{type}>{text}")
    async with served(service.app()) as base, Inquiry(base + SERVICE, per_second=1000) as inquiry:
        with pytest.raises(SourceError, match="not readable"):
            await inquiry.ask(NOBODY)


async def test_a_name_that_gbk_lacks_and_gb18030_has(
    service: Assistance, hub: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systems that declare GBK and write GB 18030."""
    from connectors.emulators import soap

    _, members = next(iter(service.families.values()))
    members[0]["NAME"] = "王𠮷"
    monkeypatch.setattr(soap, "in_gbk", lambda text: text)
    monkeypatch.setattr(soap, "CODEC", "gb18030")
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where name = '王𠮷'") == 1


async def test_the_source_asks_about_those_the_hub_knows_in_turns(
    service: Assistance, hub: Filled, asking: Asking, address: str
) -> None:
    asking.numbers = asking.numbers[: len(asking.numbers) // 2]
    await hub.sync()
    known = {number for number, _ in await hub.benefits()}
    source = AssistanceService(clock=lambda: at(moment(2)), most=10, per_second=1000)
    hub.connectors = {source.name: source}
    await hub.database.owner.execute("update source set checkpoint = null, last_success_at = null")
    await hub.register(source.name, address)
    service.asked.clear()
    for _ in range(len(known) // 10 + 1):
        await hub.sync()
    current = "select count(distinct beneficiary_id) from category_membership where ends_on is null"
    assert len(set(service.asked)) >= await hub.one(current)
    assert set(service.asked) <= known
    assert {number for number, _ in await hub.benefits()} == known
    assert "459999" not in str(await hub.one("select checkpoint from source"))
