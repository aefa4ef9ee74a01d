"""The catalogues of services: every item in the words of its document, and what they have in common."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator

import pytest

from hub.domain.catalogues import CATALOGUES, Catalogue, Item, counterparts
from hub.domain.norms import source_text
from hub.domain.vocabulary import ServiceField

BY_CODE = {catalogue.code: catalogue for catalogue in CATALOGUES}


def services(catalogue: Catalogue) -> Iterator[Item]:
    """Those that consist of nothing smaller, in the order of the document."""
    return (item for item, _ in catalogue.with_parents() if not item.items)


def text_of(catalogue: Catalogue) -> str:
    return re.sub(r"\s", "", source_text(catalogue.rule.document.code))


@pytest.mark.parametrize(
    ("code", "domains", "count"),
    [
        ("GX", 7, 51),
        ("GX-FIELDS", 9, 9),
        ("XM", 11, 11),
        ("JJ", 5, 29),
        ("NX", 4, 30),
        ("QX-CONTENT", 4, 4),
        ("QX", 10, 34),
    ],
)
def test_how_many_domains_and_services(code: str, domains: int, count: int) -> None:
    catalogue = BY_CODE[code]
    assert (len(catalogue.items), len(list(services(catalogue)))) == (domains, count)
    numbers = [item.number for item, _ in catalogue.with_parents()]
    assert len(set(numbers)) == len(numbers)


def test_no_other_catalogue_is_there() -> None:
    assert len(BY_CODE) == len(CATALOGUES) == 7


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=BY_CODE)
def test_services_stand_in_the_document_in_this_order(catalogue: Catalogue) -> None:
    text, at = text_of(catalogue), 0
    for item in services(catalogue):
        at = text.find(re.sub(r"\s", "", item.name), at)
        assert at >= 0, item.number
    for domain in catalogue.items:
        assert re.sub(r"\s", "", domain.name) in text
    assert re.sub(r"\s", "", catalogue.title) in text
    assert catalogue.follows is None or catalogue.follows in text


def test_the_annex_of_guangxi_is_split_at_its_commas_and_nothing_is_left_out() -> None:
    """Its seven cells, word for word."""
    cells = re.findall(r"^\d\t(.+?)\t(.+?)\t", source_text("GX"), re.M)
    assert cells == [
        (domain.name, "，".join(item.name for item in domain.items) + "。") for domain in BY_CODE["GX"].items
    ]


@pytest.mark.parametrize("code", ["GX-FIELDS", "XM"])
def test_lists_within_a_sentence_are_whole(code: str) -> None:
    catalogue = BY_CODE[code]
    listed = "、".join(item.name for item in catalogue.items)
    assert any(listed in quote for quote in catalogue.rule.quotes)


def test_every_domain_of_guangxi_ends_with_an_open_item() -> None:
    """R150; so do the elderly of Qixing."""
    for domain in BY_CODE["GX"].items:
        assert [item.is_other for item in domain.items] == [False] * (len(domain.items) - 1) + [True]
        assert domain.items[-1].name.startswith("民政系统委托的其他")
    assert BY_CODE["QX"].items[2].items[-1].is_other


def test_fields_and_domains_of_guangxi_are_mapped() -> None:
    """A20: disabled people stand in the annex only, and ageing, children, social affairs are fields only."""
    fields, annex = BY_CODE["GX-FIELDS"], BY_CODE["GX"]
    mapped = {
        field.name: [domain.number for other, domain in counterparts(fields, field) if other is annex]
        for field in fields.items
    }
    assert mapped == {
        "社会救助": ["GX-1"],
        "养老服务": ["GX-2", "GX-3"],
        "老龄工作": ["GX-3"],
        "儿童福利": ["GX-1", "GX-2"],
        "区划地名": ["GX-5"],
        "社会组织管理": ["GX-6"],
        "社会事务": ["GX-1", "GX-2"],
        "慈善事业": ["GX-7"],
        "政策法规宣传": ["GX-1", "GX-2", "GX-3", "GX-6"],
    }
    assert "GX-4" not in {number for found in mapped.values() for number in found}
    burial = next(item for item in services(annex) if item.name == "生态安葬相关辅助服务")
    assert [domain.number for other, domain in counterparts(annex, burial) if other.code == "XM"] == ["XM-9"]


def test_a_mapping_is_the_same_from_both_sides() -> None:
    pairs = {
        (catalogue.code, domain.number, other.code, theirs.number)
        for catalogue in CATALOGUES
        for domain in catalogue.items
        for other, theirs in counterparts(catalogue, domain)
    }
    assert len(pairs) > 100
    assert {(c, d, a, b) for a, b, c, d in pairs} == pairs
    used = {field for catalogue in CATALOGUES for item in catalogue.items for field in item.fields}
    assert used == set(ServiceField)


def test_an_adjusted_list_is_another_version_with_days_of_its_own() -> None:
    """R95: within the days of the document, which does not change."""
    first = dataclasses.replace(BY_CODE["GX"], effective_to=dt.date(2027, 6, 30))
    then = dataclasses.replace(first, version="2027", effective_from=dt.date(2027, 7, 1), effective_to=None)
    days = {dt.date(2025, 2, 12): [], dt.date(2025, 2, 13): ["2021"], dt.date(2027, 6, 30): ["2021"],
            dt.date(2027, 7, 1): ["2027"], dt.date(2031, 1, 1): ["2027"]}  # fmt: skip
    for day, versions in days.items():
        assert [each.version for each in (first, then) if each.binds("450305001000", day)] == versions
    assert not then.binds("350203001000", dt.date(2028, 1, 1))
    assert (BY_CODE["JJ"].effective_from, BY_CODE["JJ"].effective_to) == (
        dt.date(2024, 1, 1),
        dt.date(2024, 12, 31),
    )
