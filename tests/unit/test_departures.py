"""Who may follow a table is told of what leaves it: slices have their other side, tables their trigger."""

from __future__ import annotations

import importlib

import pytest
from strawberry.types.base import StrawberryObjectDefinition

from graphql_schema.changes import Subscription
from hub.access.departures import DEPARTED, ENTERED, NEVER
from hub.access.slices import SLICES
from hub.read.bind import BINDING, TYPES
from hub.read.changes import statement

LEAVING = importlib.import_module("migrations.versions.0008_streams").LEAVING


def followed() -> set[str]:
    definition: StrawberryObjectDefinition = Subscription.__strawberry_definition__  # type: ignore[attr-defined]
    return {TYPES[field.metadata[BINDING].target].table.name for field in definition.fields}


@pytest.mark.parametrize("role", SLICES)
def test_every_slice_that_can_be_followed_says_who_had_a_row(role: str) -> None:
    asked_only = {table for table, slice_ in SLICES[role].items() if slice_.under}
    assert set(DEPARTED.get(role, {})) == (followed() & set(SLICES[role])) - asked_only
    assert set(ENTERED.get(role, {})) <= set(DEPARTED.get(role, {}))


@pytest.mark.parametrize("role", DEPARTED)
def test_the_statement_of_each_names_every_parameter(role: str) -> None:
    for table in DEPARTED[role]:
        text, names = statement(role, table)
        assert all(f"${number}" in text for number in range(1, 7 + len(names)))


def test_every_table_that_can_be_followed_notes_who_a_row_leaves() -> None:
    stays = {
        t for t in followed() if {DEPARTED[role][t] for role in DEPARTED if t in DEPARTED[role]} == {NEVER}
    }
    assert stays == {"referral", "emergency_access", "watch"}
    assert followed() <= set(LEAVING) | stays
