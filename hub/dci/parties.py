"""Who asks by messages of SPDCI: what the operator has registered for a client (``hub client dci``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from hub.dci.messages import BadMessage
from hub.errors import BadArgument, Forbidden, NotFound
from hub.oauth.clients import Client, find_client
from hub.store.database import Database
from hub.store.vault import Vault

_FIND: Final = "select callback_url, callback_token, is_signed from dci_party where client_id = $1"
_ADD: Final = """
    insert into dci_party (client_id, callback_url, callback_token, is_signed) values ($1, $2, $3, $4)
    on conflict (client_id) do update set callback_url = excluded.callback_url,
        callback_token = excluded.callback_token, is_signed = excluded.is_signed"""
_REMOVE: Final = "delete from dci_party where client_id = $1 returning client_id"


class NoParty(Forbidden):
    """This client is not registered for SPDCI (`hub client dci`)."""

    zh = "该客户端未登记使用 SPDCI"


@dataclass(frozen=True, slots=True)
class Party:
    """``callback_url``: how the addresses begin that it may be answered at; None: synchronously only."""

    client: Client
    callback_url: str | None
    callback_token: str | None = field(repr=False)
    is_signed: bool

    def callback(self, asked: str | None, end: str) -> str:
        """Where an answer goes: the address of the message, if it is one of the party's. BadMessage."""
        if self.callback_url is None:
            raise BadMessage(
                "No callback address is registered for this client; ask at /registry/sync.",
                word="err.sender_uri.invalid",
                zh="未登记回调地址，请使用同步接口",
            )
        if asked is None:
            return self.callback_url + end
        if not is_within(asked, self.callback_url):
            raise BadMessage(
                "The sender_uri is not below the registered callback address.",
                word="err.sender_uri.invalid",
                zh="sender_uri 不在登记的回调地址之下",
            )
        return asked


def is_within(asked: str, registered: str) -> bool:
    """By scheme, host and port, and the whole steps of the path."""
    try:
        here, there = urlsplit(asked), urlsplit(registered)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return False
    plain = not (
        here.username or here.password or here.fragment or ".." in unquote(here.path) or "\\" in asked
    )
    plain = plain and asked.isascii() and asked.isprintable()
    return same and plain and here.path.startswith(there.path)


async def find_party(database: Database, vault: Vault, client_id: str) -> Party:
    """NoParty where it is none."""
    rows = await database.fetch(_FIND, client_id)
    client = await find_client(database, client_id) if rows else None
    if client is None:
        raise NoParty
    sealed = rows[0]["callback_token"]
    token = vault.open(sealed) if sealed is not None else None
    return Party(client, rows[0]["callback_url"], token, rows[0]["is_signed"])


async def add_party(
    database: Database,
    vault: Vault,
    client_id: str,
    callback_url: str | None = None,
    callback_token: str | None = None,
    *,
    is_signed: bool = False,
) -> None:
    """In place of what was registered before. BadArgument, or NotFound for no such client."""
    if await find_client(database, client_id) is None:
        raise NotFound("No client has this name.", zh="没有此名称的客户端")
    if callback_url is not None and not _is_address(callback_url):
        raise BadArgument(
            "A callback address is https, or http of this machine, and ends with /.",
            zh="回调地址须为 https（本机可用 http），并以 / 结尾",
        )
    sealed = None if callback_token is None else vault.seal(callback_token)
    async with database.transaction() as connection:
        await connection.execute(_ADD, client_id, callback_url, sealed, is_signed)


async def remove_party(database: Database, client_id: str) -> None:
    """With what it is still owed, and its subscriptions."""
    if not await database.fetch(_REMOVE, client_id):
        raise NotFound("This client is not registered for SPDCI.", zh="该客户端未登记使用 SPDCI")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    plain = not (parts.query or parts.fragment or parts.username or parts.password or ".." in parts.path)
    return safe and bool(host) and plain and text.endswith("/")
