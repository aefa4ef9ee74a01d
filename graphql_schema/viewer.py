"""Who am I, and what may I see?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import strawberry
from strawberry.types import Info

from graphql_schema.access import EXPLAINED, TypeAccess, access
from hub.access.readable import readable
from hub.access.slices import ROLE_LABELS, SLICES
from hub.domain.dates import CHINA
from hub.domain.vocabulary import LegalBasis
from hub.read.beside import ASKS
from hub.tables import HISTORIES, RECORDS

if TYPE_CHECKING:
    from hub.access.limits import Limits as _Limits
    from hub.access.purposes import Purpose as _Purpose
    from hub.access.viewer import Viewer as _Viewer


@strawberry.type(description="What the viewer may read of one kind of record — 可读范围")
class ReadableType:
    name: str = strawberry.field(description="Kind of record — 记录类型")
    label: str = strawberry.field(description="Its Chinese label — 中文名称")
    groups: list[str] = strawberry.field(description="Groups of columns shown — 可见字段组")
    all_rows: bool = strawberry.field(
        description="All records, not only those of the viewer's division, contracts or people — 是否全部记录"
    )


@strawberry.type(description="What data may be asked for, and the law that allows it — 使用目的")
class Purpose:
    code: str = strawberry.field(description="As the header `Hub-Purpose` names it — 代码")
    label: str = strawberry.field(description="In Chinese — 名称")
    label_en: str = strawberry.field(description="In English — 英文名称")
    legal_basis: LegalBasis | None = strawberry.field(
        description="Of PIPL article 13; null of a purpose from before the registry — 合法性基础"
    )
    citation: str | None = strawberry.field(
        description="Article of the law that gives the duty or the power — 法律依据"
    )
    opens: list[str] = strawberry.field(
        description="Groups of columns it opens where a purpose is needed for them — 所开放的字段组"
    )
    until: dt.datetime | None = strawberry.field(
        description="When it, or the client's grant of it, ends — 终止时间"
    )


@strawberry.type(description="What may be spent for one purpose — 用途额度")
class PurposeLimit:
    purpose: str = strawberry.field(description="As the header `Hub-Purpose` names it — 用途")
    cost_per_minute: int = strawberry.field(
        description="Units of cost in a minute; of the client's own where it has none — 每分钟开销额度"
    )
    questions_per_minute: int = strawberry.field(
        description="Persons asked about in a minute; the client's where it has none — 每分钟可查询的人数"
    )
    questions_per_day: int = strawberry.field(description="The same in a day — 每日可查询的人数")


@strawberry.type(description="How much the viewer may ask; a unit of cost is a row of ten fields — 访问限额")
class ViewerLimits:
    requests_per_minute: int = strawberry.field(description="Requests in a minute — 每分钟请求数")
    questions_per_minute: int = strawberry.field(
        description="Persons asked about by number or token in a minute — 每分钟可查询的人数"
    )
    questions_per_day: int = strawberry.field(description="The same in a day — 每日可查询的人数")
    cost_per_request: int = strawberry.field(description="Units of cost of one request — 单次开销上限")
    cost_per_minute: int = strawberry.field(
        description="Units of cost in a minute, of requests without a purpose — 每分钟开销额度"
    )
    purposes: list[PurposeLimit] = strawberry.field(
        description="Purposes a request may name, each with a minute of its own — 可声明的用途"
    )


@strawberry.type(description="The client that asks — 当前客户端")
class Viewer:
    client_id: str = strawberry.field(description="Registered client — 客户端编号")
    role: str = strawberry.field(description="Role — 角色")
    role_label: str = strawberry.field(description="Role in Chinese — 角色名称")
    division_code: str | None = strawberry.field(description="Division the client belongs to — 所属区划")
    organisation_id: strawberry.ID | None = strawberry.field(
        description="Contractor the client belongs to — 所属承接机构"
    )
    scopes: list[str] = strawberry.field(description="Scopes of the token — 令牌权限范围")
    readable: list[ReadableType] = strawberry.field(description="What may be read — 可读内容")
    purpose: str | None = strawberry.field(
        description="Code of what the request is for; `statedPurpose` says more — 本次请求的用途"
    )
    stated_purpose: Purpose | None = strawberry.field(
        description="What the request is for, by header, token or registration — 本次请求的用途及其依据"
    )
    purposes: list[Purpose] = strawberry.field(description="What may be asked for now — 可声明的用途")
    purpose_required: bool = strawberry.field(
        description="Whether every request must have a purpose — 是否须声明用途"
    )
    limits: ViewerLimits = strawberry.field(description="How much may be asked — 访问限额")
    access: TypeAccess = strawberry.field(
        resolver=access,
        metadata={ASKS: EXPLAINED},
        description="What is seen of a kind of record, field by field, and why — 对一类记录的访问说明",
    )


def current_viewer(info: Info[Any, Any]) -> Viewer:
    viewer: _Viewer = info.context.viewer
    return Viewer(
        client_id=viewer.client_id,
        role=viewer.role,
        role_label=ROLE_LABELS[viewer.role][0],
        division_code=viewer.division_code,
        organisation_id=_organisation(viewer),
        scopes=sorted(viewer.scopes),
        readable=list(_readable(viewer)),
        purpose=viewer.purpose,
        stated_purpose=None if viewer.stated is None else _purpose(viewer.stated),
        purposes=list(map(_purpose, viewer.granted.live)),
        purpose_required=viewer.granted.needed,
        limits=_limits(viewer, info.context.limits),
    )


def _purpose(purpose: _Purpose) -> Purpose:
    return Purpose(
        code=purpose.code,
        label=purpose.label_zh,
        label_en=purpose.label_en,
        legal_basis=None if purpose.legal_basis is None else LegalBasis[purpose.legal_basis],
        citation=purpose.citation,
        opens=sorted(purpose.opens),
        until=None if purpose.until is None else dt.datetime.fromtimestamp(purpose.until, CHINA),
    )


def _limits(viewer: _Viewer, general: _Limits) -> ViewerLimits:
    request, minute = general.of(viewer.allowance, None)
    asked_minute, asked_day = general.questions_of(viewer.allowance)
    return ViewerLimits(
        requests_per_minute=general.requests_per_minute,
        questions_per_minute=asked_minute,
        questions_per_day=asked_day,
        cost_per_request=request,
        cost_per_minute=minute,
        purposes=[
            PurposeLimit(
                purpose=p.code,
                cost_per_minute=general.of(viewer.allowance, p.units)[1],
                questions_per_minute=p.questions_per_minute or asked_minute,
                questions_per_day=p.questions_per_day or asked_day,
            )
            for p in viewer.granted.live
        ],
    )


BESIDE: Final = frozenset(each.name for held in (RECORDS, HISTORIES) for each in held.values())
"""Tables that are read with those they belong to."""


def _readable(viewer: _Viewer) -> Iterator[ReadableType]:
    for table in SLICES[viewer.reader]:
        own = readable(viewer.capability, table)
        if own is not None and table not in BESIDE:
            label = str(own.table.info["zh"])
            yield ReadableType(name=table, label=label, groups=sorted(own.groups), all_rows=not own.rows)


def _organisation(viewer: _Viewer) -> strawberry.ID | None:
    return None if viewer.organisation_id is None else strawberry.ID(f"Contractor:{viewer.organisation_id}")
