"""Where a request is charged: its price before it is run, and afterwards what it took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, NamedTuple, Protocol

from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.errors import HubError, Spent, TooDear
from hub.read import cost
from hub.read.answers import Answer, Cost
from hub.read.pricing import Price
from hub.read.statistics import Part, StatisticsReader
from hub.read.thrift import Advice, advice
from hub.read.way import INTROSPECTION, WRITE

LOG: Final = "accessLog"
MOST: Final = 10**12
"""More is not told; a program that reads JSON may not know the number."""


class Counter(Protocol):
    """Counts units by the minute; ``who``: a client, or one of its purposes."""

    async def spend(self, who: str, units: int) -> int:
        """Units of this minute, these among them."""

    def settle(self, who: str, units: int) -> None:
        """They were so many more, or fewer."""

    def seconds_left(self) -> int:
        """Until the minute is over."""


class Unlimited:
    """Nobody's minute is counted."""

    async def spend(self, who: str, units: int) -> int:
        return units

    def settle(self, who: str, units: int) -> None:
        pass

    def seconds_left(self) -> int:
        return 0


@dataclass(slots=True)
class Bill:
    """Of one request. ``used``: units of its minute once it is charged, ``left``: seconds of it then.

    ``seconds``: in PostgreSQL. ``explained``: units of explanations that were given.
    """

    viewer: Viewer
    per_request: int
    per_minute: int
    static: int = 0
    used: int | None = None
    left: int = 0
    seconds: float = 0.0
    explained: float = 0.0

    @property
    def who(self) -> str:
        """A purpose with units of its own is counted apart; no client's name holds a colon."""
        client_id, stated = self.viewer.client_id, self.viewer.stated
        return client_id if stated is None or stated.units is None else f"{client_id}:{stated.code}"


@dataclass(slots=True)
class Till:
    statistics: StatisticsReader
    limits: Limits
    counter: Counter

    def bill(self, viewer: Viewer) -> Bill:
        minute = None if viewer.stated is None else viewer.stated.units
        return Bill(viewer, *self.limits.of(viewer.allowance, minute))

    async def check(
        self,
        bill: Bill,
        resolved: Iterable[str],
        price: Price | None,
        given: Sequence[Any],
        values: Mapping[str, Any],
        times: int = 1,
        beside: float = 0.0,
    ) -> Asked | None:
        """Puts the price on the bill; TooDear for more than a request may cost.

        ``resolved``: fields that graphql-core answers. ``given``: the parameters of the statement that
        ``price`` is of. ``values``: the viewer's. ``times``: events of a stream, in one statement.
        ``beside``: units of what is asked beside it (``hub.read.aside``).
        """
        extra = sum(map(resolving, resolved)) + beside
        units, asked = extra + cost.REQUEST, None
        if price is not None:
            known = await self.statistics.newest()
            asked = Asked(price, given, known.part(values), extra)
            one = price.of(known, given, asked.part)
            units = extra + one + (one - cost.REQUEST) * (times - 1)
        bill.static = min(ceil(units), MOST)
        if bill.static > bill.per_request:
            raise refusal(TooDear(), bill, bill.per_request, asked)
        return asked

    async def charge(self, bill: Bill, asked: Asked | None) -> None:
        """Before anything is run, and after ``check``; Spent for what will not be."""
        used = await self.counter.spend(bill.who, bill.static)
        if used > bill.per_minute:
            self.counter.settle(bill.who, -bill.static)
            raise self._spent(bill, max(0, bill.per_minute - used + bill.static), asked)
        bill.used, bill.left = used, self.counter.seconds_left()

    def _spent(self, bill: Bill, left: int, asked: Asked | None) -> HubError:
        error = refusal(Spent(), bill, left, asked)
        error.details["retryAfter"] = self.counter.seconds_left()
        return error

    def paid(self, bill: Bill, answer: Answer) -> Answer:
        """The answer with what it cost; the minute is told the difference."""
        took, remaining = 0, None
        if bill.used is not None:
            took = ceil(cost.actual(bill.static, bill.seconds, len(answer.body), bill.explained))
            if self.counter.seconds_left() <= bill.left:  # else what it was charged went with its minute
                self.counter.settle(bill.who, took - bill.static)
            remaining = max(0, bill.per_minute - bill.used + bill.static - took)
        told = Cost(bill.static, took, bill.per_request, bill.per_minute, remaining)
        answer.cost = told
        return answer


def resolving(name: str) -> float:
    """Units of a field that graphql-core answers."""
    if name in INTROSPECTION:
        return cost.INTROSPECTED
    if name == WRITE:
        return cost.WRITTEN
    return cost.LOOKED_UP if name == LOG else cost.RESOLVED


class Asked(NamedTuple):
    """What a price was asked for; ``extra``: units beside it."""

    price: Price
    given: Sequence[Any]
    part: Part
    extra: float


def refusal(error: HubError, bill: Bill, allowed: int, asked: Asked | None) -> HubError:
    """``error``, saying what the request would cost, what is allowed, and how to make it smaller."""
    found = Advice("", ()) if asked is None else advice(*asked[:3], allowed - asked.extra)
    error.details |= {
        "cost": bill.static,
        "allowed": allowed,
        "path": found.path or None,
        "suggestions": [each._asdict() for each in found.smaller],
    }
    error.message = " ".join(
        (error.message, f"It costs up to {bill.static}, allowed are {allowed}.", *in_english(found))
    )
    error.message_zh = "；".join(
        (error.message_zh, f"开销最多 {bill.static}，允许 {allowed}", *in_chinese(found))
    )
    return error


def in_english(found: Advice) -> Iterator[str]:
    if found.path:
        yield f"Most of it is {found.path}."
    if found.smaller:
        pages = (f"{s.argument}: {s.suggested} instead of {s.given} at {s.path}" for s in found.smaller)
        yield f"Ask {', '.join(pages)}."
    elif found.path:
        yield "No smaller page is enough: leave something out there, or narrow it by where."


def in_chinese(found: Advice) -> Iterator[str]:
    if found.path:
        yield f"主要来自 {found.path}"
    if found.smaller:
        yield "，".join(f"{s.path} 的 {s.argument} 由 {s.given} 改为 {s.suggested}" for s in found.smaller)
    elif found.path:
        yield "仅减小每页条数不够，请减少所查内容或用 where 缩小范围"
