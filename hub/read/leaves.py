"""From the values of a request to the parameters of a statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import orjson

from hub.access.live import Held
from hub.access.numbers import Persons, normal
from hub.access.rows import viewer_type
from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.division import code_range, is_township
from hub.domain.names import parts_of
from hub.errors import BadArgument, BadCursor
from hub.read.bind import DEFAULT_PAGE, MAX_PAGE
from hub.read.plan import Leaf
from hub.store.vault import Vault

MAX_LIST: Final = 1_000
"""Values of one ``in``: PostgreSQL gets each list as often as it is used."""
FIRST_DAY: Final = dt.date(1900, 1, 1)
LAST_DAY: Final = dt.date(2199, 12, 31)
"""The first and the last day Python has reach PostgreSQL as infinity."""


@dataclass(slots=True)
class Request:
    """What parameters are read from: argument values by slot, the viewer's, the vault."""

    arguments: Sequence[Mapping[str, Any]]
    viewer: Mapping[str, Any]
    vault: Vault
    nonce: str
    today: dt.date
    smallest: int = 1
    """The smallest number of people told to those who may count but not see them."""
    reliances: dict[Leaf, Any] = field(default_factory=dict)
    """By where a programme is found, what answers about it can be relied on for (``hub.access.coverage``)."""
    memo: dict[Any, Any] = field(default_factory=dict)
    """What several parameters are read from, worked out once."""
    persons: dict[Any, Persons] = field(default_factory=dict)
    """Who is asked about by number or token, by where; it goes no further than who counts questions."""

    def asks(self, where: Any, number: str, hashes: list[bytes]) -> list[bytes]:
        self.persons[where] = [number], hashes
        return hashes


@dataclass(frozen=True, slots=True)
class Param:
    """One ``$n``: equal keys are one parameter. ``cast`` is its PostgreSQL type."""

    key: Hashable
    cast: str
    read: Callable[[Request], Any]


def viewer_values(viewer: Viewer, held: Held, today: dt.date) -> Mapping[str, Any]:
    """The values slices speak of; a viewer without a division or organisation matches nothing."""
    contracts = tuple(held.contracts)
    found = _viewer_values(
        viewer.division_code, viewer.organisation_id, Held(contracts, held.counties), today
    )
    own = {
        **found,
        "client": viewer.client_id,
        "user": viewer.user_id or 0,
        "person_keys": viewer.person_keys,
    }
    return {**own, "opened": viewer.emergency.people} if viewer.emergency else own


@lru_cache(4096)
def _viewer_values(
    division: str | None, organisation: int | None, held: Held, today: dt.date
) -> Mapping[str, Any]:
    lo, hi = code_range(division) if division else ("~", "~")
    lo6, hi6 = county_range(lo, hi) if organisation is None else held.counties
    return {
        "lo": lo,
        "hi": hi,
        "lo6": lo6,
        "hi6": hi6,
        "county": lo[:6].ljust(12, "0"),
        "township": lo[:9] if is_township(lo) else "~",
        "organisation": organisation or -1,
        "contracts": held.contracts,
        "today": today,
    }


def county_range(lo: str, hi: str) -> tuple[str, str]:
    """The half-open range of 6-digit codes of the counties that divisions from ``lo`` to ``hi`` lie in."""
    return lo[:6], hi[:6] if hi[:6] > lo[:6] else lo[:6] + "~"


def viewer_param(name: str) -> Param:
    return Param(("viewer", name), viewer_type(name), lambda r: r.viewer[name])


def smallest_param() -> Param:
    return Param(("smallest",), "bigint", lambda r: r.smallest)


def nonce_param() -> Param:
    return Param(("nonce",), "text", lambda r: r.nonce)


def value_of(request: Request, leaf: Leaf) -> Any:
    value: Any = request.arguments[leaf.slot]
    for step in leaf.path:
        value = value[step] if isinstance(step, int) else value.get(step)
        if value is None:
            return None
    return value


