"""Where the hub may post to, whatever a name means, and what it makes of answers."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from hub.delivery import posting
from hub.delivery.posting import AWAY, BARRED, SLOW, Networks, Post, Taken, retry_after
from hub.delivery.signing import headers, new_secret
from hub.errors import BadArgument

PUBLIC = Networks(())
OWN = Networks(("127.0.0.0/8",))
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0",
     "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
     "::127.0.0.1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "5f00::1", "2001::7f00:1", "3fff::1"],
)  # fmt: skip
def test_addresses_of_no_public_network_are_barred(address: str) -> None:
    assert not PUBLIC.allows(address)


def test_public_addresses_and_those_that_are_named_are_not() -> None:
    assert PUBLIC.allows("8.8.8.8")
    assert PUBLIC.allows("2606:4700::1111")
    own = Networks(("10.20.0.0/16", "::1/128"))
    assert own.allows("10.20.3.4")
    assert own.allows("::1")
    assert own.allows("::ffff:10.20.3.4")
    assert not own.allows("10.21.0.1")


@pytest.mark.parametrize(
    "url",
    ["http://portal.example/", "https://10.0.0.1/", "https://u:p@portal.example/", "https://portal.example/#x",
     "ftp://portal.example/", "portal.example", "https://", "https://[::1/", "https://门户.example/",
     "https://portal.example:99999/", "http://8.8.8.8/", "https://portal.example/a b",
     "https://portal.example/a\\b", "https://portal.example/\n", " https://portal.example/",
     'https://portal.example/"', "https://portal.example/<x>", "https://portal.example/{id}"],
)  # fmt: skip
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(BadArgument):
        PUBLIC.check(url)


def test_addresses_that_are_taken() -> None:
    PUBLIC.check("https://portal.example:8443/hub?x=1")
    PUBLIC.check("https://[2400:da00::1]/a%20b/~c;d=(1,2)!$&'*+@:?x[]=%E5%8E%BF#")
    Networks(("127.0.0.0/8",)).check("http://127.0.0.1:9/")


class Heard:
    """What came to a port of the loopback. ``answers``: what is said, the last of them again and again."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[bytes, bytes]] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                body = await reader.readexactly(int(fields[b"content-length"]))
                self.requests.append((head, body))
                writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(
    heard: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    server = await asyncio.start_server(heard, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def posting_to(networks: Networks, seconds: float = 5) -> AsyncIterator[Post]:
    post = Post(networks, 1, seconds)
    try:
        yield post
    finally:
        await post.close()


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("localhost", BARRED),
        ("127.0.0.1", BARRED),
        ("0x7f000001", BARRED),
        ("127.1", AWAY),
        ("2130706433", AWAY),
    ],
)
async def test_what_means_a_barred_address_leads_nowhere(host: str, reason: str) -> None:
    """Looked at where the connection is made, so it does not matter what the name meant before."""
    heard = Heard(TAKEN)
    async with listening(heard) as port, posting_to(PUBLIC) as post:
        taken = await post.send(f"http://{host}:{port}/", [], b"{}")
    assert (taken.status, taken.reason, heard.connections) == (0, reason, 0)


