"""``catalogues``: which services documents list, region by region, and what they have in common.

Like ``rules`` they are data of the package and of no person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from graphql_schema.norms import RuleBasis, basis_of, labelled, place
from hub.domain.catalogues import CATALOGUES, Catalogue, Item, counterparts
from hub.domain.vocabulary import ServiceField
from hub.read import cost
from hub.read.beside import Asks
from hub.read.bind import described

TOLD_WITH_COUNTERPARTS: Final = Asks(units=2 * cost.TOLD)


@strawberry.type(description="A domain of another catalogue with a field in common — 其他清单的对应领域")
class CatalogueCounterpart:
    catalogue: str = labelled("Code of the other catalogue", "清单代号")
    version: str = labelled("Its version", "清单版本")
    number: str = labelled("Number of the domain", "领域编号")
    name: str = labelled("Its name", "领域名称")


@strawberry.type(description="Service, or domain of services, of a catalogue — 服务清单条目")
class CatalogueItem:
    number: str = labelled("Number, as GX-1.2", "条目号")
    name: str = labelled("In the words of the document", "名称")
    name_en: str = labelled("In English", "英文名称")
    is_other: bool = labelled("The open item of its domain (R150)", "是否其他委托事项")
    fields: list[ServiceField] = labelled(
        "Fields of civil affairs it is about, as the hub reads it", "所属服务领域（系统归类）"
    )
    items: list[CatalogueItem] = labelled("What it consists of; none for a single service", "下级条目")
    counterparts: list[CatalogueCounterpart] = labelled(
        "Domains of other catalogues, of any region and day, with a field in common", "其他清单中同领域的条目"
    )


@strawberry.type(description="Catalogue of services that may be bought through a station — 服务清单")
class ServiceCatalogue:
    code: str = labelled("Code: GX, GX-FIELDS, XM, JJ, NX, QX, QX-CONTENT", "清单代号")
    version: str = labelled("Year of the list; an adjusted list is another version", "版本")
    title: str = labelled("What its document calls it", "标题")
    title_en: str = labelled("In English", "英文标题")
    effective_from: dt.date = labelled("First day of this version", "起始日期")
    effective_to: dt.date | None = labelled("Its last day; null while there is none", "终止日期")
    follows: str | None = labelled(
        "Guidance catalogue it is made from; adjusted with it (R95)", "所依据的政府购买服务指导目录"
    )
    rule: str = labelled("Key of the rule it belongs to", "规则编号")
    basis: RuleBasis = labelled("Where it stands", "依据")
    items: list[CatalogueItem] = labelled("Its domains", "服务领域")


def catalogues(
    info: Info[Any, Any],
    jurisdiction: Annotated[
        str | None,
        strawberry.argument(
            description=described("Code of a division; everywhere if absent", "区划代码，缺省为各地")
        ),
    ] = None,
    at: Annotated[
        dt.date | None,
        strawberry.argument(description=described("Day; today in China if absent", "日期，缺省为当日")),
    ] = None,
    code: Annotated[
        list[str] | None, strawberry.argument(description=described("With these codes only", "清单代号"))
    ] = None,
) -> list[ServiceCatalogue]:
    """Those in force, region by region."""
    on = at or info.context.today
    here = None if jurisdiction is None else place(jurisdiction, on)
    return [
        shown
        for catalogue, shown in zip(CATALOGUES, _shown(), strict=True)
        if (code is None or catalogue.code in code)
        and catalogue.binds(here or catalogue.rule.document.jurisdiction, on)
    ]


@cache
def _shown() -> Sequence[ServiceCatalogue]:
    return [
        ServiceCatalogue(
            code=catalogue.code,
            version=catalogue.version,
            title=catalogue.title,
            title_en=catalogue.title_en,
            effective_from=catalogue.effective_from,
            effective_to=catalogue.effective_to,
            follows=catalogue.follows,
            rule=catalogue.rule.key,
            basis=basis_of(catalogue.rule),
            items=[_item(catalogue, item) for item in catalogue.items],
        )
        for catalogue in CATALOGUES
    ]


def _item(catalogue: Catalogue, item: Item) -> CatalogueItem:
    return CatalogueItem(
        number=item.number,
        name=item.name,
        name_en=item.name_en,
        is_other=item.is_other,
        fields=list(item.fields),
        items=[_item(catalogue, each) for each in item.items],
        counterparts=[
            CatalogueCounterpart(
                catalogue=other.code, version=other.version, number=domain.number, name=domain.name
            )
            for other, domain in counterparts(catalogue, item)
        ],
    )
