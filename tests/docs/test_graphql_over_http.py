"""The page on GraphQL over HTTP says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import hub.app  # noqa: F401 — every error there is
from connectors.drops.folder import WrongHostKey
from connectors.gateway import GatewayRefused
from connectors.gateway_lists import ListUnsteady
from connectors.lists.wording import SchemaDrift
from connectors.platform import PlatformRefused
from connectors.social_assistance.service import InquiryRefused, UnsafeXml
from hub.audit.chain import AnotherAddress, ChainBroken
from hub.audit.receipt import BadReceipt
from hub.dci.messages import BadMessage
from hub.delivery.telling import WebhookShowsRecords
from hub.errors import BadArgument, BadCursor, HubError, NotFound, all_errors
from hub.jobs.asking import NotForUsers
from hub.jobs.formats import NoParquet
from hub.jobs.links import BadLink
from hub.jobs.parts import Spoiled
from hub.jobs.ranges import NoSuchRange
from hub.jobs.routes import NotDone
from hub.jobs.store import BeingReceived, TooManyJobs
from hub.jobs.working import JobTooLarge
from hub.offline.package import BadPackage
from hub.read.positions import BadPosition
from hub.read.stream import AccessChanged
from hub.sync.hooks import HookRefused
from hub.sync.withdrawal import MassDelete
from hub.web.connection import MESSAGE_SECONDS
from hub.web.streams import TokenExpired, TooManyStreams
from hub.web.websocket import ENDS
from tests.support.audits import CONTRADICTED

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs/graphql-over-http.md").read_text(encoding="utf-8")
OF_KEYS: Final = {"FIELD_KEYS_BEHIND", "FIELD_KEY_NEEDED", "FIELD_UNREADABLE"}
OTHERS: Final = OF_KEYS | {
    AnotherAddress.code,
    BadLink.code,
    BadMessage.code,
    BadPackage.code,
    BadReceipt.code,
    BeingReceived.code,
    ChainBroken.code,
    HookRefused.code,
    JobTooLarge.code,
    MassDelete.code,
    NoParquet.code,
    NoSuchRange.code,
    NotDone.code,
    NotForUsers.code,
    Spoiled.code,
    TooManyJobs.code,
    GatewayRefused.code,
    InquiryRefused.code,
    PlatformRefused.code,
    SchemaDrift.code,
    ListUnsteady.code,
    UnsafeXml.code,
    WebhookShowsRecords.code,
    WrongHostKey.code,
    "SOURCE_ERROR",
    "UNREADABLE_FILE",
    "CONFIGURATION_ERROR",
    NotFound.code,
}
"""Codes of commands, of other paths, and of fields that were not answered."""
OF_FIELDS: Final = {
    "CONFLICT",
    "KEY_REUSED",
    "AGAINST_RULE",
    "STALE",
    "EMERGENCY_BARRED",
    "EMERGENCY_LIMIT",
    BadArgument.code,
    BadCursor.code,
}
OF_PAGES: Final = {
    "CODE_REFUSED",
    "FORM_REFUSED",
    "PASSWORDS_DIFFER",
    "PROVIDER_SIGN_IN_REFUSED",
    "PROVIDER_UNAVAILABLE",
    "PROVIDER_USER_REFUSED",
    "SIGN_IN_REFUSED",
    "SIGN_IN_WAIT",
    "WEAK_PASSWORD",
    "WRONG_PASSWORD",
}
"""Told on pages for users, which are HTML."""
OF_STREAMS: Final = {BadPosition.code, AccessChanged.code, TokenExpired.code}


def rows(heading: str) -> list[tuple[str, ...]]:
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = (re.split(r"\s*\|\s*", line)[1:-1] for line in part.splitlines() if line.startswith("| "))
    return [tuple(cell.strip("`") for cell in row) for row in cells][1:]


def test_the_audits_are_those_of_the_table() -> None:
    assert [(audit, clause) for audit, clause in rows("Audits")] == list(CONTRADICTED.items())


def test_every_refusal_is_listed() -> None:
    listed = {(int(status), code) for status, code, *_ in rows("An answer") if code}
    known: dict[tuple[int, str], type[HubError]] = {(e.status, e.code): e for e in all_errors()}
    assert listed == {pair for pair in known if pair[1] not in OTHERS | OF_FIELDS | OF_PAGES | OF_STREAMS}


def test_the_time_for_a_body_is_the_one_that_is_kept() -> None:
    assert re.search(rf"there within {MESSAGE_SECONDS:.0f} seconds", PAGE)


def test_what_ends_a_stream_is_on_the_page_of_streams() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/subscriptions.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in page for code in OF_STREAMS | {TooManyStreams.code})
    assert all(f"| {code} |" in page for code in ENDS.values())
