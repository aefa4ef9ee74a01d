"""What the personas of the demo ask for, and by which law."""

from __future__ import annotations

from typing import Final

from hub.access.slices import AGENCY, BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.vocabulary import LegalBasis
from hub.oauth.purposes import Registered, add_purpose, find_purposes, grant_purpose
from hub.store.database import Database

PURPOSES: Final = (
    Registered(
        "social-assistance",
        "社会救助管理与基层民政服务",
        "Administration of social assistance and of local civil-affairs services",
        LegalBasis.STATUTORY_DUTY,
        "《社会救助暂行办法》第三条、第四条",
        (BUREAU, TOWNSHIP),
        ("credential", "minor"),
    ),
    Registered(
        "entrusted-service",
        "受民政部门委托开展探访与服务",
        "Visits and services entrusted by the civil-affairs department",
        LegalBasis.STATUTORY_DUTY,
        "《社会救助暂行办法》第三条；受托处理：《个人信息保护法》第二十一条",
        (CONTRACTOR,),
        ("minor",),
    ),
    Registered(
        "medical-assistance",
        "医疗救助资格核验",
        "Verification of eligibility for medical assistance",
        LegalBasis.STATUTORY_DUTY,
        "《社会救助暂行办法》第二十八条",
        (AGENCY,),
    ),
)
"""Each role has one, and so it is where a request names none; the operator sees no person and has none."""


def states(role: str) -> bool:
    return any(role in purpose.roles for purpose in PURPOSES)


async def register_purposes(database: Database) -> None:
    """Those that are not there."""
    known = {purpose.code for purpose in await find_purposes(database)}
    for purpose in PURPOSES:
        if purpose.code not in known:
            await add_purpose(database, purpose)


async def grant_purposes(database: Database, client_id: str, role: str) -> None:
    for purpose in PURPOSES:
        if role in purpose.roles:
            await grant_purpose(database, purpose.code, client_id)
