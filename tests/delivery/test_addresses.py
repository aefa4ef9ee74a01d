"""Where the hub may post to, whatever a name means, and what it makes of answers."""

from __future__ import annotations

import asyncio
import base64

import pytest
from standardwebhooks.webhooks import Webhook

from hub.delivery import posting
from hub.delivery.posting import BARRED, Networks, Post, retry_after
from hub.delivery.signing import headers, new_secret
from hub.errors import BadArgument

PUBLIC = Networks(())


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
     "https://portal.example:99999/", "http://8.8.8.8/"],
)  # fmt: skip
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(BadArgument):
        PUBLIC.check(url)


def test_addresses_that_are_taken() -> None:
    PUBLIC.check("https://portal.example:8443/hub?x=1")
    Networks(("127.0.0.0/8",)).check("http://127.0.0.1:9/")


async def test_a_name_that_means_a_barred_address_leads_nowhere() -> None:
    """Looked at where the connection is made, so it does not matter what the name meant before."""
    came: list[bytes] = []

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(heard, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    post = Post(PUBLIC, 1, 5)
    taken = await post.send(f"http://localhost:{port}/", [], b"{}")
    await post.close()
    server.close()
    assert (taken.status, taken.reason, came) == (0, BARRED, [])


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

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    post = Post(Networks(("127.0.0.0/8",)), 1, 5)
    assert (await post.send(f"http://127.0.0.1:{port}/", [], b"{}")).is_good
    async with asyncio.timeout(5):
        await ended.wait()
    await post.close()
    server.close()


def test_waits_are_read_in_both_forms() -> None:
    assert retry_after("120") == 120
    assert retry_after("99999999999999") == 24 * 3600
    assert retry_after("Fri, 31 Dec 2999 23:59:59 GMT") == 24 * 3600
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    assert retry_after("soon") == retry_after("") == 0


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
