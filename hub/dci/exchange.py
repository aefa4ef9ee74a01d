"""What is answered later: kept until the answer was taken, by whichever process comes first.

A message that is acknowledged is a row; the answer is made when it is sent, with the rights the client has
then, and nothing of it is kept but which items were answered.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
import structlog

from hub.access.viewer import Viewer
from hub.dci.messages import (
    CALLBACKS,
    SEARCH,
    TXN_STATUS,
    Header,
    SearchRequest,
    StatusRequest,
    moment,
    new_id,
    parsed,
    said_back,
    status_of,
)
from hub.dci.parties import Party, find_party
from hub.dci.registry import Item, Registry
from hub.dci.signature import signed
from hub.errors import HubError
from hub.oauth.acting import acting_for
from hub.oauth.jose import SigningKeys
from hub.store.database import Database
from hub.store.rounds import FAILED, either
from hub.store.vault import Vault

log = structlog.get_logger("hub.dci")

LEASE_SECONDS: Final = 120
"""A try that is not over by then is somebody else's."""
SECONDS: Final = 5.0
"""Between two looks of a process that hears of nothing."""
TIMEOUT_SECONDS: Final = 15.0
MOST_BYTES: Final = 64 * 1024
"""Of what a callback answers."""
WAITS: Final = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
"""Seconds between tries; the last goes on until the message is too old."""

_ACCEPT: Final = """
    insert into dci_transaction (client_id, message_number, transaction_number, correlation_number, action,
        callback_url, purpose, scopes, request, due_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
    on conflict (client_id, message_number) do nothing returning correlation_number"""
_KNOWN: Final = "select correlation_number from dci_transaction where client_id = $1 and message_number = $2"
_NEXT: Final = f"""
    update dci_transaction set due_at = now() + interval '{LEASE_SECONDS} seconds',
        failure_count = failure_count + 1
    where id = (select id from dci_transaction where due_at <= now() order by due_at
        limit 1 for update skip locked)
    returning *"""
_DONE: Final = """
    update dci_transaction set due_at = null, answered_at = now(), outcome = $2,
        failure_count = failure_count - 1
    where id = $1"""
_AGAIN: Final = """
    update dci_transaction set due_at = now() + $2 * interval '1 second', outcome = coalesce($3, outcome)
    where id = $1"""
_END: Final = "update dci_transaction set due_at = null, outcome = coalesce($2, outcome) where id = $1"
_FORGET: Final = "delete from dci_transaction where received_at < now() - $1 * interval '1 day'"
_NO_STATUS: Final = f"client_id = $1 and action <> '{TXN_STATUS}'"
_OF: Final = f"select * from dci_transaction where {_NO_STATUS} and {{by}} = $2 order by id desc limit 1"
_NEWEST: Final = f"select * from dci_transaction where {_NO_STATUS} order by id desc limit 500"


COLUMN: Final = {"transaction_id": "transaction_number", "correlation_id": "correlation_number"}


class NotTaken(Exception):
    """The callback did not take the answer; the word is for the log."""


