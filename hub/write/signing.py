"""购买服务: the purchaser signs a contract, and renews it if the rules of the place let it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from hub import tables
from hub.domain.dates import FIRST_YEAR, LAST_YEAR
from hub.domain.norms.met import Told, years
from hub.errors import BadArgument, Conflict
from hub.write.checks import MOST_NAME, MOST_TEXT, few, period, text, yuan
from hub.write.counties import hold_county
from hub.write.parties import called, party_of
from hub.write.ruled import AgainstRule, keep_rules, rule_in_force
from hub.write.stating import say
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_NUMBER: Final = 60
MOST_YEARS: Final = 99
"""Both the hub's own, where no document says less."""
CONTRACTOR: Final = "select id from contractor where credit_code = $1"
STATIONS: Final = "select id, division_code from station where id = any ($1)"
NUMBER: Final = "select nextval(pg_get_serial_sequence('contract', 'id')) as id"
TAKEN: Final = "select true from contract where county_code = $1 and number = $2"
LINK: Final = "insert into contract_station (contract_id, station_id) select $1, unnest($2::bigint[])"
SERVED: Final = "select station_id from contract_station where contract_id = $1 order by 1"
RENEWED: Final = "select true from contract where county_code = $1 and renewal_of_number = $2"
EVALUATED: Final = """
    select grade from evaluation where contract_id = $1 and kind = 'ANNUAL_FOR_RENEWAL' and grade is not null
    order by evaluated_on desc, id desc limit 1"""
FIRST: Final = """
    with recursive chain as (
        select id, county_code, renewal_of_number, starts_on from contract where id = $1
        union
        select k.id, k.county_code, k.renewal_of_number, k.starts_on
        from chain c join contract k on k.county_code = c.county_code and k.number = c.renewal_of_number)
    select min(starts_on) as starts_on from chain"""
GOES_ON: Final = (
    "project_number", "title", "division_code", "purchaser_name", "contractor_id", "procurement_method",
    "cycle_years", "standards", "evaluation_rules",
)  # fmt: skip
"""What a renewal takes from the contract it renews."""
SEEN: Final = f"""
    select id, county_code, number, status, ends_on, annual_evaluation, {", ".join(GOES_ON)}
    from contract where id = $1"""


class NumberTaken(Conflict):
    """There is a contract of this number in the county."""

    zh = "本县（区）已有此编号的合同"


class NotRenewable(Conflict):
    """The contract was renewed already, or has been ended; only one that is performed or was is renewed."""

    zh = "合同已续签或已终止，不能续签"


async def sign_contract(
    work: Work,
    *,
    number: str,
    contractor_credit_code: str,
    signed_on: dt.date,
    starts_on: dt.date,
    ends_on: dt.date,
    stations: list[str],
    amount: Decimal | None = None,
    cycle_years: int | None = None,
    procurement_method: str | None = None,
    title: str | None = None,
    project_number: str | None = None,
    purchaser_name: str | None = None,
    standards: str | None = None,
    evaluation_rules: str | None = None,
    exception_reason: str | None = None,
) -> Key:
    """By the purchaser, a county bureau or a township (R72–R74), under the rules when service begins."""
    few("stations", stations, "服务站")
    county = await _purchaser_county(work)
    found = await work.viewer_row(CONTRACTOR, contractor_credit_code)
    if found is None:
        raise BadArgument("Expected the credit code of a contractor.", zh="应为承接机构的统一社会信用代码")
    numbers = list(dict.fromkeys(key_in(each, tables.station).id for each in stations))
    served = await work.viewer_rows(STATIONS, numbers)
    if not served or len(served) != len(numbers):
        raise NotYours
    told = {
        "project_number": text("projectNumber", project_number, "项目编号", MOST_NUMBER),
        "title": text("title", title, "项目名称", MOST_NAME),
        "division_code": work.viewer.division_code,
        "purchaser_name": text("purchaserName", purchaser_name, "购买主体", MOST_NAME) or await called(work),
        "contractor_id": found["id"],
        "procurement_method": procurement_method,
        "cycle_years": cycle_years,
        "standards": text("standards", standards, "服务标准", 2000),
        "evaluation_rules": text("evaluationRules", evaluation_rules, "评估办法", 2000),
        **_term(number, signed_on, starts_on, ends_on, amount, exception_reason),
    }
    method: dict[str, Told] = {"contract.method": procurement_method} if procurement_method else {}
    _keep(work, told, [row["division_code"] for row in served], method)
    return await _add(work, county, told, numbers)


