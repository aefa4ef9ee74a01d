"""Reads the list service of a province's gateway, page by page, until it can be believed.

The list moves while it is read: a record that is changed goes to its end, and every page behind it begins
elsewhere. No count tells what was missed. So the list is read again until two readings are the same, row by
row; only those are a complete list, whose absences mean something. Of a record that comes in several
versions the newest UPDATE_TIME stands, in whatever order they come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from connectors.child_welfare.fields import CHILD_RECORD, CHILDREN, row
from connectors.child_welfare.gateway import Gateway, upper
from connectors.web import Web
from hub.domain.dates import CHINA, china_now
from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Batch, ListMapping, Place, Refusal, Row

PAGE: Final = 200
MOST_PAGES: Final = 5_000
READINGS: Final = 6
BATCH: Final = 2_000
SERVICES: Final = "/api/"

Record = Mapping[str, Any]


class ListUnsteady(SourceError):
    """The list changed whenever it was read; nothing is concluded from it until the next run reads it."""

    code, zh = "LIST_UNSTEADY", "名单在读取期间不断变化，本次未采用，下次同步时重新读取"


class ChildWelfare:
    """``https://host/gateway/api/…/SERVICE.htm``, and the secrets ``app-key`` and ``app-secret``."""

    name: Final = "child-welfare"
    lists: Final[Mapping[str, ListMapping]] = {CHILD_RECORD.kind: CHILD_RECORD}

    def __init__(
        self, *, clock: Callable[[], dt.datetime] = china_now, page: int = PAGE, per_second: float = 10.0
    ) -> None:
        self._clock, self._page, self._per_second = clock, page, per_second

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the gateway does not answer, ``SchemaDrift`` where a field is gone."""
        root, services, service = place.location.partition(SERVICES)
        if not services:
            raise ConfigurationError("the location of a list service is expected: https://…/api/…")
        async with Web(root, per_second=self._per_second) as web:
            gateway = Gateway(web, place.secret("app-key"), place.secret("app-secret"), self._clock)
            read_at, records = await self._steady(gateway, services + service, place.county_code)
        names = {name.upper() for record in records for name in record}
        if records:
            CHILDREN.expect(names, "CHILD")
        absent = [field.header for name, field in CHILDREN.fields.items() if records and name not in names]
        rows, refused = self._rows(records)
        # With it the list counts as news, of which the newest statement stands, and not the last one told.
        mark = {"read_at": read_at.isoformat()}
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            yield Batch(CHILD_RECORD.kind, read_at, some, checkpoint=mark, absent=absent)
        yield Batch(CHILD_RECORD.kind, read_at, (), refused, checkpoint=mark, ends=True)

    async def _steady(self, gateway: Gateway, path: str, county: str) -> tuple[dt.datetime, Sequence[Record]]:
        before: Sequence[Record] | None = None
        for _ in range(READINGS):
            read_at = self._clock()
            records = await self._all(gateway, path, county)
            if records is not None and records == before:
                return read_at, records
            before = records
        raise ListUnsteady

    async def _all(self, gateway: Gateway, path: str, county: str) -> Sequence[Record] | None:
        """None where pages and their totals do not agree."""
        records: list[Record] = []
        number = pages = 1
        totals = set()
        while number <= pages:
            asked = {"divisionCode": county, "pageNum": str(number), "pageSize": str(self._page)}
            answer = await gateway.ask(path, asked)
            records += _records(answer)
            pages, total = _count(answer, "totalPage"), _count(answer, "totalDataCount")
            if pages > MOST_PAGES:
                raise SourceError("The list has more pages than any of a county.", zh="名单页数异常")
            totals.add(total)
            number += 1
        if totals != {len(records)}:
            return None
        return sorted(records, key=lambda record: orjson.dumps(record, option=orjson.OPT_SORT_KEYS))

    def _rows(self, records: Sequence[Record]) -> tuple[list[Row], list[tuple[Row, Sequence[Refusal]]]]:
        """Rows, and those without a time, of which nobody can tell whether they are news."""
        newest: dict[tuple[str, str], tuple[dt.datetime, Row]] = {}
        refused: list[tuple[Row, Sequence[Refusal]]] = []
        today = self._clock().date()
        for record in records:
            time, key = _time(record), (str(record.get("CHILD_NO")), str(record.get("CHILD_TYPE")))
            told = row(record, today, time)
            if time is None:
                refused.append((told, [NO_TIME]))
            elif key not in newest or newest[key][0] < time:
                newest[key] = time, told
        return [told for _, told in newest.values()], refused


NO_TIME: Final = Refusal(
    "DATE_UNREADABLE", "UPDATE_TIME", "A time such as 2026-06-01 09:00:00 is expected.", "应为更新时间"
)


def _time(record: Record) -> dt.datetime | None:
    """Local time."""
    try:
        return dt.datetime.fromisoformat(str(record.get("UPDATE_TIME", "")).strip()).replace(tzinfo=CHINA)
    except ValueError:
        return None


def _records(answer: Mapping[str, Any]) -> list[Record]:
    """Also where the list is written as text inside the answer, or nothing stands for none."""
    listed = answer.get("datas") or []
    if isinstance(listed, str):
        try:
            listed = orjson.loads(listed)
        except orjson.JSONDecodeError:
            listed = None
    if not isinstance(listed, list) or not all(isinstance(record, dict) for record in listed):
        raise SourceError("The gateway's answer holds no list.", zh="网关应答中没有名单")
    return [upper(record) for record in listed]


def _count(answer: Mapping[str, Any], name: str) -> int:
    try:
        return int(answer[name])
    except (KeyError, TypeError, ValueError):
        raise SourceError(f"The gateway's answer has no {name}.", zh=f"网关应答缺少 {name}") from None
