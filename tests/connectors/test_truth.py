"""The hidden key: each record leads to one person of the world, the same from every system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import httpx
import pytest

from connectors.emulators import rosters
from connectors.emulators.children import ChildGateway
from connectors.emulators.drop import Drops
from connectors.emulators.elders import ElderGateway
from connectors.emulators.model import Person
from connectors.emulators.platform import SharingPlatform
from connectors.emulators.push import Sender
from connectors.emulators.soap import Assistance
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Told, Truth
from connectors.emulators.world import World, build_world
from hub.domain.dates import china_now
from tests.connectors.hub_of import TODAY, moment

COUNTY = "450305"
PEOPLE = 6000
"""So many that there are children without a number."""


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=3, people=PEOPLE, today=TODAY)


@pytest.fixture(scope="module")
def people(world: World) -> list[Person]:
    return list(world.people(COUNTY))


@pytest.fixture(scope="module")
def truths(world: World, people: list[Person], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Truth]:
    folder = tmp_path_factory.mktemp("truth")
    switches = Switches(folder / "switches")
    gateway, service = ChildGateway(switches, china_now), Assistance(switches)
    gateway.publish(moment(1), people)
    elders = ElderGateway(switches, china_now)
    elders.publish(moment(1), people)
    service.publish(people)
    drops = Drops(folder, COUNTY, people, switches)
    drops.publish("两项补贴", TODAY)
    drops.publish("能力评估", TODAY)
    drops.publish("养老补贴", TODAY)
    sender = Sender(httpx.AsyncClient(), "/hooks/x", switches, china_now)
    sender.warn("YJ1", people[0], dt.datetime.combine(TODAY, dt.time()))
    return {
        "rosters": rosters.truth(world, COUNTY),
        "gateway": gateway.truth,
        "elders": elders.truth,
        "soap": service.truth,
        "platform": SharingPlatform(people, TODAY, china_now, switches).truth,
        "drops": drops.truth,
        "push": sender.truth,
    }


def test_keys_tell_people_apart(people: list[Person]) -> None:
    assert len({person.key for person in people}) == len(people)
    again = build_world(seed=3, people=PEOPLE, today=TODAY).people(COUNTY)
    assert [person.key for person in again] == [person.key for person in people]


@pytest.mark.parametrize("system", ["rosters", "gateway", "elders", "soap", "platform", "drops", "push"])
def test_each_record_is_about_who_is_behind_it(
    system: str, truths: dict[str, Truth], people: list[Person]
) -> None:
    by_key = {person.key: person for person in people}
    assert len(truths[system]) > 0
    for told in truths[system]:
        person = by_key[told.person]
        assert (told.id_number, told.name) == (person.id_number or "", person.name)
        assert told.record
    assert all(len(keys) == 1 for keys in truths[system].people().values())


def test_a_child_without_a_number_is_the_same_in_two_systems(
    truths: dict[str, Truth], people: list[Person]
) -> None:
    unnumbered = {told.person for told in truths["gateway"] if not told.id_number}
    assert unnumbered
    listed = truths["rosters"].people()
    for person in people:
        if person.key in unnumbered:
            assert listed[person.file_number or ""] == {person.key}


def test_what_two_people_share_leads_to_both() -> None:
    both = Truth(Told("list", record, "number", "", "name", "fact", record) for record in "ab")
    assert both.people() == {"number": {"a", "b"}}
    assert both.facts() == {("number", "fact")}
    both.clear("list")
    assert keys(both) == []


def keys(told: Iterable[Told]) -> list[str]:
    return [each.person for each in told]
