"""Who a row is about: names, identity numbers and disability certificates, and how facts refer to people.

What an identity number says of sex and birth date stands over the cells beside it: the number
carries a check character, the cells do not. A disagreement is therefore no refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from connectors.lists import parse
from hub.domain.disability_certificate import parse_disability_certificate
from hub.domain.id_number import IdNumber, parse_id_number
from hub.domain.refusal import Refused
from hub.domain.text import is_marked_deceased, mask_id_number, mask_name
from hub.domain.vocabulary import DisabilityCategory
from hub.sync.connector import Check, Context, From, Reference, Spread


@lru_cache(8, typed=True)
def _number(value: Any, today: dt.date, blind: Callable[[str], bytes]) -> tuple[IdNumber, bytes]:
    """With its hash. A row asks for both twice: for the person and for a reference. No more are kept."""
    number = parse_id_number(value, today=today)
    return number, blind(number.number)


def _of_number(number: IdNumber, blind: bytes) -> dict[str, Any]:
    return {
        "id_number": number.number,
        "id_number_hash": blind,
        "id_number_masked": mask_id_number(number.number),
        "sex": number.sex,
        "birth_on": number.birth_on,
    }


def identity(value: Any, context: Context) -> Mapping[str, Any]:
    """The number, its keyed hash, its mask, and the sex and birth date it holds."""
    return {} if parse.is_nothing(value) else _of_number(*_number(value, context.today, context.blind))


def id_hash(value: Any, context: Context) -> bytes | None:
    """How other rows refer to a person."""
    return None if parse.is_nothing(value) else _number(value, context.today, context.blind)[1]


def named(value: Any, context: Context) -> Mapping[str, Any] | None:
    """A name and its mask."""
    name = parse.name(value, context)
    return None if name is None else {"name": name, "name_masked": mask_name(name)}


def certificate(value: Any, context: Context) -> Mapping[str, Any]:
    """The certificate, what it says of the disability, and whose it is."""
    if parse.is_nothing(value):
        return {}
    found = parse_disability_certificate(value, today=context.today)
    return {
        **_of_number(found.id_number, context.blind(found.id_number.number)),
        "disability_certificate": found.number,
        "disability_category": str(DisabilityCategory.parse(found.category)),
        "disability_grade": found.grade,
    }


def certificate_hash(value: Any, context: Context) -> bytes | None:
    hash_ = certificate(value, context).get("id_number_hash")
    return hash_ if isinstance(hash_, bytes) else None


def grade(value: Any, context: Context) -> int | None:
    """1 to 4, also written 一级."""
    word = parse.code(value, context)
    if word is None:
        return None
    digit = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(word.removesuffix("级"), word.removesuffix("级"))
    if digit not in {"1", "2", "3", "4"}:
        raise Refused("CERTIFICATE_GRADE")
    return int(digit)


IDENTITY: Final = Spread("身份证号", identity, prevails=frozenset({"sex", "birth_on"}))
CERTIFICATE: Final = Spread("残疾人证号", certificate)
NAME: Final = Spread("姓名", named, required=True)

BY_NUMBER: Final = {"id_number_hash": From("身份证号", id_hash)}
BY_FILE: Final = {"file_number": From("档案编号", parse.code)}
BY_CERTIFICATE: Final = {"id_number_hash": From("残疾人证号", certificate_hash)}

REFERRED: Final = Reference("beneficiary", [BY_NUMBER, BY_FILE], required=True)
"""The person a fact is about."""


def _is_identified(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    for header in ("身份证号", "残疾人证号", "档案编号"):
        if not parse.is_nothing(values.get(header)):
            return
    raise Refused("PERSON_UNIDENTIFIED")


def _is_own_certificate(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    number, stated = columns.get("id_number_hash"), values.get("残疾人证号")
    if number is None or parse.is_nothing(stated):
        return
    if certificate_hash(stated, context) != number:
        raise Refused("CONTRADICTION")


def _ends_with_life(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if columns.get("ends_on") is None and is_marked_deceased(values.get("姓名")):
        raise Refused("DECEASED_WITHOUT_END")


IDENTIFIED: Final = Check("身份证号", _is_identified)
OWN_CERTIFICATE: Final = Check("残疾人证号", _is_own_certificate)
ENDS_WITH_LIFE: Final = Check("终止日期", _ends_with_life)
