"""Posting to addresses that others named: only where the hub may go, for so long, without following on.

A name is resolved once for each connection, and the connection goes to the very address that was looked at.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, cast
from urllib.parse import urlsplit

import aiohttp
import httpx
from aiohttp.abc import ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from hub.domain.dates import china_now
from hub.errors import BadArgument

MOST_BYTES: Final = 16 * 1024
"""Of an answer, whose status alone counts; a longer one ends its connection."""
END_OF_HEAD: Final = b"\r\n\r\n"
PIECE_BYTES: Final = 4096
"""Of what has come, which is looked through at once."""
MOST_AHEAD: Final = 16
"""Answers to a message before one is read: it has one, after some that are none yet (1xx)."""
IDLE_SECONDS: Final = 60.0
LONGEST_WAIT: Final = 24 * 3600
MOST_ADDRESSES: Final = 4
"""Of a name that are tried: aiohttp tries each of them again for each that came to nothing."""
WRITTEN: Final = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""What an address is written with (RFC 3986, 2); of the rest each part of a program makes something else."""
AWAY: Final = "NO_ANSWER"
SLOW: Final = "TOO_SLOW"
BARRED: Final = "ADDRESS_NOT_ALLOWED"
_UNICAST: Final = ip_network("2000::/3")
"""All that is given out of IPv6. Outside lie forms that lead to an address of IPv4, and networks of one's
own, of which Python knows a part."""
_BARRED: Final = (ip_network("2002::/16"), ip_network("3fff::/20"))
"""Within: 6to4, which leads to IPv4 as well, and what is for documents."""


class Networks:
    """Where the hub may post to: the public internet, and ``own``."""

    def __init__(self, own: Iterable[str]) -> None:
        self.own = [ip_network(each) for each in own]

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in each for each in self.own if each.version == address.version)

    def allows(self, text: str) -> bool:
        address = ip_address(text.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return self.holds(address) or (address.is_global and not address.is_multicast and _is_given(address))

    def check(self, url: str) -> None:
        """BadArgument for an address that the hub would not post to whatever its name means."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        else:
            more = parts.username or parts.password or parts.fragment
            if more or parts.scheme not in ("https", "http") or not WRITTEN.fullmatch(url):
                host = ""
        if not host:
            raise BadArgument(
                "The address is https://host/path, as RFC 3986 writes it, without a user or a fragment."
            )
        try:
            address = ip_address(host)
        except ValueError:
            inside = False
        else:
            inside = self.holds(address)
            if not self.allows(host):
                raise BadArgument("The address is of no network that HUB_WEBHOOK_NETWORKS names.")
        if parts.scheme == "http" and not inside:
            raise BadArgument("The address is https; http is for addresses that HUB_WEBHOOK_NETWORKS names.")


def _is_given(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return True
    return address in _UNICAST and not any(address in each for each in _BARRED)


class Barred(OSError):
    """The address is of no network that the hub may post to."""


class Resolver(aiohttp.ThreadedResolver):
    """The first addresses of a name that the hub may post to; Barred where it means no such address."""

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        self.networks = networks

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        good = [each for each in found if self.networks.allows(each["host"])]
        if not good:
            raise Barred
        return good[:MOST_ADDRESSES]


class Handler(ResponseHandler):
    """Ends a connection over which answers come faster than they are read, and lets a status stand.

    aiohttp goes through all that has come before anybody else has a turn, and through 1xx without an end.
    Where something is wrong with that, as where a body is longer than was said, the status before it is lost.
    """

    def data_received(self, data: bytes) -> None:
        end = data.find(END_OF_HEAD) + len(END_OF_HEAD)
        if not len(END_OF_HEAD) <= end <= PIECE_BYTES:
            end = PIECE_BYTES
        super().data_received(data[:end])
        while end < len(data):
            if len(self._buffer) > MOST_AHEAD and self.transport is not None:
                self.transport.abort()
            if not self.is_connected():
                return
            begin, end = end, end + PIECE_BYTES
            super().data_received(data[begin:end])


class Connector(aiohttp.TCPConnector):
    """As many connections are idle as may be under way, which is all that aiohttp's own bounds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = cast("partial[ResponseHandler]", partial(Handler, loop=self._loop))

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        super()._release(key, protocol, should_close=should_close)
        if sum(map(len, self._conns.values())) > self.limit:
            longest = min(self._conns, key=lambda each: self._conns[each][0][1])
            idle = self._conns[longest]
            idle.popleft()[0].close()
            if not idle:
                del self._conns[longest]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. ``status``: 0 without an answer. ``wait``: seconds it was asked to wait."""

    status: int
    reason: str = ""
    wait: float = 0

    @property
    def is_good(self) -> bool:
        return httpx.codes.is_success(self.status)


class Post:
    """The connections of a process. ``most``: at the same time; ``seconds``: for a message and its answer."""

    def __init__(self, networks: Networks, most: int, seconds: float) -> None:
        self.networks, self.seconds = networks, seconds
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        connector = Connector(
            ssl=context,
            limit=most,
            keepalive_timeout=IDLE_SECONDS,
            resolver=Resolver(networks),
            use_dns_cache=False,
            socket_factory=self._socket,
        )
        self.session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),  # the one of ``send`` is for all of it
            auto_decompress=False,
            skip_auto_headers=("accept", "accept-encoding", "user-agent"),
        )

    async def send(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Taken:
        """Never raises for what the other side does."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._send(url, headers, body)
        except TimeoutError:
            return Taken(0, SLOW)
        except aiohttp.ClientConnectorError as error:
            return Taken(0, BARRED if isinstance(error.os_error, Barred) else AWAY)
        except (aiohttp.ClientError, OSError, ValueError):
            return Taken(0, AWAY)

    async def _send(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Taken:
        address = URL(url, encoded=True)
        async with self.session.post(address, data=body, headers=headers, allow_redirects=False) as answer:
            read = 0
            async for chunk in answer.content.iter_any():
                read += len(chunk)
                if read > MOST_BYTES:
                    break
            if httpx.codes.is_success(answer.status):
                return Taken(answer.status)
            after = answer.headers.get("retry-after", "")
            return Taken(answer.status, f"HTTP_{answer.status}", retry_after(after))

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """For the connection to an address that a name means now, or that was given itself: this is asked
        of each, the resolver of names only."""
        family, kind, protocol, _, address = info
        if not self.networks.allows(str(address[0])):
            raise Barred
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        await self.session.close()


def retry_after(text: str) -> float:
    """Seconds, at most a day; 0 where it says nothing (RFC 9110, 10.2.3)."""
    try:
        if text.isdigit():
            return float(min(int(text[:9]), LONGEST_WAIT))
        return max(0.0, min((parsedate_to_datetime(text) - china_now()).total_seconds(), LONGEST_WAIT))
    except (ValueError, TypeError, OverflowError):
        return 0.0
