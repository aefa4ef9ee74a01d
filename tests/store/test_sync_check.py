"""One row: what it says, what of it a record key shows, and when a mapping counts as another one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.store.vault import Vault
from hub.sync.check import ListCheck, Statement
from hub.sync.connector import Constant, Context, From, ListMapping, Refusal, Row, Spread, Target
from hub.sync.layout import fingerprint, lay_out
from tests.store.sync_source import (
    CONTRACTOR,
    CONTRACTORS,
    COUNTY,
    DIBAO,
    ELDER,
    FILED,
    KEY,
    STATION,
    TODAY,
    dibao,
    elder,
    person,
    text,
)

VAULT = Vault(KEY)
CONTEXT = Context(COUNTY, TODAY, VAULT.blind)


def read(mapping: ListMapping, values: dict[str, Any]) -> tuple[list[list[Statement]], list[Refusal]]:
    return ListCheck(lay_out(mapping, 0), VAULT).read(Row("f", "s", 2, values, {}), CONTEXT)


def keys(mapping: ListMapping, values: dict[str, Any]) -> list[str]:
    statements, refusals = read(mapping, values)
    assert refusals == []
    return [s.record_key for target in statements for s in target]


def household(key: tuple[str | From, ...]) -> ListMapping:
    return replace(DIBAO, targets=[replace(DIBAO.targets[0], key=key)])


def test_a_record_key_shows_what_is_public_and_hides_the_rest() -> None:
    (contractor,) = keys(CONTRACTOR, CONTRACTORS[0])
    assert contractor == "contractor:A1"
    house, member, membership = keys(DIBAO, dibao(1, "H7"))
    assert person(1) not in "".join((house, member, membership))
    assert len({house, member, membership}) == 3


def test_a_record_key_of_people_does_not_tell_the_list() -> None:
    """Who may not see what somebody is must not see it in the key either."""
    kinds = {"dibao": keys(DIBAO, dibao(1)), "filed": keys(FILED, {"档案编号": "F1", "姓名": "甲"})}
    for kind, found in kinds.items():
        for key in found:
            table, hidden = key.split(":")
            assert table in {"household", "beneficiary", "category_membership"}
            assert len(hidden) == 32
            assert kind not in key
    listed = dibao(1) | {"类别": "ELDER"}
    assert not set(keys(DIBAO, listed)) & set(keys(ELDER, listed)), "yet each list has keys of its own"
    other = ListCheck(lay_out(FILED, 0), Vault(bytes(32)))
    context = Context(CONTEXT.county_code, CONTEXT.today, Vault(bytes(32)).blind)
    statements, _ = other.read(Row("f", "s", 1, {"档案编号": "F1", "姓名": "甲"}, {}), context)
    assert statements[0][0].record_key != kinds["filed"][0], "a key of what is known elsewhere is keyed"


def test_a_household_numbered_by_an_identity_number_is_hidden_too() -> None:
    (key,) = keys(household(("household_number",)), dibao(1, person(2)))
    assert person(2) not in key
    assert key != keys(household(("household_number",)), dibao(1, person(3)))[0]


def test_a_record_key_takes_a_parsed_cell() -> None:
    mapping = household(("household_number", From("身份证号", lambda v, c: c.blind(v.strip()))))
    spaced = dibao(1) | {"身份证号": f" {person(1)} "}
    assert keys(mapping, dibao(1)) == keys(mapping, spaced) != keys(mapping, dibao(2))
    assert keys(household(("household_number", "身份证号")), spaced) != keys(
        household(("household_number", "身份证号")), dibao(1)
    )


def test_a_key_of_nothing_is_no_key() -> None:
    """Every row would be the same record, and the last one would stand for all."""
    with pytest.raises(ConfigurationError, match="same key"):
        lay_out(household(("household_no",)), 0)


def test_a_key_of_cells_alone_needs_every_one() -> None:
    """Rows without it would all be one record."""
    target = replace(CONTRACTOR.targets[0], key=("编号", From("批次", text)))
    mapping = replace(CONTRACTOR, required=(*CONTRACTOR.required, "编号"), targets=[target])
    assert keys(mapping, {**CONTRACTORS[0], "编号": "1", "批次": "2"})
    statements, refusals = read(mapping, {**CONTRACTORS[0], "编号": " "})
    assert [(one.code, one.header) for one in refusals] == [("REQUIRED", "编号"), ("REQUIRED", "批次")]
    assert statements == [[]]


def test_each_value_of_a_list_is_a_statement() -> None:
    statements, _ = read(ELDER, elder(1, 类别="ELDER、DISABLED、ELDER"))
    place = lay_out(ELDER, 0)[1].direct.index("category")
    assert [s.values[place] for s in statements[1]] == ["ELDER", "DISABLED"]
    assert len({s.record_key for s in statements[1]}) == 2


def test_a_cell_is_parsed_once_however_many_columns_need_it() -> None:
    seen: list[Any] = []

    def counted(value: Any, _: Context) -> str:
        seen.append(value)
        return str(value)

    columns = dict.fromkeys(("division_code", "address"), From("区划代码", counted))
    target = Target("household", {**columns, "household_number": Constant("1")}, ("household_number",),
                    (("household_number",),))  # fmt: skip
    read(ListMapping("x", (), [target, target]), {"区划代码": "450305001001"})
    assert seen == ["450305001001"]


@pytest.mark.parametrize(
    ("own", "prevails", "wins"),
    [("own", frozenset(), "own"), (None, frozenset(), "spread"), ("own", frozenset({"address"}), "spread")],
)
def test_who_prevails(own: str | None, prevails: frozenset[str], wins: str) -> None:
    target = replace(
        STATION.targets[0],
        columns={**STATION.targets[0].columns, "address": From("地址", text)},
        spreads=(Spread("名称", lambda _, __: {"address": "spread"}, prevails=prevails),),
    )
    values = {"区划代码": "450305001000", "名称": "站"} | ({"地址": own} if own else {})
    statements, refusals = read(replace(STATION, targets=[target]), values)
    assert refusals == []
    assert wins in statements[0][0].values


@pytest.mark.parametrize("value", [True, 3.5, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "3", 32_768])
def test_a_value_the_column_cannot_hold_is_refused(value: Any) -> None:
    columns = {**DIBAO.targets[0].columns, "registered_member_count": From("家庭人口", lambda v, _: v)}
    mapping = replace(DIBAO, targets=[replace(DIBAO.targets[0], columns=columns)])
    _, refusals = read(mapping, dibao(1, 家庭人口=value))
    assert [r.code for r in refusals] == ["VALUE_UNSUITABLE"]


def test_an_empty_cell_that_is_refused_already_is_not_also_missing() -> None:
    _, refusals = read(DIBAO, dibao(1, 身份证号="1", 起始日期="?"))
    assert sorted(r.code for r in refusals) == ["DATE_UNREADABLE", "ID_LENGTH"]


def test_a_mapping_is_another_one_when_its_version_or_shape_changes() -> None:
    first = DIBAO.targets[0]
    changed = [
        replace(DIBAO, version=2),
        replace(DIBAO, precedence=4),
        household(("household_number",)),
        replace(DIBAO, targets=[replace(first, columns={**first.columns, "address": From("地址", text)})]),
    ]
    prints = {fingerprint(DIBAO), *map(fingerprint, changed)}
    assert len(prints) == 5
    assert fingerprint(replace(DIBAO)) in prints


@pytest.mark.parametrize(
    "target",
    [
        Target("division", {}, ()),
        replace(STATION.targets[0], match=()),
        replace(STATION.targets[0], match=(("name",),)),
        replace(STATION.targets[0], columns={"colour": Constant("red")}),
        replace(DIBAO.targets[2], match=(("category",),)),
    ],
)
def test_a_mapping_that_does_not_fit_the_tables_is_told_at_once(target: Target) -> None:
    with pytest.raises(ConfigurationError):
        lay_out(ListMapping("x", (), [target]), 0)
