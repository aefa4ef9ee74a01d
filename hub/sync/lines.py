"""Rows of a regular table, each made only once somebody looks at it.

A list comes again and again, and nearly all of its rows say what they said last time. What tells that is the
line as the source wrote it; to cut it into cells first would cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import overload

from hub.store.vault import BLIND_BYTES
from hub.sync.connector import Row

Make = Callable[[Sequence[bytes], Sequence[int]], Iterable[Row]]
"""Rows of lines and their numbers, in their order."""
UNDER_BYTES = 16


def split(hashes: bytes) -> list[bytes]:
    """Hashes of rows, each its own."""
    return [hashes[i : i + BLIND_BYTES] for i in range(0, len(hashes), BLIND_BYTES)]


def under(key: bytes) -> bytes:
    """What tells which key hashes were made with."""
    return blake2b(key, digest_size=UNDER_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Recalled:
    """Hashes that rows had when they were read before, ``under`` the same key.

    ``hashes``: of all rows, zeros for those that were not there. ``tell``: what the row of a number says.
    """

    hashes: bytes
    under: bytes
    tell: Callable[[int], bytes]


class Lines(Sequence[Row]):
    """Rows of one sheet for ``Batch.rows`` of a source that is read whole; none has a time of its own.

    ``told``: what each row says, in bytes. Under one ``form``, which names the headers in their order and how
    cells are written, equal bytes are equal cells. ``numbers``: of the rows, as ``Row.number``. A row that
    may be refused for how it is written belongs among ``Batch.refused``, not here. ``recalled``: where a row
    is not told, None, its hash is known already. ``hashed`` and ``under`` are there once the run has hashed.
    """

    def __init__(
        self,
        file: str,
        sheet: str,
        form: str,
        told: Sequence[bytes | None],
        numbers: Sequence[int],
        make: Make,
        recalled: Recalled | None = None,
    ) -> None:
        self.file, self.sheet, self.form = file, sheet, form
        self.told, self.numbers = told, numbers
        self.hashed = self.under = b""
        self._make, self._recalled = make, recalled

    def __len__(self) -> int:
        return len(self.told)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Lines: ...
    def __getitem__(self, place: int | slice) -> Row | Lines:
        if isinstance(place, int):
            [row] = self.take([place])
            return row
        if place.indices(len(self)) == (0, len(self), 1):
            return self
        told = self.told[place] if self._recalled is None else self.tell(range(len(self))[place])
        return Lines(self.file, self.sheet, self.form, told, self.numbers[place], self._make)

    def tell(self, places: Sequence[int]) -> list[bytes]:
        """What the rows at these places say."""
        given = [(self.told[place], place) for place in places]
        return [self._tell(self.numbers[place]) if told is None else told for told, place in given]

    def _tell(self, number: int) -> bytes:
        assert self._recalled is not None
        return self._recalled.tell(number)

    def take(self, places: Sequence[int]) -> list[Row]:
        """The rows at these places."""
        return list(self._make(self.tell(places), [self.numbers[place] for place in places]))

    def hashes(self, key: bytes) -> bytes:
        """Of all rows, keyed, one behind the other."""
        self.under = under(key)
        recalled = self._recalled
        if recalled is None or recalled.under != self.under:
            lines = self.tell(range(len(self)))
            self.hashed = b"".join(
                [blake2b(line, digest_size=BLIND_BYTES, key=key).digest() for line in lines]
            )
        elif self.told.count(None) == len(self.told):
            self.hashed = recalled.hashes
        else:
            found = bytearray(recalled.hashes)
            for place, line in enumerate(self.told):
                if line is not None:
                    at = place * BLIND_BYTES
                    found[at : at + BLIND_BYTES] = blake2b(line, digest_size=BLIND_BYTES, key=key).digest()
            self.hashed = bytes(found)
        return self.hashed

    def runs(self) -> Iterator[tuple[int, int]]:
        """First number and count of rows that follow each other."""
        numbers = self.numbers
        if not numbers:
            return
        if numbers[-1] - numbers[0] == len(numbers) - 1:
            yield numbers[0], len(numbers)
            return
        for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
            found = [number for _, number in run]
            yield found[0], len(found)


class Hashed(Sequence[Row]):
    """Rows that landed before, with the hashes they had; under the same ``salt`` they still have them."""

    def __init__(self, rows: Sequence[Row], hashes: Sequence[bytes], salt: str) -> None:
        self.rows, self.hashes, self.salt = rows, hashes, salt

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Hashed: ...
    def __getitem__(self, place: int | slice) -> Row | Hashed:
        if isinstance(place, int):
            return self.rows[place]
        return Hashed(self.rows[place], self.hashes[place], self.salt)
