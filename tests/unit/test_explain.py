"""Why a kind of record or a field is shown: said as the audience schemas have it, for any capability."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from graphql import GraphQLObjectType

from graphql_schema.list_access import LISTS
from graphql_schema.schema import Query
from graphql_schema.why import fields_of, why_field
from hub.access.explain import RULES, why_contract, why_group, why_rows, why_table
from hub.access.purposes import Granted, Purpose
from hub.access.reasons import AccessReason, Because
from hub.access.rights import Rights
from hub.access.scopes import SUPPORTED, atoms
from hub.access.slices import SLICES
from hub.access.viewer import Viewer
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import BINDING, TYPES
from hub.store.roles import ROLE_OF, ROLES
from tests.support.reading import BUREAU, CONTRACTOR, QIXING, schema, viewer

DAY = dt.date(2026, 6, 15)


def rights(
    who: Viewer, granted: tuple[str, ...] = SUPPORTED, held: tuple[str, ...] | None = None, live: int = 1
) -> Rights:
    own = None if held is None else atoms(held)
    return Rights(who, atoms(granted), own, "桂林市七星区", DAY, frozenset({live} if live else ()))


def capabilities() -> Iterator[Viewer]:
    """Every role with every scope, with none, and with some at random; and with no purpose."""
    rng = random.Random(20)
    for role in ROLES:
        place: tuple[str | None, int | None] = (None, 1) if role == "contractor" else (QIXING, None)
        for scopes in (SUPPORTED, (), *([s for s in SUPPORTED if rng.random() < 0.6] for _ in range(6))):
            yield viewer(role, *place, scopes)
        yield viewer(role, *place, SUPPORTED, opened=())


@pytest.mark.parametrize("who", list(capabilities()), ids=lambda who: who.role)
def test_what_is_said_to_be_shown_is_what_the_schema_has(who: Viewer) -> None:
    made = schema(who)
    for name, bound_type in TYPES.items():
        said = {
            field
            for field, made_of in fields_of(bound_type).items()
            if why_field(rights(who), bound_type, made_of).shows
        }
        there = made.type_map.get(name)
        assert said == (set(there.fields) if isinstance(there, GraphQLObjectType) else set()), name
        assert why_table(rights(who), bound_type.table.name).shows is bool(said)


@pytest.mark.parametrize("who", list(capabilities()), ids=lambda who: who.role)
def test_the_lists_to_explain_are_those_the_schema_has(who: Viewer) -> None:
    made = schema(who)
    query = made.query_type.fields  # type: ignore[union-attr]
    lists = {camel(name) for name in LISTS} & set(query)
    there = made.type_map.get("ListToExplain")
    assert lists == (set(there.fields) if there else set())  # type: ignore[attr-defined]
    assert ("explainList" in query) is bool(lists)


def test_every_list_can_be_explained() -> None:
    definition = Query.__strawberry_definition__  # type: ignore[attr-defined]
    bindings = {f.python_name: f.metadata.get(BINDING) for f in definition.fields}
    listed = {n: b.target for n, b in bindings.items() if isinstance(b, bind.RootMany)}
    parts = {n for n, b in bindings.items() if isinstance(b, bind.RootMany) and b.only}
    assert parts == {"due_visits", "overdue"}
    assert {n: target for n, target in listed.items() if n not in parts} == LISTS


def test_every_table_that_is_read_has_its_rule_in_words() -> None:
    tables = {bound_type.table.name for bound_type in TYPES.values()}
    for reader, slices in SLICES.items():
        role = ROLE_OF[reader]
        read = {name for name, slice_ in slices.items() if name in tables and slice_.under is None}
        assert set(RULES[role]) == read
        assert all(
            (RULES[role][name] is AccessReason.ALL_ROWS) is (not SLICES[role][name].rows) for name in read
        )


def test_a_sentence_names_what_it_has() -> None:
    full = Because(
        AccessReason.PUBLIC,
        "station",
        "station.rs",
        "care",
        ("bureau", "民政部门"),
        "D",
        "2026-06-15",
        ("p",),
    )
    for reason in AccessReason:
        because = dataclasses.replace(full, reason=reason)
        names = [{n for _, n, _, _ in Formatter().parse(text) if n} for text in (reason.en, reason.zh)]
        assert names[0] == names[1], reason
        assert because.en.endswith(".")
        assert because.zh.endswith("。")
        assert len({r.en for r in AccessReason}) == len(AccessReason)


def test_a_missing_scope_says_who_did_not_give_it() -> None:
    who = viewer("bureau", QIXING, scopes=["beneficiary.rs"])
    group: Any = "care"
    said = [
        why_group(rights(who), "beneficiary", group),
        why_group(rights(who, granted=("beneficiary.rs",)), "beneficiary", group),
        why_group(rights(who, held=("beneficiary.rs",)), "beneficiary", group),
        why_group(rights(who, held=SUPPORTED), "beneficiary", group),
    ]
    assert [because.reason.name for because in said] == [
        "SCOPE_NOT_IN_TOKEN", "SCOPE_NOT_GRANTED", "USER_LACKS_SCOPE", "SCOPE_NOT_IN_TOKEN",
    ]  # fmt: skip
    assert {because.scope for because in said} == {"field:care"}
    assert said[1].en == "The registration of the client does not grant the scope field:care."


def test_half_of_a_scope_opens_nothing_and_the_whole_is_named() -> None:
    because = why_table(rights(viewer("bureau", QIXING, scopes=["visit.r"])), "visit")
    assert (because.reason, because.scope) == (AccessReason.SCOPE_NOT_IN_TOKEN, "visit.rs")


def test_a_group_that_only_a_purpose_opens_names_those_that_would() -> None:
    who = viewer("contractor", None, 1, opened=())
    because = why_group(rights(who), "beneficiary", "minor")
    assert (because.reason, because.purposes) == (AccessReason.NO_PURPOSE_OPENS, ())
    some = [
        Purpose("relief", "救助", "Relief"),
        *(Purpose(code, "儿童", "Children", opens=frozenset({"minor"})) for code in ("care", "school")),
    ]
    because = why_group(
        rights(dataclasses.replace(who, granted=Granted(tuple(some)))), "beneficiary", "minor"
    )
    assert (because.reason, because.purposes) == (AccessReason.PURPOSE_NEEDED, ("care", "school"))
    assert because.en.endswith("that opens it too: care, school.")
    assert because.zh.endswith("用途：care、school。")
    assert why_group(rights(CONTRACTOR), "beneficiary", "minor").shows


def test_what_a_role_never_sees_is_no_matter_of_scopes() -> None:
    assert why_group(rights(CONTRACTOR), "beneficiary", "credential").reason is AccessReason.NOT_FOR_ROLE
    agency = viewer("agency", QIXING, scopes=SUPPORTED)
    assert why_table(rights(agency), "beneficiary").reason is AccessReason.ONLY_ASKED
    assert why_table(rights(agency), "visit").zh == "角色“其他部门”不可见此项。"


@pytest.mark.parametrize(
    ("number", "days", "reason"),
    [
        (7, ("2026-01-01", "2026-12-31"), "CONTRACT_LIVE"),
        (8, ("2026-06-16", "2026-12-31"), "CONTRACT_NOT_BEGUN"),
        (8, ("2026-01-01", "2026-06-14"), "CONTRACT_ENDED"),
        (8, ("2026-01-01", "2026-12-31"), "CONTRACT_STATUS"),
    ],
)
def test_a_contract_says_why_it_gives_access(number: int, days: tuple[str, str], reason: str) -> None:
    assert why_contract(rights(CONTRACTOR, live=7), number, *days).reason.name == reason


@pytest.mark.parametrize(("live", "reasons"), [(1, ["ASSIGNED"]), (0, ["ASSIGNED", "NO_LIVE_CONTRACT"])])
def test_who_holds_no_contract_is_told_so(live: int, reasons: list[str]) -> None:
    said = why_rows(rights(CONTRACTOR, live=live), "beneficiary")
    assert [because.reason.name for because in said] == reasons
    assert [because.reason.name for because in why_rows(rights(CONTRACTOR, live=0), "contract")] == [
        "OWN_CONTRACT"
    ]


def test_who_may_not_see_children_is_told_so_and_what_it_takes() -> None:
    who = viewer("bureau", QIXING, scopes=[scope for scope in SUPPORTED if scope != "field:minor"])
    _, children = why_rows(rights(who), "beneficiary")
    assert (children.reason, children.scope) == (AccessReason.NO_YOUNGER_CHILDREN, "field:minor")
    assert [b.reason.name for b in why_rows(rights(who), "station")] == ["IN_DIVISION"]
    refused = why_group(rights(who), "quarantined_row", "credential")
    assert (refused.reason, refused.scope) == (AccessReason.SCOPE_NOT_IN_TOKEN, "field:minor")
    assert [b.reason.name for b in why_rows(rights(BUREAU), "beneficiary")] == ["IN_DIVISION"]
