"""A text that comes again: what its lines said is known by one hash of several, and none of them is cut.

A block of lines ends behind one of which a sum of some bytes is a multiple of ``EVERY``: who adds a line
moves the borders of its own block and of no other. A block is remembered where each of its lines is a row
that nothing spoke against, with the hashes its rows had, marks of what they are compared by, and how many
cells were dropped. So what is remembered follows from the text alone, and a line that is refused is looked
at every time.

Everything in it is a keyed hash or a count.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from connectors.roster import delimited
from connectors.roster.delimited import UTF_8, Cut
from connectors.roster.raw import RawLines
from connectors.roster.table import Table
from hub.store.vault import BLIND_BYTES

EVERY: Final = 4
LONGEST: Final = 64
"""Lines of a block, where none has such a length."""
MARK_BYTES: Final = 4
VERSION: Final = 2
"""Of what is kept, and of how rows are judged before a run sees them: to be raised when either changes."""
_DIGEST: Final = 16

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """What is remembered of a table: of each block its digest, count of rows and of dropped cells by column;
    of each row its hash, made ``under`` a key of the run, and its marks.

    ``form``: what the blocks were read by. Under another one they say nothing.
    """

    form: bytes
    under: bytes
    encoding: str
    delimiter: str
    is_plain: bool
    digests: Sequence[bytes]
    counts: Numbers
    dropped: NDArray[np.int32]
    hashes: NDArray[np.uint8]
    marks: NDArray[np.uint32]

    def content(self) -> bytes:
        sizes = [len(self.digests), len(self.hashes), self.dropped.shape[1], self.marks.shape[1]]
        written = self.encoding, self.delimiter, self.is_plain
        head = orjson.dumps([VERSION, self.form.hex(), self.under.hex(), *written, *sizes])
        arrays = (
            self.counts.astype("<u1"),
            self.dropped.astype("<u2"),
            self.hashes,
            self.marks.astype("<u4"),
        )
        return b"\n".join((head, b"".join([*self.digests, *(array.tobytes() for array in arrays)])))


def part_of(content: bytes) -> Part | None:
    """What ``Part.content`` gave, of this version."""
    head, _, body = content.partition(b"\n")
    version, *told = orjson.loads(head)
    if version != VERSION:
        return None
    form, under, encoding, delimiter, is_plain, blocks, rows, dropped, marks = told
    at = 0

    def take(kind: str, count: int, *shape: int) -> Any:
        nonlocal at
        array = np.frombuffer(body, kind, count, at).reshape(shape or (count,))
        at += array.nbytes
        return array

    digests = take("u1", blocks * _DIGEST).tobytes()
    return Part(
        bytes.fromhex(form),
        bytes.fromhex(under),
        encoding,
        delimiter,
        is_plain,
        [digests[i : i + _DIGEST] for i in range(0, len(digests), _DIGEST)],
        take("<u1", blocks).astype("i8"),
        take("<u2", blocks * dropped, blocks, dropped).astype("i4"),
        take("u1", rows * BLIND_BYTES, rows, BLIND_BYTES),
        take("<u4", rows * marks, rows, marks).astype("u4"),
    )


def borders(lines: RawLines) -> Numbers:
    """The lines that blocks begin with, and where the last block ends."""
    count, lengths = len(lines), np.diff(lines.borders)
    bytes_, sums = np.frombuffer(lines.data, "u1"), lengths.astype("u1")
    for eighth in range(8):
        sums += bytes_[lines.borders[:-1] + lengths * eighth // 8]
    ends = np.flatnonzero(sums % EVERY == 0) + 1
    ends = np.concatenate([[0], ends[ends < count], [count]]).astype("i8")
    gaps = np.diff(ends)
    if gaps.size and gaps.max() > LONGEST:
        pieces = [np.arange(a, b, LONGEST) for a, b in pairwise(ends.tolist())]
        ends = np.concatenate([*pieces, ends[-1:]])
    return ends


@dataclass(slots=True)
class Memory:
    """Of a text from one run to the next: a ``Part`` as it was kept, and as it is to be kept if it is new.

    ``text``: as it is read now; None where its lines are not its rows, and nothing is remembered.
    """

    key: bytes
    before: bytes | None = None
    after: bytes | None = None
    text: Text | None = None

    def rows(self, data: bytes) -> Sequence[Sequence[str]]:
        """As ``delimited.rows_in``; what is known is not looked at. Raises Unreadable."""
        part = part_of(self.before) if self.before else None
        self.text = _again(data, part, self.key) if part else None
        rows: Sequence[Sequence[str]] = self.text.rows if self.text else delimited.rows_in(data)
        if self.text is None and isinstance(rows, Cut) and isinstance(rows.lines, RawLines):
            self.text = Text(rows, rows.lines, self.key)
        return rows


def _again(data: bytes, part: Part, key: bytes) -> Text | None:
    """The text, if what is new in it leaves no doubt that it is written as what is known was."""
    data, encodings = delimited.unmarked(data)
    if part.encoding not in encodings or not delimited.ends_in_feeds(data):
        return None
    if part.is_plain != (b'="' not in data):
        return None
    lines = RawLines(data, part.encoding)
    text = Text(Cut(lines, part.delimiter, part.is_plain), lines, key, part)
    new = lines.at(text.rows.unknown_places())
    try:
        told = b"".join(new).decode(part.encoding)
        first = lines[: delimited.SAMPLE]
        fits = delimited.delimiter_of(first) == part.delimiter
    except UnicodeDecodeError:
        return None
    if not told or told.isspace() or not fits:
        return None
    if not delimited.are_records(io.StringIO(told, newline=""), part.delimiter):
        return None
    if part.encoding != UTF_8 and not told.isascii():
        with suppress(UnicodeDecodeError):
            b"".join(new).decode(UTF_8)
            return None
    return text


class Text:
    """The lines of a text in blocks, and which of them are known. ``key``: of the digests and marks."""

    def __init__(self, rows: Cut, lines: RawLines, key: bytes, part: Part | None = None) -> None:
        self.rows, self.key, self._part = rows, key, part
        self._borders = borders(lines)
        at = lines.borders[self._borders].tolist()
        self._digests = [
            blake2b(lines.data[first:last], digest_size=_DIGEST, key=key).digest()
            for first, last in pairwise(at)
        ]
        places = {digest: place for place, digest in enumerate(part.digests)} if part else {}
        self._known = np.array([places.get(each, -1) for each in self._digests], "i8")
        rows.known = self._of_lines(self._known >= 0)

    def _of_lines(self, of_blocks: NDArray[Any]) -> NDArray[Any]:
        return np.repeat(of_blocks, np.diff(self._borders))

    @property
    def written(self) -> tuple[str, str, bool]:
        """Encoding, delimiter, and whether there is no formula."""
        assert isinstance(self.rows.lines, RawLines)
        return self.rows.lines.encoding, self.rows.delimiter, self.rows.is_plain

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return self._part is not None

    def forget(self) -> None:
        self._part = None
        self._known[:] = -1
        self.rows.known = None

    def use(self, form: bytes, first: int) -> bool:
        """Whether what is known was read by this form; else nothing is. ``first``: a row to be looked at."""
        fits = self._part is not None and self._part.form == form
        if not fits:
            self.forget()
        elif len(self._known):
            self._known[np.searchsorted(self._borders[:-1], first, "right") - 1] = -1
            self.rows.known = self._of_lines(self._known >= 0)
        return fits

    def begin(self, table: Table, marks: int) -> Reading:
        return Reading(self, table, marks)


class Reading:
    """A table of a text while its rows are read. Places of rows are counted from the first of the table."""

    def __init__(self, text: Text, table: Table, marks: int) -> None:
        self._text, self._part = text, text._part
        self.first, count = table.first, table.last - table.first
        self._hashes = np.zeros((count, BLIND_BYTES), "u1")
        self._marks = np.zeros((count, marks), "u4")
        self._dropped = np.zeros((count, len(table.ignored)), bool)
        self._plain, self._long = np.zeros(count, bool), np.zeros(count, bool)
        inside = (text._borders[:-1] >= table.first) & (text._borders[1:] <= table.last)
        self._blocks: Numbers = np.flatnonzero(inside)
        self._known = np.where(inside, text._known, -1)
        self._under = b""
        if self._part:
            rows, held = self._held(self._known)
            self._hashes[rows] = self._part.hashes[held]
            self._marks[rows] = self._part.marks[held]

    @property
    def under(self) -> bytes:
        """Key of the hashes that are known."""
        return self._part.under if self._part else b""

    def mark(self, of: str) -> int:
        digest = blake2b(of.encode(), digest_size=MARK_BYTES, key=self._text.key).digest()
        return int.from_bytes(digest, "little") or 1

    def hashes_of(self, numbers: Sequence[int]) -> bytes:
        """Of rows by their numbers in the sheet, from 1; zeros of those that are not known."""
        hashes: bytes = self._hashes[np.array(numbers, "i8") - 1 - self.first].tobytes()
        return hashes

    def _held(self, known: Numbers) -> tuple[Numbers, Numbers]:
        """Rows of known blocks, and which of the part they are."""
        assert self._part is not None
        blocks = np.flatnonzero(known >= 0)
        starts = np.concatenate([[0], np.cumsum(self._part.counts)])
        counts = self._part.counts[known[blocks]]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.repeat(self._text._borders[blocks] - self.first, counts) + within
        return rows, np.repeat(starts[known[blocks]], counts) + within

    def unknown(self) -> list[int]:
        """Rows that have to be looked at."""
        return np.flatnonzero(~self._is_known()).tolist()

    def _is_known(self) -> NDArray[np.bool_]:
        known = np.zeros(len(self._plain), bool)
        if self._part:
            known[self._held(self._known)[0]] = True
        return known

    def dropped(self) -> list[int]:
        """Cells in each of the columns nobody asked for that are not empty, of known blocks."""
        if self._part is None:
            return [0] * self._dropped.shape[1]
        counts: list[int] = self._part.dropped[self._known[self._known >= 0]].sum(axis=0).tolist()
        return counts

    def note(
        self,
        places: Sequence[int],
        marks: Sequence[Sequence[int]],
        dropped: Sequence[Sequence[bool]],
        long: Sequence[int],
    ) -> None:
        """Of rows that were looked at. ``long``: those that are too long once the others are shorter."""
        self._long[long] = True
        self._marks[places] = marks
        if self._dropped.shape[1]:
            self._dropped[places] = dropped

    def alike(self, places: Sequence[int]) -> list[int]:
        """Rows of known blocks that share a mark with one of these; their blocks are known no more."""
        if self._part is None or not len(places):
            return []
        known, found = self._is_known(), np.zeros(len(self._plain), bool)
        for column in range(self._marks.shape[1]):
            asked = np.sort(self._marks[places, column])
            asked = asked[asked > 0]
            if len(asked):
                here = self._marks[:, column]
                nearest = asked[np.minimum(np.searchsorted(asked, here), len(asked) - 1)]
                found |= known & (nearest == here)
        if not found.any():
            return []
        woken = np.searchsorted(self._text._borders, np.flatnonzero(found) + self.first, "right") - 1
        self._known[woken] = -1
        return np.flatnonzero(known & ~self._is_known()).tolist()

    def settle(self, numbers: Iterable[int], hashed: bytes, under: bytes) -> None:
        """Hashes of rows that nothing speaks against, by their numbers in the sheet, from 1."""
        if not hashed:
            return
        places = np.fromiter(numbers, "i8") - 1 - self.first
        self._hashes[places] = np.frombuffer(hashed, "u1").reshape(-1, BLIND_BYTES)
        self._plain[places] = ~self._long[places]
        self._under = under

    def remembered(self, form: bytes) -> Part | None:
        """None where nothing is new."""
        borders_ = self._text._borders
        counts = np.diff(borders_)[self._blocks]
        firsts = borders_[self._blocks] - self.first
        if not len(self._blocks):
            return None
        sums = np.concatenate([[0], np.cumsum(self._plain)])
        good = sums[firsts + counts] - sums[firsts] == counts
        blocks = self._blocks[good]
        digests = [self._text._digests[block] for block in blocks.tolist()]
        part = self._part
        if part and part.under == self._under and digests == part.digests:
            return None
        rows = np.flatnonzero(np.repeat(good, counts)) + (firsts[0] if len(firsts) else 0)
        dropped = np.zeros((len(blocks), self._dropped.shape[1]), "i4")
        if self._dropped.shape[1] and len(blocks):
            ends = np.cumsum(counts[good])
            totals = np.concatenate(
                [np.zeros((1, dropped.shape[1]), "i4"), np.cumsum(self._dropped[rows], 0)]
            )
            dropped = np.diff(totals[np.concatenate([[0], ends])], axis=0)
            if part:
                known = self._known[blocks]
                dropped[known >= 0] = part.dropped[known[known >= 0]]
        return Part(
            form,
            self._under,
            *self._text.written,
            digests,
            counts[good],
            dropped,
            self._hashes[rows],
            self._marks[rows],
        )
