"""What the registration of an OpenID provider needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.errors import BadArgument
from hub.oauth.provider_rules import MOST_VALUES, NotAdmitted, Provider, check_provider, rights_of

GOOD = Provider(
    "gx",
    "广西统一认证",
    "Guangxi sign-in",
    "https://id.gx.example/realms/civil",
    "hub",
    "450300000000",
    scopes=frozenset({"visit.r"}),
    role_claim="post",
    role_values={"street": "township"},
    division_claim="unit",
    division_values={"东江": "450305001000"},
)
NOBODY: dict[str, Any] = {
    "scopes": frozenset(),
    "role_claim": None,
    "role_values": {},
    "division_claim": None,
    "division_values": {},
}


@pytest.mark.parametrize(
    "changed",
    [{}, NOBODY, {"issuer": "http://127.0.0.1:8001"}, {"hosts": ("login.gx.example:8443",)}],
)
def test_good_registrations(changed: dict[str, Any]) -> None:
    check_provider(replace(GOOD, **changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "No"}, "name"),
        ({"title_en": " "}, "titles"),
        ({"issuer": "http://id.gx.example"}, "An issuer"),
        ({"issuer": "https://id.gx.example/?x"}, "An issuer"),
        ({"issuer": "https://user@id.gx.example"}, "An issuer"),
        ({"registered_as": ""}, "client_id"),
        ({"auth_method": "none"}, "proves itself"),
        ({"secret": b"x"}, "proves itself"),
        ({"auth_method": "client_secret_post"}, "proves itself"),
        ({"algorithms": ("HS256",)}, "Algorithms"),
        ({"algorithms": ("none",)}, "Algorithms"),
        ({"algorithms": ()}, "Algorithms"),
        ({"hosts": ("https://x",)}, "A host"),
        ({"asked_scopes": ("profile",)}, "openid among them"),
        ({"acr_values": ("a b",)}, "acr"),
        ({"division_code": "45"}, "12 digits"),
        ({"division_code": "999999000000"}, "."),
        ({"role_claim": None}, "a table"),
        ({"role_values": {}}, "a table"),
        ({"role_values": {str(number): "bureau" for number in range(MOST_VALUES + 1)}}, "a table"),
        ({"role_values": {"": "bureau"}}, "1 to 200"),
        ({"scopes": frozenset()}, "or not at all"),
        ({**NOBODY, "scopes": frozenset({"visit.r"})}, "or not at all"),
        ({"role_values": {"x": "operator"}}, "is one of"),
        ({"role_values": {"x": "contractor"}}, "is one of"),
        ({"division_values": {"x": "440305000000"}}, "inside its own"),
        ({"division_values": {"x": "450305"}}, "inside its own"),
    ],
)
def test_what_a_registration_needs(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArgument, match=said):
        check_provider(replace(GOOD, **changed))


def test_scopes_are_those_the_role_has() -> None:
    claims = {"post": "street", "unit": "东江"}
    assert rights_of(GOOD, claims).scopes == {"visit.r"}
    with pytest.raises(NotAdmitted):
        rights_of(replace(GOOD, scopes=frozenset({"field:credential"})), claims)


def test_addresses_that_a_document_may_name() -> None:
    provider = replace(GOOD, hosts=("login.gx.example",))
    assert provider.may_name("https://id.gx.example/token?x=1")
    assert provider.may_name("https://login.gx.example/jwks")
    for address in (
        "http://id.gx.example/token",
        "https://id.gx.example.evil.example/",
        "https://id.gx.example@evil.example/",
        "https://evil.example#@id.gx.example/",
        "https://id.gx.example:8443/",
        "https://id.gx.example/#x",
        "//id.gx.example/",
        "https://[::1",
        "",
    ):
        assert not provider.may_name(address), address
