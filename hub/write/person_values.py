"""A value for a field of a person, given as text: held to what the field is held to in lists.

Forms are those of the interface: days as 2026-03-31, codes by their names, divisions with 12 digits.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hub.domain.disability_certificate import parse_disability_certificate
from hub.domain.id_number import parse_id_number
from hub.domain.refusal import Refused
from hub.domain.text import clean, clean_name, fold_cell
from hub.domain.vocabulary import CODE_TABLES, VOCABULARY, PersonField
from hub.errors import BadArgument
from hub.tables import beneficiary

MOST_TEXT: Final = 200
PHONE: Final = re.compile(r"\+?[0-9][0-9()-]{4,30}")
GRADES: Final = range(1, 5)
FIRST_DAY: Final = dt.date(1900, 1, 1)

Parse = Callable[[str, dt.date], str | None]


class WrongValue(BadArgument):
    """The value is none that the field may have."""

    zh = "取值不符合该字段的要求"


def canonical(field: PersonField, given: str | None, today: dt.date) -> str | None:
    """The text in its one form, or None for no value. WrongValue, which never repeats it."""
    if given is None:
        if not beneficiary.c[field.column].nullable:
            raise WrongValue("Expected a value: every person has one in this field.", zh="该字段不得为空")
        return None
    try:
        found = _parser(field)(given.strip(), today)
    except (Refused, ValueError):
        raise WrongValue from None
    if found is None:
        raise WrongValue
    return found


def typed(field: PersonField, text: str | None) -> Any:
    """What stands in the column for a canonical text, of columns that are not sealed."""
    python = beneficiary.c[field.column].type.python_type
    if text is None or python is str:
        return text
    return dt.date.fromisoformat(text) if python is dt.date else python(text)


def _parser(field: PersonField) -> Parse:
    column = beneficiary.c[field.column]
    if field in BY_FIELD:
        return BY_FIELD[field]
    if vocabulary := column.info.get("vocabulary"):
        terms = VOCABULARY.get(vocabulary)
        codes = CODE_TABLES[vocabulary].labels if terms is None else terms.__members__
        return lambda text, _: text if text in codes else None
    return _day if column.type.python_type is dt.date else _text


def _text(text: str, _: dt.date) -> str | None:
    return clean(text, limit=MOST_TEXT)


def _day(text: str, today: dt.date) -> str | None:
    day = dt.date.fromisoformat(text)
    return day.isoformat() if FIRST_DAY <= day <= today else None


def _phone(text: str, _: dt.date) -> str | None:
    folded = fold_cell(text)
    return folded if PHONE.fullmatch(folded) else None


def _grade(text: str, _: dt.date) -> str | None:
    return str(int(text)) if int(text) in GRADES else None


def _division(text: str, _: dt.date) -> str | None:
    """That there is one, and in the county, the database tells."""
    return text if re.fullmatch("[0-9]{12}", text) else None


BY_FIELD: Final[Mapping[PersonField, Parse]] = {
    PersonField.NAME: lambda text, _: clean_name(text),
    PersonField.GUARDIAN_NAME: lambda text, _: clean_name(text),
    PersonField.ID_NUMBER: lambda text, today: parse_id_number(text, today=today).number,
    PersonField.DISABILITY_CERTIFICATE: lambda text, today: (
        parse_disability_certificate(text, today=today).number
    ),
    PersonField.DIVISION_CODE: _division,
    PersonField.PHONE: _phone,
    PersonField.GUARDIAN_PHONE: _phone,
    PersonField.DISABILITY_GRADE: _grade,
}