def leaf_param(leaf: Leaf, cast: str) -> Param:
    def read(request: Request) -> Any:
        value = value_of(request, leaf)
        if not isinstance(value, list):
            return _plain(value)
        if len(value) > MAX_LIST:
            raise BadArgument(f"Expected a list of at most {MAX_LIST} values.", zh=f"列表最多 {MAX_LIST} 项")
        return [_plain(v) for v in value]

    return Param(("leaf", leaf), cast, read)


def _plain(value: Any) -> Any:
    """As PostgreSQL takes it: the code of an enum value, and text without the one character it has not."""
    if isinstance(value, str) and "\0" in value:
        raise BadArgument("Expected text without the character U+0000.", zh="文本不得含 U+0000 字符")
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        if not FIRST_DAY <= day <= LAST_DAY:
            raise BadArgument(f"Expected a day from {FIRST_DAY} to {LAST_DAY}.", zh="日期超出范围")
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=CHINA)
    return value.value if isinstance(value, Enum) else value


def known_param(leaf: Leaf) -> Param:
    """A moment up to the end of today: what the hub will know nobody knows."""

    def read(request: Request) -> Any:
        moment = _plain(value_of(request, leaf))
        if moment.astimezone(CHINA).date() > request.today:
            raise BadArgument("Expected a moment that is not to come.", zh="知悉时间不得晚于当前")
        return moment

    return Param(("known", leaf), "timestamptz", read)


def range_param(leaf: Leaf, end: int) -> Param:
    def read(request: Request) -> Any:
        try:
            return code_range(value_of(request, leaf))[end]
        except ValueError:
            raise BadArgument(
                "Expected a division code of 2, 4, 6, 9 or 12 digits.", zh="应为 2、4、6、9 或 12 位区划代码"
            ) from None

    return Param(("range", leaf, end), "text", read)


def limit_param(leaf: Leaf | None) -> Param:
    def read(request: Request) -> Any:
        limit = DEFAULT_PAGE if leaf is None else value_of(request, leaf)
        if not 0 <= limit <= MAX_PAGE:
            raise BadArgument(
                f"Expected a page size from 0 to {MAX_PAGE}.", zh=f"每页条数应为 0 至 {MAX_PAGE}"
            )
        return limit

    return Param(("limit", leaf), "int", read)


def cursor_param(leaf: Leaf, spec: str, index: int, cast: str, kind: type) -> Param:
    """Key ``index`` of a cursor made for a list sorted by ``spec``."""

    def read(request: Request) -> Any:
        try:
            found, *keys = orjson.loads(request.vault.untoken(value_of(request, leaf)))
        except ValueError:
            raise BadCursor from None
        if found != spec:
            raise BadCursor
        return _revive(keys[index], kind)

    return Param(("cursor", leaf, index), cast, read)


def _revive(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    return value


def id_param(leaf: Leaf, type_name: str, index: int, count: int, cast: str) -> Param:
    """Part ``index`` of the ``count`` of a global id such as ``Beneficiary:450305:17``."""

    def read(request: Request) -> Any:
        parts = parts_of(str(value_of(request, leaf)), type_name, count)
        return parts[index] if cast == "text" else int(parts[index])

    return Param(("id", leaf, index), cast, read)


def blind_param(leaf: Leaf) -> Param:
    """An identity number as the keyed hashes a row may have."""

    def read(request: Request) -> list[bytes]:
        number = normal(value_of(request, leaf), request.today)
        return request.asks(leaf, number, request.vault.look_ups(number))

    return Param(("blind", leaf), "bytea[]", read)


def is_blind(param: Param) -> bool:
    return isinstance(param.key, tuple) and param.key[0] == "blind"


def day_param(leaf: Leaf) -> Param:
    """A day up to today, which it is where none is given: what is to come nobody knows."""

    def read(request: Request) -> Any:
        day = value_of(request, leaf) or request.today
        if not FIRST_DAY <= day <= request.today:
            raise BadArgument(
                f"Expected a day from {FIRST_DAY} to today.", zh=f"日期应在 {FIRST_DAY} 至当日之间"
            )
        return day

    return Param(("day", leaf), "date", read)
