"""Reads deliveries in the order they arrived; which of them is news is told by the time each names itself.

A body is an event in the form that Standard Webhooks recommends: ``{"type", "timestamp", "data"}``. The data
is the warning as it stands at that time, so an event that comes late or again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from connectors.lists.parse import is_nothing
from connectors.pushed.fields import NUMBER, WARNING, WARNINGS
from hub.domain.dates import CHINA, FIRST_YEAR, LAST_YEAR
from hub.domain.refusal import Refused
from hub.sync.connector import Batch, Delivery, ListMapping, Place, Refusal, Row

SAID: Final = frozenset({"warning.raised", "warning.changed", "warning.settled"})
WITHDRAWN: Final = "warning.withdrawn"


class Warnings:
    """The secret ``webhook`` is what deliveries are signed with; the location says who sends them."""

    name: Final = "warnings"
    lists: Final[Mapping[str, ListMapping]] = {WARNINGS.kind: WARNINGS}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        last = int((checkpoint or {}).get("delivery", 0))
        while True:
            pushed = await place.pushed(last)
            last = pushed[-1].number if pushed else last
            said: list[Row] = []
            withdrawn: list[Row] = []
            refused: list[tuple[Row, list[Refusal]]] = []
            sent: list[Mapping[str, Any]] = []
            for delivery in pushed:
                try:
                    kind, row, data = _event(delivery)
                except Refused as reason:
                    name = {"webhook-id": delivery.name}
                    refused.append(
                        (Row(f"delivery {delivery.name}", "", 0, name, name), [Refusal.of(reason, "")])
                    )
                else:
                    sent.append(data)
                    (withdrawn if kind == WITHDRAWN else said).append(row)
            mark = {"delivery": last}
            told = WARNING.header("WARNING", sent, is_all=False)
            yield Batch(
                WARNINGS.kind,
                dt.datetime.now(dt.UTC),
                said,
                refused,
                told,
                checkpoint=mark,
                deleted=withdrawn,
            )
            if not pushed:
                return


def _event(delivery: Delivery) -> tuple[str, Row, Mapping[str, Any]]:
    """With its fields as they were sent.

    Refused where it is none, of a kind nobody knows, or about a warning without a number.
    """
    try:
        event = orjson.loads(delivery.body)
        kind, data, at = event["type"], dict(event["data"]), dt.datetime.fromisoformat(event["timestamp"])
    except (ValueError, TypeError, KeyError):
        raise Refused("DELIVERY_UNREADABLE") from None
    if "\ufffd" in delivery.body or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Refused("DELIVERY_UNREADABLE")
    if not isinstance(kind, str) or any(isinstance(value, dict | list) for value in data.values()):
        raise Refused("DELIVERY_UNREADABLE")
    if kind not in SAID and kind != WITHDRAWN:
        raise Refused("CODE_UNKNOWN")
    # An event from the future would win over all that follow it.
    told_at = min(at if at.tzinfo else at.replace(tzinfo=CHINA), delivery.sent_at)
    row = WARNING.row(data, file="", observed_at=told_at)
    if is_nothing(row.values.get(NUMBER)):
        raise Refused("REQUIRED")
    WARNING.expect(data, "WARNING")
    return kind, replace(row, file=f"WARNING {row.values[NUMBER]}"), data
