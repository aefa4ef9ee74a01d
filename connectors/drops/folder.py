"""The folder drops lie in: ``sftp://account@host:port/path``, or a path of this machine.

Nothing is written there, and nothing is followed: links, folders and devices are passed over. An SFTP server
must show the key it was registered with (secret ``host_key``); the hub shows ``private_key`` or ``password``.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import asyncssh

from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Place

MOST_FILES: Final = 10_000
CONNECT_SECONDS: Final = 10
LOGIN_SECONDS: Final = 30
SILENT_SECONDS: Final = 20
"""After so long without a sign of life the server is asked for one; after three of them it is gone."""

# At its usual level the library logs accounts and paths.
asyncssh.set_log_level("WARNING")

READ_SECONDS: Final = 600
"""For one file or listing; a server that sends a byte now and then is not waited for."""

_KEY: Final = re.compile(r"(?:ssh|ecdsa|sk)-\S+ \S+")


class WrongHostKey(SourceError):
    """An SFTP server shows another key than the one it was registered with."""

    code, zh = "HOST_KEY_WRONG", "SFTP服务器的主机密钥与登记的不符"


class NotThere(Exception):
    """A file was listed, and cannot be opened now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file. ``modified``: seconds. ``path``: as the folder itself writes it."""

    name: str
    size: int
    modified: int
    path: bytes


class Folder(Protocol):
    async def entries(self) -> list[Entry]: ...

    async def read(self, entry: Entry, most: int) -> bytes:
        """At most ``most`` bytes and one more. Raises NotThere."""


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Folder]:
    """SourceError where the folder cannot be reached; its message holds no account and no path."""
    if urlsplit(place.location).scheme != "sftp":
        yield Here(Path(place.location))
        return
    address = urlsplit(place.location)
    if not address.hostname or not address.username:
        raise ConfigurationError("a location such as sftp://account@host:22/path is expected")
    try:
        async with (
            asyncssh.connect(
                address.hostname,
                address.port or 22,
                username=unquote(address.username),
                known_hosts=(_host_keys(place), [], []),
                **_proof(place),
                config=None,
                agent_path=None,
                gss_auth=False,
                connect_timeout=CONNECT_SECONDS,
                login_timeout=LOGIN_SECONDS,
                keepalive_interval=SILENT_SECONDS,
            ) as connection,
            # Names as bytes: servers in the field write them in UTF-8 or in GB 18030.
            connection.start_sftp_client(path_encoding=None) as client,
        ):
            yield There(client, unquote(address.path).encode() or b".")
    except asyncssh.HostKeyNotVerifiable:
        raise WrongHostKey from None
    except (asyncssh.Error, OSError, TimeoutError) as error:
        kind = type(error).__name__
        raise SourceError(f"The SFTP server did not deliver ({kind}).", zh="SFTP服务器未能提供数据") from None


def _host_keys(place: Place) -> list[asyncssh.SSHKey]:
    """One a line, as in known_hosts or as ``ssh-keyscan`` prints them; several while a key is replaced."""
    try:
        keys = [asyncssh.import_public_key(text) for text in _KEY.findall(place.secret("host_key"))]
    except asyncssh.KeyImportError:
        keys = []
    if not keys:
        raise ConfigurationError("the secret host_key holds no key such as ssh-ed25519 AAAA…")
    return keys


def _proof(place: Place) -> dict[str, object]:
    if "private_key" not in place.secrets:
        return {"password": place.secret("password"), "client_keys": None}
    try:
        key = asyncssh.import_private_key(place.secret("private_key"))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ConfigurationError(
            "the secret private_key is no private key without a pass phrase; the hub keeps it sealed itself"
        ) from None
    return {"client_keys": [key], "password": None}


def _too_many() -> SourceError:
    return SourceError(f"The folder holds more than {MOST_FILES} files.", zh="文件夹中的文件过多")


def _text(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace")


class There:
    """On an SFTP server."""

    def __init__(self, client: asyncssh.SFTPClient, path: bytes) -> None:
        self._client = client
        self._path = path

    async def entries(self) -> list[Entry]:
        found: list[Entry] = []
        count = 0
        async with asyncio.timeout(READ_SECONDS):
            async for one in self._client.scandir(self._path):
                count += 1
                if count > MOST_FILES:
                    raise _too_many()
                attributes, name = one.attrs, os.fsencode(one.filename)
                # A server that names a path would lead out of the folder.
                if attributes.type == asyncssh.FILEXFER_TYPE_REGULAR and b"/" not in name:
                    path = self._path + b"/" + name
                    found.append(Entry(_text(name), attributes.size or 0, attributes.mtime or 0, path))
        return found

    async def read(self, entry: Entry, most: int) -> bytes:
        try:
            async with (
                asyncio.timeout(READ_SECONDS),
                self._client.open(entry.path, "rb", encoding=None) as file,
            ):
                content: bytes = await file.read(most + 1)
                return content
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as error:
            raise NotThere from error


class Here:
    """On this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def entries(self) -> list[Entry]:
        return await asyncio.to_thread(self._entries)

    def _entries(self) -> list[Entry]:
        try:
            listed = os.scandir(os.fsencode(self._path))
        except OSError as error:
            kind = type(error).__name__
            raise SourceError(
                f"The folder of the drops cannot be read ({kind}).", zh="文件夹无法读取"
            ) from None
        found: list[Entry] = []
        with listed as entries:
            for count, one in enumerate(entries, 1):
                if count > MOST_FILES:
                    raise _too_many()
                if one.is_file(follow_symlinks=False):
                    about = one.stat(follow_symlinks=False)
                    found.append(Entry(_text(one.name), about.st_size, int(about.st_mtime), one.path))
        return found

    async def read(self, entry: Entry, most: int) -> bytes:
        return await asyncio.to_thread(self._content, entry, most)

    def _content(self, entry: Entry, most: int) -> bytes:
        try:
            handle = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise NotThere from error
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NotThere
            return file.read(most + 1)
