"""Who am I, and what may I see?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types import Info

from hub.access.readable import readable
from hub.access.slices import ROLE_LABELS, SLICES

if TYPE_CHECKING:
    from hub.access.viewer import Viewer as _Viewer


@strawberry.type(description="What the viewer may read of one kind of record — 可读范围")
class ReadableType:
    name: str = strawberry.field(description="Kind of record — 记录类型")
    label: str = strawberry.field(description="Its Chinese label — 中文名称")
    groups: list[str] = strawberry.field(description="Groups of columns shown — 可见字段组")
    all_rows: bool = strawberry.field(
        description="All records, not only those of the viewer's division, contracts or people — 是否全部记录"
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
    )


def _readable(viewer: _Viewer) -> Iterator[ReadableType]:
    for table in SLICES[viewer.role]:
        own = readable(viewer.capability, table)
        if own is not None and not table.endswith("_record"):
            label = str(own.table.info["zh"])
            yield ReadableType(name=table, label=label, groups=sorted(own.groups), all_rows=not own.rows)


def _organisation(viewer: _Viewer) -> strawberry.ID | None:
    return None if viewer.organisation_id is None else strawberry.ID(f"Contractor:{viewer.organisation_id}")
