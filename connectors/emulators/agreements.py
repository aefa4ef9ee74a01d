"""购买服务合同: who serves which stations, this year, before, and next.

Every county has, besides the yearly projects of its stations, a small project on top at one
station (R91) whose contract ended yesterday, and the contract that renews it in a month's time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.emulators.model import Contract, Contractor, County, Rules
from hub.domain.vocabulary import (
    AnnualEvaluation,
    ContractStatus,
    ProcurementMethod,
)

FIRST_PROJECT_YEAR: Final = 2024
"""Year of Jinjiang's own project plan, 晋政民〔2023〕109号."""


class _Split(NamedTuple):
    """Who serves: contractor and number of townships, in the order of their codes; and the small project."""

    now: tuple[tuple[str, int], ...]
    before: tuple[tuple[str, int], ...]
    extra: tuple[str, int]
    cut_short: tuple[str, int] | None = None


_SPLITS: Final = {
    "450305": _Split((("licheng", 3), ("xingyan", 2)), (("licheng", 5),), ("yuyangli", 1)),
    "350582": _Split(
        (("wuliqiao", 8), ("chaosheng", 6), ("citong", 5)),
        (("wuliqiao", 19),),
        ("anran", 5),
        ("chaosheng", 0),
    ),
    "350203": _Split((("luhe", 6), ("yunsheng", 4)), (("luhe", 6), ("yunsheng", 4)), ("yunsheng", 1)),
    "350212": _Split(
        (("citong", 6), ("yinchengli", 4)), (("citong", 6), ("yinchengli", 4)), ("yinchengli", 1)
    ),
    "640104": _Split(
        (("fengqi", 10), ("saihe", 6)), (("fengqi", 10), ("saihe", 6)), ("saihe", 0), ("saihe", 2)
    ),
    "640324": _Split((("qinghe", 8), ("yuhai", 2)), (("qinghe", 8), ("yuhai", 3)), ("yuhai", 2)),
}
"""The last townships of 同安区 (one station planned) and 同心县 (one suspended) have no project now."""

_YEARS_BEFORE: Final[dict[Rules, int]] = {"QX": 1, "JJ": 1, "XM": 1, "NX": 2}
_METHODS: Final[dict[Rules, tuple[ProcurementMethod, ...]]] = {
    "QX": (ProcurementMethod.COMPETITIVE_CONSULTATION,),
    "JJ": (ProcurementMethod.OPEN_TENDER,),
    "XM": (
        ProcurementMethod.COMPETITIVE_NEGOTIATION,
        ProcurementMethod.INVITED_TENDER,
        ProcurementMethod.INQUIRY,
    ),
    "NX": (ProcurementMethod.OPEN_TENDER, ProcurementMethod.SINGLE_SOURCE),
}
_STANDARDS: Final[dict[Rules, str]] = {
    "QX": "入户探访全年不少于500次；一人一档不少于5000份；咨询个案不少于24个；专业个案不少于6个",
    "JJ": "开展社会救助、养老、儿童、社区治理服务；驻站人员专职；离职缺岗一个月内补齐",
    "XM": "每镇（街道）一个核心项目；中期自评一次；对接辖区其他政府购买服务项目",
    "NX": "服务类与事务性社会救助、养老服务、儿童福利、社会事务；每月报送实施情况",
}
_EVALUATIONS: Final[dict[Rules, str]] = {
    "QX": "按质论价、按效付费；月度工作简报、中期和末期评估",
    "JJ": "接受民政、财政、审计部门及督导评估机构监督检查",
    "XM": "合同年度中期自评，期末由购买主体或第三方评估",
    "NX": "购买主体、服务对象、第三方综合评审，年度评估合格后续签",
}
_YUAN_A_STATION: Final[dict[Rules, int]] = {"QX": 69_000, "JJ": 170_000, "XM": 186_000, "NX": 48_000}
PROJECT_AMOUNT: Final = Decimal("345000.00")
"""七星区's project, R117."""


def contracts(county: County, everyone: Sequence[Contractor], today: dt.date) -> tuple[Contract, ...]:
    """In the order of signing: years before, this year, the small project, its renewal."""
    by_slug = {contractor.slug: contractor for contractor in everyone}
    return tuple(_Register(county, by_slug, today).all())


