"""A province's gateway with lists of a county: signed forms, secrets that end, pages that move.

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

from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth

REQUEST_LIVES: Final = dt.timedelta(minutes=15)
REFRESH_LIVES: Final = dt.timedelta(hours=48)
SKEW: Final = dt.timedelta(minutes=10)
WRITTEN: Final = "UPDATE_TIME"
TIME: Final = "%Y-%m-%d %H:%M:%S"

Cells = dict[str, Any]


@dataclass(slots=True)
class Gateway:
    """``lists``: the records of each service by its address. ``spare``: see ``x04-swap``.

    What a record is known by, ``key_of`` tells.
    """

    switches: Switches
    clock: Callable[[], dt.datetime]
    lists: dict[str, list[Cells]]
    key_of: Callable[[Cells], object]
    key: str = "A330001"
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    spare: list[Cells] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)
    _request: tuple[str, dt.datetime] | None = None
    _refresh: tuple[str, dt.datetime] | None = None
    _used: bool = False

    def replace(self, path: str, records: Iterable[Cells], at: dt.datetime) -> int:
        """The list becomes these; how many records were written. One that is as it was keeps its time."""
        stood = {self.key_of(record): record for record in self.lists[path]}
        now = {self.key_of(record): record for record in records}
        kept = [r for k, r in stood.items() if k in now and {**now[k], WRITTEN: r[WRITTEN]} == r]
        known = set(map(self.key_of, kept))
        fresh = [{**r, WRITTEN: f"{at:{TIME}}"} for k, r in now.items() if k not in known]
        self.lists[path] = kept + fresh
        return len(fresh)

    def write(self, path: str, record: Cells, at: dt.datetime, **cells: Any) -> None:
        """A version of the record as it is known by then; it stands at the end."""
        self.lists[path] = [r for r in self.lists[path] if r is not record]
        self.lists[path].append({**record, **cells, WRITTEN: f"{at:{TIME}}"})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/gateway/app/refreshTokenByKey.htm", self._by_key, methods=["POST"]),
                Route("/gateway/app/refreshTokenBySec.htm", self._by_secret, methods=["POST"]),
                *(Route(path, self._list, methods=["POST"]) for path in self.lists),
            ]
        )

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
        listed = self.lists[request.url.path]
        page, total = listed[(number - 1) * size : number * size], len(listed)
        if self.switches.strikes("x04-short"):
            page = page[:-1]
        answer = _answers(page, len(page), total, -(-total // size))
        self._used = True
        self._move(request.url.path)
        return answer

    def _move(self, path: str) -> None:
        """What happens to the list while it is read."""
        if self.switches.strikes("x04-shift"):
            self.write(path, self.lists[path][0], self.clock())
        if self.spare and self.switches.strikes("x04-swap"):
            self.lists[path] = [*self.lists[path][1:], self.spare.pop()]

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
