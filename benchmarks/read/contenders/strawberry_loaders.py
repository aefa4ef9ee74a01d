"""DataLoaders of one request: every relation is one statement for all its parents, however many there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from benchmarks.read.contenders.strawberry_models import (
    Assignment,
    Base,
    Contract,
    ContractStation,
    Person,
    Personnel,
    Station,
    Visit,
)

Sessions = async_sessionmaker[AsyncSession]
M = TypeVar("M", bound=Base)
PersonKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Serving:
    """Whose rows are asked for: a contractor on a day."""

    contractor: int
    today: dt.date


def live_contracts(serving: Serving) -> Select[int]:
    return select(Contract.id).where(
        Contract.contractor_id == serving.contractor,
        Contract.status.in_(["ACTIVE", "RENEWED", "NOT_RENEWED"]),
        Contract.starts_on <= serving.today,
        Contract.ends_on >= serving.today,
    )


def assigned(serving: Serving) -> ColumnElement[bool]:
    return exists().where(
        Assignment.county_code == Person.county_code,
        Assignment.beneficiary_id == Person.id,
        Assignment.contractor_id == serving.contractor,
        Assignment.starts_on <= serving.today,
        or_(Assignment.ends_on.is_(None), Assignment.ends_on >= serving.today),
        Assignment.contract_id.in_(live_contracts(serving)),
    )


class Loaders:
    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.station: DataLoader[int, Station | None] = DataLoader(self._by_id(Station))
        self.worker: DataLoader[int, Personnel | None] = DataLoader(self._by_id(Personnel))
        self.assignments: DataLoader[tuple[PersonKey, int], list[Assignment]] = DataLoader(self._assignments)
        self.visits: DataLoader[tuple[PersonKey, int, Serving | None], list[Visit]] = DataLoader(self._visits)
        self.stations: DataLoader[tuple[int, int], list[Station]] = DataLoader(self._stations)
        self.personnel: DataLoader[tuple[int, int, Serving], list[Personnel]] = DataLoader(self._personnel)
        self.people: DataLoader[tuple[int, int, Serving], list[Person]] = DataLoader(self._people)

    def _by_id(self, model: type[M]) -> Callable[[list[int]], Any]:
        async def load(ids: list[int]) -> list[M | None]:
            key: Any = model.__table__.c["id"]
            async with self.sessions() as session:
                found = await session.scalars(select(model).where(key.in_(ids)))
                by_id: dict[int, M] = {getattr(row, key.name): row for row in found}
            return [by_id.get(number) for number in ids]

        return load

    async def _assignments(self, keys: list[tuple[PersonKey, int]]) -> list[list[Assignment]]:
        of = (Assignment.county_code, Assignment.beneficiary_id)
        rows = select(Assignment).where(tuple_(*of).in_([key[0] for key in keys]))
        found = await self._first(Assignment, rows, of, [Assignment.id], keys[0][1])
        return grouped(found, lambda a: (a.county_code, a.beneficiary_id), [key[0] for key in keys])

    async def _visits(self, keys: list[tuple[PersonKey, int, Serving | None]]) -> list[list[Visit]]:
        _, limit, serving = keys[0]
        of = (Visit.county_code, Visit.beneficiary_id)
        rows = select(Visit).where(tuple_(*of).in_([key[0] for key in keys]))
        if serving is not None:
            rows = rows.where(
                Visit.contractor_id == serving.contractor, Visit.contract_id.in_(live_contracts(serving))
            )
        found = await self._first(Visit, rows, of, [Visit.visited_on.desc(), Visit.id], limit)
        return grouped(found, lambda v: (v.county_code, v.beneficiary_id), [key[0] for key in keys])

    async def _stations(self, keys: list[tuple[int, int]]) -> list[list[Station]]:
        limit = keys[0][1]
        rows = (
            select(ContractStation.contract_id, Station)
            .join(Station, Station.id == ContractStation.station_id)
            .where(ContractStation.contract_id.in_([key[0] for key in keys]))
            .order_by(Station.id)
        )
        async with self.sessions() as session:
            found = [(contract, station) for contract, station in await session.execute(rows)]
        stations = grouped(found, lambda row: row[0], [key[0] for key in keys])
        return [[station for _, station in own[:limit]] for own in stations]

    async def _personnel(self, keys: list[tuple[int, int, Serving]]) -> list[list[Personnel]]:
        _, limit, serving = keys[0]
        stations = [key[0] for key in keys]
        rows = select(Personnel).where(
            Personnel.station_id.in_(stations), Personnel.employer_id == serving.contractor
        )
        found = await self._first(Personnel, rows, (Personnel.station_id,), [Personnel.id], limit)
        return grouped(found, lambda p: p.station_id, stations)

    async def _people(self, keys: list[tuple[int, int, Serving]]) -> list[list[Person]]:
        _, limit, serving = keys[0]
        stations = [key[0] for key in keys]
        rows = select(Person).where(Person.station_id.in_(stations), assigned(serving))
        order = [Person.county_code, Person.id]
        found = await self._first(Person, rows, (Person.station_id,), order, limit)
        return grouped(found, lambda p: p.station_id, stations)

    async def _first(
        self, model: type[M], rows: Select[M], of: Sequence[Any], order: Sequence[Any], limit: int
    ) -> list[M]:
        """The first ``limit`` rows of every parent, in order."""
        place = func.row_number().over(partition_by=of, order_by=order).label("place")
        ranked = rows.add_columns(place).subquery()
        row = aliased(model, ranked)
        async with self.sessions() as session:
            wanted = select(row).where(ranked.c.place <= limit).order_by(ranked.c.place)
            return list(await session.scalars(wanted))


R = TypeVar("R")


def grouped(rows: Sequence[R], key: Callable[[R], Any], keys: Sequence[Hashable]) -> list[list[R]]:
    found: dict[Any, list[R]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return [found[wanted] for wanted in keys]
