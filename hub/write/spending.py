"""资金: what was spent under a contract, and whose money it was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from hub import tables
from hub.access.slices import CONTRACTOR
from hub.errors import BadArgument
from hub.write.checks import come, text, yuan
from hub.write.place import own_contract, seen_contract
from hub.write.ruled import AgainstRule, rule_in_force
from hub.write.stating import state
from hub.write.work import Key, NotYours, Work, key_in

LINE: Final = "select id from budget_line where id = $1 and contract_id = $2"
FUND: Final = "select id, division_code, year, is_earmarked from fund_source where id = $1"


async def record_expenditure(
    work: Work,
    *,
    spent_on: dt.date,
    amount: Decimal,
    is_civil_affairs_money: bool,
    description: str | None = None,
    budget_line: str | None = None,
    fund_source: str | None = None,
    contract: str | None = None,
) -> Key:
    """Money of other purchasers is kept apart where that is the rule (R109), and earmarked funds pay for
    nothing else (R100). How long money may lie (R116) no document says."""
    under = await _contract(work, contract)
    if come(work, "spentOn", spent_on, "支出日期") < under["starts_on"]:
        raise BadArgument("Expected spentOn no earlier than the contract.", zh="支出日期不得早于合同开始日期")
    told = {
        "contract_id": under["id"],
        "spent_on": spent_on,
        "amount": yuan("amount", amount, "金额"),
        "description": text("description", description, "摘要"),
        "is_civil_affairs_money": is_civil_affairs_money,
        "budget_line_id": await _line(work, budget_line, under["id"]),
        "fund_source_id": None,
    }
    if budget_line is not None and not is_civil_affairs_money:
        _forbid("R109", under["division_code"], spent_on)
    if fund_source is not None:
        fund = await _fund(work, fund_source, under, spent_on.year)
        if fund["is_earmarked"] and not is_civil_affairs_money:
            _forbid("R100", under["division_code"], spent_on)
        told["fund_source_id"] = fund["id"]
    return await state(work, tables.expenditure, told, "spent_on", "amount")


async def _contract(work: Work, given: str | None) -> Any:
    if work.viewer.role == CONTRACTOR:
        return await own_contract(work, given)
    if given is None:
        raise BadArgument("Expected contract.", zh="请指明合同")
    return await seen_contract(work, given)


async def _line(work: Work, given: str | None, contract: int) -> int | None:
    if given is None:
        return None
    found = await work.viewer_row(LINE, key_in(given, tables.budget_line).id, contract)
    if found is None:
        raise BadArgument("Expected a line of the contract's budget.", zh="应为该合同的费用科目")
    return int(found["id"])


async def _fund(work: Work, given: str, contract: Any, year: int) -> Any:
    """Of the purchaser or of an office above it, and of the year the money is spent in."""
    if work.viewer.role == CONTRACTOR:
        raise NotYours
    found = await work.viewer_row(FUND, key_in(given, tables.fund_source).id)
    if found is None:
        raise NotYours
    region = found["division_code"].rstrip("0")
    if found["year"] != year or not contract["division_code"].startswith(region):
        raise BadArgument(
            "Expected a fund of the purchaser, or of an office above it, for the year it is spent in.",
            zh="资金来源应属于购买方或其上级，且为支出当年",
        )
    return found


def _forbid(key: str, division_code: str, on: dt.date) -> None:
    rule = rule_in_force(key, division_code, on)
    if rule is not None:
        raise AgainstRule.of(rule)
