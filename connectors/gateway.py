"""The protocol of such gateways: sign = MD5(appKey + secret + requestTime), and secrets that end.

The application's own secret opens ``refreshTokenByKey.htm``, which gives a request secret (15 minutes) and a
refresh secret (48 hours); that one opens ``refreshTokenBySec.htm``, which gives the next two. Every answer
has status 200 and says by ``code`` what it is; only "00" is public. So where another code comes the question
is asked once more, with a new secret, and is refused then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Mapping
from hashlib import md5
from typing import Any, Final

import httpx

from connectors.web import Web
from hub.errors import SourceError

BY_KEY: Final = "/app/refreshTokenByKey.htm"
BY_SECRET: Final = "/app/refreshTokenBySec.htm"  # noqa: S105, a path
GOOD: Final = "00"


class GatewayRefused(SourceError):
    """The gateway refuses, with a code of its own."""

    code, zh = "GATEWAY_REFUSED", "网关拒绝了请求"


class Signed(httpx.Auth):
    """A form that is signed anew whenever it is sent: gateways take no old times."""

    def __init__(
        self, key: str, secret: str, form: Mapping[str, str], clock: Callable[[], dt.datetime]
    ) -> None:
        self._key, self._secret, self._form, self._clock = key, secret, form, clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        time = str(int(self._clock().timestamp() * 1000))
        told = {"appKey": self._key, "requestTime": time, "sign": sign(self._key, self._secret, time)}
        yield httpx.Request(
            request.method, request.url, data={**self._form, **told}, extensions=request.extensions
        )


def sign(key: str, secret: str, time: str) -> str:
    return md5(f"{key}{secret}{time}".encode(), usedforsecurity=False).hexdigest()


class Gateway:
    """``ask`` for what an application with this key may have."""

    def __init__(self, web: Web, key: str, secret: str, clock: Callable[[], dt.datetime]) -> None:
        self._web, self._key, self._own, self._clock = web, key, secret, clock
        self._request = self._refresh = ""

    async def ask(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer, whose code is good. GatewayRefused."""
        answer: Mapping[str, Any] = {}
        for _ in range(2):
            if not self._request:
                await self._renew()
            answer = await self._post(path, self._request, form)
            if _is_good(answer):
                return answer
            self._request = ""
        raise _refusal(answer)

    async def _renew(self) -> None:
        answer: Mapping[str, Any] = {}
        if self._refresh:
            answer = await self._post(BY_SECRET, self._refresh, {})
        if not _is_good(answer):
            answer = await self._post(BY_KEY, self._own, {})
        told = answer.get("datas")
        if not _is_good(answer) or not isinstance(told, dict):
            raise _refusal(answer)
        self._request, self._refresh = str(told.get("requestSecret", "")), str(told.get("refreshSecret", ""))

    async def _post(self, path: str, secret: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        signed = Signed(self._key, secret, form, self._clock)
        answer: Mapping[str, Any] = await self._web.ask("POST", path, _answer, auth=signed)
        return answer


def upper(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name.upper(): value for name, value in record.items()}


def _answer(said: Any) -> Mapping[str, Any]:
    if not isinstance(said, dict) or "code" not in said:
        raise SourceError("The gateway's answer has no code.", zh="网关应答缺少 code")
    return said


def _is_good(answer: Mapping[str, Any]) -> bool:
    return answer.get("code") == GOOD


def _refusal(answer: Mapping[str, Any]) -> GatewayRefused:
    """Its code is shown, where it is one; its words may quote a person."""
    code = str(answer.get("code", ""))
    shown = code if code.isalnum() and code.isascii() and len(code) <= 8 else "none"
    return GatewayRefused(f"The gateway refuses (code {shown}).", zh=f"网关拒绝了请求（代码 {shown}）")
