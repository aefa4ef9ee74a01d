"""Lines of a text as they stand in its file; which is nearly all that is needed of one that is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Borders = NDArray[np.int64]


class RawLines(Sequence[str]):
    """Lines that end with a line feed, made a text whenever one is looked at.

    In none of the encodings a byte of a character is a line feed or a quote. ``borders``: where they begin,
    and where the last one ends.
    """

    def __init__(self, data: bytes, encoding: str, borders: Borders | None = None) -> None:
        self.data, self.encoding = data, encoding
        self.borders: Borders = _borders(data) if borders is None else borders

    def __len__(self) -> int:
        return len(self.borders) - 1

    def __iter__(self) -> Iterator[str]:
        for first, last in pairwise(self.borders.tolist()):
            yield self.data[first:last].decode(self.encoding)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            if step != 1:
                return [self[n] for n in range(first, last, step)]
            return RawLines(self.data, self.encoding, self.borders[first : max(first, last) + 1])
        at = range(len(self))[place]
        return self.data[self.borders[at] : self.borders[at + 1]].decode(self.encoding)

    def at(self, places: Sequence[int]) -> list[bytes]:
        """Lines as they stand in the file."""
        firsts, lasts = self.borders[places].tolist(), self.borders[np.array(places, "i8") + 1].tolist()
        return [self.data[first:last] for first, last in zip(firsts, lasts, strict=True)]


def _borders(data: bytes) -> Borders:
    ends: NDArray[Any] = np.flatnonzero(np.frombuffer(data, "u1") == ord("\n")) + 1
    rest = [len(data)] if data and not data.endswith(b"\n") else []
    return np.concatenate([[0], ends, rest]).astype("i8")