async def renew_contract(
    work: Work,
    *,
    contract: str,
    number: str,
    signed_on: dt.date,
    starts_on: dt.date,
    ends_on: dt.date,
    amount: Decimal | None = None,
    exception_reason: str | None = None,
) -> Key:
    """With the same contractor, at the same stations; never after a failed evaluation (R88)."""
    before = await work.viewer_row(SEEN, key_in(contract, tables.contract).id)
    if before is None or before["division_code"] != work.viewer.division_code:
        raise NotYours
    county = before["county_code"]
    await hold_county(work.connection, county)
    if before["status"] not in ("ACTIVE", "CLOSED") or await work.own_row(RENEWED, county, before["number"]):
        raise NotRenewable
    if starts_on <= before["ends_on"]:
        raise BadArgument(
            "Expected startsOn after the end of the contract that is renewed.",
            zh="续签合同应在原合同到期后开始",
        )
    told = {
        **{name: before[name] for name in GOES_ON},
        "renewal_of_number": before["number"],
        **_term(number, signed_on, starts_on, ends_on, amount, exception_reason),
    }
    numbers = [row["station_id"] for row in await work.own_rows(SERVED, before["id"])]
    served = await work.own_rows(STATIONS, numbers)
    _keep(work, told, [row["division_code"] for row in served], await _renewal(work, before, told))
    key = await _add(work, county, told, numbers)
    await say(work, tables.contract, Key(None, before["id"]), county, {"status": "RENEWED"}, why="renewed")
    work.note("contract", Key(None, before["id"]), "U", "status")
    return key


async def _renewal(work: Work, before: Any, told: dict[str, Any]) -> dict[str, Told]:
    """What rules on renewals ask for. In principle there is none before an evaluation (R87)."""
    evaluated = await work.own_row(EVALUATED, before["id"])
    result = evaluated["grade"] if evaluated else before["annual_evaluation"]
    waited = rule_in_force("R87", told["division_code"], told["starts_on"])
    if result is None and waited is not None and told["exception_reason"] is None:
        raise AgainstRule.of(waited)
    first = (await work.own_row(FIRST, before["id"]))["starts_on"]
    whole = max(years(first, told["ends_on"]), Decimal(told["cycle_years"] or 0))
    return {"contract.cycle": whole} | ({} if result is None else {"renewal.evaluation": result})


async def _purchaser_county(work: Work) -> str:
    """Held until the transaction ends: no other contract is signed there, and no run merges one."""
    code = work.viewer.division_code or ""
    if party_of(work.viewer) not in ("COUNTY_BUREAU", "TOWNSHIP"):
        raise BadArgument(
            "Expected a county bureau or a township: others purchase no services of stations.",
            zh="购买主体应为县级民政部门或乡镇（街道）",
        )
    await hold_county(work.connection, code[:6])
    return code[:6]


def _term(
    number: str,
    signed_on: dt.date,
    starts_on: dt.date,
    ends_on: dt.date,
    amount: Decimal | None,
    exception_reason: str | None,
) -> dict[str, Any]:
    period(starts_on, ends_on)
    if not FIRST_YEAR <= starts_on.year <= ends_on.year <= LAST_YEAR:
        raise BadArgument(
            f"Expected days of {FIRST_YEAR} to {LAST_YEAR}.",
            zh=f"日期应在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间",
        )
    return {
        "number": words("number", number, MOST_NUMBER, zh="合同编号"),
        "signed_on": signed_on,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "amount": None if amount is None else yuan("amount", amount, "合同金额"),
        "exception_reason": text("exceptionReason", exception_reason, "例外理由", MOST_TEXT),
        "status": "ACTIVE",
    }


def _keep(work: Work, told: dict[str, Any], served_in: Iterable[str], more: dict[str, Told]) -> None:
    """Length, cycle, purchaser, place and method, as far as rules speak of them (R72–R74, R82–R90)."""
    cycle = told["cycle_years"]
    if cycle is not None and not 1 <= cycle <= MOST_YEARS:
        raise BadArgument(f"Expected cycleYears: 1 to {MOST_YEARS}.", zh=f"服务周期应为 1 至 {MOST_YEARS} 年")
    facts: dict[str, Told] = {
        "contract.length": years(told["starts_on"], told["ends_on"]),
        "contract.starts_on": told["starts_on"],
        "contract.ends_on": told["ends_on"],
        "contract.purchaser": party_of(work.viewer),
        **({"contract.cycle": Decimal(cycle)} if cycle is not None else {}),
        **more,
    }
    when = ["CYCLE_OF_TWO_YEARS"] if (cycle or 0) >= 2 else []
    excepted = told["exception_reason"] is not None
    place = told["division_code"], told["starts_on"]
    keep_rules(*place, facts, when=when, is_exception=excepted)
    for code in served_in:
        keep_rules(*place, {"service.division": code}, is_exception=excepted)


async def _add(work: Work, county: str, told: dict[str, Any], stations: list[int]) -> Key:
    """The row, in the viewer's name; then what the hub says of it, as any source says what it knows."""
    if await work.own_row(TAKEN, county, told["number"]):
        raise NumberTaken
    key = Key(None, (await work.own_row(NUMBER))["id"])
    row = {**told, "county_code": county, "id": key.id}
    places = ", ".join(f"${i}" for i in range(1, len(row) + 1))
    # A township sees a contract by its stations, which are not there yet: so nothing is read back here.
    await work.viewer_row(f"insert into contract ({', '.join(row)}) values ({places})", *row.values())
    await work.own_row(LINK, key.id, stations)
    await say(work, tables.contract, key, county, told, why="signed")
    work.note("contract", key, "I", "number", "starts_on", "ends_on", "amount")
    return key
