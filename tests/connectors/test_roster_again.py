"""A text that is read again says what it would say to who has never seen it, whatever became of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.roster import delimited, twins
from connectors.roster.blocks import LONGEST, Memory, borders, part_of
from connectors.roster.client import read_file
from connectors.roster.raw import RawLines
from connectors.roster.workbook import Workbooks
from hub.sync.connector import Batch
from hub.sync.lines import Lines
from tests.connectors.roster_files import DIBAO, number

KEY: Final = b"k" * 64
HEADER: Final = ",".join(DIBAO)
TURNED: Final = ",".join(reversed(DIBAO))
OTHERS: Final = (
    HEADER,
    "2026年3月",
    "制表日期：2026年3月31日",
    "合计,,,,,,,500,",
    "",
    ",,,,,,,,",
    "甲,1,2,3,4,5,6,7,8",
    "示例,,,,,,,,",
    "H9,李四,男,,,450305001001,路,,2024-01-01",
    "探访编号,身份证号,探访日期,姓名",
    "审核人：,,,,,,,,",
)
"""Lines that are no row, or one that is odd."""


def line(n: int, address: str = "新建路", tail: str = "", name: str = "", amount: str = "500") -> str:
    name = name or "王" + chr(0x4E00 + n * 7)
    return f"H{n:03},{name},男,{number(n)},1950-01-01,450305001001,{address}{n}号,{amount},2024-01-01{tail}"


LINE = st.builds(
    line,
    st.integers(1, 12),
    st.sampled_from(["新建路", "中山路很长的一条路", "a", '"某', '"两"路', "\ufffd", "=1"]),
    st.sampled_from(["", "", "", ",", ",备", ",,x"]),
    st.sampled_from(["", "", "", "另一人"]),
    st.sampled_from(["500", '"1,500"', '="500"', ""]),
) | st.sampled_from(OTHERS)
USUAL = st.builds(line, st.integers(1, 300), st.sampled_from(["新建路", "中山路", "某某新村", "a"]))


class File(NamedTuple):
    """``bad``: where a byte of no encoding stands, if anywhere."""

    header: str
    lines: Sequence[str]
    encoding: str
    end: str
    bad: int | None

    def write(self, path: Path) -> None:
        text = self.end.join([self.header, *self.lines]) + self.end
        data = bytearray(text.encode(self.encoding, "replace"))
        if self.bad is not None:
            data[self.bad % len(data) : self.bad % len(data)] = b"\xff"
        path.write_bytes(data)
        os.utime(path, (0, 0))


HEADERS: Final = (HEADER, HEADER, TURNED, HEADER + ",备用一,备用二", "名单\n" + HEADER)


@st.composite
def versions(draw: st.DrawFn) -> list[File]:
    """A file, and what becomes of it."""
    lines = draw(st.lists(USUAL, min_size=1, max_size=40, unique=True)) + draw(st.lists(LINE, max_size=3))
    told = [draw(st.sampled_from(HEADERS)), draw(st.sampled_from(["utf-8", "utf-8", "gb18030", "utf-8-sig"]))]
    made = []
    for _ in range(draw(st.integers(2, 4))):
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(lines)))
            lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINE | USUAL, max_size=2))
        if draw(st.integers(0, 5)) == 0:
            told = [draw(st.sampled_from(HEADERS)), draw(st.sampled_from(["utf-8", "gb18030", "utf-16"]))]
        end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))
        bad = draw(st.none() | st.none() | st.none() | st.integers(0, 4_000))
        made.append(File(told[0], [*lines], told[1], end, bad))
    return made


class Found(NamedTuple):
    batches: list[Any]
    memory: Memory


def read(workbooks: Workbooks, path: Path, before: bytes | None) -> Found:
    memory = Memory(KEY, before)
    batches = [_shown(batch) for batch in read_file(workbooks, path, path.name, None, memory)]
    return Found(batches, memory)


def _shown(batch: Batch) -> Any:
    hashes = batch.rows.hashes(KEY) if isinstance(batch.rows, Lines) else b""
    return (
        batch.list_kind,
        batch.observed_at,
        hashes,
        [*batch.rows],
        batch.refused,
        batch.header,
        batch.absent,
    )


def compare(before: bytes | None, again: Found, fresh: Found) -> bytes | None:
    """What is kept in the end: it does not depend on what was known either."""
    assert again.batches == fresh.batches
    kept = again.memory.after or before
    if kept is not None and fresh.memory.after is not None:
        ours, theirs = part_of(kept), part_of(fresh.memory.after)
        assert ours is not None
        assert theirs is not None
        for name in ("hashes", "marks", "dropped"):
            assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name
        assert ours.digests == theirs.digests
    return kept


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(versions())
def test_it_says_what_it_says_to_who_has_never_seen_it(
    tmp_path: Path, workbooks: Workbooks, files: list[File]
) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    before = None
    for file in files:
        file.write(path)
        before = compare(before, read(workbooks, path, before), read(workbooks, path, None))


MANY: Final = tuple(line(n) for n in range(1, 200))
NUMBERED: Final = "甲,1,2,3,4,5,6,7,8"
IGNORED: Final = HEADER + ",备用一,备用二"
PLAIN: Final = tuple(f"{n},a{n},b,c,d,e,f,g,h" for n in range(200))
"""In ASCII, whatever the file is written in."""
EVEN: Final = f"9,王万,男女,{number(9)},1950-01-01,450305001001,新建,500,2024-01-01"
"""In UTF-8 it is other words in GB 18030."""


def ending(lines: Sequence[str]) -> str:
    """A header that is a block of its own."""
    headers = (HEADER + ",备用" * n for n in range(100))
    return next(each for each in headers if 1 in _borders([each, *lines]))


def _borders(lines: Sequence[str]) -> list[int]:
    found: list[int] = borders(RawLines("".join(each + "\n" for each in lines).encode(), "utf-8")).tolist()
    return found


ALONE: Final = ending(MANY)
SPACED: Final = ",".join(" ".join(word) for word in DIBAO)
"""A header, as far up as one is looked for by its folded words; further down it might be a row."""
OTHER: Final = line(7, name="另一人")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (
            File(HEADER, MANY, "utf-8", "\n", None),
            File(HEADER, [*MANY[:99], line(300, '"某'), *MANY[99:]], "utf-8", "\n", None),
        ),
        (
            File(HEADER, [*MANY, "a;b;c"], "utf-8", "\n", None),
            File(HEADER, [*[";" * 30] * 200, *MANY], "utf-8", "\n", None),
        ),
        (
            File(ALONE, [*MANY[:50], *[NUMBERED] * 70, *MANY[50:]], "utf-8", "\n", None),
            File(ALONE, [*[NUMBERED] * 70, *MANY], "utf-8", "\n", None),
        ),
        (
            File(IGNORED, [*(each + ",x" for each in MANY)], "utf-8", "\n", None),
            File(IGNORED, [*(each + ",x" for each in MANY), line(300) + ",x,y"], "utf-8", "\n", None),
        ),
        (
            File(HEADER, MANY, "utf-8", "\n", None),
            File(HEADER, [*MANY, HEADER, line(300)], "utf-8", "\n", None),
        ),
        (File(HEADER, MANY, "utf-8", "\n", None), File("", MANY, "utf-8", "\n", None)),
        (File(HEADER, MANY, "utf-8", "\n", None), File(HEADER, [], "utf-8", "\n", None)),
        (File(HEADER, MANY, "utf-8", "\n", None), File("", [], "utf-8", "\n", None)),
        (File(HEADER, MANY, "utf-8", "\n", None), File("", [], "utf-8-sig", "", None)),
        (
            File(HEADER, [line(n, tail=",,,") for n in range(1, 200)], "utf-8", "\n", None),
            File(
                HEADER,
                [*(line(n, tail=",,,") for n in range(1, 200)), *(line(n) for n in range(300, 600))],
                "utf-8",
                "\n",
                None,
            ),
        ),
        (
            File(HEADER, [*MANY[:100], SPACED, *MANY[100:]], "utf-8", "\n", None),
            File(HEADER, [*MANY[60:100], SPACED, *MANY[100:]], "utf-8", "\n", None),
        ),
        (
            File(HEADER, [*MANY[10:50], line(7, name="9"), *MANY[50:], line(7)], "utf-8", "\n", None),
            File(HEADER, [*MANY[10:50], line(7, name="9"), *MANY[50:], line(7), OTHER], "utf-8", "\n", None),
        ),
    ],
    ids=[
        "quote",
        "delimiter",
        "numbers",
        "dropped",
        "two tables",
        "no header",
        "no rows",
        "no text",
        "only a mark",
        "shorter rows",
        "header further up",
        "a name nobody can read",
    ],
)
def test_what_may_become_of_it(tmp_path: Path, workbooks: Workbooks, first: File, then: File) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    first.write(path)
    before = read(workbooks, path, None).memory.after
    assert before is not None
    then.write(path)
    compare(before, read(workbooks, path, before), read(workbooks, path, None))


def test_another_encoding_is_not_taken_for_the_one_before(tmp_path: Path, workbooks: Workbooks) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    save(path, [*PLAIN, EVEN], "gb18030")
    memory = Memory(KEY, read(workbooks, path, None).memory.after)
    data = "\n".join([*PLAIN, EVEN]).encode()
    assert [*memory.rows(data)] == delimited.read_rows(data)


def save(path: Path, lines: Sequence[str], encoding: str = "utf-8") -> None:
    File(HEADER, lines, encoding, "\n", None).write(path)


def test_only_what_is_new_is_looked_at(tmp_path: Path, workbooks: Workbooks) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    lines = [line(n) for n in range(1, 400)]
    save(path, lines)
    first = read(workbooks, path, None)
    assert first.memory.text is not None
    assert len(first.memory.text.rows.unknown_places()) == 400
    again = read(workbooks, path, first.memory.after)
    assert again.memory.text is not None
    assert len(again.memory.text.rows.unknown_places()) <= 1 + 2 * LONGEST, "the header, and where rows begin"
    assert again.memory.after is None, "nothing is new"
    lines[200] = line(500)
    lines.insert(100, line(501))
    save(path, lines)
    changed = read(workbooks, path, first.memory.after)
    assert changed.memory.text is not None
    assert len(changed.memory.text.rows.unknown_places()) <= 1 + 4 * LONGEST
    assert changed.memory.after is not None
    assert sum(len(batch[3]) for batch in changed.batches) == 400


def test_a_new_row_that_contradicts_a_known_one_refuses_both(tmp_path: Path, workbooks: Workbooks) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    lines = [line(n) for n in range(1, 300)]
    save(path, lines)
    before = read(workbooks, path, None).memory.after
    save(path, [*lines, line(7, name="另一人")])
    refused = [row.number for batch in read(workbooks, path, before).batches for row, _ in batch[4]]
    assert refused == [8, 301]


def test_under_another_key_lines_are_hashed_again(tmp_path: Path, workbooks: Workbooks) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    save(path, [line(n) for n in range(1, 300)])
    memory = Memory(KEY, read(workbooks, path, None).memory.after)
    other = b"o" * 64
    [(known, told)] = [
        (batch.rows.hashes(other), Lines.hashes(_told(batch.rows), other))
        for batch in read_file(workbooks, path, path.name, None, memory)
        if isinstance(batch.rows, Lines)
    ]
    assert known == told
    after = part_of(memory.after or b"")
    assert after is not None
    assert known.endswith(after.hashes.tobytes()), "and known by it next time"


def test_what_rows_have_to_agree_in_decides_as_well(
    tmp_path: Path, workbooks: Workbooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "城乡低保对象名单.csv"
    save(path, [*MANY, line(7, amount="600")])
    with monkeypatch.context() as before_that:
        before_that.setattr(twins, "own_headers", lambda mapping: frozenset())
        before = read(workbooks, path, None).memory.after
    again = read(workbooks, path, before)
    assert [row.number for batch in again.batches for row, _ in batch[4]] == [8, 201]


def test_a_long_cell_is_no_fault_of_its_file(tmp_path: Path, workbooks: Workbooks) -> None:
    path, kept = tmp_path / "城乡低保对象名单.csv", tmp_path / "kept"
    save(path, [*MANY, line(300, address="a" * 200_000)])
    kept.write_bytes(read(workbooks, path, None).memory.after or b"")
    code = (
        "import sys; from pathlib import Path; from connectors.roster.blocks import Memory;"
        "kept, path = map(Path, sys.argv[1:]); memory = Memory(b'k' * 64, kept.read_bytes());"
        "rows = memory.rows(path.read_bytes()); print(len([*rows]), memory.text.is_known)"
    )
    # In a process that has read no other text.
    told = subprocess.run([sys.executable, "-c", code, kept, path], check=True, capture_output=True)
    assert told.stdout.split() == [b"201", b"True"]


def _told(rows: Lines) -> Lines:
    return Lines(rows.file, rows.sheet, rows.form, rows.tell(range(len(rows))), rows.numbers, rows._make)


def test_what_another_version_kept_says_nothing() -> None:
    assert part_of(b'[0,"","",3]\nabc') is None


@given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=300))
def test_blocks_hold_every_line_once(lines: list[bytes]) -> None:
    found = borders(RawLines(b"".join(line + b"\n" for line in lines), "utf-8"))
    counts = np.diff(found).tolist()
    assert (found[0], found[-1]) == (0, len(lines))
    assert all(0 < count <= LONGEST for count in counts) or not lines


@given(st.integers(1, 300), st.integers(0, 298))
def test_a_line_that_is_added_moves_no_border_but_its_own(count: int, place: int) -> None:
    lines = [line(n) for n in range(count)]
    at = place % count
    more = [*lines[:at], line(999), *lines[at:]]
    one, two = _borders(lines), _borders(more)
    after = max(n for n in [0, *one] if n <= at)
    assert {n for n in one if n <= after} <= {*two}
    assert {n + 1 for n in one if n > after + LONGEST} <= {*two}
