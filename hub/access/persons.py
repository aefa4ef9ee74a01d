"""Whom somebody asks about: by an identity number, or by a token of it that only this client can make.

Numbers never reach the database: rows are found by keyed hashes (``hub.store.vault``). A token is the number
encrypted with AES-SIV (RFC 5297) under a key that one client and the hub have; so it is always the same for a
person, says nothing to anybody else, and has nothing in common with another client's.

    <number of the key>.<base64url of AES-SIV(key, "person", the 18 characters)>
"""

from __future__ import annotations

import binascii
import datetime as dt
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.access.numbers import Persons
from hub.domain.id_number import parse_id_number, plain_numbers
from hub.domain.refusal import Refused
from hub.errors import BadArgument
from hub.store.vault import Vault

KEY_BYTES: Final = 64
ASSOCIATED: Final = [b"person"]
"""Bound to every token, so that nothing else encrypted with the key opens as one."""
FORM: Final = re.compile(r"([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{46})", re.ASCII)
NUMBER, TOKEN = "idNumber", "token"
BAD_TOKEN: Final = "BAD_TOKEN"  # noqa: S105 - a code
WORDS: Final = (
    "Expected a token made with a key of this client (`hub client person-key`).",
    "应为以本客户端密钥生成的人员令牌",
)


class Fault(NamedTuple):
    """What is wrong with a person that was named; no value of it."""

    code: str
    expected: str
    expected_zh: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The different ``persons``; ``places``: for each in the list which of them, from 1; 0: it is refused."""

    persons: Persons
    places: Sequence[int]
    faults: Mapping[int, Fault]


def person_key(vault: Vault, client_id: str, number: int) -> bytes:
    """The key that a client makes tokens with; ``number``: how many it has had."""
    return vault.derive(f"person token\0{client_id}\0{number}", KEY_BYTES)


def token_of(key: bytes, number: int, id_number: str) -> str:
    """As a client makes it; ``id_number``: 18 characters, the last a digit or a capital X."""
    sealed = AESSIV(key).encrypt(id_number.encode(), ASSOCIATED)
    return f"{number}.{urlsafe_b64encode(sealed).rstrip(b'=').decode()}"


@lru_cache(256)
def _opener(vault: Vault, client_id: str, number: int) -> AESSIV:
    return AESSIV(person_key(vault, client_id, number))


def _opened(vault: Vault, client_id: str, keys: frozenset[int], text: str) -> str:
    """The number of a token; ValueError for any other text."""
    found = FORM.fullmatch(text)
    if found is None or int(found[1]) not in keys:
        raise ValueError("not a token of a key there is")
    try:
        sealed = b64decode(found[2] + "==", altchars=b"-_", validate=True)
        number = _opener(vault, client_id, int(found[1])).decrypt(sealed, ASSOCIATED)
    except (InvalidTag, binascii.Error, ValueError):
        raise ValueError("not a token of this client") from None
    if urlsafe_b64encode(sealed).rstrip(b"=").decode() != found[2]:
        raise ValueError("two spellings of one token")
    return number.decode()


@dataclass(frozen=True, slots=True)
class Asker:
    """``client_id`` and ``keys``: whose tokens are taken, and made with which of its keys."""

    vault: Vault
    client_id: str
    keys: frozenset[int]
    today: dt.date

    def number(self, person: Mapping[str, Any]) -> str | Fault:
        """The identity number of one that is named, in its normal form."""
        given = person.get(NUMBER)
        if given is None:
            try:
                given = _opened(self.vault, self.client_id, self.keys, str(person.get(TOKEN)))
            except ValueError:
                return Fault(BAD_TOKEN, *WORDS)
        try:
            return parse_id_number(given, today=self.today).number
        except Refused as refused:
            return Fault(refused.code, refused.expected, refused.expected_zh)

    def one(self, person: Mapping[str, Any]) -> tuple[str, list[bytes]]:
        """Its number, and all hashes that a row may have, the one for the access log last. BadArgument."""
        found = self.number(person)
        if isinstance(found, Fault):
            raise BadArgument(found.expected, zh=found.expected_zh)
        return found, self.vault.look_ups(found)

    def all(self, persons: Sequence[Mapping[str, Any]]) -> Asked:
        """Of many: whoever comes again is asked about once."""
        texts = [person.get(NUMBER) or "" for person in persons]
        faults: dict[int, Fault] = {}
        for place, is_plain in enumerate(plain_numbers(texts, today=self.today)):
            if not is_plain:
                found = self.number(persons[place])
                if isinstance(found, Fault):
                    faults[place] = found
                texts[place] = "" if isinstance(found, Fault) else found
        numbers = list(dict.fromkeys(filter(None, texts)))
        known = {number: n for n, number in enumerate(numbers, 1)}
        places = [known.get(text, 0) for text in texts]
        return Asked((numbers, self.vault.look_ups_of(numbers)), places, faults)
