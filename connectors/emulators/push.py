"""A system that pushes warnings: signed, at least once, in no certain order."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth

SKEW: Final = dt.timedelta(minutes=20)
NOBODY_THERE: Final = 0
"""In place of a status: the hub cannot be reached. What was told stays in the outbox."""

Event = dict[str, Any]


@dataclass(slots=True)
class Sender:
    """``outbox``: ids and events that were not taken yet."""

    client: httpx.AsyncClient
    path: str
    switches: Switches
    clock: Callable[[], dt.datetime]
    key: bytes = field(default_factory=lambda: secrets.token_bytes(24))
    outbox: list[tuple[str, Event]] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)

    @property
    def secret(self) -> str:
        return "whsec_" + b64encode(self.key).decode()

    def tell(self, kind: str, at: dt.datetime, **data: Any) -> None:
        event = {"type": f"warning.{kind}", "timestamp": at.isoformat(), "data": data}
        self.outbox.append((f"msg_{secrets.token_hex(8)}", event))

    def warn(self, number: str, person: Person, at: dt.datetime, **cells: str) -> None:
        """A warning about somebody; ``cells`` beside or in place of those that are told of each."""
        data = {
            "WARNING_NO": number,
            "KIND": "大额医疗支出",
            "DEPARTMENT": "医保局",
            "LEVEL": "2",
            "ID_CARD": person.id_number or "",
            "DIVISION_CODE": person.division_code,
            "RAISED_ON": f"{at:%Y-%m-%d}",
            "SETTLED_ON": "",
            "RESULT": "",
            "NAME": person.name,
            "BANK_ACCOUNT": "6222" + str(person.id_number)[-12:],
            **cells,
        }
        self.truth.tell("warning", number, person, data["KIND"])
        self.tell("raised", at, **data)

    async def send(self) -> list[int]:
        """Tries everything in the outbox once; the status of each delivery. What was not taken stays."""
        waiting, self.outbox = self.outbox, []
        for place in range(len(waiting) - 1):
            if self.switches.strikes("x03-order"):
                waiting[place], waiting[place + 1] = waiting[place + 1], waiting[place]
        answers = []
        for name, event in waiting:
            for _ in range(2 if self.switches.strikes("x02-again") else 1):
                answers.append(await self._post(name, event))
            if answers[-1] != httpx.codes.NO_CONTENT:
                self.outbox.append((name, event))
        return answers

    async def _post(self, name: str, event: Event) -> int:
        body = json.dumps(event, ensure_ascii=False).encode()
        now = self.clock() + (SKEW if self.switches.strikes("x07-skew") else dt.timedelta())
        time = str(int(now.timestamp()))
        key = secrets.token_bytes(24) if self.switches.strikes("forged") else self.key
        signed = hmac.digest(key, f"{name}.{time}.".encode() + body, "sha256")
        heads = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": time,
            "webhook-signature": f"v1,{b64encode(signed).decode()}",
        }
        try:
            return (await self.client.post(self.path, content=body, headers=heads)).status_code
        except httpx.TransportError:
            return NOBODY_THERE
