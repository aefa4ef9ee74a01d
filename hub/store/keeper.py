"""The parent of ``postgres``: starts it, starts it again when it fails, and ends it with its last user.

Runs as a program of its own (``python -I -S keeper.py JOB``) and imports nothing of the hub. Every process
that uses the server holds a shared ``flock`` on the file ``lease``. The kernel takes it away when the
process ends, however it ends; once the keeper gets the lock for itself alone, nobody is left. While the
keeper holds it, newcomers wait, so none attaches to a server that is going down. Should the keeper be
killed itself, the kernel sends PostgreSQL its signal for a fast shutdown.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from typing import Any, Final, NoReturn

POLL_SECONDS: Final = 0.1
FAST_SHUTDOWN_SECONDS: Final = 30.0
SETTLED_SECONDS: Final = 10.0  # PostgreSQL that ran this long can start; a failure is then an accident
FIRST_ATTEMPTS: Final = 5
PR_SET_PDEATHSIG: Final = 1


def main(job: dict[str, Any]) -> int:
    """``job``: lease, socket_dir, marker, user ([uid, gid] or null), command; files lock and cluster.

    Everything needed is open or imported by now: what comes after runs as the user, who may have no way
    back to these files, and whose signals PostgreSQL takes.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # only the lease ends a keeper
    os.set_inheritable(job["lock"], False)  # held until exit: one keeper per cluster
    lease = os.open(job["lease"], os.O_RDWR | os.O_CLOEXEC)
    libc = ctypes.CDLL(None)
    if job["user"]:
        os.setgroups([])
        os.setgid(job["user"][1])
        os.setuid(job["user"][0])
    try:
        return _keep(job, lease, libc)
    finally:
        shutil.rmtree(job["socket_dir"], ignore_errors=True)


def _keep(job: dict[str, Any], lease: int, libc: ctypes.CDLL) -> int:
    attempts = 0
    while not _nobody_left(lease):
        started = time.monotonic()
        child = _start(job, _stranger(job, lease), libc)
        if _ran_until_nobody_left(child, lease):
            return 0
        attempts += 1
        if time.monotonic() - started > SETTLED_SECONDS:
            attempts = -sys.maxsize
        if attempts >= FIRST_ATTEMPTS:
            return 1
        time.sleep(5 * POLL_SECONDS)
    return 0


def _nobody_left(lease: int) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stranger(job: dict[str, Any], lease: int) -> int:
    """Wait for a PostgreSQL that outlived its keeper; the process that has its number by chance, or 0."""
    try:
        with os.fdopen(os.open("postmaster.pid", os.O_RDONLY, dir_fd=job["cluster"])) as file:
            pid = int(file.readline())
    except (OSError, ValueError):
        return 0
    while not _nobody_left(lease):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
                if job["marker"].encode() not in file.read():
                    return pid
        except OSError:
            return 0
        time.sleep(POLL_SECONDS)
    return 0


def _start(job: dict[str, Any], stranger: int, libc: ctypes.CDLL) -> int:
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        _become_postgres(job, stranger, libc, keeper)
    return child


def _become_postgres(job: dict[str, Any], stranger: int, libc: ctypes.CDLL, keeper: int) -> NoReturn:
    try:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        if stranger:
            # pg_ctl's own way to say: this number in postmaster.pid is not a PostgreSQL.
            environment["PG_GRANDPARENT_PID"] = str(stranger)
        if os.getppid() == keeper:
            os.execve(job["command"][0], job["command"], environment)  # noqa: S606
    except OSError as error:
        print(f"FATAL:  {error}", file=sys.stderr, flush=True)
    os._exit(127)


def _ran_until_nobody_left(child: int, lease: int) -> bool:
    while not _nobody_left(lease):
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return False
        time.sleep(POLL_SECONDS)
    _stop(child)
    return True


def _stop(child: int) -> None:
    os.kill(child, signal.SIGINT)
    deadline = time.monotonic() + FAST_SHUTDOWN_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return
        time.sleep(POLL_SECONDS / 10)
    os.kill(child, signal.SIGQUIT)  # at once; the log is replayed at the next start
    os.waitpid(child, 0)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
