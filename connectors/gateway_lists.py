"""Reads the lists that a province's gateway serves, page by page, until they can be believed.

A list moves while it is read: a record that is changed goes to its end, and every page behind it begins
elsewhere. No count tells what was missed. So a list is read again until two readings are the same, row by
row; only those are a complete list, whose absences mean something. Of a record that comes in several
versions the newest UPDATE_TIME stands, in whatever order they come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson

from connectors.gateway import Gateway, upper
from connectors.lists.agreement import Found, agree
from connectors.lists.wording import Wording
from connectors.web import Web
from hub.domain.dates import CHINA, china_now
from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Batch, ListMapping, Place, Refusal, Row

PAGE: Final = 200
MOST_PAGES: Final = 5_000
READINGS: Final = 6
BATCH: Final = 2_000
SERVICES: Final = "/api/"
WRITTEN: Final = "UPDATE_TIME"

Record = Mapping[str, Any]


class ListUnsteady(SourceError):
    """The list changed whenever it was read; nothing is concluded from it until the next run reads it."""

    code, zh = "LIST_UNSTEADY", "名单在读取期间不断变化，本次未采用，下次同步时重新读取"


@dataclass(frozen=True, slots=True)
class Service:
    """One list, served whole.

    ``name``: of its records, as errors tell it. ``key``: the fields by which the system knows a record.
    ``row``: what a record becomes, today, and by when it was written (local; None if nobody can tell).
    ``path``: the last part of its address, empty where a source's location names the service itself.
    ``agree``: see ``connectors.lists.agreement``.
    """

    mapping: ListMapping
    wording: Wording
    name: str
    key: Sequence[str]
    row: Callable[[Record, dt.date, dt.datetime | None], Row]
    path: str = ""
    agree: Sequence[tuple[str, Sequence[str], Sequence[str]]] = ()


class GatewayLists:
    """``https://host/gateway/api/…``, and the secrets ``app-key`` and ``app-secret``."""

    name: ClassVar[str]
    services: ClassVar[Sequence[Service]]

    def __init__(
        self, *, clock: Callable[[], dt.datetime] = china_now, page: int = PAGE, per_second: float = 10.0
    ) -> None:
        self._clock, self._page, self._per_second = clock, page, per_second

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        return {service.mapping.kind: service.mapping for service in self.services}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the gateway does not answer, ``SchemaDrift`` where a field is gone."""
        root, services, path = place.location.partition(SERVICES)
        if not services:
            raise ConfigurationError("the location of a list service is expected: https://…/api/…")
        async with Web(root, per_second=self._per_second) as web:
            gateway = Gateway(web, place.secret("app-key"), place.secret("app-secret"), self._clock)
            for service in self.services:
                asked = f"{services}{path.rstrip('/')}/{service.path}" if service.path else services + path
                read_at, records = await self._steady(gateway, asked, place.county_code)
                if records:
                    # Before anything is expected of it: a run that ends for want of a field tells what came.
                    header = service.wording.header(service.name, records)
                    yield Batch(service.mapping.kind, read_at, (), header=header)
                for batch in self._batches(service, read_at, records):
                    yield batch

    def _batches(self, service: Service, read_at: dt.datetime, records: Sequence[Record]) -> Sequence[Batch]:
        names = {name for record in records for name in record}
        if records:
            service.wording.expect(names, service.name)
        fields = service.wording.fields.items()
        absent = [field.header for name, field in fields if records and name not in names]
        found = self._found(service, records)
        rows = [row for row, _, wrong in found if not wrong]
        refused = [(row, wrong) for row, _, wrong in found if wrong]
        kind = service.mapping.kind
        # With it the list counts as news, of which the newest statement stands, and not the last one told.
        mark = {"read_at": read_at.isoformat()}
        some = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        said = [Batch(kind, read_at, each, checkpoint=mark, absent=absent) for each in some]
        return [*said, Batch(kind, read_at, (), refused, checkpoint=mark, ends=True)]

    def _found(self, service: Service, records: Sequence[Record]) -> Sequence[Found]:
        """The newest version of each record; one without a time is refused, for it may be no news."""
        newest: dict[tuple[str, ...], tuple[dt.datetime, Row]] = {}
        undated: list[Found] = []
        today = self._clock().date()
        for record in records:
            time, key = _time(record), tuple(str(record.get(name)) for name in service.key)
            told = service.row(record, today, time)
            if time is None:
                undated.append((told, "said", [NO_TIME]))
            elif key not in newest or newest[key][0] < time:
                newest[key] = time, told
        found: list[Found] = [(told, "said", []) for _, told in newest.values()]
        for code, together, content in service.agree:
            agree(found, code, together, content)
        return [*found, *undated]

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
            records += records_of(answer)
            pages, total = _count(answer, "totalPage"), _count(answer, "totalDataCount")
            if pages > MOST_PAGES:
                raise SourceError("The list has more pages than any of a county.", zh="名单页数异常")
            totals.add(total)
            number += 1
        if totals != {len(records)}:
            return None
        return sorted(records, key=lambda record: orjson.dumps(record, option=orjson.OPT_SORT_KEYS))


NO_TIME: Final = Refusal(
    "DATE_UNREADABLE", WRITTEN, "A time such as 2026-06-01 09:00:00 is expected.", "应为更新时间"
)


def _time(record: Record) -> dt.datetime | None:
    """Local time."""
    try:
        return dt.datetime.fromisoformat(str(record.get(WRITTEN, "")).strip()).replace(tzinfo=CHINA)
    except ValueError:
        return None


def records_of(answer: Mapping[str, Any]) -> list[Record]:
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
