"""A roster gives its rows as lines, but for those that are refused."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.roster import delimited
from connectors.roster.rows import RAW_LIMIT
from hub.sync.connector import Batch
from hub.sync.lines import Lines
from tests.connectors.roster_files import DIBAO, Read, dibao, number, person, save, sheet_of


def lines_of(batch: Batch) -> Lines:
    assert isinstance(batch.rows, Lines)
    return batch.rows


def test_rows_are_lines_and_twins_are_refused(tmp_path: Path, read: Read) -> None:
    long = "长" * (RAW_LIMIT + 1)
    twins = person(3), person(4, id=number(3))
    save(tmp_path, dibao(person(1), person(2, address=long), *twins, person(5)))
    [batch] = read().batches
    lines = lines_of(batch)
    assert [row.number for row in lines] == [4, 5, 8]
    assert [*lines.runs()] == [(4, 2), (8, 1)]
    assert [(row.number, [r.code for r in why]) for row, why in batch.refused] == [
        (6, ["ID_TWO_NAMES"]),
        (7, ["ID_TWO_NAMES"]),
    ]
    assert [len(text) for text in lines[1].raw.values() if "长" in text] == [RAW_LIMIT + 1]
    assert lines[1].values["家庭住址"] == long
    assert lines[0].values["姓名"] == lines[0].raw["姓名"]


def test_a_line_is_the_same_wherever_its_columns_stand(tmp_path: Path, read: Read) -> None:
    turned = [*reversed(DIBAO)]
    turned[turned.index("家庭住址")] = "家庭地址"
    save(tmp_path, dibao(person(1), person(2)), "低保1.xlsx")
    others = [["序号", *turned], *([n, *reversed(person(n))] for n in (2, 1))]
    save(tmp_path, sheet_of(others), "低保2.xlsx")
    one, two = map(lines_of, read().batches)
    assert (one.form, [*one.told]) == (two.form, [*reversed(two.told)])
    assert [row.values for row in one] == [*reversed([row.values for row in two])]
    assert {"家庭地址"} == {*two[0].raw} - {*one[0].raw}, "the raw copy says it in the words of its own sheet"


def test_a_cell_comes_back_as_it_was(tmp_path: Path, read: Read) -> None:
    amounts = [500, 500.5, "500", "五百", None, True, "=1", dt.date(2024, 2, 29)]
    save(tmp_path, dibao(*(person(n, amount=amount) for n, amount in enumerate(amounts, 1))))
    found = [row.values.get("月保障金额（元）") for row in lines_of(read().batches[0])]
    assert found[:5] == [500.0, 500.5, "500", "五百", None]
    assert (found[5], found[-1]) == (True, "2024-02-29")
    assert [*map(type, found[:4])] == [float, float, str, str]


def test_a_merged_cell_is_in_every_line_of_its_range(tmp_path: Path, read: Read) -> None:
    people = person(1), person(2, household=None), person(3, household=None)
    save(tmp_path, sheet_of([DIBAO, *people], merged=["A2:A4"]))
    lines = lines_of(read().batches[0])
    assert [row.values["户编号"] for row in lines] == ["H001"] * 3
    assert all(b"H001" in line for line in lines.tell(range(3)))


def test_a_table_of_nothing_but_totals_has_no_line(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(["合计", "", "", "", "", "", "", 500, ""]))
    [batch] = read().batches
    assert (len(batch.rows), [*lines_of(batch).runs()]) == (0, [])


@given(st.text(st.sampled_from("a中\",;\t='\r\n \x0b"), min_size=1, max_size=60))
def test_a_text_is_cut_as_it_is_read_in_one_go(text: str) -> None:
    if text.isspace():
        return
    found, lines = delimited.rows_in(text.encode()), [*io.StringIO(text, newline="")]
    delimiter = delimited.delimiter_of(lines)
    expected = [[delimited._plain(c) for c in row] for row in delimited._records(lines, delimiter)]
    assert [*found] == expected
    assert [found[n] for n in range(len(found))] == expected
    assert [*found[1:]] == expected[1:]
    assert [*delimited.widths(found)] == [*map(len, expected)]
