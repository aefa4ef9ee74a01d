"""Positions: what they hold, for whom they are good, and how a page gives each event its own."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.domain.dates import day_end
from hub.read.changes import Page, Touched, positions
from hub.read.positions import BadPosition, Entry, Position, Seal, Snapshot
from hub.store.vault import Vault

VAULT = Vault(bytes(range(32)))
SEAL = Seal(VAULT, "slice", "cluster", 100)
SEEN, UNTIL = Snapshot(10, 15, (11, 13)), Snapshot(20, 20, ())


def test_a_snapshot_as_postgresql_writes_it() -> None:
    assert Snapshot.of("10:15:11,13") == SEEN
    assert Snapshot.of("20:20:") == UNTIL


@pytest.mark.parametrize("position", [Position(SEEN), Position(SEEN, UNTIL, Entry(16, 7))])
def test_a_position_is_read_back(position: Position) -> None:
    assert SEAL.open(SEAL.close(position, 1000.0), 1099.0) == position


@pytest.mark.parametrize(
    "seal",
    [
        Seal(VAULT, "another slice", "cluster", 100),
        Seal(VAULT, "slice", "another cluster", 100),
        Seal(Vault(bytes(32)), "slice", "cluster", 100),
    ],
)
def test_a_position_is_good_for_one_slice_of_one_hub(seal: Seal) -> None:
    with pytest.raises(BadPosition):
        seal.open(SEAL.close(Position(SEEN), 1000.0), 1000.0)


@pytest.mark.parametrize("text", ["", "x", "值", VAULT.token(b"[1]"), VAULT.token(b"{}", "position")])
def test_what_is_no_position(text: str) -> None:
    with pytest.raises(BadPosition):
        SEAL.open(text, 1000.0)


def test_a_position_grows_too_old() -> None:
    made = SEAL.close(Position(SEEN), 1000.0)
    with pytest.raises(BadPosition) as refused:
        SEAL.open(made, 1101.0)
    assert "begin without after" in refused.value.message


def rows(*entries: tuple[int, int]) -> list[Touched]:
    return [Touched((None, i), Entry(*entry)) for i, entry in enumerate(entries)]


def test_rows_of_one_entry_are_passed_together() -> None:
    """Who leaves between two of them is told both again, never one too few."""
    begin, end = Position(SEEN), Position(UNTIL)
    page = Page(rows((16, 1), (16, 2), (16, 2), (17, 3)), UNTIL, end, False)
    assert positions(page, begin) == [
        begin.behind(UNTIL, Entry(16, 1)),
        begin.behind(UNTIL, Entry(16, 1)),
        begin.behind(UNTIL, Entry(16, 2)),
        end,
    ]
    assert positions(Page(rows((16, 2), (16, 2)), UNTIL, end, False), begin) == [begin, end]


def test_the_day_ends_at_midnight_and_a_second() -> None:
    assert day_end(dt.datetime(2026, 6, 15, 23, 59, 0)) == 61