class _Register:
    """The contract register of one county while it is being written."""

    def __init__(self, county: County, by_slug: dict[str, Contractor], today: dt.date) -> None:
        self.county, self.by_slug, self.today = county, by_slug, today
        self.split = _SPLITS[county.county_code]
        self.codes = [township.code for township in county.townships]

    def all(self) -> Iterator[Contract]:
        earlier: dict[str, Contract] = {}
        for year in range(self._first_year(), self.today.year + 1):
            current = list(self._year(year, earlier))
            earlier = {contract.contractor.slug: contract for contract in current}
            yield from current
        yield from self._extra()
        if self.split.cut_short:
            yield self._cut_short(*self.split.cut_short)

    def _first_year(self) -> int:
        first = self.today.year - _YEARS_BEFORE[self.county.rules]
        return min(first, FIRST_PROJECT_YEAR) if self.county.rules == "JJ" else first

    def _year(self, year: int, earlier: dict[str, Contract]) -> Iterator[Contract]:
        split = self.split.now if self._is_split(year) else self.split.before
        start = 0
        for number, (slug, count) in enumerate(split, 1):
            codes = tuple(self.codes[start : start + count])
            start += count
            renewed = earlier.get(slug) if self.county.rules != "JJ" else None
            yield self._yearly(year, number, slug, codes, renewed)

    def _is_split(self, year: int) -> bool:
        since = FIRST_PROJECT_YEAR + 1 if self.county.rules == "JJ" else self.today.year
        return year >= min(since, self.today.year)

    def _yearly(
        self, year: int, number: int, slug: str, codes: tuple[str, ...], renewed: Contract | None
    ) -> Contract:
        rules, past = self.county.rules, year < self.today.year
        goes_on = past and rules != "JJ"
        status = ContractStatus.RENEWED if goes_on else ContractStatus.CLOSED
        evaluation = AnnualEvaluation.QUALIFIED
        if rules == "NX" and slug == "saihe" and year == self.today.year - 1:
            evaluation = AnnualEvaluation.UNQUALIFIED  # renewed all the same, against R88
        return self._contract(
            number=f"{self.county.slug}MZ-{year}-{number:02d}" + ("-1" if renewed else ""),
            title=self._title(year),
            slug=slug,
            codes=codes,
            signed_on=dt.date(year - 1, 12, 20 + number),
            starts_on=dt.date(year, 1, 1),
            ends_on=dt.date(year, 12, 31),
            amount=self._amount(slug, len(codes), year),
            renewal_of=renewed.number if renewed else None,
            status=status if past else ContractStatus.ACTIVE,
            evaluation=evaluation if past else None,
        )

    def _title(self, year: int) -> str:
        return {
            "QX": f"{year}年七星区民政服务站项目",
            "JJ": f"晋江市{year}年度镇（街道）民政服务站购买服务项目",
            "XM": f"{self.county.name}{year}年镇（街道）民政服务站核心项目",
            "NX": f"{self.county.name}{year}年乡镇（街道）社会工作服务站项目",
        }[self.county.rules]

    def _amount(self, slug: str, stations: int, year: int) -> Decimal:
        if slug == "licheng" and year == self.today.year:
            return PROJECT_AMOUNT
        return Decimal(_YUAN_A_STATION[self.county.rules] * stations).quantize(Decimal("0.01"))

    def _extra(self) -> Iterator[Contract]:
        slug, at = self.split.extra
        ended = self.today - dt.timedelta(days=1)
        first = self._contract(
            number=f"{self.county.slug}ZX-{ended.year}-01",
            title=f"{self.county.name}困境儿童关爱专项服务",
            slug=slug,
            codes=(self.codes[at],),
            signed_on=ended - dt.timedelta(days=380),
            starts_on=ended - dt.timedelta(days=364),
            ends_on=ended,
            amount=Decimal("58000.00"),
            status=ContractStatus.ACTIVE,
            is_core=False,
        )
        start = self.today + dt.timedelta(days=30)
        yield first
        yield self._contract(
            number=f"{first.number}-1",
            title=first.title,
            slug=slug,
            codes=first.station_codes,
            signed_on=self.today - dt.timedelta(days=3),
            starts_on=start,
            ends_on=start + dt.timedelta(days=364),
            amount=Decimal("60000.00"),
            renewal_of=first.number,
            status=ContractStatus.ACTIVE,
            is_core=False,
        )

    def _cut_short(self, slug: str, at: int) -> Contract:
        """Its last day lies ahead, and yet it is over: terminated."""
        return self._contract(
            number=f"{self.county.slug}ZX-{self.today.year}-02",
            title=f"{self.county.name}独居老年人巡访专项服务",
            slug=slug,
            codes=(self.codes[at],),
            signed_on=self.today - dt.timedelta(days=210),
            starts_on=self.today - dt.timedelta(days=200),
            ends_on=self.today + dt.timedelta(days=164),
            amount=Decimal("47000.00"),
            status=ContractStatus.TERMINATED,
            is_core=False,
        )

    def _contract(
        self,
        *,
        number: str,
        title: str,
        slug: str,
        codes: tuple[str, ...],
        signed_on: dt.date,
        starts_on: dt.date,
        ends_on: dt.date,
        amount: Decimal,
        status: ContractStatus,
        renewal_of: str | None = None,
        evaluation: AnnualEvaluation | None = None,
        is_core: bool = True,
    ) -> Contract:
        rules = self.county.rules
        purchaser, division = self._purchaser(codes)
        methods = _METHODS[rules]
        return Contract(
            county_code=self.county.county_code,
            number=number,
            title=title,
            purchaser_name=purchaser,
            division_code=division,
            contractor=self.by_slug[slug],
            procurement_method=methods[len(codes) % len(methods)],
            signed_on=signed_on,
            starts_on=starts_on,
            ends_on=ends_on,
            cycle_years=3 if rules == "NX" and is_core else 1,
            amount=amount,
            standards=_STANDARDS[rules],
            evaluation_rules=_EVALUATIONS[rules],
            renewal_of_number=renewal_of,
            status=status,
            annual_evaluation=evaluation,
            station_codes=codes,
            is_core=is_core,
        )

    def _purchaser(self, codes: tuple[str, ...]) -> tuple[str, str]:
        """The bureau; in Xiamen a township may buy for itself (R72)."""
        if self.county.rules == "XM" and len(codes) == 1:
            town = next(t for t in self.county.townships if t.code == codes[0])
            suffix = "办事处" if town.name.endswith("街道") else "人民政府"
            return f"{self.county.name}{town.name}{suffix}", town.code
        return self.county.bureau_name, self.county.code
