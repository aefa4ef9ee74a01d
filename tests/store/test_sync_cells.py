"""Texts that repeat are parsed once, and mean the same each time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hub.domain.refusal import Refused
from hub.sync import cells
from hub.sync.cells import Cells, Slots
from hub.sync.connector import Context, From
from hub.sync.values import fits_all, fits_text

CONTEXT = Context("450305", dt.date(2026, 3, 1), lambda text: text.encode())


def read(slots: Slots, value: Any) -> Cells:
    return Cells(slots, {"列": value}, CONTEXT)


def test_a_text_is_parsed_once_and_other_values_each_time() -> None:
    asked: list[Any] = []

    def parse(value: Any, context: Context) -> Any:
        asked.append(value)
        return str(value).upper()

    slots = Slots()
    slot = slots.cell(From("列", parse), fits_all)
    found = [read(slots, value).parsed[slot] for value in ("a", "a", 1, 1.0, True, "1", "b", "a")]
    assert found == ["A", "A", "1", "1.0", "TRUE", "1", "B", "A"]
    assert asked == ["a", 1, 1.0, True, "1", "b"]


def test_a_refusal_is_remembered_with_its_reason() -> None:
    asked: list[Any] = []

    def parse(value: Any, context: Context) -> Any:
        asked.append(value)
        if value == "x":
            raise Refused("CODE_UNKNOWN")
        return 1

    slots = Slots()
    slot = slots.cell(From("列", parse), fits_text)
    codes = [read(slots, value).refused[slot].code for value in ("x", "1", "x", "1")]
    assert codes == ["CODE_UNKNOWN", "VALUE_UNSUITABLE"] * 2
    assert asked == ["x", "1"]


def test_no_more_texts_are_remembered_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST", 2)
    asked: list[Any] = []

    def parse(value: Any, context: Context) -> Any:
        asked.append(value)
        return value

    slots = Slots()
    slot = slots.cell(From("列", parse), fits_all)
    assert [read(slots, value).parsed[slot] for value in "abcabc"] == [*"abcabc"]
    assert asked == [*"abcc"]


def test_what_a_text_means_may_depend_on_the_day_the_row_was_written() -> None:
    def parse(value: Any, context: Context) -> Any:
        return f"{value} on {context.day}"

    slots = Slots()
    slot = slots.cell(From("列", parse), fits_all)
    days = [dt.date(2020, 1, 1), dt.date(2026, 1, 1), dt.date(2020, 1, 1)]
    found = [Cells(slots, {"列": "350212106"}, replace(CONTEXT, day=day)).parsed[slot] for day in days]
    assert found == [f"350212106 on {day}" for day in days]
