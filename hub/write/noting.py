"""What staff notes of a person: a fact or a part of one, in the viewer's name, under the hub's own source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from hub.access.slices import CONTRACTOR
from hub.errors import BadArgument, Conflict
from hub.tables import OF_PERSON
from hub.tables import beneficiary as beneficiaries
from hub.tables import contract as contracts
from hub.write.checks import come
from hub.write.counties import hold_county, hold_person
from hub.write.place import seen_staff
from hub.write.stating import insertion, origins
from hub.write.versions import still
from hub.write.work import Key, NotYours, Work, key_in

ADULT: Final = 18
"""Years: who is younger is a child (未成年人保护法, article 2)."""

PERSON: Final = "select division_code, birth_on from beneficiary where county_code = $1 and id = $2"
SERVED: Final = """
    select distinct contract_id, contractor_id, station_id from assignment
    where county_code = $1 and beneficiary_id = $2 and starts_on <= $3 and (ends_on is null or ends_on >= $3)
        and ($4::bigint is null or contract_id = $4)
    order by contract_id, station_id"""


class Person(NamedTuple):
    """Whom the viewer sees. ``born``: day of birth, where it is known and shown to the viewer."""

    county: str
    id: int
    division_code: str
    born: dt.date | None

    @property
    def key(self) -> Key:
        return Key(self.county, self.id)


class Under(NamedTuple):
    """What something was done under: nothing of a contract, where an office does it."""

    contract: int | None = None
    contractor: int | None = None
    station: int | None = None


class NotServed(BadArgument):
    """Expected a contract of yours that the person is served under today; say which, if there are several."""

    zh = "请指明本机构当日服务该对象所依据的合同"


class NotChanged(Conflict):
    """The record was closed, is under a contract of others, or is stated by a source, which would undo it."""

    zh = "该记录已结束，或属于其他合同，或由来源系统提供，不能在此更改"


async def seen_person(work: Work, given: str) -> Person:
    """NotYours."""
    key = key_in(given, beneficiaries)
    row = await work.viewer_row(PERSON, *key)
    if row is None:
        raise NotYours
    return Person(str(key.county), key.id, row["division_code"], row["birth_on"])


async def hold(work: Work, person: Person) -> None:
    """Until the transaction ends nobody else notes what there is one of, and no run says anything."""
    await hold_county(work.connection, person.county, beside_others=True)
    await hold_person(work.connection, person.county, person.id)


def child(work: Work, person: Person) -> None:
    """BadArgument for an adult; of whom nothing is known may be one."""
    if person.born is None:
        return
    grown = (work.today.year - ADULT, work.today.month, work.today.day)
    if (person.born.year, person.born.month, person.born.day) <= grown:
        raise BadArgument(f"Expected a child of less than {ADULT} years.", zh=f"应为未满{ADULT}周岁的儿童")


async def under_contract(work: Work, person: Person, given: str | None) -> Under:
    """Of a contractor the contract it serves the person under; an office names none. NotServed."""
    if work.viewer.role != CONTRACTOR:
        if given is not None:
            raise BadArgument("Expected no contract: it is for contractors.", zh="仅承接机构可填写 contract")
        return Under()
    wanted = None if given is None else key_in(given, contracts).id
    rows = await work.viewer_rows(SERVED, person.county, person.id, work.today, wanted)
    if len({row["contract_id"] for row in rows}) != 1:
        raise NotServed
    stations = {row["station_id"] for row in rows}
    return Under(
        rows[0]["contract_id"], rows[0]["contractor_id"], stations.pop() if len(stations) == 1 else None
    )


async def seen_worker(work: Work, given: str | None) -> int | None:
    """Number of a member of staff the viewer sees; NotYours."""
    if given is None:
        return None
    [number] = await seen_staff(work, [given])
    return number


def day(work: Work, name: str, given: dt.date | None, zh: str) -> dt.date:
    """A day that has come; today where none is given."""
    return work.today if given is None else come(work, name, given, zh)


async def note(
    work: Work, table: Table[Any], person: Key, given: Mapping[str, Any], *, as_hub: bool = False
) -> Key:
    """Adds a row about the person, in the viewer's name, or in the hub's where no viewer writes the table."""
    await hold_county(work.connection, str(person.county), beside_others=True)
    (origin,) = await origins(work, table, 1)
    said = {"county_code": person.county, OF_PERSON: person.id, **given, **origin}
    add = work.own_row if as_hub else work.viewer_row
    row = await add(f"{insertion(table, said)} returning id", *said.values())
    key = Key(person.county, row["id"])
    work.note(table.name, key, "I", *sorted(given), person=person.id)
    return key


async def seen(work: Work, table: Table[Any], given: str, *columns: str) -> tuple[Key, Any]:
    """A row about a person that the viewer sees, with these columns; NotYours."""
    key = key_in(given, table)
    shown = ", ".join((OF_PERSON, *columns))
    row = await work.viewer_row(
        f'select {shown} from "{table.name}" where county_code = $1 and id = $2', *key
    )
    if row is None:
        raise NotYours
    return key, row


async def change(work: Work, table: Table[Any], given: str, version: str, values: Mapping[str, Any]) -> Key:
    """Puts what is not None of ``values`` into a row as it was read; Stale, NotChanged, NotYours."""
    key, row = await seen(work, table, given)
    await still(work, table, key, version)
    (origin,) = await origins(work, table, 1)
    told = {name: value for name, value in values.items() if value is not None}
    said = {**told, **{name: origin[name] for name in ("content_hash", "observed_at", "received_at")}}
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(said, 3))
    done = await work.viewer_row(
        f'update "{table.name}" set {sets} where county_code = $1 and id = $2 returning true',
        *key,
        *said.values(),
    )
    if done is None:
        raise NotChanged  # the viewer sees it, and a policy lets nothing be found
    work.note(table.name, key, "U", *sorted(told), person=row[OF_PERSON])
    return key
