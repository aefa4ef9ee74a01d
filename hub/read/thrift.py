"""How a request that costs too much is made smaller: which lists are dear, and what page size would fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from hub.read.cost import REQUEST
from hub.read.pricing import List, Price, Step, apart
from hub.read.statistics import Part

TRIED: Final = 5
"""Lists, the dearest first, whose page is tried alone."""


class Smaller(NamedTuple):
    """``argument`` of the list at ``path``: ``suggested`` instead of ``given``."""

    path: str
    argument: str
    given: int
    suggested: int


class Advice(NamedTuple):
    """``path``: of the list that takes most, with the lists in it; "" where it is no list.

    ``smaller``: pages that make the request fit. None: no page size does; then something is to be left out.
    """

    path: str
    smaller: tuple[Smaller, ...]


def advice(price: Price, given: Sequence[Any], part: Part, most: float) -> Advice:
    """``most``: units that are allowed. The price was asked for just now, so it has steps."""
    units = apart(price.steps, given, part)
    within = list(units)
    for place in range(len(units) - 1, 0, -1):
        within[price.lists[place].around] += within[place]
    units[0] -= REQUEST
    dear = max(range(len(units)), key=units.__getitem__)
    pages = sorted(
        (i for i, step in enumerate(price.steps) if size(step, given) > 1), key=lambda i: -within[i]
    )
    above = [i for i in around(price.lists, dear) if i in pages]
    found = (
        one_page(price, given, part, most, pages[:TRIED])
        or all_pages(price, given, part, most, above)
        or all_pages(price, given, part, most, pages)
    )
    smaller = (smaller_at(price.lists[i], given, n) for i, n in sorted(found.items()))
    return Advice(path_of(price.lists[dear]), tuple(smaller))


def size(step: Step, given: Sequence[Any]) -> int:
    """Rows of the page that count: no more than there are."""
    return 0 if step.limit < 0 else int(min(given[step.limit], step.most))


def one_page(
    price: Price, given: Sequence[Any], part: Part, most: float, pages: Sequence[int]
) -> dict[int, int]:
    """The page that has to give up the least, if one alone is enough."""
    best: dict[int, int] = {}
    kept = 0.0
    for i in pages:
        rows = size(price.steps[i], given)
        fits = largest(price, given, part, most, [i], rows)
        if fits and fits / rows > kept:
            best, kept = {i: fits}, fits / rows
    return best


def all_pages(
    price: Price, given: Sequence[Any], part: Part, most: float, pages: Sequence[int]
) -> dict[int, int]:
    """The largest share that all of them may keep, in hundredths."""
    share = largest(price, given, part, most, pages, 100, shared=True)
    return {i: shrunk(price.steps[i], given, share) for i in pages} if share else {}


def largest(
    price: Price, given: Sequence[Any], part: Part, most: float, pages: Sequence[int], above: int,
    shared: bool = False,
) -> int:  # fmt: skip
    """The largest number below ``above``, of rows or of hundredths, with which it fits; else 0."""
    fits = 0
    while above - fits > 1:
        middle = (fits + above) // 2
        steps = list(price.steps)
        for i in pages:
            rows = shrunk(steps[i], given, middle) if shared else middle
            steps[i] = steps[i]._replace(most=rows)
        if sum(apart(steps, given, part)) <= most:
            fits = middle
        else:
            above = middle
    return fits


def shrunk(step: Step, given: Sequence[Any], hundredths: int) -> int:
    return max(1, size(step, given) * hundredths // 100)


def around(lists: Sequence[List], place: int) -> list[int]:
    """The list and those it lies in."""
    found = []
    while place:
        found.append(place)
        place = lists[place].around
    return found


def smaller_at(of: List, given: Sequence[Any], suggested: int) -> Smaller:
    assert of.limit is not None
    return Smaller(path_of(of), of.argument, given[of.limit], suggested)


def path_of(of: List) -> str:
    return ".".join(of.path)
