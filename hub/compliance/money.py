"""The money behind a verdict: planned and spent by category of a contract, and of a fund its base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from hub.domain.vocabulary import BudgetCategory
from hub.store.database import Fetch

CATEGORIES: Final[Mapping[str, BudgetCategory | None]] = {
    "budget.personnel": BudgetCategory.PERSONNEL,
    "budget.activities": BudgetCategory.ACTIVITY,
    "budget.supervision": BudgetCategory.SUPERVISION_TRAINING,
    "budget.management": BudgetCategory.ADMIN,
    "budget.total": None,
    "contract.amount": None,
}
"""Of what quantity of a contract which category of its budget; None: all of them."""


class Money(NamedTuple):
    """In yuan; None where no source states it. ``base``: what a share is of."""

    planned: Decimal | None = None
    spent: Decimal | None = None
    base: Decimal | None = None


_CONTRACTS: Final = """
    with planned as (
        select c.contract_id, c.category, coalesce(c.whole, c.parts) as amount
        from (
            select b.contract_id, b.category, sum(b.planned_amount) as parts,
                sum(b.planned_amount) filter (where b.sub_item is null) as whole
            from budget_line b where b.contract_id = any ($1) group by 1, 2) c),
    spent as (
        select e.contract_id, b.category, sum(e.amount) as amount
        from expenditure e left join budget_line b on b.id = e.budget_line_id
        where e.contract_id = any ($1) and e.spent_on <= $2 group by 1, 2),
    both_of as (
        select contract_id, category, p.amount as planned, s.amount as spent
        from planned p full join spent s using (contract_id, category))
    select k.id, b.category, b.planned, b.spent, k.amount as base
    from contract k left join both_of b on b.contract_id = k.id where k.id = any ($1)"""
_FUNDS: Final = """
    select f.id, f.amount, f.cap_base_amount, (
        select sum(e.amount) from expenditure e where e.fund_source_id = f.id
            and e.spent_on between date_trunc('year', $2::date::timestamp)::date and $2) as spent
    from fund_source f where f.id = any ($1)"""


async def of_contracts(
    fetch: Fetch, ids: Sequence[int], day: dt.date
) -> Mapping[tuple[int, BudgetCategory | None], Money]:
    """By contract and category, up to the day; None is all of them, and what was spent on no line, too."""
    found: dict[tuple[int, BudgetCategory | None], Money] = {}
    for row in await fetch(_CONTRACTS, [*ids], day):
        category = row["category"] and BudgetCategory(row["category"])
        one, whole = Money(row["planned"], row["spent"], row["base"]), (row["id"], None)
        if category is not None:
            found[row["id"], category] = one
        found[whole] = _more(found.get(whole, Money(base=row["base"])), one)
    return found


async def of_funds(fetch: Fetch, ids: Sequence[int], day: dt.date) -> Mapping[int, Money]:
    """Of sources of funds: amount, what was spent of it in the year of the day, and base of its cap."""
    rows = await fetch(_FUNDS, [*ids], day)
    return {row["id"]: Money(row["amount"], row["spent"], row["cap_base_amount"]) for row in rows}


def together(funds: Sequence[Money]) -> Money:
    """Of several: a base they do not agree on is none (A2)."""
    bases = {each.base for each in funds}
    made = Money()
    for each in funds:
        made = _more(made, each)
    return made._replace(base=bases.pop() if len(bases) == 1 else None)


def _more(one: Money, other: Money) -> Money:
    return Money(_sum(one.planned, other.planned), _sum(one.spent, other.spent), one.base)


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return one if other is None else other if one is None else one + other
