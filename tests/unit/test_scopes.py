"""The scope grammar, and what the default scopes of each role open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.scopes import (
    DEFAULT_SCOPES,
    FIELDS,
    RESOURCES,
    SUPPORTED,
    atoms,
    compact,
    describe,
    groups_of,
    parse,
    resources_of,
)
from hub.access.slices import SLICES, resource_of
from hub.access.viewer import Capability, make_viewer
from hub.errors import BadArgument
from hub.store.roles import ROLES
from hub.tables import GROUPS

ATOMS = sorted(atoms(SUPPORTED))


def test_a_resource_scope_is_one_atom_per_operation() -> None:
    assert parse("beneficiary.rs field:care") == {"beneficiary.r", "beneficiary.s", "field:care"}


def test_no_text_is_no_scope() -> None:
    assert parse("") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "beneficiary",
        "beneficiary.",
        "beneficiary.sr",
        "beneficiary.rr",
        "beneficiary.c",
        "beneficiary.rsx",
        "status.s",
        "person.rs",
        "Beneficiary.rs",
        "beneficiary.rs ",
        " beneficiary.rs",
        "beneficiary.rs  visit.rs",
        "beneficiary.rs\tvisit.rs",
        "beneficiary.rs\n",
        "field:",
        "field:public",
        "field:internal",
        "field:identity|contact",
        "field:Identity",
        "*",
        "beneficiary.*",
        "受益人.rs",
    ],
)
def test_what_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parse(text)
    assert "beneficiary.rs" in refused.value.message


@given(st.sets(st.sampled_from(ATOMS)))
def test_compact_writes_what_parse_reads(held: set[str]) -> None:
    assert parse(compact(held)) == held


@given(st.sets(st.sampled_from(ATOMS)), st.sets(st.sampled_from(ATOMS)))
def test_fewer_scopes_never_open_more(one: set[str], other: set[str]) -> None:
    both = one & other
    assert groups_of(both) <= groups_of(one)
    assert resources_of(both) <= resources_of(one)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz.:crudsx ", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        held = parse(text)
    except BadArgument:
        return
    assert held <= set(ATOMS)


def test_groups_always_hold_public_and_never_internal() -> None:
    assert groups_of([]) == {"public"}
    assert groups_of(SUPPORTED) == set(GROUPS) - {"internal"}


def test_a_resource_opens_only_with_all_its_reading_operations() -> None:
    assert resources_of(["beneficiary.r", "visit.s", "station.rs"]) == {"station"}
    assert resources_of(["status.r"]) == {"status"}


def test_every_scope_has_a_sentence_in_both_languages() -> None:
    sentences = [describe(scope) for scope in (*SUPPORTED, *ATOMS)]
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in sentences)
    assert len(set(sentences)) == len({*SUPPORTED, *ATOMS})
    assert describe("beneficiary.rs") == ("读取、检索服务对象。", "Read and search beneficiaries.")


def test_a_sentence_needs_a_scope_that_exists() -> None:
    with pytest.raises(BadArgument):
        describe("field:internal")


def test_every_role_has_default_scopes_that_exist() -> None:
    assert set(DEFAULT_SCOPES) == set(ROLES)
    assert all(compact(scopes) == " ".join(scopes) for scopes in DEFAULT_SCOPES.values())


def test_every_sliced_table_belongs_to_a_resource() -> None:
    assert {resource_of(table) for slices in SLICES.values() for table in slices} <= set(RESOURCES)


def test_only_the_bureau_gets_full_identity_numbers_by_default() -> None:
    assert [role for role in ROLES if "credential" in groups_of(DEFAULT_SCOPES[role])] == ["bureau"]


@pytest.mark.parametrize("role", ["agency", "operator"])
def test_agency_and_operator_get_no_personal_data_by_default(role: str) -> None:
    assert groups_of(DEFAULT_SCOPES[role]) == {"public"}
    personal = {"beneficiary", "household", "personnel", "visit", "assignment", "quarantine"}
    assert not resources_of(DEFAULT_SCOPES[role]) & personal


def test_viewers_of_equal_rights_share_one_capability() -> None:
    one, other = (
        make_viewer(client, "township", parse("beneficiary.rs field:care"), division_code=code)
        for client, code in (("town-a", "450305001000"), ("town-b", "450305002000"))
    )
    assert one.capability == other.capability
    assert hash(one.capability) == hash(other.capability)
    assert one.capability == Capability("township", frozenset({"public", "care"}), frozenset({"beneficiary"}))


def test_a_viewer_with_fewer_rights_has_another_capability() -> None:
    wide = make_viewer("c", "bureau", atoms(SUPPORTED))
    narrow = make_viewer("c", "bureau", atoms(SUPPORTED) - {"field:credential"})
    assert wide.capability != narrow.capability
    assert set(FIELDS) == wide.groups - {"public"}
