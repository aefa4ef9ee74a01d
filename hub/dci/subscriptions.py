"""Being told of a person: the record is asked for again when something of the person has changed.

What was told last is kept as a keyed hash, so that a change nobody is shown is not told. A look is due when
the sequence of changes speaks of the person, and when a day begins, since programmes end with days.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
import structlog

from hub.access.persons import Asker, Fault
from hub.access.viewer import Viewer
from hub.dci.exchange import WAITS, Exchange, NotTaken
from hub.dci.messages import (
    VERSION,
    BadMessage,
    SubscribeCriteria,
    SubscribeItem,
    SubscribeRequest,
    UnsubscribeRequest,
    moment,
    new_id,
    parsed,
    rejected,
)
from hub.dci.parties import Party, find_party
from hub.dci.registry import REG_TYPE, Item, Refused, Registry
from hub.dci.translate import NUMBERS, TOKENS, Identifier, identifier
from hub.domain.dates import day_end
from hub.errors import Forbidden, HubError, Unauthenticated
from hub.oauth.acting import acting_for
from hub.read.positions import Snapshot
from hub.store.database import Database
from hub.store.rounds import FAILED, pause
from hub.store.vault import Vault

log = structlog.get_logger("hub.dci")

REGISTER, UPDATE, GONE = "REGISTER", "UPDATE", ("DEREGISTER", "DELETE")
EVENTS: Final = (REGISTER, UPDATE, *GONE)
MOST: Final = 10_000
"""Subscriptions of a client."""
SECONDS: Final = 5.0
LEASE_SECONDS: Final = 120
ABSENT: Final = b"\0"

_MADE: Final = "select count(*) from dci_subscription where client_id = $1"
_MAKE: Final = """
    insert into dci_subscription (code, client_id, id_number, id_number_hash, token, event, purpose, scopes,
        due_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, now())
    on conflict (client_id, id_number_hash, event) do nothing returning code"""
_END: Final = "delete from dci_subscription where client_id = $1 and code = any ($2::text[]) returning code"
_NOW: Final = "select pg_current_snapshot()::text"
_ALL_DUE: Final = "update dci_subscription set due_at = now() where due_at > now()"
# Of a row that is deleted nothing tells any more whose it was: all of its county are looked at.
_TOUCHED: Final = """
    with touched as (
        select c.entity, c.county_code, c.entity_id, c.operation from change c
        where (c.xact >= $1 or c.xact = any ($2::bigint[]))
            and c.xact < $3 and not c.xact = any ($4::bigint[])
            and c.entity in ('beneficiary', 'category_membership')),
    people as (
        select county_code, entity_id as id from touched where entity = 'beneficiary'
        union select m.county_code, m.beneficiary_id from touched t join category_membership m
            on m.county_code = t.county_code and m.id = t.entity_id where t.entity = 'category_membership')
    update dci_subscription s set due_at = now() where s.due_at > now() and (
        exists (select from beneficiary b join people p on p.county_code = b.county_code and p.id = b.id
            where b.id_number_hash = s.id_number_hash)
        or exists (select from touched t where t.operation = 'D' and (
            exists (select from beneficiary b
                where b.id_number_hash = s.id_number_hash and b.county_code = t.county_code)
            or not exists (select from beneficiary b where b.id_number_hash = s.id_number_hash))))"""
_NEXT: Final = f"""
    update dci_subscription set due_at = now() + interval '{LEASE_SECONDS} seconds',
        failure_count = failure_count + 1
    where code = (select code from dci_subscription where due_at <= now() order by due_at
        limit 1 for update skip locked)
    returning *"""
# Another process that heard of a change meanwhile made it due: then it is looked at once more. If one has
# taken it already, it is that one's, or each would have the other look again.
_TOLD: Final = """
    update dci_subscription set told = $2, failure_count = 0,
        due_at = case when due_at = $4 then now() + $3 * interval '1 second' else due_at end
    where code = $1 and (due_at = $4 or due_at <= now())"""
_AGAIN: Final = "update dci_subscription set due_at = now() + $2 * interval '1 second' where code = $1"
_OVER: Final = "delete from dci_subscription where code = $1"


@dataclass(slots=True)
class Subscriptions:
    database: Database
    vault: Vault
    registry: Registry
    exchange: Exchange
    clock: Callable[[], dt.datetime]
    seen: Snapshot | None = field(default=None, init=False)

    # ── making and ending ────────────────────────────────────────────────────────────────────────────

    async def subscribe(self, viewer: Viewer, _: Party, message: Any) -> tuple[dict[str, Any], list[Item]]:
        request = parsed(SubscribeRequest, message, "message")
        items = []
        for each in request.subscribe_request:
            now = moment(self.clock())
            try:
                code = await self._make(viewer, each)
            except BadMessage as error:
                word = error.word if error.word.startswith("rjct.") else None
                items.append(rejected(each.reference_id, word, error.message, now))
            except HubError as error:
                items.append(rejected(each.reference_id, None, error.message, now))
            else:
                info = {"code": code, "status": "subscribe", "timestamp": now, "reg_type": REG_TYPE}
                items.append(
                    {
                        "reference_id": each.reference_id,
                        "timestamp": now,
                        "status": "succ",
                        "subscriptions": [{**info, "reg_event_type": each.subscribe_criteria.reg_event_type}],
                    }
                )
        return {"subscribe_response": items}, items

    async def _make(self, viewer: Viewer, item: SubscribeItem) -> str:
        criteria = item.subscribe_criteria
        event = criteria.reg_event_type.rpartition(":")[2].upper()
        if event not in EVENTS:
            raise BadMessage(
                f"Expected an event among {', '.join(EVENTS)}.", word="rjct.notify_types.invalid"
            )
        by, number = self._person(viewer, criteria)
        if criteria.purpose:
            viewer = viewer.asking_for(criteria.purpose)
        [(made,)] = await self.database.fetch(_MADE, viewer.client_id)
        if made >= MOST:
            raise BadMessage(
                f"A client has {MOST} subscriptions at most.", word="rjct.notify_details.invalid"
            )
        token = self.vault.seal(by.value) if by.kind in TOKENS else None
        rows = await self.database.fetch(
            _MAKE, new_id(), viewer.client_id, self.vault.seal(number),
            self.vault.look_up(self.vault.blind(number)), token, event, viewer.purpose, sorted(viewer.scopes),
        )  # fmt: skip
        if not rows:
            raise BadMessage(
                "This event of this person is subscribed to.", word="rjct.event.already_subscribed"
            )
        return str(rows[0][0])

    def _person(self, viewer: Viewer, criteria: SubscribeCriteria) -> tuple[Identifier, str]:
        """As named, and the identity number. BadMessage."""
        today = self.clock().date()
        try:
            by = identifier(criteria.filter)
            if criteria.filter_type != "idtype-value" or by.kind not in NUMBERS | TOKENS:
                raise ValueError("no number")
            named = {"token" if by.kind in TOKENS else "idNumber": by.value}
            found = Asker(self.vault, viewer.client_id, viewer.person_keys, today).number(named)
            if isinstance(found, Fault):
                raise ValueError(found.code)
        except (ValueError, BadMessage):
            raise BadMessage(
                "Expected an identity number (NIN) or a token (TOKEN).", word="rjct.person_id.invalid"
            ) from None
        return by, found

    async def unsubscribe(self, viewer: Viewer, _: Party, message: Any) -> tuple[dict[str, Any], list[Item]]:
        request = parsed(UnsubscribeRequest, message, "message")
        ended = {
            row[0] for row in await self.database.fetch(_END, viewer.client_id, request.subscription_codes)
        }
        now, all_known = moment(self.clock()), ended == set(request.subscription_codes)
        told: dict[str, Any] = {
            "timestamp": now,
            "status": "succ" if all_known else "rjct",
            "subscription_status": [{"code": code, "status": "unsubscribe"} for code in sorted(ended)],
        }
        if not all_known:
            told["status_reason_code"] = "rjct.subscription_code.invalid"
            told["status_reason_message"] = "A code is none of this client's subscriptions; the others ended."
        return told, []

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────

    async def until(self, stop: asyncio.Event) -> None:
        """Looks at what is due, until ``stop``."""
        async with httpx.AsyncClient(timeout=15.0, follow_redirects=False, trust_env=False) as http:
            while not stop.is_set():
                try:
                    await self.follow()
                    while not stop.is_set() and await self.turn(http):
                        pass
                except (*FAILED, HubError) as error:
                    log.warning("dci_waiting", kind=type(error).__name__)
                await pause(stop, SECONDS)

    async def follow(self) -> None:
        """Makes due what the changes since the last look speak of; all, where it is the first."""
        [(text,)] = await self.database.fetch(_NOW)
        now, seen = Snapshot.of(text), self.seen
        if seen is None:
            await self.database.fetch(_ALL_DUE)
        else:
            await self.database.fetch(_TOUCHED, seen.upper, list(seen.open), now.upper, list(now.open))
        self.seen = now

    async def turn(self, http: httpx.AsyncClient) -> bool:
        """Looks at one person for one client; False where none is due."""
        rows = await self.database.fetch(_NEXT)
        if not rows:
            return False
        row = rows[0]
        try:
            party = await find_party(self.database, self.vault, row["client_id"])
            viewer = await acting_for(self.database, row["client_id"], row["purpose"], row["scopes"])
            record = await self._record(viewer, row)
            told = self._hash(record)
            event = _event(row, told)
            if event is not None:
                await self._notify(http, party, row, event, record)
        except NotTaken as error:
            await self._again(row, str(error))
        except (Forbidden, Unauthenticated) as error:
            # With the legal basis, the client or the right there is nobody to tell any more.
            await self.database.fetch(_OVER, row["code"])
            log.info("dci_subscription_ended", client_id=row["client_id"], reason=error.code)
        except (HubError, Refused) as error:
            await self._again(row, error.code)
        except Exception as error:  # one person must not hold up all others
            log.error("dci_failed", client_id=row["client_id"], kind=type(error).__name__)
            await self._again(row, type(error).__name__)
        else:
            await self.database.fetch(_TOLD, row["code"], told, day_end(self.clock()), row["due_at"])
        return True

    async def _again(self, row: Any, reason: str) -> None:
        wait = WAITS[min(row["failure_count"], len(WAITS)) - 1]
        await self.database.fetch(_AGAIN, row["code"], wait)
        log.warning("dci_not_taken", client_id=row["client_id"], reason=reason, count=row["failure_count"])

    async def _record(self, viewer: Viewer, row: Any) -> Mapping[str, Any] | None:
        """By the number, since tokens end with their keys; an agency that gave a token is told the token."""
        found = await self.registry.one(viewer, Identifier("NIN", self.vault.open(row["id_number"])))
        if not found or "@id" in found[0]:
            return found[0] if found else None
        return {**found[0], "member_identifier": [self._named(row)]}

    def _named(self, row: Any) -> dict[str, str]:
        """The person, as the subscriber did."""
        kind, sealed = ("NIN", row["id_number"]) if row["token"] is None else ("TOKEN", row["token"])
        return {"@type": "Identifier", "identifier_type": kind, "identifier_value": self.vault.open(sealed)}

    def _hash(self, record: Mapping[str, Any] | None) -> bytes:
        if record is None:
            return ABSENT
        return self.vault.blind(orjson.dumps(record, option=orjson.OPT_SORT_KEYS).decode())

    async def _notify(
        self, http: httpx.AsyncClient, party: Party, row: Any, event: str, record: Mapping[str, Any] | None
    ) -> None:
        """The standard's events have one name here; the others stand in the record."""
        now = moment(self.clock())
        gone = {"member_identifier": [self._named(row)]}
        attributes = [*(record or {}).get("additional_attributes", ()), {"name": "event", "value": event}]
        data = {
            "version": VERSION,
            "reg_type": REG_TYPE,
            **({"reg_event_type": event} if event == REGISTER else {}),
            "reg_record_type": "Member",
            "reg_records": {**(record or gone), "additional_attributes": attributes},
        }
        header = {
            "version": VERSION,
            "message_id": new_id(),
            "message_ts": now,
            "action": "notify",
            "sender_id": self.exchange.sender_id,
            "receiver_id": row["client_id"],
            "total_count": 1,
            "is_msg_encrypted": False,
        }
        message = {
            "transaction_id": new_id(),
            "notify_event": [{"reference_id": row["code"], "timestamp": now, "data": data}],
        }
        await self.exchange.post(
            http, party.callback(None, "notify"), party, {"header": header, "message": message}
        )


def _event(row: Any, told: bytes) -> str | None:
    """What is told of what came of it; None where the subscriber has not asked for it."""
    before = row["told"]
    if before is None or before == told:
        return None
    if told == ABSENT:
        return row["event"] if row["event"] in GONE else None
    happened = REGISTER if before == ABSENT else UPDATE
    return happened if row["event"] == happened else None
