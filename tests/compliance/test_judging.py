"""SQL and Python hold a value against a bound alike: one judges what is there, the other what is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.compliance.judging import comparison
from hub.domain.norms import RULES, Bound
from hub.domain.norms.met import ORDERS, met
from hub.domain.vocabulary import NormComparator
from hub.store.database import Database


def around(bound: Bound) -> Iterator[tuple[str, Any]]:
    """Values on both sides of a bound, in SQL and in Python."""
    match bound.value:
        case Decimal() as number:
            for value in (number - 1, number, number + 1, number + Decimal("0.01")):
                yield f"{value}::numeric", value
        case dt.date() as day:
            for days in (-1, 0, 1):
                other = day + dt.timedelta(days=days)
                yield f"date '{other}'", other
        case str() if order := ORDERS.get(bound.unit or ""):
            for word in order:
                yield f"'{word}'::text", word
        case str() as word:
            for said in (word, f"{word}x", f"x{word}", "x"):
                yield f"'{said}'::text", said
        case tuple() as words if bound.comparator is NormComparator.ONE_OF:
            for word in (*words, "x"):
                yield f"'{word}'::text", word
        case tuple() as words if bound.comparator is NormComparator.ALL_OF:
            for some in (words, words[1:], (*words, "x"), ("x",)):
                quoted = ", ".join(f"'{word}'" for word in some)
                yield f"array[{quoted}]::text[]", some


async def test_both_say_the_same(db: Database) -> None:
    asked = [
        (rule.key, bound, sql, value)
        for rule in RULES
        for bound in rule.bounds
        for sql, value in around(bound)
    ]
    tests = [f"{comparison(bound, sql)} as v{n}" for n, (_, bound, sql, _) in enumerate(asked)]
    said = await db.owner.fetchrow(f"select {', '.join(tests)}")
    assert said is not None
    wrong = [
        (key, bound.quantity, str(bound.comparator), value)
        for (key, bound, _, value), answer in zip(asked, said, strict=True)
        if met(bound, value) != answer
    ]
    assert wrong == []
    assert len(asked) > 300