@dataclass(slots=True)
class Exchange:
    """``sender_id``: the hub's name. ``days``: how long a message is tried, and its outcome told."""

    database: Database
    vault: Vault
    registry: Registry
    keys: SigningKeys
    sender_id: str
    days: int
    clock: Callable[[], dt.datetime]
    others: Mapping[str, Callable[[Viewer, Party, Any], Awaitable[tuple[dict[str, Any], list[Item]]]]] = (
        field(default_factory=dict)
    )
    """Of actions besides searching: the member of the message their items are, and the items."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(
        self, viewer: Viewer, header: Header, message: Mapping[str, Any], callback_url: str
    ) -> str:
        """Keeps the message; the correlation_id, that of before where the message has come before."""
        request = self.vault.seal_bytes(orjson.dumps({"header": header.model_dump(), "message": message}))
        given = viewer.client_id, header.message_id
        rows = await self.database.fetch(
            _ACCEPT, *given, message["transaction_id"], new_id(), header.action, callback_url,
            viewer.purpose, sorted(viewer.scopes), request,
        ) or await self.database.fetch(_KNOWN, *given)  # fmt: skip
        self.woken.set()
        return str(rows[0][0])

    # ── status ───────────────────────────────────────────────────────────────────────────────────────

    async def status(self, viewer: Viewer, request: StatusRequest) -> tuple[dict[str, Any], bool]:
        """The message that tells it, and whether the transaction is known: of this client only."""
        asked = request.txnstatus_request
        row = await self._asked(viewer.client_id, asked.attribute_type, asked.attribute_value)
        now = moment(self.clock())
        items = [] if row is None else self._items(row, now)
        correlation_id = new_id() if row is None else row["correlation_number"]
        transaction_id = request.transaction_id if row is None else row["transaction_number"]
        told = {"transaction_id": transaction_id, "correlation_id": correlation_id, "search_response": items}
        return {
            "transaction_id": request.transaction_id,
            "correlation_id": correlation_id,
            "txnstatus_response": {"txn_type": asked.txn_type, "txn_status": told},
        }, row is not None

    async def _asked(self, client_id: str, kind: str, value: str | Sequence[str]) -> Any:
        if kind != "reference_id_list":
            rows = await self.database.fetch(_OF.format(by=COLUMN[kind]), client_id, str(value))
            return rows[0] if rows else None
        wanted = {value} if isinstance(value, str) else set(value)
        for row in await self.database.fetch(_NEWEST, client_id):
            if wanted <= {item["reference_id"] for item in self._items(row, "")}:
                return row
        return None

    def _items(self, row: Any, now: str) -> list[Item]:
        """What came of each, without records: pending while nothing has."""
        if row["outcome"] is not None:
            found: list[Item] = orjson.loads(self.vault.open_bytes(row["outcome"]))
            return found
        status = "rcvd" if row["failure_count"] == 0 else "pdng"
        message = orjson.loads(self.vault.open_bytes(row["request"]))["message"]
        given = message.get("search_request") or message.get("subscribe_request") or ()
        return [{"reference_id": each["reference_id"], "timestamp": now, "status": status} for each in given]

    # ── answering ────────────────────────────────────────────────────────────────────────────────────

    async def until(self, stop: asyncio.Event) -> None:
        """Answers what is due, until ``stop``."""
        async with httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        ) as http:
            while not stop.is_set():
                self.woken.clear()
                try:
                    while not stop.is_set() and await self.turn(http):
                        pass
                    await self.database.fetch(_FORGET, self.days)
                except (*FAILED, HubError) as error:
                    log.warning("dci_waiting", kind=type(error).__name__)
                await either(self.woken, stop, SECONDS)

    async def turn(self, http: httpx.AsyncClient) -> bool:
        """Answers one message; False where none is due."""
        rows = await self.database.fetch(_NEXT)
        if not rows:
            return False
        row, outcome = rows[0], None
        try:
            party = await find_party(self.database, self.vault, row["client_id"])
            viewer = await acting_for(self.database, row["client_id"], row["purpose"], row["scopes"])
            envelope, items = await self._answer(viewer, party, row)
            outcome = self.vault.seal_bytes(orjson.dumps(items))
            await self.post(http, row["callback_url"], party, envelope)
        except NotTaken as error:
            await self._again(row, outcome, str(error))
        except HubError as error:
            if error.retry_after is not None or error.status >= 500:
                await self._again(row, outcome, error.code)
            else:  # the right to ask has ended: nothing is told any more
                await self.database.fetch(_END, row["id"], outcome)
                log.info("dci_ended", client_id=row["client_id"], reason=error.code)
        except Exception as error:  # one message that fails must not hold up all others
            log.error("dci_failed", client_id=row["client_id"], kind=type(error).__name__)
            await self._again(row, outcome, type(error).__name__)
        else:
            await self.database.fetch(_DONE, row["id"], outcome)
            log.info("dci_answered", client_id=row["client_id"], count=len(items))
        return True

    async def _again(self, row: Any, outcome: bytes | None, reason: str) -> None:
        wait = WAITS[min(row["failure_count"], len(WAITS)) - 1]
        await self.database.fetch(_AGAIN, row["id"], wait, outcome)
        log.warning("dci_not_taken", client_id=row["client_id"], reason=reason, count=row["failure_count"])

    async def _answer(self, viewer: Viewer, party: Party, row: Any) -> tuple[dict[str, Any], list[Item]]:
        """The envelope, and what of its items is kept."""
        request = orjson.loads(self.vault.open_bytes(row["request"]))
        header, message = parsed(Header, request["header"], "header"), request["message"]
        now, told = moment(self.clock()), dict[str, Any]()
        ids = {"transaction_id": row["transaction_number"], "correlation_id": row["correlation_number"]}
        action, _ = CALLBACKS[header.action]
        if header.action == TXN_STATUS:
            told, known = await self.status(viewer, parsed(StatusRequest, message, "message"))
            return self._said(header, action, {**told, **ids}, now, status="succ" if known else "rjct"), []
        if header.action == SEARCH:
            items = await self.registry.search(viewer, parsed(SearchRequest, message, "message"))
            told = {"search_response": items}
        else:
            told, items = await self.others[header.action](viewer, party, message)
        kept: list[Item] = [{name: item[name] for name in KEPT if name in item} for item in items]
        facts = {"status": told.get("status") or status_of(items), "count": max(1, len(items))}
        return self._said(header, action, {**told, **ids}, now, **facts), kept

    def _said(
        self, header: Header, action: str, message: Mapping[str, Any], now: str, **facts: Any
    ) -> dict[str, Any]:
        return said_back(self.sender_id, header.sender_id, action, message, now, **facts)

    async def post(
        self, http: httpx.AsyncClient, url: str, party: Party, envelope: Mapping[str, Any]
    ) -> None:
        """NotTaken unless the callback says 2xx, and nothing against it."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if party.callback_token is not None:
            headers["Authorization"] = f"Bearer {party.callback_token}"
        body = orjson.dumps(signed(envelope, self.keys))
        try:
            async with http.stream("POST", url, content=body, headers=headers) as response:
                if not response.is_success:
                    raise NotTaken(f"status {response.status_code}")
                said = b""
                async for part in response.aiter_raw():
                    said += part
                    if len(said) > MOST_BYTES:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotTaken(type(error).__name__) from None
        if _refused(said):
            raise NotTaken("ERR")


KEPT: Final = ("reference_id", "timestamp", "status", "status_reason_code")


def _refused(said: bytes) -> bool:
    try:
        return bool(orjson.loads(said)["message"]["ack_status"] == "ERR")
    except (ValueError, TypeError, KeyError):
        return False
