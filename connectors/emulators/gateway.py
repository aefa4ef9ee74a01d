"""A province's gateway with a county's list of children: signed forms, secrets that end, pages that move.

Records stand in the order they were last written. ``catalogue`` says what can go wrong.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.emulators.identity import years_before
from connectors.emulators.model import Membership, Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth
from hub.domain.vocabulary import Category, RiskLevel, Sex

SERVICE: Final = "/gateway/api/001008/dataSharing/childRecords.htm"
REQUEST_LIVES: Final = dt.timedelta(minutes=15)
REFRESH_LIVES: Final = dt.timedelta(hours=48)
SKEW: Final = dt.timedelta(minutes=10)
TYPES: Final = {
    Category.ORPHAN: "01",
    Category.DE_FACTO_UNATTENDED: "02",
    Category.LEFT_BEHIND_CHILD: "03",
    Category.CHILD_IN_DIFFICULTY: "04",
    Category.MIGRANT_CHILD: "05",
    Category.DIBAO_CHILD: "06",
    Category.HARMED_CHILD: "07",
    Category.ADOPTED_CHILD: "08",
}
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
RISK: Final = {RiskLevel.LEVEL_1: "1", RiskLevel.LEVEL_2: "2", RiskLevel.LEVEL_3: "3", None: "0"}

Cells = dict[str, Any]
Key = tuple[str, str]


@dataclass(slots=True)
class ChildGateway:
    """``spare``: see ``x04-swap``."""

    switches: Switches
    clock: Callable[[], dt.datetime]
    key: str = "A330001"
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    records: list[Cells] = field(default_factory=list)
    spare: list[Cells] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)
    _request: tuple[str, dt.datetime] | None = None
    _refresh: tuple[str, dt.datetime] | None = None
    _used: bool = False

    def publish(self, at: dt.datetime, people: Iterable[Person]) -> int:
        """The list becomes that of these people; how many records were written."""
        stood = {_key(record): record for record in self.records}
        now = {_key(record): record for person in people for record in self._records_of(person)}
        kept = [r for k, r in stood.items() if k in now and {**now[k], "UPDATE_TIME": r["UPDATE_TIME"]} == r]
        known = set(map(_key, kept))
        fresh = [{**r, "UPDATE_TIME": _written(at)} for k, r in now.items() if k not in known]
        self.records = kept + fresh
        return len(fresh)

    def write(self, record: Cells, at: dt.datetime, **cells: Any) -> None:
        """A version of the record as it is known by then; it stands at the end."""
        self.records = [r for r in self.records if r is not record]
        self.records.append({**record, **cells, "UPDATE_TIME": _written(at)})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/gateway/app/refreshTokenByKey.htm", self._by_key, methods=["POST"]),
                Route("/gateway/app/refreshTokenBySec.htm", self._by_secret, methods=["POST"]),
                Route(SERVICE, self._list, methods=["POST"]),
            ]
        )

    def _records_of(self, person: Person) -> Iterable[Cells]:
        for membership in person.memberships:
            if membership.list_kind == "child":
                record = _record(person, membership)
                number = record["CHILD_NO"]
                self.truth.tell("child", number, person, str(membership.category), file_number=number)
                yield record

    # --- the protocol ---------------------------------------------------------------------------

    async def _by_key(self, request: Request) -> JSONResponse:
        return self._secrets() if await self._is_signed(request, self.secret) else _refuses("02", "签名错误")

    async def _by_secret(self, request: Request) -> JSONResponse:
        held = self._alive(self._refresh)
        return (
            self._secrets() if held and await self._is_signed(request, held) else _refuses("03", "密钥失效")
        )

    def _secrets(self) -> JSONResponse:
        now, self._used = self.clock(), False
        self._request = secrets.token_hex(16), now + REQUEST_LIVES
        self._refresh = secrets.token_hex(16), now + REFRESH_LIVES
        told = {
            f"{name}{what}": value
            for name, pair in (("requestSecret", self._request), ("refreshSecret", self._refresh))
            for what, value in (("", pair[0]), ("EndTime", int(pair[1].timestamp() * 1000)))
        }
        return _answers(told, 0, 0, 1)

    async def _list(self, request: Request) -> JSONResponse:
        if self._used and self.switches.strikes("x07-refresh"):
            self._request = self._refresh = None
        if self._used and self.switches.strikes("x07-request"):
            self._request = None
        held = self._alive(self._request)
        if not held or not await self._is_signed(request, held):
            return _refuses("04", "请求密钥失效")
        if self.switches.strikes("x06-error"):
            return _refuses("99", "查询459999200001010014失败")
        form = await _form(request)
        number, size = int(form["pageNum"]), int(form["pageSize"])
        page = self.records[(number - 1) * size : number * size]
        total = len(self.records)
        if self.switches.strikes("x04-short"):
            page = page[:-1]
        answer = _answers(page, len(page), total, -(-total // size))
        self._used = True
        self._move()
        return answer

    def _move(self) -> None:
        if self.switches.strikes("x04-shift"):
            self.write(self.records[0], self.clock())
        if self.spare and self.switches.strikes("x04-swap"):
            self.records = [*self.records[1:], self.spare.pop()]
        if self.switches.strikes("x17-meaning"):
            left = {"LEAVE_DATE": f"{self.clock():%Y-%m-%d}", "LEAVE_REASON": "05"}
            self.write(self.records[0], self.clock(), **left)

    def _alive(self, held: tuple[str, dt.datetime] | None) -> str | None:
        return held[0] if held and held[1] > self.clock() else None

    async def _is_signed(self, request: Request, secret: str) -> bool:
        form = await _form(request)
        key, time = form["appKey"], form["requestTime"]
        right = md5(f"{key}{secret}{time}".encode(), usedforsecurity=False).hexdigest()
        late = abs(self.clock().timestamp() - int(time) / 1000)
        return key == self.key and form["sign"] == right and late < SKEW.total_seconds()


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _answers(datas: Any, count: int, total: int, pages: int) -> JSONResponse:
    counts = {"dataCount": count, "totalDataCount": total, "totalPage": pages}
    return JSONResponse({"code": "00", "msg": "成功", "data": "", "datas": datas, **counts})


def _refuses(code: str, words: str) -> JSONResponse:
    return JSONResponse({"code": code, "msg": words, "data": "", "datas": "", "totalPage": 0})


def _key(record: Cells) -> Key:
    return record["CHILD_NO"], record["CHILD_TYPE"]


def _written(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _record(person: Person, membership: Membership) -> Cells:
    guardian = person.guardian
    day, reason = _left(person, membership)
    who = person.id_number or person.file_number or person.name
    return {
        "CHILD_NO": f"{person.county_code}C{md5(who.encode(), usedforsecurity=False).hexdigest()[:8]}",
        "CHILD_TYPE": TYPES[membership.category],
        "NAME": person.name,
        "ID_CARD": person.id_number or "",
        "SEX": SEX[person.sex] if person.sex else "0",
        "BIRTHDAY": person.birth_on.isoformat() if person.birth_on else "",
        "NATION": person.ethnicity_code or "",
        "DIVISION_CODE": person.division_code,
        "ADDRESS": person.address or "",
        "GUARDIAN_NAME": guardian.name if guardian else "",
        "GUARDIAN_RELATION": guardian.relation if guardian else "",
        "GUARDIAN_TEL": guardian.phone if guardian else "",
        "SCHOOL": person.school or "",
        "RISK_LEVEL": RISK[person.risk_level],
        "REGISTER_DATE": person.dossier_opened_on.isoformat() if person.dossier_opened_on else "",
        "IN_DATE": membership.starts_on.isoformat(),
        "LEAVE_DATE": day,
        "LEAVE_REASON": reason,
        "BANK_ACCOUNT": f"62{who[-6:]:0>14}",
        "PHOTO": "/9j/4AAQ",
    }


def _left(person: Person, membership: Membership) -> tuple[str, str]:
    """One column, and what it is follows from the reason (X17)."""
    if membership.ends_on is None:
        return "", ""
    next_day = membership.ends_on + dt.timedelta(days=1)
    if person.birth_on and next_day in {years_before(person.birth_on, -age) for age in (16, 18)}:
        return next_day.isoformat(), "01"
    return membership.ends_on.isoformat(), "03" if person.deceased_on == membership.ends_on else "02"
