"""Purposes for clients of tests."""

from __future__ import annotations

from typing import Any

from hub.domain.vocabulary import LegalBasis
from hub.oauth.purposes import Registered, add_purpose, find_purposes, grant_purpose
from hub.store.database import Database
from hub.store.roles import ROLES

LAW = "示例条例第一条"


def duty(code: str, **given: Any) -> Registered:
    """A purpose that a statutory duty of every role stands behind, except for what the test says."""
    facts: dict[str, Any] = {
        "label_zh": f"用途 {code}",
        "label_en": f"Purpose {code}",
        "legal_basis": LegalBasis.STATUTORY_DUTY,
        "citation": LAW,
        "roles": ROLES,
    }
    return Registered(code, **{**facts, **given})


async def granted(
    db: Database, client_id: str, *codes: str, usual: bool | None = False, **given: Any
) -> None:
    """``codes`` are registered where they are not, and the client may state them."""
    for code in codes:
        if not await find_purposes(db, code):
            await add_purpose(db, duty(code, **given))
        await grant_purpose(db, code, client_id, usual=usual)
