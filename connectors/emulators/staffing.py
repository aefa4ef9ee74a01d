"""驻站人员: as many as the four rule sets ask for (R30 to R36), and a few cases that break them.

Broken on purpose, each at one place: Jinjiang's 紫帽镇 has a post vacant for 40 days (R44), 永和镇 a
worker of 47 (R39), 西滨镇 one below junior college (R40), 内坑镇 one whom the bureau reviewed too late
(R63); 思明区's 鼓浪屿街道 has one worker (R32), 同安区's 汀溪镇 no head (R31); 兴庆区's 通贵乡 no
resident (R34) and 掌政镇 a project worker without certificate since 2021 (R47); 同心县's supervisor
holds the lowest certificate only (R35); 七星区's 漓东街道 a worker of another major (R42).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from connectors.emulators import names
from connectors.emulators.geography import PROVINCES
from connectors.emulators.identity import IdentityDealer, born_between
from connectors.emulators.model import Contract, County, Worker
from hub.domain.division import PILOT_TOWNS
from hub.domain.vocabulary import CredentialKind, Education, PersonnelKind, Sex

_MAJORS: Final = ("社会工作", "社会工作", "社会学", "心理学", "护理", "法学", "教育学", "健康管理")
_OTHER_MAJORS: Final = ("会计", "市场营销", "计算机应用", "土木工程")
_RESIDENT, _PROJECT = PersonnelKind.RESIDENT, PersonnelKind.PROJECT

_ODD: Final[dict[tuple[str, int], dict[str, Any]]] = {
    ("350582113000", 2): {"vacant_days": 40},
    ("350582111000", 2): {"ages": (47, 47)},
    ("350582114000", 2): {"education": Education.BELOW_COLLEGE},
    ("350582109000", 2): {"reviewed_late": True},
    ("350203012000", 2): {"absent": True},
    ("350212109000", 0): {"absent": True},
    ("640104200000", 1): {"absent": True},
    ("640104100000", 2): {"certified": False, "since": dt.date(2021, 7, 1)},
    ("450305004000", 1): {"major": "会计", "certified": False},
}
"""Township and number of the post there (0: the head) → how the post differs."""


@dataclass(frozen=True, slots=True)
class _Post:
    kind: PersonnelKind
    township_code: str | None
    contract: Contract | None
    since: dt.date
    full_time: bool = True
    male: bool | None = None
    certified: bool | None = None
    certificate: CredentialKind | None = None
    education: Education | None = None
    major: str | None = None
    ages: tuple[int, int] = (23, 44)
    left_on: dt.date | None = None
    vacant_days: int = 0
    reviewed_late: bool = False
    absent: bool = False


def personnel(
    county: County, contracts: Sequence[Contract], dealer: IdentityDealer, seed: int, today: dt.date
) -> tuple[Worker, ...]:
    """Everybody on the county's staff list, those who left included."""
    chance = Random(f"{seed}:staff:{county.county_code}")
    posts = [post for post in _posts(county, contracts, today) if not post.absent]
    return tuple(_worker(county, number, post, dealer, chance, today) for number, post in enumerate(posts, 1))


def _posts(county: County, contracts: Sequence[Contract], today: dt.date) -> Iterator[_Post]:
    seen: dict[str, int] = {}
    for post in (*_core_posts(county, contracts, today), *_other_posts(contracts, today)):
        code = post.township_code or ""
        if post.kind == PersonnelKind.STATION_HEAD:
            yield replace(post, **_ODD.get((code, 0), {}))
        elif post.kind in (_RESIDENT, _PROJECT):
            seen[code] = seen.get(code, 0) + 1
            yield replace(post, **_ODD.get((code, seen[code]), {}))
        else:
            yield post


def _core_posts(county: County, contracts: Sequence[Contract], today: dt.date) -> Iterator[_Post]:
    for contract in contracts:
        if contract.is_core and contract.is_live(today):
            for code in contract.station_codes:
                since = _first_start(contracts, contract, code)
                yield from _station_posts(county, contract, code, since)
            yield from _project_posts(county, contract)


def _first_start(contracts: Sequence[Contract], contract: Contract, code: str) -> dt.date:
    """When the contractor began to serve the station."""
    return min(
        c.starts_on
        for c in contracts
        if c.is_core and c.contractor is contract.contractor and code in c.station_codes
    )


