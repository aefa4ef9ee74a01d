"""A MariaDB server on loopback, run by an account without rights on the machine."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncmy

PASSWORD: Final = "exchange-reader"  # noqa: S105 - of a server that lives as long as a test or a demo
START_SECONDS: Final = 60
KEEP: Final = """made=$1; shift; "$@" </dev/null & child=$!; cat >/dev/null; kill $child; wait $child
test -z "$made" || rm -rf "$made\""""
"""The shell reads until the one that started it is gone, however it went, then ends the server and removes
what was made for it alone."""

ACCOUNTS: Final = {"reader": "select, lock tables", "sender": "select, insert", "writer": "all privileges"}
NEEDED: Final = ("mariadbd", "mariadb-install-db")


def is_there() -> bool:
    return all(map(_found, NEEDED))


def _found(program: str) -> str | None:
    """Debian keeps servers where only root looks by itself."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@asynccontextmanager
async def served(folder: Path | None = None) -> AsyncIterator[int]:
    """The port. ``reader`` reads what there is, ``sender`` adds as well; ``writer`` is the system itself."""
    with tempfile.TemporaryDirectory(prefix="mdb", ignore_cleanup_errors=True) as temporary:
        base = Path(temporary) if folder is None else folder
        base.mkdir(parents=True, exist_ok=True)
        account = _account()
        if account is not None:
            base.chmod(0o755)  # another account enters
            shutil.chown(base, *account)
        data = base / "data"
        if not data.exists():
            await _run(
                *("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"),
                *("--auth-root-authentication-method=normal", f"--tmpdir={base}", *_as(account)),
            )
        port = _free_port()
        server = await asyncio.create_subprocess_exec(
            *(
                "sh",
                "-c",
                KEEP,
                "keep",
                str(base) if folder is None else "",
                _found("mariadbd") or "mariadbd",
                "--no-defaults",
                f"--datadir={data}",
                f"--port={port}",
            ),
            *("--bind-address=127.0.0.1", f"--socket={base / 's'}", f"--pid-file={base / 'pid'}"),
            *("--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2"),
            *("--default-time-zone=+08:00", f"--tmpdir={base}", *_as(account)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            await _accounts(port)
            yield port
        finally:
            assert server.stdin is not None
            server.stdin.close()
            await server.wait()


def _account() -> tuple[str, str] | None:
    """MariaDB refuses to run as root."""
    if os.geteuid() != 0:
        return None
    name = "mysql" if any(entry.pw_name == "mysql" for entry in pwd.getpwall()) else "nobody"
    return name, pwd.getpwnam(name).pw_name if name == "mysql" else "nogroup"


def _as(account: tuple[str, str] | None) -> tuple[str, ...]:
    return () if account is None else (f"--user={account[0]}",)


async def _run(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}: {said.decode()[-400:]}")


async def _accounts(port: int) -> None:
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while True:
        try:
            root = await asyncmy.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
            break
        except (OSError, asyncmy.errors.OperationalError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)
    async with root, root.cursor() as cursor:
        await cursor.execute("create database if not exists qzk character set gbk")
        for account, rights in ACCOUNTS.items():
            await cursor.execute(f"create or replace user {account}@'%' identified by '{PASSWORD}'")
            await cursor.execute(f"grant {rights} on qzk.* to {account}@'%'")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
