"""抽样: the hub draws which results or services a bureau checks, as many as the rules ask for (R169, R170).

Nobody chooses the seed, and a drawing is never changed or taken back: who draws again until the sample suits
is seen to have drawn again.
"""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Final

from hub.domain import sampling
from hub.domain.norms import rules_of
from hub.domain.refusal import Refused
from hub.domain.vocabulary import NormComparator, SubsidyCheckKind
from hub.errors import BadArgument, Conflict
from hub.tables import subsidy_check
from hub.write.checks import text
from hub.write.place import seen_contract
from hub.write.stating import state
from hub.write.work import Key, Work

MOST_NUMBERS: Final = 5_000
QUANTITIES: Final = {
    SubsidyCheckKind.ASSESSMENT_RECHECK: "subsidy.verified",
    SubsidyCheckKind.SERVICE_SPOT_CHECK: "subsidy.spot_checked",
}
PLACE: Final = "select true from division where code = $1"


class NothingAsked(Conflict):
    """No rule in force in the division that day asks for such a sample."""

    zh = "该区划当日没有要求此类抽查的规则"


async def draw(
    work: Work,
    *,
    division_code: str,
    kind: str,
    numbers: list[str],
    supplier_name: str | None = None,
    contract: str | None = None,
) -> Key:
    """The least number of them that meets the rule in force; ``contract``: of who helps with the check."""
    if not await work.own_row(PLACE, division_code):
        raise BadArgument(
            "Expected divisionCode: a division of 12 digits.", zh="divisionCode 应为12位区划代码"
        )
    sample = _drawn(work, division_code, SubsidyCheckKind(kind), numbers)
    under = None if contract is None else await seen_contract(work, contract)
    given = {
        "division_code": division_code,
        "kind": kind,
        "supplier_name": text("supplierName", supplier_name, "被核查机构"),
        "contract_id": under and under["id"],
        "contractor_id": under and under["contractor_id"],
        "population_count": sample.population,
        "sample_count": len(sample.numbers),
        "drawn_at": work.now,
        "sampling_method": sample.method,
        "sampling_seed": sample.seed,
        "population_digest": sample.digest,
        "drawn_numbers": list(sample.numbers),
    }
    return await state(work, subsidy_check, given, "drawn_numbers")


def _drawn(work: Work, division_code: str, kind: SubsidyCheckKind, numbers: list[str]) -> sampling.Sample:
    share, strictly = _asked(QUANTITIES[kind], division_code, work)
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        raise BadArgument(
            f"Expected numbers: 1 to {MOST_NUMBERS:,} of them.", zh=f"numbers 应为 1 至 {MOST_NUMBERS} 个编号"
        )
    size = sampling.least(len(numbers), share, strictly=strictly)
    try:
        return sampling.draw(numbers, size, secrets.token_hex(16))
    except Refused as refused:
        raise BadArgument(refused.expected, zh=refused.expected_zh) from None


def _asked(quantity: str, division_code: str, work: Work) -> tuple[Decimal, bool]:
    """The share a rule asks for, and whether it is to be more than that; the largest of several."""
    found = [
        (bound.value, bound.comparator is NormComparator.MORE_THAN)
        for rule in rules_of(division_code, work.today)
        for bound in rule.bounds
        if bound.quantity == quantity and isinstance(bound.value, Decimal)
    ]
    if not found:
        raise NothingAsked
    return max(found)
