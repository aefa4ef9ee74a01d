"""承接机构: invented organisations with valid credit codes; one serves in two counties."""

from __future__ import annotations

from typing import Final, NamedTuple

from connectors.emulators.model import Contractor
from hub.domain.credit_code import make_credit_code
from hub.domain.vocabulary import OrganizationGrade, OrganizationKind, RegistrationAuthority

_SOCIAL: Final = (
    OrganizationKind.SOCIAL_ORGANIZATION,
    RegistrationAuthority.CIVIL_AFFAIRS,
    "社会工作专业服务；承接政府购买服务；社会工作督导与培训",
)
_FIRM: Final = (
    OrganizationKind.ENTERPRISE,
    RegistrationAuthority.MARKET_REGULATION,
    "社会工作服务；居家养老服务；社会救助经办服务外包",
)
_HOME_CARE: Final = (
    OrganizationKind.ENTERPRISE,
    RegistrationAuthority.MARKET_REGULATION,
    "居家养老服务；家政服务",
)
_COOPERATIVE: Final = (
    OrganizationKind.OTHER,
    RegistrationAuthority.SECTOR_AUTHORITY,
    "集体资产经营；社会工作服务；农村公共服务",
)
_4A, _3A = OrganizationGrade.GRADE_4A, OrganizationGrade.GRADE_3A


class _Seat(NamedTuple):
    slug: str
    name: str
    leading: str
    region: str
    facts: tuple[OrganizationKind, RegistrationAuthority, str]
    grade: OrganizationGrade | None
    party: bool
    counties: tuple[str, ...]


_SEATS: Final = (
    _Seat("licheng", "桂林市漓澄社会工作服务中心", "52", "450300", _SOCIAL, _4A, True, ("450305",)),
    _Seat("xingyan", "桂林市星岩社会工作服务中心", "52", "450305", _SOCIAL, _3A, False, ("450305",)),
    _Seat("yuyangli", "桂林市榆杨里社会服务有限公司", "91", "450305", _FIRM, None, False, ("450305",)),
    _Seat("wuliqiao", "晋江市五里桥畔社会工作服务中心", "52", "350582", _SOCIAL, _4A, True, ("350582",)),
    _Seat("chaosheng", "晋江市潮声里社会工作服务中心", "52", "350582", _SOCIAL, _3A, True, ("350582",)),
    _Seat(
        "citong", "泉州市刺桐里社会工作服务中心", "52", "350500", _SOCIAL, _3A, False, ("350582", "350212")
    ),
    # Registered scope without 社会工作: R76 forbids it in Jinjiang.
    _Seat("anran", "晋江市安然居家养老服务有限公司", "91", "350582", _HOME_CARE, None, False, ("350582",)),
    _Seat("luhe", "厦门市鹭禾里社会工作服务中心", "52", "350203", _SOCIAL, _4A, True, ("350203",)),
    _Seat("yunsheng", "厦门市筼声里社会工作服务中心", "52", "350203", _SOCIAL, None, False, ("350203",)),
    _Seat("yinchengli", "厦门市银城里社会工作服务中心", "52", "350212", _SOCIAL, _3A, False, ("350212",)),
    _Seat("fengqi", "银川市凤栖里社会工作服务中心", "52", "640104", _SOCIAL, _4A, True, ("640104",)),
    _Seat("saihe", "宁夏塞禾里社会服务有限公司", "91", "640104", _FIRM, None, False, ("640104",)),
    _Seat("qinghe", "同心县清禾里社会工作服务中心", "52", "640324", _SOCIAL, _3A, True, ("640324",)),
    _Seat("yuhai", "同心县豫海镇禾里股份经济合作社", "N3", "640324", _COOPERATIVE, None, True, ("640324",)),
)


def contractors() -> tuple[Contractor, ...]:
    return tuple(_contractor(number, seat) for number, seat in enumerate(_SEATS, 1))


def _contractor(number: int, seat: _Seat) -> Contractor:
    kind, authority, scope = seat.facts
    return Contractor(
        slug=seat.slug,
        credit_code=make_credit_code(seat.leading[0], seat.leading[1], seat.region, f"MJ{number:06d}"),
        name=seat.name,
        kind=kind,
        registration_authority=authority,
        business_scope=scope,
        grade=seat.grade,
        has_party_organisation=seat.party,
        division_code=seat.region + "000000",
        contact_name=f"{'陈林黄吴马丁覃'[number % 7]}{'海文明清'[number % 4]}",
        contact_phone=f"154{number:08d}",
        county_codes=seat.counties,
    )
