"""``docs/limits.md`` says what the code keeps to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from graphql_schema import board_records, boards
from hub.access.limits import Limits
from hub.app import limits_of
from hub.errors import all_errors
from hub.oauth.tokens import ACCESS_TOKEN_SECONDS
from hub.read import (
    asker,
    bind,
    changes,
    conditions,
    cost,
    counting,
    faults,
    leaves,
    measure,
    operation,
    planner,
    run,
    scans,
)
from hub.settings import Settings
from hub.web import messages, socket, websocket

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
DEFAULTS: Final = Settings.model_fields
NUMBERS: Final = {
    "records of a kind on a board": board_records.MOST_RECORDS,
    "days of a `reportsDue`": boards.MOST_DAYS,
    "characters": operation.MAX_SOURCE,
    "tokens": operation.MAX_TOKENS,
    "fields inside each other": measure.MAX_DEPTH,
    "fields and fragments inside each other": measure.MAX_NESTING,
    "fields": measure.MAX_FIELDS,
    "fields and fragments, wherever they are spread": measure.MAX_SELECTIONS,
    "work of comparing fields that answer under one key (aliases, repetition)": measure.MAX_LIKENESS,
    "lists and questions in an operation": planner.MAX_LISTS,
    "conditions in an operation": conditions.MAX_CONDITIONS,
    "conditions on related records in an operation": conditions.MAX_RELATIONS,
    "keys of a grouping": planner.MAX_KEYS,
    "values in the variables": measure.MAX_VALUES,
    "values of one `in`": leaves.MAX_LIST,
    "rows of a page (`first`, `last`; 50 without either)": bind.MAX_PAGE,
    "bytes": asker.MAX_BYTES,
    "bytes, where fields of it have errors": run.MAX_BYTES_WITH_FAULTS,
    "errors of fields": faults.MAX_ERRORS,
    "groups in a list of groups": counting.MAX_GROUPS,
    "streams and sockets of a client at a time, in a process": DEFAULTS["streams_per_client"].default,
    "… of all clients": DEFAULTS["streams"].default,
    "operations of a socket at a time": websocket.MAX_OPERATIONS,
    "characters of an operation's id": messages.MAX_ID,
    "bytes of a message that a client sends": socket.MAX_MESSAGE,
    "seconds to `connection_init`": int(websocket.INIT_SECONDS),
    "days a position is good": DEFAULTS["change_days"].default,
}


@pytest.mark.parametrize("limit", NUMBERS)
def test_a_number_is_the_one_that_is_kept(limit: str) -> None:
    assert re.search(rf"(?m)^\| {re.escape(limit)} \| {NUMBERS[limit]:,} \|", PAGE)


def test_settings_and_their_defaults() -> None:
    for name in re.findall(r"HUB_(\w+)", PAGE):
        assert name.lower() in Settings.model_fields
    assert f"| {Settings.model_fields['requests_per_minute'].default:,} | `HUB_REQUESTS_PER_MINUTE`" in PAGE
    assert f"| {Settings.model_fields['questions_per_minute'].default:,} | `HUB_QUESTIONS_PER_MINUTE`" in PAGE
    assert f'"perRequest": {Settings.model_fields["cost_per_request"].default}' in PAGE
    assert f'"perMinute": {Settings.model_fields["cost_per_minute"].default}' in PAGE


def test_an_engine_without_settings_keeps_to_the_same() -> None:
    assert limits_of(Settings()) == Limits()


def test_what_is_said_of_streams() -> None:
    assert f"by one\nstatement, for up to {changes.PAGE} records: {cost.REQUEST:.0f} units" in PAGE
    assert f"{ACCESS_TOKEN_SECONDS} seconds at most" in PAGE


def test_codes_exist() -> None:
    known = {error.code for error in all_errors()}
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE)) - {"HUB_CACHE_URL"} <= known | {
        f"HUB_{name.upper()}" for name in Settings.model_fields
    }


def test_the_weights_are_those_of_the_formula() -> None:
    assert (cost.ROW, cost.FIELD, cost.SEALED, cost.PROVENANCE, cost.CURSOR) == (0.5, 0.05, 0.5, 15.0, 0.3)
    assert (cost.RIVALS, cost.PROBED * scans.TRACED) == (15.0, 12.0)
    assert (cost.SCANNED, cost.FETCHED, cost.PROBED) == (0.04, 0.15, 0.4)
    assert (cost.REQUEST, cost.RESOLVED, cost.INTROSPECTED, cost.UNIT_BYTES) == (10, 10, 1_000, 200)
