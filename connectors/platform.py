"""The national sharing platform (国家数据共享交换平台): a key for the day, signed calls, two envelopes.

=============== =====================================================================================
key call        JSON ``gjgxjhpt_rid|sid|rtime|sign``, signed with the appkey; gives a sealed secret
secret          AES/CBC under what Java's SHA1PRNG makes of the appkey; good to the end of the day
business call   the same four as headers, signed with the secret; a form with ``biz_content``
answer          ``code`` "1" outside; ``biz_data`` with ``code`` "0" or none inside, ``rows`` or ``result``
=============== =====================================================================================

A sign is Base64(HMAC-SHA256(key, sid + rid + rtime)), rtime in milliseconds, made anew for each attempt.
A secret that ends while pages are turned is fetched anew, once: a platform that then still refuses has
ended the grant, or one of the two clocks is wrong.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from connectors.web import Again, Web
from hub.domain.dates import CHINA
from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Place

IV: Final = b"AESCBCPKCS5Paddi"
REFUSALS: Final = frozenset({"-1", "E-106"})
"""Not signed as the platform expects: the grant, the secret or the clock."""
WORDS: Final = {"GMSFHM": "ID_CARD", "XM": "NAME"}
"""Other systems' names (公民身份号码, 姓名) of what the services call so."""

Clock = Callable[[], dt.datetime]


class PlatformRefused(SourceError):
    """The sharing platform does not accept the calls of this source."""

    code, zh = "PLATFORM_REFUSED", "共享平台拒绝该来源的调用：请核对授权清单、appkey 与本机时间"


