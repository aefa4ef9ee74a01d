"""Strawberry as its documentation teaches it: types, resolvers, SQLAlchemy models, DataLoaders."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from benchmarks.read.contenders import strawberry_models as m
from benchmarks.read.contenders.serving import POOL, run
from benchmarks.read.contenders.strawberry_loaders import Loaders, Serving, Sessions
from hub.settings import Settings
from hub.store.keys import load_vault
from hub.store.vault import Vault


@strawberry.type
class Visit:
    visited_on: dt.date
    kind: str

    @classmethod
    def marshal(cls, model: m.Visit) -> Visit:
        return cls(visited_on=model.visited_on, kind=model.kind)


@strawberry.type
class Worker:
    name: str
    kind: str

    @classmethod
    def marshal(cls, model: m.Personnel) -> Worker:
        return cls(name=model.name, kind=model.kind)


@strawberry.type
class Assignment:
    model: strawberry.Private[m.Assignment]

    @strawberry.field
    async def worker(self, info: Info[Any, Any]) -> Worker | None:
        if self.model.worker_id is None:
            return None
        found = await info.context["loaders"].worker.load(self.model.worker_id)
        return Worker.marshal(found) if found else None


@strawberry.type
class Beneficiary:
    model: strawberry.Private[m.Person]
    serving: strawberry.Private[Serving | None] = None
    id: strawberry.ID
    name_masked: str
    risk_level: str | None
    birth_on: dt.date | None

    @classmethod
    def marshal(cls, model: m.Person, serving: Serving | None = None) -> Beneficiary:
        return cls(
            model=model,
            serving=serving,
            id=strawberry.ID(f"{model.county_code}:{model.id}"),
            name_masked=model.name_masked,
            risk_level=model.risk_level,
            birth_on=model.birth_on,
        )

    @strawberry.field
    async def station(self, info: Info[Any, Any]) -> Station | None:
        if self.model.station_id is None:
            return None
        found = await info.context["loaders"].station.load(self.model.station_id)
        return Station.marshal(found) if found else None

    @strawberry.field
    async def assignments(self, info: Info[Any, Any], first: int) -> list[Assignment]:
        key = ((self.model.county_code, self.model.id), first)
        return [Assignment(model=a) for a in await info.context["loaders"].assignments.load(key)]

    @strawberry.field
    async def visits(self, info: Info[Any, Any], first: int) -> list[Visit]:
        key = ((self.model.county_code, self.model.id), first, self.serving)
        return [Visit.marshal(v) for v in await info.context["loaders"].visits.load(key)]


@strawberry.type
class Station:
    model: strawberry.Private[m.Station]
    serving: strawberry.Private[Serving | None] = None
    name: str

    @classmethod
    def marshal(cls, model: m.Station, serving: Serving | None = None) -> Station:
        return cls(model=model, serving=serving, name=model.name)

    @strawberry.field
    async def personnel(self, info: Info[Any, Any], first: int) -> list[Worker]:
        found = await info.context["loaders"].personnel.load((self.model.id, first, self.serving))
        return [Worker.marshal(p) for p in found]

    @strawberry.field
    async def beneficiaries(self, info: Info[Any, Any], first: int) -> list[Beneficiary]:
        found = await info.context["loaders"].people.load((self.model.id, first, self.serving))
        return [Beneficiary.marshal(p, self.serving) for p in found]


@strawberry.type
class Contract:
    model: strawberry.Private[m.Contract]
    serving: strawberry.Private[Serving | None] = None
    number: str
    ends_on: dt.date

    @classmethod
    def marshal(cls, model: m.Contract, serving: Serving | None = None) -> Contract:
        return cls(model=model, serving=serving, number=model.number, ends_on=model.ends_on)

    @strawberry.field
    async def stations(self, info: Info[Any, Any], first: int) -> list[Station]:
        found = await info.context["loaders"].stations.load((self.model.id, first))
        return [Station.marshal(s, self.serving) for s in found]


@strawberry.type
class BeneficiaryPage:
    nodes: list[Beneficiary]
    has_next_page: bool


@strawberry.type
class Group:
    key: str | None
    count: int


@strawberry.type
class Counts:
    """People or visits under a condition."""

    model: strawberry.Private[Any]
    tests: strawberry.Private[list[ColumnElement[bool]]]

    @strawberry.field
    async def count(self, info: Info[Any, Any]) -> int:
        async with info.context["sessions"]() as session:
            return int(await session.scalar(select(func.count()).select_from(self.model).where(*self.tests)))

    @strawberry.field
    async def groups(self, info: Info[Any, Any], by: str) -> list[Group]:
        column = {"riskLevel": "risk_level", "station": "station_id"}[by]
        key = getattr(self.model, column)
        async with info.context["sessions"]() as session:
            rows = await session.execute(select(key, func.count()).where(*self.tests).group_by(key))
            return [Group(key=None if k is None else str(k), count=n) for k, n in rows]


def within(column: Any, county: str) -> list[ColumnElement[bool]]:
    return [column >= f"{county}000000", column < f"{int(county) + 1}000000"]


@strawberry.type
class Query:
    @strawberry.field
    async def beneficiary_status(
        self, info: Info[Any, Any], county: str, id_number: str, programme: str, on: dt.date
    ) -> bool:
        person, member = m.Person, m.Membership
        found = (
            select(member.id)
            .join(
                person,
                (person.county_code == member.county_code) & (person.id == member.beneficiary_id),
            )
            .where(
                person.county_code == county,
                person.id_number_hash == info.context["vault"].blind(id_number),
                or_(person.deceased_on.is_(None), person.deceased_on >= on),
                member.category == programme,
                member.starts_on <= on,
                or_(member.ends_on.is_(None), member.ends_on >= on),
            )
        )
        async with info.context["sessions"]() as session:
            return await session.scalar(found.limit(1)) is not None

    @strawberry.field
    async def beneficiaries(self, info: Info[Any, Any], division_code: str, first: int) -> BeneficiaryPage:
        person = m.Person
        rows = select(person).where(person.township_code == division_code[:9])
        rows = rows.order_by(person.risk_level, person.county_code, person.id).limit(first + 1)
        async with info.context["sessions"]() as session:
            found = list(await session.scalars(rows))
        nodes = [Beneficiary.marshal(p) for p in found[:first]]
        return BeneficiaryPage(nodes=nodes, has_next_page=len(found) > first)

    @strawberry.field
    def people(self, county: str) -> Counts:
        return Counts(model=m.Person, tests=within(m.Person.division_code, county))

    @strawberry.field
    def visits(self, county: str, since: dt.date, until: dt.date) -> Counts:
        visit = m.Visit
        tests = [visit.county_code == county, visit.visited_on >= since, visit.visited_on < until]
        return Counts(model=visit, tests=tests)

    @strawberry.field
    def stations(self, county: str) -> Counts:
        return Counts(model=m.Station, tests=within(m.Station.division_code, county))

    @strawberry.field
    def contract_counts(self, county: str) -> Counts:
        return Counts(model=m.Contract, tests=within(m.Contract.division_code, county))

    @strawberry.field
    async def contracts(self, info: Info[Any, Any], county: str, first: int) -> list[Contract]:
        rows = select(m.Contract).where(*within(m.Contract.division_code, county))
        rows = rows.order_by(m.Contract.ends_on, m.Contract.id).limit(first)
        async with info.context["sessions"]() as session:
            return [Contract.marshal(k) for k in await session.scalars(rows)]

    @strawberry.field
    async def contract(
        self, info: Info[Any, Any], id: int, contractor: int, today: dt.date
    ) -> Contract | None:
        rows = select(m.Contract).where(m.Contract.id == id, m.Contract.contractor_id == contractor)
        async with info.context["sessions"]() as session:
            found = await session.scalar(rows)
        return Contract.marshal(found, Serving(contractor, today)) if found else None


class Endpoint(GraphQL[Any, Any]):
    def __init__(self, sessions: Sessions, vault: Vault, *, caches: bool) -> None:
        extensions = [ParserCache, ValidationCache] if caches else []
        super().__init__(strawberry.Schema(query=Query, extensions=extensions), graphql_ide=None)
        self.sessions, self.vault = sessions, vault

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        return {"sessions": self.sessions, "vault": self.vault, "loaders": Loaders(self.sessions)}


def application(dsn: str, vault: Vault, *, caches: bool) -> Starlette:
    url = dsn.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=POOL, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    return Starlette(routes=[Mount("/graphql", Endpoint(sessions, vault, caches=caches))])


if __name__ == "__main__":
    dsn, data_dir, port, caches = sys.argv[1:]
    vault = load_vault(Settings(data_dir=Path(data_dir)))
    run(application(dsn, vault, caches=caches == "caches"), int(port))
