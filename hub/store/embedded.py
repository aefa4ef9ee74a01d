"""PostgreSQL as a part of the hub: nothing to install, nothing to start, nothing left behind.

Below the data directory, in ``postgres/``::

    18/        the cluster, named after the major version of PostgreSQL that made it
    lease      shared lock of every process that uses the server; see ``keeper.py``
    keeper     exclusive lock of the one process that starts and keeps the server
    endpoint   directory of the server's socket
    log        what PostgreSQL says; no values of rows (see SETTINGS)

The server listens on a Unix socket only, in a directory that nobody else may enter; that is why it trusts
whoever reaches it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from hub.errors import ConfigurationError, Unavailable
from hub.store.binaries import Binaries, User, find_binaries, run_as, user_for

SUPERUSER: Final = "postgres"
OWNER: Final = "hub"
DATABASE: Final = "hub"
START_SECONDS: Final = 120.0  # replaying the log after a crash takes its time
STOP_SECONDS: Final = 40.0
POLL_SECONDS: Final = 0.02
LOG_BYTES: Final = 10_000_000

# Short, because the path of a Unix socket has at most 107 bytes; open to the user PostgreSQL runs as.
SOCKET_PLACES: Final = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108
SOCKET_PREFIX: Final = "hub-pg-"

SETTINGS: Final = {
    "listen_addresses": "",  # no network, whatever postgresql.conf says
    "max_connections": "200",  # pool_size for each role and the owner, in several processes
    "shared_buffers": "256MB",  # a county fits; reserved, and used only as it fills
    "effective_cache_size": "1GB",  # what the planner may expect the system to hold besides
    "work_mem": "16MB",  # sorts of one page of a county stay in memory
    "maintenance_work_mem": "128MB",  # indexes built after a first load
    "min_dynamic_shared_memory": "64MB",  # containers give /dev/shm 64 MB, too little for parallel queries
    "random_page_cost": "1.1",  # solid state; 4.0 would make the planner fear indexes
    "jit": "off",  # compiling costs more than these queries take
    "fsync": "on",  # acknowledged means stored: a killed machine loses nothing
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "4GB",  # a first load of 500,000 people without forced checkpoints
    "checkpoint_timeout": "15min",
    "timezone": "Asia/Shanghai",  # the day of the field's rules is the day in China
    "log_timezone": "Asia/Shanghai",
    # The log holds no person's data: DETAIL and CONTEXT quote rows, statements may carry values.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


class Embedded:
    """A lease on the server of one data directory; whoever comes first starts it, the last one ends it."""

    def __init__(self, home: Path, lease: int) -> None:
        self._home = home
        self._lease: int | None = lease
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(cls, data_dir: Path) -> Embedded:
        """Attach to the server of ``data_dir``; start it, and make its cluster, when there is none.

        ConfigurationError when it can never start here, Unavailable when it did not in time.
        """
        home = await asyncio.to_thread(_made_home, data_dir)
        server = cls(home, await _leased(home))
        try:
            await server._until_it_answers()
        except BaseException:
            await server.stop()
            raise
        return server

    def dsn(self, user: str = OWNER, database: str = DATABASE) -> str:
        """Connection URL on the private socket; any role of the cluster may be named."""
        host = quote(str(_endpoint(self._home)), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}"

    async def stop(self) -> None:
        """Give the lease back. When it was the last one, wait until the server has ended."""
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        last = _locked(lease, fcntl.LOCK_EX)
        os.close(lease)
        if last:
            await self._until_it_ended()
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.returncode = 0  # it serves others now; Popen would warn of a child left running

    async def _until_it_ended(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not _used(self._home):
            lock = _try_lock(self._home / "keeper")
            if lock is not None:
                os.close(lock)
                if self._keeper is not None:
                    self._keeper.wait(STOP_SECONDS)  # it let go of the lock by exiting
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._keeper is not None and self._keeper.poll() is not None:
                raise Unavailable(f"the embedded PostgreSQL did not start: {_last_words(self._home)}")
            lock = _try_lock(self._home / "keeper")
            if lock is not None:
                self._keeper = await asyncio.to_thread(_start_keeper, self._home, lock)
            if await self._answers():
                return
            await asyncio.sleep(POLL_SECONDS)
        raise Unavailable(f"the embedded PostgreSQL does not answer: {_last_words(self._home)}")

    async def _answers(self) -> bool:
        if not (self._home / "endpoint").exists():
            return False  # the first process is still making the cluster
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
        except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError):
            await self._make_database()
            return True
        except asyncpg.TooManyConnectionsError:
            return True
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        """The owner is no superuser, so that nothing works here that would fail on an outside PostgreSQL."""
        connection = await asyncpg.connect(self.dsn(SUPERUSER, "postgres"), timeout=5)
        try:
            for statement in (
                f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            ):
                try:
                    await connection.execute(statement)
                except (
                    asyncpg.DuplicateObjectError,
                    asyncpg.DuplicateDatabaseError,
                    asyncpg.UniqueViolationError,
                ):
                    continue  # there already, or another process was faster
        finally:
            await connection.close()


def _made_home(data_dir: Path) -> Path:
    home = data_dir.resolve() / "postgres"
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in ("lease", "keeper"):
            os.close(_opened(home / name))
    except OSError as error:
        raise ConfigurationError(
            f"the data directory {data_dir} cannot be used: {error.strerror}; "
            "a hub started by root before may have left it to another user"
        ) from None
    return home


def _opened(path: Path) -> int:
    made = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if made and os.geteuid() == 0:
        owner = path.parent.stat()  # root in the directory of somebody else locks him out of nothing
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_lock(path: Path) -> int | None:
    file = _opened(path)
    if _locked(file, fcntl.LOCK_EX):
        return file
    os.close(file)
    return None


async def _leased(home: Path) -> int:
    """Waits while a keeper, whose last user is gone, ends its server."""
    lease = _opened(home / "lease")
    deadline = time.monotonic() + STOP_SECONDS
    while not _locked(lease, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            os.close(lease)
            raise Unavailable("the embedded PostgreSQL is still shutting down")
        await asyncio.sleep(POLL_SECONDS)
    return lease


def _used(home: Path) -> bool:
    """Does anybody hold a lease? A keeper that ends its server does not count."""
    lease = _opened(home / "lease")
    try:
        return _locked(lease, fcntl.LOCK_SH) and not _locked(lease, fcntl.LOCK_EX)
    finally:
        os.close(lease)


def _endpoint(home: Path) -> Path:
    return Path((home / "endpoint").read_text().strip())


def _last_words(home: Path) -> str:
    try:
        lines = (home / "log").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    said = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return f"{said[-1] if said else 'no reason given'} (see {home / 'log'})"


def _start_keeper(home: Path, lock: int) -> subprocess.Popen[bytes]:
    """Owns ``lock``; runs in a thread to its end even when the caller is cancelled."""
    cluster_fd = -1
    try:
        user = user_for(home)
        binaries = find_binaries(_made_by(home), user)
        cluster = home / str(binaries.major)
        if not cluster.exists():
            _make_cluster(cluster, binaries, user)
        cluster_fd = _open_for_child(cluster)
        return _spawn(home, lock, cluster, cluster_fd, binaries, user)
    finally:
        os.close(lock)
        if cluster_fd >= 0:
            os.close(cluster_fd)


def _made_by(home: Path) -> int | None:
    return max((int(path.name) for path in home.iterdir() if path.name.isdigit()), default=None)


def _open_for_child(directory: Path) -> int:
    return os.open(directory, os.O_PATH | os.O_DIRECTORY)


def _reached(directory: Path, fd: int, user: User | None) -> str:
    """How ``user`` names ``directory``, which may lie below one that only root may enter.

    An open directory can be entered through ``/proc`` without passing those above it.
    """
    if user is None or run_as(user, "/bin/sh", "-c", 'test -w "$0"', directory).returncode == 0:
        return str(directory)
    return f"/proc/self/fd/{fd}"


def _make_cluster(cluster: Path, binaries: Binaries, user: User | None) -> None:
    """Made beside its place and renamed: a cluster that has its name is complete."""
    for left in cluster.parent.glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="new-", dir=cluster.parent))
    _give(draft, user)
    fd = _open_for_child(draft)
    try:
        made = run_as(
            user,
            binaries.directory / "initdb",
            *("-D", _reached(draft, fd, user), "-U", SUPERUSER, "-E", "UTF8", "--auth=trust"),
            # Codes sort by byte; with the character type C, pg_trgm would find nothing in Chinese.
            *("--locale=C", "--lc-ctype=C.UTF-8", "--data-checksums"),
            fds=(fd,),
        )
    finally:
        os.close(fd)
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ConfigurationError(f"the embedded PostgreSQL could not be made: {reason}")
    draft.rename(cluster)
    _sync(cluster.parent)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _give(directory: Path, user: User | None) -> None:
    if user is None:
        return
    try:
        os.chown(directory, user.uid, user.gid)
    except OSError as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and its directory cannot be given away: {error.strerror}"
        ) from None


def _new_socket_dir(home: Path, user: User | None) -> Path:
    for place in (*SOCKET_PLACES, home):
        try:
            path = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=place))
        except OSError:
            continue
        if user is not None:
            # The group stays the hub's, so that a root without CAP_DAC_OVERRIDE gets in as well.
            path.chmod(0o770)
            _give(path, User(user.uid, os.getegid()))
        return path
    raise ConfigurationError(f"no directory for a socket can be made in any of {SOCKET_PLACES}")


def _log(home: Path) -> int:
    path = home / "log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(home / "log.1")
    file = _opened(path)
    os.lseek(file, 0, os.SEEK_END)
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    return file


def _write_endpoint(home: Path, socket_dir: Path) -> None:
    draft = home / "endpoint.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as file:
        file.write(str(socket_dir))
    draft.replace(home / "endpoint")


def _forget_endpoint(home: Path) -> None:
    """Take away what a killed server left; only what it can have been, for root may run in a foreign home."""
    try:
        left = _endpoint(home)
        if left.name.startswith(SOCKET_PREFIX) and str(left.parent) in (*SOCKET_PLACES, str(home)):
            for path in left.glob(".s.PGSQL.*"):
                path.unlink()
            left.rmdir()
    except OSError:
        return


def _spawn(
    home: Path, lock: int, cluster: Path, cluster_fd: int, binaries: Binaries, user: User | None
) -> subprocess.Popen[bytes]:
    _forget_endpoint(home)
    socket_dir = _new_socket_dir(home, user)
    state = cluster.stat()
    marker = f"hub-{state.st_dev:x}-{state.st_ino:x}"  # stays the same when the data directory is moved
    settings = {**SETTINGS, "unix_socket_directories": str(socket_dir), "cluster_name": marker}
    command = [str(binaries.directory / "postgres"), "-D", _reached(cluster, cluster_fd, user)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    job = {
        "lease": str(home / "lease"),
        "cluster": cluster_fd,
        "marker": f"cluster_name={marker}",
        "socket_dir": str(socket_dir),
        "lock": lock,
        "user": None if user is None else [user.uid, user.gid],
        "command": command,
    }
    log = _log(home)
    try:
        keeper = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py")), json.dumps(job)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock, cluster_fd),
            start_new_session=True,  # Ctrl-C in the terminal is the hub's alone
        )
    finally:
        os.close(log)
    _write_endpoint(home, socket_dir)
    return keeper
