"""What the registration of an OpenID provider says, and what a foreign token may name: nothing else.

A claim is looked up in the registration's table of values, and only there. A value that is not in the table
says nothing, whatever it looks like; of a claim with several values, those in the table must mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from hub.access.scopes import DEFAULT_SCOPES, atoms
from hub.access.slices import AGENCY, BUREAU, TOWNSHIP
from hub.domain.division import code_range
from hub.domain.refusal import Refused
from hub.errors import BadArgument, Forbidden
from hub.oauth.clients import ACTIVE
from hub.oauth.jose import CLIENTS
from hub.oauth.places import check_place

PRIVATE_KEY: Final = "private_key_jwt"
BASIC, POST = "client_secret_basic", "client_secret_post"
METHODS: Final = (PRIVATE_KEY, BASIC, POST)
ALGORITHMS: Final = tuple(CLIENTS.allowed or ())
WEAKER: Final = "RS256"
"""Taken of a provider only where its registration says so: PKCS #1 v1.5, and all that many have."""
ROLES: Final = (BUREAU, TOWNSHIP, AGENCY)
"""Roles that a division is enough for; others are linked to users that an operator has added."""
MOST_VALUES: Final = 1000
LONGEST_VALUE: Final = 200

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_ADDRESS: Final = re.compile(
    r"https://[^\s/?#@]+(/[^\s?#]*)?|http://(127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s?#]*)?"
)
_HOST: Final = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.ASCII)
_WORD: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}", re.ASCII)
"""A scope as RFC 6749, 3.3 has it."""


class NotAdmitted(Forbidden):
    """The hub grants nothing to this account of the provider; ask your hub administrator."""

    code, zh = "PROVIDER_USER_REFUSED", "枢纽未向该账户授予任何权限，请联系本单位的枢纽管理员"


