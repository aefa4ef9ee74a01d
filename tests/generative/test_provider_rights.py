"""Whatever a provider's token says: its user gets what the registration grants, or nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from hub.access.scopes import DEFAULT_SCOPES, SUPPORTED, atoms
from hub.domain.division import code_range
from hub.errors import BadArgument
from hub.oauth.provider_rules import ROLES, NotAdmitted, Provider, check_provider, rights_of
from hub.store.roles import ROLES as ALL_ROLES
from tests.support.oauth import ANOTHER_TOWN, DONGJIANG, GUILIN, QIXING

CODES = (DONGJIANG, QIXING, GUILIN, ANOTHER_TOWN, "440305000000", "450305")
CLAIMS = ("post", "unit", "role")
WORDS = st.sampled_from(["a", "b", "bureau", "operator", QIXING, DONGJIANG, "visit.rs", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=3,
)
PROVIDERS = st.builds(
    Provider,
    name=st.just("province"),
    title_zh=st.just("省"),
    title_en=st.just("province"),
    issuer=st.just("https://id.example"),
    registered_as=st.just("hub"),
    division_code=st.sampled_from([GUILIN, QIXING, DONGJIANG, "450000000000"]),
    role_claim=st.sampled_from(["post", "role", "post", None]),
    role_values=st.dictionaries(WORDS, st.sampled_from([*ROLES, *ALL_ROLES]), min_size=1, max_size=3),
    division_claim=st.sampled_from(["unit", "unit", "post", None]),
    division_values=st.dictionaries(WORDS, st.sampled_from(CODES), min_size=1, max_size=3),
    scopes=st.sets(st.sampled_from(SUPPORTED), max_size=4).map(atoms),
)


SAID = st.dictionaries(st.sampled_from([*CLAIMS, "scope", "division"]), WORDS | VALUES, max_size=5)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Provider, dict[str, Any]]:
    """Often with values that are in the tables, so that some are let in."""
    provider, claims = draw(PROVIDERS), draw(SAID)
    tables = (
        (provider.role_claim, provider.role_values),
        (provider.division_claim, provider.division_values),
    )
    for claim, values in tables:
        if claim and draw(st.integers(0, 3)):
            claims[claim] = draw(st.sampled_from(sorted(values)))
    return provider, claims


@settings(max_examples=300, deadline=None)
@given(arrivals())
def test_no_token_names_what_the_registry_did_not_grant(arrival: tuple[Provider, dict[str, Any]]) -> None:
    provider, claims = arrival
    try:
        rights = rights_of(provider, claims)
    except NotAdmitted:
        event("refused")
        return
    event("let in")
    assert rights.role in set(provider.role_values.values()) & set(ROLES)
    assert rights.division_code in provider.division_values.values()
    low, high = code_range(provider.division_code)
    assert low <= rights.division_code < high
    assert frozenset() < rights.scopes <= provider.scopes & atoms(DEFAULT_SCOPES[rights.role])
    # Only what stands in the two claims counts, whatever else the token says.
    counting = {provider.role_claim, provider.division_claim}
    assert rights == rights_of(provider, {name: said for name, said in claims.items() if name in counting})


@settings(max_examples=100, deadline=None)
@given(PROVIDERS, VALUES)
def test_what_is_registered_can_be_granted(provider: Provider, said: Any) -> None:
    """A registration that is taken has no value that means more than its own bounds."""
    try:
        check_provider(provider)
    except BadArgument:
        return
    low, high = code_range(provider.division_code)
    assert all(low <= code < high for code in provider.division_values.values())
    assert set(provider.role_values.values()) <= set(ROLES)
    if not provider.scopes:
        for claims in ({}, {"a": said, "b": said}):
            try:
                rights_of(provider, claims)
            except NotAdmitted:
                continue
            raise AssertionError("nothing was granted")