async def tried_of(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], networks: Networks
) -> tuple[Taken, list[str]]:
    """What becomes of a message to a name that means these, and which of them a connection was tried to."""
    tried: list[str] = []

    async def meant(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        return [{"hostname": host, "host": each, "port": port} for each in addresses]

    def looked(self: Post, info: aiohttp.AddrInfoType) -> socket.socket:
        tried.append(str(info[4][0]))
        return known(self, info)

    known = Post._socket
    monkeypatch.setattr(Post, "_socket", looked)
    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", meant)
    async with posting_to(networks) as post:
        return await post.send("http://name.test:1/", [], b"{}"), tried


async def test_a_name_of_many_addresses_is_no_way_to_try_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["10.0.0.1", *(f"127.0.1.{i}" for i in range(1, 60))]
    taken, tried = await tried_of(monkeypatch, addresses, OWN)
    assert taken == Taken(0, AWAY)
    assert set(tried) == set(addresses[1:5])
    assert len(tried) <= 10


@pytest.mark.parametrize("addresses", [["10.0.0.1", "::1", "fe80::1%lo"], []])
async def test_a_name_of_barred_addresses_only_is_barred(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    assert await tried_of(monkeypatch, addresses, PUBLIC) == (Taken(0, BARRED), [])


@pytest.mark.parametrize("path", ["/\x00", "/\x7f", "/a\r\nb: c\r\n\r\n"])
async def test_an_address_that_is_none_does_not_end_the_sender(path: str) -> None:
    heard = Heard(TAKEN)
    async with listening(heard) as port, posting_to(OWN) as post:
        taken = await post.send(f"http://127.0.0.1:{port}{path}", [], b"{}")
        assert await post.send("https://a\\b/", [], b"{}") == Taken(0, AWAY)
    assert all(b"\nb: c" not in head for head, _ in heard.requests)
    assert taken == (Taken(204) if heard.requests else Taken(0, AWAY))


async def test_a_message_is_sent_as_it_is_and_its_connection_kept() -> None:
    heard = Heard(TAKEN)
    given = [("content-type", "application/json"), ("webhook-id", "msg_1")]
    async with listening(heard) as port, posting_to(OWN) as post:
        url = f"http://localhost:{port}/a%2Fb/%7Ehub?x=1%202&y"
        for _ in range(3):
            assert (await post.send(url, given, b"{}")).is_good
    head, body = heard.requests[0]
    line, *fields = head.decode().split("\r\n")[:-2]
    assert line == "POST /a%2Fb/%7Ehub?x=1%202&y HTTP/1.1"
    assert sorted(field.lower() for field in fields) == sorted(
        [f"host: localhost:{port}", "content-length: 2", *(f"{name}: {value}" for name, value in given)]
    )
    assert (body, len(heard.requests), heard.connections) == (b"{}", 3, 1)


async def test_no_more_connections_are_kept_than_may_be_under_way() -> None:
    """Else there would be one for each address that was told within the last minute or two."""
    left = asyncio.Event()

    class Leaving(Heard):
        async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await super().__call__(reader, writer)
            left.set()

    one, other = Leaving(TAKEN), Heard(TAKEN)
    async with listening(one) as port, listening(other) as next_, posting_to(OWN) as post:
        for each in (port, port, next_, next_, port):
            assert (await post.send(f"http://127.0.0.1:{each}/", [], b"{}")).is_good
            if each == next_:
                async with asyncio.timeout(5):
                    await left.wait()
    assert (one.connections, other.connections) == (2, 1)


async def test_where_it_is_sent_on_to_is_not_followed() -> None:
    heard = Heard(b"HTTP/1.1 307 Elsewhere\r\nlocation: /on\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n")
    async with listening(heard) as port, posting_to(OWN) as post:
        for _ in range(2):
            taken = await post.send(f"http://127.0.0.1:{port}/", [], b"{}")
            assert (taken.status, taken.reason) == (307, "HTTP_307")
    assert len(heard.requests) == 2
    assert all(b"cookie" not in head for head, _ in heard.requests)


async def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    heard = Heard(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", TAKEN)
    async with listening(heard) as port, posting_to(OWN) as post:
        for _ in range(2):
            assert (await post.send(f"http://127.0.0.1:{port}/", [], b"{}")).is_good
    assert heard.connections == 2


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal", b"", b"\x15\x03\x01"],
)
async def test_what_is_no_answer_is_none(said: bytes) -> None:
    async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(said)
        writer.close()

    async with listening(ended) as port, posting_to(OWN) as post:
        assert await post.send(f"http://127.0.0.1:{port}/", [], b"{}") == Taken(0, AWAY)
        assert await post.send("http://127.0.0.1:1/", [], b"{}") == Taken(0, AWAY)
        assert await post.send("http://name.invalid/", [], b"{}") == Taken(0, AWAY)
        assert await post.send(f"https://127.0.0.1:{port}/", [], b"{}") == Taken(0, AWAY)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n成功".encode(), 200),
        (b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\ntaken", 204),
        (b"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 204),
        (b"HTTP/1.1 410 Gone\r\ncontent-length: 1\r\n\r\ngone", 410),
        (b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3 + TAKEN, 204),
    ],
)
async def test_a_status_counts_whatever_comes_behind_it(said: bytes, status: int) -> None:
    """As where characters were counted, and not bytes."""
    heard = Heard(said)
    async with listening(heard) as port, posting_to(OWN) as post:
        for _ in range(2):
            assert (await post.send(f"http://127.0.0.1:{port}/", [], b"{}")).status == status
    assert len(heard.requests) == 2


@pytest.mark.parametrize("fields", [0, 90])
async def test_answers_that_are_none_yet_keep_nobody_waiting(fields: int) -> None:
    flood = (b"HTTP/1.1 103 Early Hints\r\n" + b"a: b\r\n" * fields + b"\r\n") * 3_000

    async def flooding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            while True:
                writer.write(flood)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with listening(flooding) as port, posting_to(OWN, seconds=10) as post, asyncio.timeout(5):
        assert await post.send(f"http://127.0.0.1:{port}/", [], b"{}") == Taken(0, AWAY)


async def test_who_does_not_answer_is_too_slow() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(silent) as port, posting_to(OWN, seconds=0.2) as post:
        assert await post.send(f"http://127.0.0.1:{port}/", [], b"{}") == Taken(0, SLOW)


async def test_long_answers_are_not_read_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "MOST_BYTES", 1000)
    ended = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            ended.set()
        finally:
            writer.close()

    async with listening(endless) as port, posting_to(OWN) as post:
        assert (await post.send(f"http://127.0.0.1:{port}/", [], b"{}")).is_good
        async with asyncio.timeout(5):
            await ended.wait()


def test_waits_are_read_in_both_forms() -> None:
    assert retry_after("120") == 120
    assert retry_after("99999999999999") == 24 * 3600
    assert retry_after("Fri, 31 Dec 2999 23:59:59 GMT") == 24 * 3600
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    assert retry_after("soon") == retry_after("") == 0
    assert retry_after("Fri, 31 Dec 99999999999 23:59:59 GMT") == 0
    assert retry_after("Fri, 99999999999999999999 Dec 2999 23:59:59 GMT") == 0
    assert retry_after("Fri, 31 Dec 2999 23:59:59 +9999999999999999") == 0


def test_the_example_of_the_standard() -> None:
    """From the specification: https://github.com/standard-webhooks/standard-webhooks."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    given = dict(headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body))
    assert given["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_what_the_standard_asks() -> None:
    secret = new_secret()
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    assert Webhook(secret)
    assert new_secret() != secret
