"""How connectors ask upstream systems over HTTP: bounded, patient, not fooled by a page with status 200.

Per source one ``Web``: it keeps the rate the system allows, tries again what may pass (a connection that
breaks, 429 with its Retry-After, 5xx), and reads no more than it must. What an answer means is the
connector's matter: its ``read`` returns what it wants, raises ``Again`` where the same question may be
answered later, and ``SourceError`` where it will not.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import orjson
import stamina

from hub.errors import SourceError

ATTEMPTS: Final = 5
LONGEST_WAIT: Final = 30.0
"""Seconds that a Retry-After may ask for; a system that wants more is asked again with the next run."""

TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
MOST_BYTES: Final = 64 << 20
PAGE: Final = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)

T = TypeVar("T")


class Again(SourceError):
    """An upstream system does not answer now; asked again it may.

    ``wait``: seconds it asks for.
    """

    def __init__(self, message: str = "", wait_for: float = 0.0) -> None:
        super().__init__(message, zh="上游系统暂时无法应答")
        self.wait_for = wait_for


class Web:
    """``base``: address the paths are under. ``per_second``: questions at most."""

    def __init__(self, base: str, *, per_second: float = 10.0, wait: float = 0.2) -> None:
        self._base = base.rstrip("/")
        self._gap = 1.0 / per_second
        self._wait = wait
        self._next = 0.0
        # No proxy of the environment's: what is said of the county's people goes where it is told.
        self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        sign: Callable[[], dict[str, str]] = dict,
        parse: Callable[[bytes], Any] | None = None,
        pages: bool = False,
        **options: Any,
    ) -> T:
        """What ``read`` makes of the answer's JSON, or of what ``parse`` makes of its bytes.

        ``sign``: headers made anew for every attempt. ``pages``: a page is what is asked for.

        Raises SourceError, whose message holds nothing of question or answer.
        """
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=ATTEMPTS, timeout=None, wait_initial=self._wait, wait_max=LONGEST_WAIT
        ):
            with attempt:
                await self._keep_rate()
                content = await self._content(method, path, headers=sign(), **options)
                if not pages and PAGE.match(content):
                    raise SourceError(
                        "The upstream system answered with a page, not with data.",
                        zh="上游系统返回了网页而非数据",
                    )
                return read((parse or _json)(content))
        raise AssertionError("stamina returns or raises")

    async def _keep_rate(self) -> None:
        now = time.monotonic()
        self._next = max(self._next, now) + self._gap
        await asyncio.sleep(self._next - self._gap - now)

    async def _content(self, method: str, path: str, **options: Any) -> bytes:
        async with self._answered(method, path, **options) as answer:
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise Again("The upstream system is asked too often (429).", _seconds(answer))
            if answer.is_server_error:
                raise Again(f"The upstream system answers with an error ({answer.status_code}).")
            if not answer.is_success:
                raise SourceError(
                    f"The upstream system refuses ({answer.status_code}).", zh="上游系统拒绝了请求"
                )
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise SourceError("The answer is larger than any of this system.", zh="应答过大")
            return bytes(content)

    @asynccontextmanager
    async def _answered(self, method: str, path: str, **options: Any) -> AsyncIterator[httpx.Response]:
        try:
            async with self._client.stream(method, f"{self._base}{path}", **options) as answer:
                yield answer
        except httpx.HTTPError as error:
            raise Again(f"The upstream system did not answer whole ({type(error).__name__}).") from None


def _may_pass(error: Exception) -> bool | float:
    """Seconds to wait, or whether to wait as long as usual."""
    if not isinstance(error, Again) or error.wait_for > LONGEST_WAIT:
        return False
    return error.wait_for or True


def _seconds(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.0


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Again("The upstream system's answer is not whole.") from None
