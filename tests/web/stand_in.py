"""A small GraphQL service in the explorer's expected shape, one schema per role, nobody real."""

from __future__ import annotations

import datetime
import enum
from typing import Any, Generic, TypeVar

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.settings import Settings
from hub.web.explorer import Persona, explorer_routes

T = TypeVar("T")


@strawberry.enum(description="救助项目 Programme of assistance")
class Programme(enum.Enum):
    DIBAO = "DIBAO"
    TEKUN = "TEKUN"


@strawberry.enum
class Direction(enum.Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.input
class VisitOrder:
    visited_on: Direction


@strawberry.type
class PageInfo:
    has_next_page: bool = False
    end_cursor: str | None = None


@strawberry.type
class Edge(Generic[T]):
    node: T


@strawberry.type
class Connection(Generic[T]):
    total_count: int
    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo

    @staticmethod
    def of(*nodes: Any) -> Any:
        return Connection(
            total_count=len(nodes),
            edges=[Edge(node=node) for node in nodes],
            nodes=list(nodes),
            page_info=PageInfo(),
        )


@strawberry.type
class Division:
    full_name: str = "广西壮族自治区桂林市七星区穿山街道"


@strawberry.type
class Contract:
    number: str = "QX-2026-001"


@strawberry.type
class Worker:
    name: str = "测试社工"


@strawberry.type
class Membership:
    category: str = "DIBAO"
    starts_on: datetime.date = datetime.date(2026, 1, 1)


@strawberry.type
class Assignment:
    starts_on: datetime.date = datetime.date(2026, 1, 1)
    ends_on: datetime.date | None = None
    worker: Worker = strawberry.field(default_factory=Worker)
    contract: Contract = strawberry.field(default_factory=Contract)


@strawberry.type
class Visit:
    visited_on: datetime.date = datetime.date(2026, 10, 9)
    purpose: str = "ROUTINE"


@strawberry.type(description="民政服务站 Civil-affairs service station")
class Station:
    id: strawberry.ID = strawberry.ID("s1")
    name: str = strawberry.field(default="穿山街道民政服务站", description="服务站名称 Name of the station")
    division: Division = strawberry.field(default_factory=Division)

    @strawberry.field
    def personnel(self, first: int = 20) -> Connection[Worker]:
        return Connection.of(Worker())  # type: ignore[no-any-return]

    @strawberry.field
    def beneficiaries(self) -> Connection[Beneficiary]:
        return Connection.of(Beneficiary())  # type: ignore[no-any-return]


@strawberry.type(description="服务对象 Person served")
class Beneficiary:
    id: strawberry.ID = strawberry.ID("b1")
    name: str = "测试对象"
    name_masked: str = "测**"
    id_number_masked: str = "459999********0019"
    risk_level: str | None = "HIGH"
    station: Station = strawberry.field(default_factory=Station)

    @strawberry.field
    def memberships(self, first: int = 20) -> Connection[Membership]:
        return Connection.of(Membership())  # type: ignore[no-any-return]

    @strawberry.field
    def assignments(self, first: int = 20) -> Connection[Assignment]:
        return Connection.of(Assignment())  # type: ignore[no-any-return]

    @strawberry.field
    def visits(self, first: int = 20, order_by: list[VisitOrder] | None = None) -> Connection[Visit]:
        return Connection.of(Visit())  # type: ignore[no-any-return]


@strawberry.type
class CaseloadEntry:
    operation: str = "UPSERT"
    id: strawberry.ID = strawberry.ID("b1")
    reason: str | None = None
    version: str = "v1"
    beneficiary: Beneficiary = strawberry.field(default_factory=Beneficiary)


@strawberry.type
class CaseloadPage:
    entries: list[CaseloadEntry]
    cursor: str = "c1"
    has_more: bool = False
    checksum: str = "00"


@strawberry.type(name="Query")
class StationQuery:
    @strawberry.field(description="服务站列表 Stations the viewer may see")  # type: ignore[untyped-decorator]
    def stations(self, first: int = 20) -> Connection[Station]:
        return Connection.of(Station())  # type: ignore[no-any-return]


@strawberry.type(name="Query")
class CaseloadQuery(StationQuery):
    @strawberry.field(description="服务对象列表 People the viewer may see")  # type: ignore[untyped-decorator]
    def beneficiaries(self, first: int = 20) -> Connection[Beneficiary]:
        return Connection.of(Beneficiary())  # type: ignore[no-any-return]

    @strawberry.field(description="本地副本 The viewer's own copy")  # type: ignore[untyped-decorator]
    def caseload(self, since: str | None = None, first: int | None = None) -> CaseloadPage:
        return CaseloadPage(entries=[CaseloadEntry()])


@strawberry.type
class BeneficiaryStatus:
    entitled: bool
    on: datetime.date


@strawberry.type(name="Query")
class AgencyQuery:
    @strawberry.field(description="某人某日是否享受某项救助 Entitled on that day or not")  # type: ignore[untyped-decorator]
    def beneficiary_status(
        self, id_number: str, programme: Programme, on: datetime.date
    ) -> BeneficiaryStatus:
        return BeneficiaryStatus(entitled=programme is Programme.DIBAO, on=on)


SCHEMAS = {
    "bureau": strawberry.Schema(StationQuery),
    "contractor": strawberry.Schema(CaseloadQuery),
    "agency": strawberry.Schema(AgencyQuery),
}
PERSONAS: list[Persona] = [
    {
        "name": f"{role}-qixing",
        "label_zh": zh,
        "label_en": en,
        "role": role,
        "division": "450305000000 七星区",
        "organisation": None if role == "bureau" else "测试单位",
    }
    for role, zh, en in [
        ("bureau", "七星区民政局", "Qixing civil-affairs bureau"),
        ("contractor", "桂林市测试社会工作服务中心", "Guilin test social-work centre"),
        ("agency", "七星区医疗保障局", "Qixing medical-security bureau"),
    ]
]


def stand_in(settings: Settings) -> Starlette:
    """The explorer on top of a GraphQL endpoint that knows the tokens it minted."""
    roles = {"token-bureau": "bureau"}

    async def mint(persona: str) -> tuple[str, int]:
        token = f"token-{persona}-{len(roles)}"
        roles[token] = persona.partition("-")[0]
        return token, 300

    async def graphql(request: Request) -> Response:
        role = roles.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if role is None:
            return Response(b'{"errors":[{"message":"A valid access token is needed."}]}', 401)
        asked = orjson.loads(await request.body())
        result = await SCHEMAS[role].execute(
            asked["query"], asked.get("variables"), operation_name=asked.get("operationName")
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return Response(orjson.dumps(answer), media_type="application/graphql-response+json")

    routes = explorer_routes(settings=settings, personas=PERSONAS, mint=mint)
    return Starlette(routes=[*routes, Route("/graphql", graphql, methods=["POST"])])
