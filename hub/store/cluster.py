"""Making the cluster below a data directory, and starting its keeper. See ``embedded.py`` for the files."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from hub.errors import ConfigurationError
from hub.store.binaries import Binaries, User, find_binaries, run_as, user_for

SUPERUSER: Final = "postgres"
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


def opened(path: Path) -> int:
    made = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if made and os.geteuid() == 0:
        owner = path.parent.stat()  # root in the directory of somebody else locks him out of nothing
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def endpoint(home: Path) -> Path:
    return Path((home / "endpoint").read_text().strip())


def last_words(home: Path) -> str:
    try:
        lines = (home / "log").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    said = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return f"{said[-1] if said else 'no reason given'} (see {home / 'log'})"


def start_keeper(home: Path, lock: int) -> subprocess.Popen[bytes]:
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
    file = opened(path)
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
        left = endpoint(home)
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
