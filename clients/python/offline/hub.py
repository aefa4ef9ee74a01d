"""The hub, as far as there is a network: asks again what may be asked again, and says when to give up."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from offline.tokens import Tokens

MAYBE_LATER = {408, 429}
"""Beside 500 and above."""
BYTE_SECONDS = 20e-6
"""For each byte of a body, beside the time that an answer may take: as the hub waits for it."""
LONGEST = 120.0
"""Seconds that are waited where the hub asks for it; a minute's budget is back by then."""
T = TypeVar("T")
RANDOM = random.SystemRandom()
ANSWER = "application/graphql-response+json"


class Away(Exception):
    """Nobody answered, after all tries: later, the same again.

    ``wait``: seconds, where the hub asked for more than are waited here.
    """

    def __init__(self, wait: float | None = None) -> None:
        super().__init__()
        self.wait = wait


class Refused(Exception):
    """The hub answered, and did nothing of what was asked. ``code``: of the first error."""

    def __init__(self, status: int, errors: list[dict[str, Any]]) -> None:
        first = errors[0] if errors else {}
        self.status, self.errors = status, errors
        self.code = str(first.get("extensions", {}).get("code", f"HTTP_{status}"))
        self.message = str(first.get("message", f"The hub answered {status}."))
        super().__init__(f"{self.message} [{self.code}]")


class _Lost(Exception):
    """No answer, or one that says that there may be another later. ``wait``: seconds, where it says so."""

    def __init__(self, wait: float | None = None) -> None:
        super().__init__()
        self.wait = wait


@dataclass
class Hub:
    """``documents``: id of each trusted document by its name. ``purpose``: what requests are for.

    ``first``, ``most``: seconds to wait after a first try, and at most; a random part of it is waited.
    ``timeout``: seconds that an answer may take, once the body has arrived.
    """

    tokens: Tokens
    documents: Mapping[str, str]
    purpose: str | None = None
    tries: int = 8
    first: float = 0.5
    most: float = 30.0
    timeout: float = 30.0
    http: httpx.Client = field(default_factory=httpx.Client)
    sleep: Callable[[float], None] = time.sleep

    def ask(self, document: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """``data``, which is there, and ``errors`` of parts of it; Refused, Away."""
        body = {"documentId": self.documents[document], "variables": variables}
        return self._patiently(lambda: self._asked(body))

    def sign_in(self) -> None:
        """A token, before anything is asked with it; Refused, Away."""
        self._patiently(self._token)

    def wait(self, tried: int, least: float | None = None) -> None:
        """``least``: seconds that were asked for; without, a random part of what doubles with each try."""
        doubled = min(self.most, self.first * 2**tried)
        self.sleep(RANDOM.uniform(0, doubled) if least is None else least + RANDOM.uniform(0, self.first))

    def _patiently(self, do: Callable[[], T]) -> T:
        for tried in range(self.tries):
            try:
                return do()
            except (httpx.TransportError, httpx.DecodingError):
                self.wait(tried)
            except _Lost as lost:
                if lost.wait is not None and lost.wait > LONGEST:
                    raise Away(lost.wait) from None
                self.wait(tried, lost.wait)
        raise Away

    def _asked(self, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        answer = self._posted(body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # the token may have ended before its time
            self.tokens.forget()
            answer = self._posted(body)
        said = _said(answer)
        errors = said.get("errors") or []
        if said.get("data") is not None:
            return said["data"], errors
        if not errors:
            raise _Lost
        raise Refused(answer.status_code, errors)

    def _posted(self, body: Mapping[str, Any]) -> httpx.Response:
        headers = {
            "Accept": ANSWER,
            "Authorization": f"Bearer {self._token()}",
            "Content-Type": "application/json",
        }
        if self.purpose is not None:
            headers["Hub-Purpose"] = self.purpose
        content = json.dumps(body, ensure_ascii=False).encode()
        timeout = self.timeout + BYTE_SECONDS * len(content)
        return self.http.post(
            f"{self.tokens.issuer}/graphql", content=content, headers=headers, timeout=timeout
        )

    def _token(self) -> str:
        if (held := self.tokens.held) is not None:
            return held
        answer = self.http.post(self.tokens.address, data=self.tokens.form(), timeout=self.timeout)
        if answer.is_client_error and self.tokens.corrects(answer.headers.get("Date")):
            answer = self.http.post(self.tokens.address, data=self.tokens.form(), timeout=self.timeout)
        said = _said(answer)
        if "access_token" not in said:
            message = f"The hub gave no token: {said.get('error', answer.status_code)}."
            raise Refused(httpx.codes.UNAUTHORIZED, [{"message": message}])
        return self.tokens.take(said)


def documents_in(folder: Path) -> dict[str, str]:
    """Ids of trusted documents by the names of their files, as ``hub documents push`` knows them."""
    files = sorted(folder.glob("*.graphql"))
    return {file.stem: f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files}


def _said(answer: httpx.Response) -> dict[str, Any]:
    """The body, an object; _Lost where it is not the hub's, or says that it may be later."""
    if answer.status_code in MAYBE_LATER or answer.status_code >= 500:
        wait = answer.headers.get("Retry-After", "")
        raise _Lost(float(wait) if wait.isdecimal() else None)
    if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:  # a proxy may say so as well
        raise Refused(answer.status_code, [])
    try:
        said = answer.json()
    except ValueError:
        raise _Lost from None
    if not isinstance(said, dict):
        raise _Lost
    return said