@dataclass(frozen=True, slots=True)
class Provider:
    """A row of ``oauth_provider``. ``scopes`` are atoms, ``secret`` is sealed."""

    name: str
    title_zh: str
    title_en: str
    issuer: str
    registered_as: str
    division_code: str
    auth_method: str = PRIVATE_KEY
    secret: bytes | None = field(default=None, repr=False)
    algorithms: tuple[str, ...] = ALGORITHMS
    hosts: tuple[str, ...] = ()
    asked_scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    name_claim: str | None = None
    role_claim: str | None = None
    role_values: Mapping[str, str] = field(default_factory=dict)
    division_claim: str | None = None
    division_values: Mapping[str, str] = field(default_factory=dict)
    status: str = ACTIVE
    version: str = field(default="", compare=False)
    """Another after each change of the row."""

    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def is_local(self) -> bool:
        """On this machine, for tests; there http will do."""
        return self.issuer.startswith("http:")

    def may_name(self, address: str) -> bool:
        """Whether the hub, or a browser it sends, goes to an address that the provider's documents name."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        scheme = "http" if self.is_local else "https"
        here = parts.netloc in (urlsplit(self.issuer).netloc, *self.hosts)
        return parts.scheme == scheme and here and not parts.fragment and address.isprintable()


@dataclass(frozen=True, slots=True)
class Rights:
    """Of a user who is made at the first sign-in. ``scopes`` are atoms."""

    role: str
    division_code: str
    scopes: frozenset[str]


def rights_of(provider: Provider, claims: Mapping[str, Any]) -> Rights:
    """What the registration grants to whom these claims describe; NotAdmitted where that is nothing."""
    role = _meant(claims, provider.role_claim, provider.role_values)
    division = _meant(claims, provider.division_claim, provider.division_values)
    scopes = provider.scopes & atoms(DEFAULT_SCOPES.get(role, ()))
    try:
        check_right(provider, role, division)
    except BadArgument:
        raise NotAdmitted from None
    if not scopes:
        raise NotAdmitted
    return Rights(role, division, scopes)


def _meant(claims: Mapping[str, Any], claim: str | None, values: Mapping[str, str]) -> str:
    said = claims.get(claim) if claim else None
    listed = said if isinstance(said, list) else [said]
    found = {values[each] for each in listed if isinstance(each, str) and each in values}
    if len(found) != 1:
        raise NotAdmitted
    return found.pop()


def check_right(provider: Provider, role: str, division_code: str) -> None:
    """BadArgument unless a user of this provider can have it."""
    if role not in ROLES:
        raise BadArgument(
            f"The role of a user who is made at the first sign-in is one of: {', '.join(ROLES)}."
        )
    check_place("user", role, division_code, None)
    check_inside(provider, division_code)


def check_inside(provider: Provider, division_code: str | None) -> None:
    """BadArgument for a division outside the provider's; a contractor's user has none."""
    if division_code is None:
        return
    try:
        low, high = code_range(provider.division_code)
    except Refused:
        raise BadArgument("A provider's division is a province or below.") from None
    if len(division_code) != len(low) or not low <= division_code < high:
        raise BadArgument("Divisions of a provider's users are 12-digit codes inside its own.")


def check_provider(given: Provider) -> None:
    """BadArgument says what a registration needs."""
    if not NAME.fullmatch(given.name):
        raise BadArgument(
            "A provider's name is 1 to 32 small letters, digits and -, a letter or digit first."
        )
    if not all(0 < len(title.strip()) <= 40 for title in (given.title_zh, given.title_en)):
        raise BadArgument("A provider's titles, in Chinese and in English, have 1 to 40 characters.")
    if not _ADDRESS.fullmatch(given.issuer):
        raise BadArgument(
            "An issuer is an https address without query or fragment; or http on 127.0.0.1 or [::1]."
        )
    if not 0 < len(given.registered_as) <= LONGEST_VALUE or not given.registered_as.isprintable():
        raise BadArgument("The client_id is what the provider calls the hub.")
    if given.auth_method not in METHODS or (given.auth_method == PRIVATE_KEY) != (given.secret is None):
        raise BadArgument(f"The hub proves itself by {PRIVATE_KEY}, or by a secret and {BASIC} or {POST}.")
    if not given.algorithms or not set(given.algorithms) <= {*ALGORITHMS, WEAKER}:
        raise BadArgument(f"Algorithms are of: {', '.join((*ALGORITHMS, WEAKER))}.")
    if not all(map(_HOST.fullmatch, given.hosts)):
        raise BadArgument("A host is a name in small letters, with a port if it is another than 443.")
    if "openid" not in given.asked_scopes or not all(map(_WORD.fullmatch, given.asked_scopes)):
        raise BadArgument("The scopes asked of a provider are words, openid among them.")
    if not all(map(_WORD.fullmatch, given.acr_values)):
        raise BadArgument("A value of acr is a word.")
    _check_tables(given)


def _check_tables(given: Provider) -> None:
    check_place("user", AGENCY, given.division_code, None)
    for claim, values in (
        (given.role_claim, given.role_values),
        (given.division_claim, given.division_values),
    ):
        if bool(claim) != bool(values) or len(values) > MOST_VALUES:
            raise BadArgument(
                f"A claim that counts has a table of 1 to {MOST_VALUES} values, and a table a claim."
            )
        if not all(0 < len(value) <= LONGEST_VALUE for value in values):
            raise BadArgument(f"A value of a claim has 1 to {LONGEST_VALUE} characters.")
    if len({bool(given.role_claim), bool(given.division_claim), bool(given.scopes)}) > 1:
        raise BadArgument(
            "Users are made from a claim of the role, one of the division, and scopes; or not at all."
        )
    for code in (given.division_code, *given.division_values.values()):
        check_inside(given, code)
    if not set(given.role_values.values()) <= set(ROLES):
        raise BadArgument(
            f"The role of a user who is made at the first sign-in is one of: {', '.join(ROLES)}."
        )
