"""Rows of a regular table, each made only once somebody looks at it.

A list comes again and again, and nearly all of its rows say what they said last time. What tells that is the
line as the source wrote it; to cut it into cells first would cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import overload

from hub.sync.connector import Row

Make = Callable[[Sequence[bytes], Sequence[int]], Iterable[Row]]
"""Rows of lines and their numbers, in their order."""


class Lines(Sequence[Row]):
    """Rows of one sheet for ``Batch.rows`` of a source that is read whole; none has a time of its own.

    ``told``: what each row says, in bytes. Under one ``form``, which names the headers in their order and how
    cells are written, equal bytes are equal cells. ``numbers``: of the rows, as ``Row.number``. A row that
    may be refused for how it is written belongs among ``Batch.refused``, not here.
    """

    def __init__(
        self, file: str, sheet: str, form: str, told: Sequence[bytes], numbers: Sequence[int], make: Make
    ) -> None:
        self.file, self.sheet, self.form = file, sheet, form
        self.told, self.numbers = told, numbers
        self._make = make

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
        return Lines(self.file, self.sheet, self.form, self.told[place], self.numbers[place], self._make)

    def take(self, places: Sequence[int]) -> list[Row]:
        """The rows at these places."""
        told = [self.told[place] for place in places]
        return list(self._make(told, [self.numbers[place] for place in places]))

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
