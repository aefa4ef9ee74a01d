"""What the roster connector declares fits the lists, the tables and its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.lists.mapping import LISTS
from connectors.roster import headers
from connectors.roster.headers import KINDS, SYNONYMS, all_keys, columns_of, keys, kinds_named
from hub.sync.connector import From, Link, Reference, Spread, Target
from tests.connectors.roster_rows import (
    CERTIFICATE,
    CONTEXT,
    LAYOUTS,
    NUMBER,
)

# --- declarations ------------------------------------------------------------------------------


def _headers(target: Target) -> set[str]:
    """Every header a target reads."""
    found = {c.header for c in target.columns.values() if isinstance(c, From)}
    found |= {s.header for s in target.spreads} | {link.header for link in target.links}
    found |= {check.header for check in target.checks} | {
        key.header if isinstance(key, From) else key for key in target.key
    }
    references = [*target.references.values(), *(link.reference for link in target.links)]
    found |= {source.header for r in references for by in r.by for source in by.values()}
    return (
        found
        | ({target.when} if target.when else set())
        | ({target.each[1].header} if target.each else set())
    )


SHOWN_ONLY = {"乡镇（街道）", "承接机构名称", "救助金额（元）"}
"""Columns of the lists that no table has; they help the reader of a quarantined row."""


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_mapping_reads_what_the_list_has(kind: str) -> None:
    known = set(KINDS[kind].headers)
    read_ = {header for target in LISTS[kind].targets for header in _headers(target) if not header.isascii()}
    optional = {"档案编号"}  # read wherever it stands, announced only in some lists
    assert read_ - known <= optional
    assert known - read_ <= SHOWN_ONLY | {"姓名"}
    assert set(LISTS[kind].required) <= known


def test_lists_stand_in_the_order_of_their_references() -> None:
    assert list(LISTS) == list(KINDS)


def test_no_synonym_stands_for_two_columns_of_a_list() -> None:
    for kind, about in KINDS.items():
        words = {h: {keys(w)[-1] for w in (h, *SYNONYMS.get(h, ()))} for h in about.headers}
        for header, own in words.items():
            for other, theirs in words.items():
                assert header == other or not own & theirs, (kind, header, other, own & theirs)


def test_every_synonym_is_of_a_column_and_units_are_no_synonyms() -> None:
    assert {h for about in KINDS.values() for h in about.headers} >= set(SYNONYMS)
    assert "合同金额(万元)" not in all_keys()
    assert not [key for key in keys("合同金额（万元）") if key in all_keys()]
    assert columns_of("contract")[keys("合同金额(元)")[0]] == "合同金额（元）"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("七星区2026年城乡低保对象名单", "dibao"),
        ("朝阳乡最低生活保障人员花名册", "dibao"),
        ("七星区民政服务站驻站人员名单", "personnel"),
        ("民政服务站一览表", "station"),
        ("特困老年人名单", "elder"),
        ("残疾儿童名单", "child"),
        ("老年人探访台账", "visit"),
        ("低保家庭儿童名单", "child"),
        ("七星区服务对象分派表", "assignment"),
    ],
)
def test_titles(title: str, kind: str) -> None:
    assert next(kinds_named(title)) == kind


def test_a_title_that_names_no_list() -> None:
    assert list(kinds_named("低保边缘家庭名单")) == []


def test_the_readme_has_every_column() -> None:
    text = (Path(headers.__file__).parent / "README.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    table = {row[0].split("`")[1]: row[1].split("、") for row in rows}
    for kind, about in KINDS.items():
        assert [header.strip("*") for header in table[kind]] == list(about.headers), kind
        assert {h.strip("*") for h in table[kind] if h.startswith("**")} == set(LISTS[kind].required), kind


def test_references_point_at_unique_columns() -> None:
    """A reference that could find two rows would be a matter of chance."""
    allowed = {
        "contractor": {("credit_code",)},
        "station": {("division_code",)},
        "contract": {("number",)},
        "personnel": {("staff_number",)},
        "household": {("household_number",)},
        "beneficiary": {("id_number_hash",), ("file_number",)},
    }

    def references(target: Target) -> list[Reference]:
        links: list[Link] = list(target.links)
        return [*target.references.values(), *(link.reference for link in links)]

    for mapping in LISTS.values():
        for target in mapping.targets:
            for reference in references(target):
                for by in reference.by:
                    assert tuple(by) in allowed[reference.table], (mapping.kind, target.table)


def test_spreads_fill_columns_of_their_table() -> None:
    for kind, layouts in LAYOUTS.items():
        for layout in layouts:
            spreads: list[Spread] = list(layout.target.spreads)
            for spread in spreads:
                sample = {"姓名": "张三", "身份证号": NUMBER, "残疾人证号": CERTIFICATE}.get(
                    spread.header, "壹元"
                )
                assert set(spread.parse(sample, CONTEXT) or ()) <= set(layout.direct), (kind, spread.header)
