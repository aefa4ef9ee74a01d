"""The exchange database (前置库) of a province's social assistance system, for one county.

Two tables in GBK, each a log: ``publish`` appends what differs from what stands there, as the system's own
triggers would. ``truth`` says what is behind a record; no reader of the database sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import ClassVar, Final

from connectors.emulators.logs import OPERATION, Cells, Logs, append, in_gbk
from connectors.emulators.model import Membership, Person
from connectors.emulators.truth import Truth
from hub.domain.vocabulary import Category, SelfCare, Sex, SupportMode

__all__ = ["Cells", "Exchange", "append", "family_cells", "in_gbk", "member_cells"]

TABLES: Final = f"""
create table if not exists SAM_FAMILY (ID bigint auto_increment primary key, FAMILY_ID char(32),
    DOMICILE_CODE varchar(12), ASSISTANCE_TYPE char(2), CARD_NO varchar(30), BEGIN_DATE varchar(10),
    END_DATE varchar(10), ASSISTANCE_MONEY varchar(20), ADDRESS varchar(200), FAMILY_SIZE varchar(4),
    SUPPORT_WAY char(2), CHECK_DATE varchar(10), BANK varchar(40), ACCOUNT_NO varchar(40), {OPERATION},
    index (FAMILY_ID), index (OP_TIME)) character set gbk;
create table if not exists SAM_PEOPLE (ID bigint auto_increment primary key, PEOPLE_ID char(32),
    FAMILY_ID char(32), NAME varchar(50), ID_CARD varchar(18), SEX char(1), NATION char(2),
    BIRTHDAY varchar(10), RELATIONSHIP_TYPE char(2), TEL varchar(20), VIABILITY char(1),
    IS_ASSISTANCE char(1), PERSONAL_STATS_TAG char(2), FACE_ID varchar(40), {OPERATION},
    index (PEOPLE_ID), index (FAMILY_ID), index (OP_TIME)) character set gbk"""
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
SELF_CARE: Final = {SelfCare.FULL: "1", SelfCare.PARTIAL: "2", SelfCare.NONE: "3"}
SUPPORT: Final = {SupportMode.INSTITUTION: "03", SupportMode.SCATTERED: "04"}
CATEGORY: Final = {"01": Category.DIBAO, "02": Category.DIBAO, "03": Category.TEKUN}


@dataclass(slots=True)
class Exchange(Logs):
    """``people``: of one county."""

    KEYS: ClassVar[Mapping[str, str]] = {"SAM_FAMILY": "FAMILY_ID", "SAM_PEOPLE": "PEOPLE_ID"}

    people: Iterable[Person]
    port: int
    password: str
    truth: Truth = field(default_factory=Truth)

    async def publish(self, at: dt.datetime, people: Sequence[Person] | None = None) -> dict[str, int]:
        """Appends what changed, as of ``at``; how many rows of each OP_TYPE. ``people``: else all."""
        families: dict[str, Cells] = {}
        members: dict[str, Cells] = {}
        for person in self.people if people is None else people:
            for membership in person.memberships:
                if membership.list_kind in ("dibao", "tekun") and person.household and person.id_number:
                    family, member = family_cells(person, membership), member_cells(person, membership)
                    family = families.setdefault(family["FAMILY_ID"], family)
                    members[member["PEOPLE_ID"]] = member
                    self.truth.tell("SAM_PEOPLE", member["PEOPLE_ID"], person, category_of(family))
                    break
        return await self.bring(at, TABLES, {"SAM_FAMILY": families, "SAM_PEOPLE": members})


def family_cells(person: Person, membership: Membership) -> Cells:
    home = person.household
    assert home is not None
    urban = "01" if person.division_code[6:9] < "100" else "02"
    return {
        "FAMILY_ID": _id(home.number),
        "DOMICILE_CODE": person.division_code,
        "ASSISTANCE_TYPE": "03" if membership.category == Category.TEKUN else urban,
        "CARD_NO": membership.certificate_number,
        "BEGIN_DATE": f"{membership.starts_on:%Y-%m}",
        "END_DATE": f"{membership.ends_on:%Y-%m}" if membership.ends_on else "3000-01",
        "ASSISTANCE_MONEY": str(membership.amount or ""),
        "ADDRESS": person.address or "",
        "FAMILY_SIZE": str(home.member_count),
        "SUPPORT_WAY": SUPPORT[membership.support_mode] if membership.support_mode else "",
        "CHECK_DATE": home.checked_on.isoformat() if home.checked_on else "",
        "BANK": "农村信用社",
        "ACCOUNT_NO": f"62{home.number[-6:]:0>14}",
    }


def category_of(family: Cells) -> str:
    return str(CATEGORY[family["ASSISTANCE_TYPE"]])


def member_cells(person: Person, membership: Membership) -> Cells:
    assert person.household is not None
    assert person.id_number is not None
    return {
        "PEOPLE_ID": _id(person.id_number),
        "FAMILY_ID": _id(person.household.number),
        "NAME": person.name,
        "ID_CARD": person.id_number,
        "SEX": SEX[person.sex] if person.sex else "0",
        "NATION": person.ethnicity_code or "",
        "BIRTHDAY": person.birth_on.isoformat() if person.birth_on else "",
        "RELATIONSHIP_TYPE": person.relation_code or "",
        "TEL": person.phone or "",
        "VIABILITY": SELF_CARE[person.self_care] if person.self_care else "",
        "IS_ASSISTANCE": "1",
        "PERSONAL_STATS_TAG": "03" if person.deceased_on and membership.ends_on else "01",
        "FACE_ID": "F" + _id(person.id_number)[:12],
    }


def _id(text_: str) -> str:
    return md5(text_.encode(), usedforsecurity=False).hexdigest()
