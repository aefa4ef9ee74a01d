"""What is searched for, in the words of the standard, as a condition of the graph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.dci.messages import BadMessage, Criteria, Sort
from hub.domain.dates import years_before

CRITERIA: Final = "rjct.search_criteria.invalid"
SORT: Final = "rjct.sort.invalid"
PAGINATION: Final = "rjct.pagination.invalid"
Where = dict[str, Any]

NUMBERS: Final = frozenset({"NIN", "UIN", "NID", "NATIONALID", "NATIONAL_ID"})
"""What the standard's users call the identity number."""
TOKENS: Final = frozenset({"TOKEN"})
GLOBAL_IDS: Final = frozenset({"GLOBAL_ID"})
FILE_NUMBERS: Final = frozenset({"FILE_NUMBER"})
HOUSEHOLDS: Final = frozenset({"HOUSEHOLD_ID"})


def wrong(message: str, zh: str = "", word: str = CRITERIA) -> BadMessage:
    return BadMessage(message, word=word, zh=zh or "检索条件不符合要求")


@dataclass(frozen=True, slots=True)
class Identifier:
    """``kind``: one of the names above, in capitals."""

    kind: str
    value: str


def identifier(query: Any) -> Identifier:
    if not isinstance(query, Mapping):
        raise wrong("Expected an object with type and value.")
    kind, value = query.get("type"), query.get("value")
    if isinstance(value, Mapping):  # as some senders nest it
        value = value.get("value")
    if not isinstance(kind, str) or not isinstance(value, str | int) or isinstance(value, bool):
        raise wrong("Expected the type and the value of an identifier, both texts.")
    known = NUMBERS | TOKENS | GLOBAL_IDS | FILE_NUMBERS | HOUSEHOLDS
    if (name := kind.upper()) not in known:
        raise wrong(f"Expected a type of identifier among {', '.join(sorted(known))}.")
    return Identifier(name, str(value))


def condition(criteria: Criteria, today: dt.date) -> Where:
    """Of an expression or of predicates."""
    if criteria.query_type == "expression":
        return _expression(criteria.query, today)
    return _predicates(criteria.query, today)


# ── expression: {"expression": {"collection": …, "query": {"$and": [{"age": {"$lt": 5}}]}}} ─────────────

_SIGNS: Final = {"$eq": "eq", "$lt": "lt", "$lte": "le", "$gt": "gt", "$gte": "ge", "$in": "in"}
DEEPEST: Final = 8


def _expression(query: Any, today: dt.date) -> Where:
    for name in ("value", "expression"):
        query = query.get(name, query) if isinstance(query, Mapping) else query
    found = query.get("query") if isinstance(query, Mapping) else None
    if not isinstance(found, Mapping) or not found:
        raise wrong("Expected an expression with a query.")
    return _all_of(found, today, 0)


def _all_of(given: Any, today: dt.date, depth: int) -> Where:
    if not isinstance(given, Mapping) or not given or depth > DEEPEST:
        raise wrong(f"Expected objects with a condition, {DEEPEST} inside each other at most.")
    parts: list[Where] = []
    for name, value in given.items():
        if name in ("$and", "$or"):
            if not isinstance(value, Sequence) or isinstance(value, str) or not value:
                raise wrong(f"Expected a list of conditions for {name}.")
            parts.append({name[1:]: [_all_of(each, today, depth + 1) for each in value]})
        elif name == "$not":
            parts.append({"not": _all_of(value, today, depth + 1)})
        elif isinstance(value, Mapping):
            if not value:  # which would be met by all
                raise wrong(f"Expected an operator among {', '.join(_SIGNS)}.")
            for sign, operand in value.items():
                if sign not in _SIGNS:
                    raise wrong(f"Expected an operator among {', '.join(_SIGNS)}.")
                parts.append(_test(name, _SIGNS[sign], operand, today))
        else:
            parts.append(_test(name, "eq", value, today))
    return parts[0] if len(parts) == 1 else {"and": parts}


# ── predicates: [{"expression1": …, "condition": "and", "expression2": …}] ─────────────────────────────


def _predicates(query: Any, today: dt.date) -> Where:
    if not isinstance(query, Sequence) or isinstance(query, str) or not query:
        raise wrong("Expected a list of predicates.")
    parts = [_predicate(each, today) for each in query]
    return parts[0] if len(parts) == 1 else {"and": parts}