class NotAnswered(Again):
    """A service behind the platform answers with an error, though with status 200."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``rows``: by field names in capitals. ``total``: how many there are on all pages together."""

    rows: Sequence[Mapping[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the platform, of ``https://HOST/PATH?rid=…&sid=…&key=/PATH-OF-THE-KEY-CALL``."""

    base: str
    path: str
    key_path: str
    rid: str
    sid: str

    @classmethod
    def of(cls, location: str) -> Service:
        """ConfigurationError."""
        url, asked = urlsplit(location), parse_qs(urlsplit(location).query)
        if not url.netloc or not {"rid", "sid", "key"} <= asked.keys():
            raise ConfigurationError(
                "the location of a service of the sharing platform is expected: "
                "https://HOST/PATH?rid=…&sid=…&key=/PATH-OF-THE-KEY-CALL"
            )
        rid, sid, key = (asked[name][0] for name in ("rid", "sid", "key"))
        return cls(f"{url.scheme}://{url.netloc}", url.path, key, rid, sid)

    def signed(self, key: str, now: dt.datetime) -> dict[str, str]:
        rtime = str(int(now.timestamp() * 1000))
        return {
            "gjgxjhpt_rid": self.rid,
            "gjgxjhpt_sid": self.sid,
            "gjgxjhpt_rtime": rtime,
            "gjgxjhpt_sign": sign(key, self.sid + self.rid + rtime),
        }


class Platform:
    """A service, while it is asked. Secrets of the source: ``appkey``, ``access_key``, ``access_secret``."""

    def __init__(self, place: Place, clock: Clock, *, wait: float = 0.2, per_second: float = 10.0) -> None:
        self._service = Service.of(place.location)
        self._appkey, self._access_key, self._access_secret = (
            place.secret(name) for name in ("appkey", "access_key", "access_secret")
        )
        self._clock = clock
        self._secret = ""
        self._ends: dt.datetime | None = None
        self._web = Web(self._service.base, wait=wait, per_second=per_second)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._web.__aexit__(kind, error, trace)

    async def ask(self, content: Mapping[str, Any]) -> Answer:
        """PlatformRefused, NotAnswered, Again, SourceError."""
        try:
            return await self._ask(content)
        except PlatformRefused:
            self._ends = None
            return await self._ask(content)

    async def _ask(self, content: Mapping[str, Any]) -> Answer:
        if self._ends is None or self._clock() >= self._ends:
            await self._renew()
        path, form = self._service.path, self._form(content)
        return await self._web.ask("POST", path, read_answer, sign=self._headers, data=form)

    def _headers(self) -> dict[str, str]:
        return self._service.signed(self._secret, self._clock())

    async def _renew(self) -> None:
        question = self._service.signed(self._appkey, self._clock())
        given = await self._web.ask("POST", self._service.key_path, read_key, json=question)
        self._secret = open_secret(self._appkey, str(given["secret"]))
        self._ends = _end(given.get("secretEndTime"), self._clock())

    def _form(self, content: Mapping[str, Any]) -> dict[str, str]:
        form = {
            "access_key": self._access_key,
            "biz_content": orjson.dumps(dict(content)).decode(),
            "format": "json",
            "request_id": secrets.token_hex(16),
            "timestamp": f"{self._clock():%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
        }
        listed = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        return {**form, "sign": sign(self._access_secret, listed)}


def sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def secret_key(appkey: str) -> bytes:
    """128 bits of Java's SHA1PRNG, seeded with the appkey."""
    # Not chosen for its strength: it is what the platform does.
    once = hashlib.sha1(appkey.encode(), usedforsecurity=False).digest()
    return hashlib.sha1(once, usedforsecurity=False).digest()[:16]


def open_secret(appkey: str, sealed: str) -> str:
    """PlatformRefused where it is sealed for another appkey."""
    try:
        opening = Cipher(AES(secret_key(appkey)), CBC(IV)).decryptor()
        padded = opening.update(base64.b64decode(sealed, validate=True)) + opening.finalize()
        unpadding = PKCS7(128).unpadder()
        return (unpadding.update(padded) + unpadding.finalize()).decode()
    except ValueError:
        raise PlatformRefused("The platform's secret does not open with this appkey.") from None


def _end(stated: Any, now: dt.datetime) -> dt.datetime:
    """The end of the day in China, or what the platform says where that comes first."""
    midnight = dt.datetime.combine(now.astimezone(CHINA).date() + dt.timedelta(days=1), dt.time(), CHINA)
    if str(stated).isdecimal():
        end = dt.datetime.fromtimestamp(min(int(stated) / 1000, midnight.timestamp()), CHINA)
        return end if end > now else midnight
    return midnight


def read_key(answer: Any) -> Mapping[str, Any]:
    code = _code(answer)
    data = answer.get("data") if isinstance(answer, Mapping) else None
    if code in REFUSALS:
        raise PlatformRefused(f"The platform gives this source no key ({code}): see its grant and the clock.")
    if code != "0" or not isinstance(data, Mapping) or "secret" not in data:
        raise NotAnswered(f"The platform gives no key now ({code}).")
    return data


def read_answer(answer: Any) -> Answer:
    """The rows in the two envelopes, whatever the case of their fields and the name of their list."""
    code = _code(answer)
    if code in REFUSALS:
        raise PlatformRefused(f"The platform refuses the call ({code}): see its grant and the clock.")
    outer = answer if isinstance(answer, Mapping) else {}
    inner = outer.get("biz_data")
    if code != "1" or not isinstance(inner, Mapping):
        raise NotAnswered(f"The service behind the platform does not answer ({code}).")
    if "code" in inner and _code(inner) != "0":
        raise NotAnswered(f"The service behind the platform answers with an error ({_code(inner)}).")
    rows = next((inner[name] for name in ("rows", "result") if isinstance(inner.get(name), list)), None)
    if rows is None or not all(isinstance(row, Mapping) for row in rows):
        raise NotAnswered("The service behind the platform answers with no list.")
    total = str(inner.get("recordcount"))
    return Answer(
        [{named(field): value for field, value in row.items()} for row in rows],
        int(total) if total.isdecimal() else len(rows),
    )


def named(field: str) -> str:
    """``ID_CARD`` for ``id_card``, ``idCard`` and ``GMSFHM``."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field).upper()
    return WORDS.get(name, name)


def _code(answer: Any) -> str:
    """As a text that may be shown: an answer's own sentences may name a person."""
    code = str(answer.get("code")) if isinstance(answer, Mapping) else ""
    return code if re.fullmatch(r"[A-Za-z0-9-]{1,12}", code) else "?"
