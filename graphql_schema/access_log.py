"""``accessLog``: who used a person's data, for the office that has to tell the person."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

import graphql_schema.enums  # noqa: F401 — words before the types that use them
from hub.access.slices import ROLE_LABELS
from hub.access.viewer import Capability
from hub.domain.vocabulary import LegalBasis
from hub.errors import Forbidden
from hub.read.bind import FOR
from hub.read.who import Use
from hub.write.emergency import Barred, TooManyEmergencies


def sees_children(capability: Capability) -> bool:
    """Words that the asker chose (a category, a reason, a name) tell of others whom it asked about, too."""
    return "minor" in capability.groups


@strawberry.type(
    description="One use of a person's data, or a question about the person; uses by an emergency access are "
    "told to who may see that access — 个人信息使用记录（紧急访问的使用记录仅对可见该紧急访问者显示）"
)
class AccessLogEntry:
    number: strawberry.ID = strawberry.field(description="Its number in the log — 序号")
    at: dt.datetime = strawberry.field(description="When — 时间")
    client_id: str = strawberry.field(description="System that asked — 访问系统编号")
    client_name: str | None = strawberry.field(
        description="Its name; null when it is not registered any more — 访问系统名称"
    )
    user_id: strawberry.ID | None = strawberry.field(
        description="Number of the user it asked for; null where it asked for itself — 用户编号"
    )
    role: str = strawberry.field(description="Role it acted in — 角色")
    role_label: str = strawberry.field(description="Role in Chinese — 角色名称")
    emergency_access: strawberry.ID | None = strawberry.field(
        description="Global id of the emergency access it was made by; null where by none — 紧急访问编号"
    )
    purpose: str | None = strawberry.field(
        description="Code of the purpose it stated, in an emergency as at any time — 用途"
    )
    purpose_label: str | None = strawberry.field(description="Its Chinese label — 用途名称")
    legal_basis: LegalBasis | None = strawberry.field(
        description="Its legal basis, of PIPL article 13 — 合法性基础"
    )
    citation: str | None = strawberry.field(
        description="Article of the law that gives the duty or the power — 法律依据"
    )
    operation: str = strawberry.field(
        description="Name of the operation, or the hash of its text — 操作",
        metadata={FOR: sees_children},
    )
    document: str = strawberry.field(
        description="What was asked, without its values — 查询文本（不含取值）", metadata={FOR: sees_children}
    )
    fields: list[str] = strawberry.field(description="What was shown, as `Type.field` — 所示字段")
    refused: str | None = strawberry.field(
        description="Code of the error where it was refused and nothing was shown: who tried to open an "
        "emergency access — 拒绝代码（启动紧急访问被拒时）"
    )
    asked_by_number: bool = strawberry.field(
        description="Whether it gave the person's identity number — 是否按身份证号查询"
    )
    request_id: str = strawberry.field(description="Number of the request — 请求编号")


async def access_log(
    info: Info[Any, Any],
    beneficiary: Annotated[strawberry.ID, strawberry.argument(description="Global id — 服务对象编号")],
    first: Annotated[int, strawberry.argument(description="At most so many, the newest — 条数")] = 50,
    before: Annotated[
        strawberry.ID | None, strawberry.argument(description="Only entries with lower numbers — 早于该序号")
    ] = None,
) -> list[AccessLogEntry] | None:
    found = await info.context.uses(str(beneficiary), first, None if before is None else str(before))
    sees_all = sees_children(info.context.viewer.capability)
    return None if found is None else [_entry(use, sees_all) for use in found]


TELLING: Final = {Barred.code, TooManyEmergencies.code}
"""Of a refusal: that there were other emergency accesses, which may have been for children."""


def _entry(use: Use, sees_all: bool) -> AccessLogEntry:
    """``sees_all``: whether the viewer may see any emergency access."""
    refused = Forbidden.code if use.refused in TELLING and not sees_all else use.refused
    return AccessLogEntry(
        number=strawberry.ID(str(use.number)),
        at=use.at,
        client_id=use.client_id,
        client_name=use.client_name,
        user_id=None if use.user_id is None else strawberry.ID(str(use.user_id)),
        role=use.role,
        role_label=ROLE_LABELS[use.role][0],
        emergency_access=None if use.emergency is None else strawberry.ID(f"EmergencyAccess:{use.emergency}"),
        purpose=use.purpose,
        purpose_label=use.purpose_label,
        legal_basis=None if use.legal_basis is None else LegalBasis[use.legal_basis],
        citation=use.citation,
        operation=use.operation,
        document=use.document,
        fields=use.fields,
        refused=refused,
        asked_by_number=use.asked,
        request_id=use.request_id,
    )
