"""Whether somebody is entitled: one of four answers, about one person or many, and nothing else."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from graphql_schema.enums import label_values
from hub.access.coverage import Answer
from hub.domain.vocabulary import Category
from hub.read import bind
from hub.read.bind import BINDING
from hub.read.eligible import MOST

PROGRAMMES: Final = (
    Category.DIBAO,
    Category.TEKUN,
    Category.TEMP_AID,
    Category.ORPHAN,
    Category.DE_FACTO_UNATTENDED,
    Category.SEVERE_DISABLED,
    Category.DISABLED,
)
"""Categories an agency may ask about: those that a decision of entitlement stands behind."""

Programme: Any = Enum("Programme", [(p.name, p.value) for p in PROGRAMMES])  # type: ignore[misc]
strawberry.enum(Programme, description="Programme of assistance an agency may ask about — 救助项目")
label_values(Programme, {p.name: p for p in PROGRAMMES})


@strawberry.enum(description="What is known of a person and a programme on a day — 核验结论")
class EligibilityAnswer(Enum):
    YES = strawberry.enum_value(
        Answer.YES.value, description="In the programme that day, by sources as new as promised — 享受"
    )
    NO = strawberry.enum_value(
        Answer.NO.value,
        description="Not known as in it, where all sources of the division are as new as promised — 未享受",
    )
    UNKNOWN = strawberry.enum_value(
        Answer.UNKNOWN.value,
        description="No YES, and in part of the division no source tells of the programme — 无从判断",
    )
    STALE = strawberry.enum_value(
        Answer.STALE.value,
        description="No YES, and in part of the division sources are older than promised — 数据已过时效",
    )


@strawberry.input(
    one_of=True, description="A person, by the identity number or by a token of it — 人员，身份证号或人员令牌"
)
class PersonInput:
    id_number: str | None = strawberry.field(
        default=strawberry.UNSET, description="Identity number — 身份证号"
    )
    token: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Made of the number with this client's key, so numbers need not travel — 人员令牌",
    )


@strawberry.type(description="Whether a person is entitled on a day, and nothing else — 救助资格核验结果")
class Eligibility:
    answer: EligibilityAnswer = strawberry.field(description="What is known — 核验结论")
    as_of: dt.datetime | None = strawberry.field(
        description="The oldest of what it rests on; null where nobody tells — 数据截至时间"
    )
    valid_until: dt.datetime | None = strawberry.field(
        description="Until when sources promise to be as new as that — 有效期至"
    )
    programme: Programme = strawberry.field(description="Programme asked about — 救助项目")
    on: dt.date = strawberry.field(description="Day asked about — 核验日期")


@strawberry.type(description="A person of a list whom nothing can be said of — 未予核验的人员")
class RefusedPerson:
    index: int = strawberry.field(description="Place in the list, from 0 — 序号，自 0 起")
    code: str = strawberry.field(description="Why, for programs: `ID_CHECKSUM`, `BAD_TOKEN` … — 原因代码")
    expected: str = strawberry.field(description="What was expected — 应为何值（英文）")
    expected_zh: str = strawberry.field(description="The same in Chinese — 应为何值")


@strawberry.type(description="Answers about many persons — 批量核验结果")
class Eligibilities:
    items: list[Eligibility | None] = strawberry.field(
        description="In the order of the persons; null for who is refused — 逐人结果，未予核验者为空"
    )
    refused: list[RefusedPerson] = strawberry.field(description="Who is refused, and why — 未予核验的人员")


_Programme = Annotated[Programme, strawberry.argument(description="Programme — 救助项目")]
_On = Annotated[dt.date | None, strawberry.argument(description="Day; today in China if absent — 核验日期")]


def _one(
    person: Annotated[PersonInput, strawberry.argument(description="Who — 人员")],
    programme: _Programme,
    on: _On = None,
) -> Eligibility:
    raise NotImplementedError


def _many(
    persons: Annotated[list[PersonInput], strawberry.argument(description=f"Who, {MOST} at most — 人员")],
    programme: _Programme,
    on: _On = None,
) -> Eligibilities:
    raise NotImplementedError


def eligibility() -> Any:
    return strawberry.field(
        resolver=_one,
        description=bind.described(
            "Is the person entitled under the programme on the day (today if absent)? One of four answers",
            "该人员在指定日期（缺省为当日）是否享受该救助项目，四种结论之一",
        ),
        metadata={BINDING: bind.RootEligibility(many=False)},
    )


def eligibilities() -> Any:
    return strawberry.field(
        resolver=_many,
        description=bind.described(
            "The same of many persons; who comes again counts once",
            "批量核验，重复人员只计一次",
        ),
        metadata={BINDING: bind.RootEligibility(many=True)},
    )