def _station_posts(county: County, contract: Contract, code: str, since: dt.date) -> Iterator[_Post]:
    residents = {"QX": 1, "JJ": 3 if code in PILOT_TOWNS else 2, "XM": 2, "NX": 1}[county.rules]
    yield from (_Post(_RESIDENT, code, contract, since) for _ in range(residents))
    if county.rules in ("QX", "XM"):
        yield _Post(PersonnelKind.STATION_HEAD, code, None, since, full_time=False, ages=(35, 57))
        yield _Post(PersonnelKind.DEPUTY_HEAD, code, contract, since, full_time=False, ages=(30, 50))
    if county.rules == "XM":
        yield _Post(PersonnelKind.DEPUTY_HEAD, code, None, since, full_time=False, ages=(32, 55))


def _project_posts(county: County, contract: Contract) -> Iterator[_Post]:
    codes, since = contract.station_codes, contract.starts_on
    if county.rules == "QX":
        # Four full-time at least, one of them a man, and two for vagrancy relief: R36, per project.
        missing = max(1, 4 - len(codes))
        yield from (_Post(_PROJECT, codes[n], contract, since, male=n == 0) for n in range(missing))
        for male in (True, False):
            yield _Post(PersonnelKind.VAGRANCY_RELIEF, None, contract, since, full_time=False, male=male)
    if county.rules == "NX":
        yield from (_Post(_PROJECT, code, contract, since) for code in codes[::2])
        grade = CredentialKind.ASSISTANT if county.county_code == "640324" else CredentialKind.SOCIAL_WORKER
        yield _Post(PersonnelKind.SUPERVISOR, None, contract, since, certificate=grade, ages=(32, 50))


def _other_posts(contracts: Sequence[Contract], today: dt.date) -> Iterator[_Post]:
    """Staff of the small projects, and one for each station that another contractor served before."""
    serving = {
        (code, c.contractor.slug)
        for c in contracts
        if c.is_core and c.is_live(today)
        for code in c.station_codes
    }
    for contract in contracts:
        if not contract.is_core and contract.starts_on <= today:
            yield _Post(_PROJECT, contract.station_codes[0], contract, contract.starts_on)
        elif contract.is_core and contract.starts_on.year == today.year - 1:
            for code in contract.station_codes:
                if (code, contract.contractor.slug) not in serving:
                    yield _Post(_RESIDENT, code, contract, contract.starts_on, left_on=contract.ends_on)


def _worker(
    county: County, number: int, post: _Post, dealer: IdentityDealer, chance: Random, today: dt.date
) -> Worker:
    male = chance.random() < 0.3 if post.male is None else post.male
    birth_on, id_number = dealer.deal(chance, male, *born_between(today, *post.ages))
    ethnicity = names.ethnicity(chance, PROVINCES[county.code[:2]])
    credential = _credential(post, number, chance)
    vacated = today - dt.timedelta(days=post.vacant_days) if post.vacant_days else None
    return Worker(
        county_code=county.county_code,
        staff_number=f"{county.slug}{number:04d}",
        name=names.full_name(chance, male, ethnicity),
        sex=Sex.MALE if male else Sex.FEMALE,
        id_number=id_number,
        birth_on=birth_on,
        education=post.education
        or chance.choices((Education.COLLEGE, Education.BACHELOR, Education.MASTER_OR_ABOVE), (45, 48, 7))[0],
        major=post.major or chance.choice(_MAJORS if credential is None else (*_MAJORS, *_OTHER_MAJORS)),
        credential=credential,
        credential_obtained_on=_autumn(chance, today) if credential else None,
        hukou_division_code=county.code if chance.random() < 0.8 else county.row.parent_code or "",
        employer_credit_code=post.contract.contractor.credit_code if post.contract else None,
        township_code=post.township_code,
        kind=post.kind,
        is_full_time=post.full_time,
        is_low_income_verifier=county.rules == "NX" and post.kind == _RESIDENT,
        onboarded_on=post.since,
        left_on=vacated or post.left_on,
        reviewed_by_bureau_on=_review(county, post, chance),
        phone=f"154{number:04d}{int(county.county_code) % 10000:04d}",
    )


def _credential(post: _Post, number: int, chance: Random) -> CredentialKind | None:
    """Five of eight are certified: just above Jinjiang's 60 % (R46)."""
    if post.certificate or post.certified is False or number % 8 > 4:
        return post.certificate
    return chance.choices(
        (CredentialKind.ASSISTANT, CredentialKind.SOCIAL_WORKER, CredentialKind.SENIOR), (68, 30, 2)
    )[0]


def _autumn(chance: Random, today: dt.date) -> dt.date:
    """Results of the national exam come in autumn."""
    return dt.date(today.year - chance.randrange(1, 8), 9, chance.randrange(10, 30))


def _review(county: County, post: _Post, chance: Random) -> dt.date | None:
    if county.rules != "JJ" or post.kind != _RESIDENT:
        return None
    days = chance.randrange(3, 20)
    return post.since + dt.timedelta(days=days if post.reviewed_late else -days)