def _predicate(given: Any, today: dt.date) -> Where:
    if not isinstance(given, Mapping):
        raise wrong("Expected predicates to be objects.")
    first = _compared(given.get("expression1"), today)
    word, second = given.get("condition"), given.get("expression2")
    match word:
        case None if second is None:
            return first
        case "and" | "or":
            return {word: [first, _compared(second, today)]}
        case "not":
            return {"not": first} if second is None else {"and": [first, {"not": _compared(second, today)}]}
    raise wrong("Expected the condition and, or or not.")


def _compared(given: Any, today: dt.date) -> Where:
    if not isinstance(given, Mapping) or not isinstance(given.get("attribute_name"), str):
        raise wrong("Expected attribute_name, operator and attribute_value.")
    if given.get("operator") not in _SIGNS.values():
        raise wrong("Expected an operator among eq, ge, gt, in, le, lt.")
    return _test(given["attribute_name"], given["operator"], given.get("attribute_value"), today)


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────

_DATES: Final = {"eq": "eq", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}


def _test(name: str, sign: str, value: Any, today: dt.date) -> Where:
    known = ATTRIBUTES.get(name.lower())
    if known is None:
        raise wrong(f"Expected an attribute among {', '.join(sorted(ATTRIBUTES))}.")
    return known(sign, value, today)


def _age(sign: str, value: Any, today: dt.date) -> Where:
    """Whole years that are over today."""
    try:
        years = int(str(value))
    except ValueError:
        years = -1
    if not 0 <= years <= 150:
        raise wrong("Expected an age in whole years.")
    youngest = years_before(today, years)  # born that day or before: at least so old
    eldest = years_before(today, years + 1)
    at_least, at_most = {"lte": youngest.isoformat()}, {"gt": eldest.isoformat()}
    match sign:
        case "ge":
            return {"birthOn": at_least}
        case "le":
            return {"birthOn": at_most}
        case "lt":
            return {"birthOn": {"gt": youngest.isoformat()}}
        case "gt":
            return {"birthOn": {"lte": eldest.isoformat()}}
        case "eq":
            return {"birthOn": {**at_least, **at_most}}
    raise wrong("Expected a comparison of an age.")


def _date(field: str) -> Callable[[str, Any, dt.date], Where]:
    def test(sign: str, value: Any, _: dt.date) -> Where:
        try:
            day = dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            raise wrong("Expected a day, YYYY-MM-DD.") from None
        if sign not in _DATES:
            raise wrong("Expected a comparison of a day.")
        return {field: {_DATES[sign]: day.isoformat()}}

    return test


def _named(field: str, word: str = "eq") -> Callable[[str, Any, dt.date], Where]:
    """By a name of the graph's own."""

    def test(sign: str, value: Any, _: dt.date) -> Where:
        if sign == "in" and word == "eq" and isinstance(value, list):
            return {field: {"in": [str(each) for each in value]}}
        if sign != "eq" or not isinstance(value, str):
            raise wrong("Expected one value, to be equal.")
        return {field: {word: value}}

    return test


def _name(sign: str, value: Any, _: dt.date) -> Where:
    if sign != "eq" or not isinstance(value, str):
        raise wrong("Expected a name, to be equal.")
    return {"name": {"eq": value}}


def _programme(sign: str, value: Any, today: dt.date) -> Where:
    return {"memberships": {**_named("category")(sign, value, today), "activeOn": today.isoformat()}}


ATTRIBUTES: Final[Mapping[str, Callable[[str, Any, dt.date], Where]]] = {
    "age": _age,
    "birth_date": _date("birthOn"),
    "death_date": _date("deceasedOn"),
    "district": _named("divisionCode", "within"),
    "location": _named("divisionCode", "within"),
    "name": _name,
    "programme_identifier": _programme,
    "risk_level": _named("riskLevel"),
}
SORTS: Final = {
    "birth_date": "birthOn",
    "death_date": "deceasedOn",
    "location": "divisionCode",
    "name": "name",
    "risk_level": "riskLevel",
}


def order(sorts: Sequence[Sort]) -> list[dict[str, str]]:
    found = []
    for each in sorts:
        key = SORTS.get(each.attribute_name.lower())
        if key is None:
            raise wrong(f"Expected to sort by {', '.join(sorted(SORTS))}.", word=SORT)
        found.append({key: each.sort_order.upper()})
    return found
