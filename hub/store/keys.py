"""Where secrets come from: settings, or files made at first start below ``DATA_DIR/keys``."""

from __future__ import annotations

import binascii
import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from hub.errors import ConfigurationError
from hub.settings import Settings
from hub.store.field_keys import Stored, ring_of, stored_of
from hub.store.vault import KEY_BYTES, Vault

log = structlog.get_logger(__name__)

Jwk: TypeAlias = dict[str, Any]
T = TypeVar("T")
MEMBERS: Final = ("kty", "crv", "x", "y", "d", "kid", "use", "alg")
"""Of a stored key; the others say where it is in its life (``hub.oauth.key_states``)."""


def load_vault(settings: Settings) -> Vault:
    """The vault of ``HUB_FIELD_KEY``, or of ``keys/field.key``, which is made when missing.

    It notices keys that are added, activated and retired (``change_field_keys``).
    """
    path, first = _field_keys_file(settings), _first_key(settings)
    again = _changed(path, lambda: ring_of(_stored_field_keys(path)), "field_keys_unreadable")
    return Vault(first, settings.field_cipher, ring_of(_stored_field_keys(path)), again)


def read_field_keys(settings: Settings) -> list[Stored]:
    """The keys beside the first one, as they are stored."""
    return _stored_field_keys(_field_keys_file(settings))


def change_field_keys(settings: Settings, change: Callable[[list[Stored]], list[Stored]]) -> list[Stored]:
    """The keys beside the first one as ``change`` returns them."""
    path = _field_keys_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _rewritten(path, lambda: change(_stored_field_keys(path)))


def open_to_others(settings: Settings) -> list[Path]:
    """Files of keys that others than their owner can change, or others than its group read."""
    files = (settings.data_dir / "keys" / "field.key", _field_keys_file(settings), _signing_path(settings))
    return [path for path in files if path.exists() and path.stat().st_mode & 0o027]


def load_signing_keys(settings: Settings) -> KeySet:
    """Private ES256 keys that sign access tokens. The active one comes first; all are published.

    From ``HUB_SIGNING_KEY_FILE``, which must exist, or from ``keys/signing.jwks``, made when missing.
    """
    path = _signing_file(settings)
    return _signing_keys(_read(path), path)


def read_signing_keys(settings: Settings) -> list[Jwk]:
    """The same keys as they are stored, each with what else its file says of it."""
    return _stored(_signing_file(settings))


def watch_signing_keys(settings: Settings) -> Callable[[], KeySet | None]:
    """What ``load_signing_keys`` finds where the file has changed since the last call, else None."""
    path = _signing_file(settings)
    return _changed(path, lambda: _signing_keys(_read(path), path), "signing_keys_unreadable")


def change_signing_keys(settings: Settings, change: Callable[[list[Jwk]], list[Jwk]]) -> list[Jwk]:
    """The keys of the file as ``change`` returns them."""
    path = _signing_file(settings)
    return _rewritten(path, lambda: change(_stored(path)))


def _changed(path: Path, load: Callable[[], T], event: str) -> Callable[[], T | None]:
    """What ``load`` finds where the file has changed since the last call, else None.

    A file that cannot be used is logged as ``event``, and the keys there are stay in use.
    """
    known = _stamp(path)

    def again() -> T | None:
        nonlocal known
        before, known = known, _stamp(path)
        if known == before:
            return None
        try:
            return load()
        except ConfigurationError as error:
            log.error(event, reason=error.message)
            return None

    return again


def _rewritten(path: Path, change: Callable[[], list[Jwk]]) -> list[Jwk]:
    """A file of keys, written whole, by one process at a time."""
    try:
        with _locked(path.parent) as lock:
            changed = change()
            _write(path, orjson.dumps({"keys": changed}))
            os.fsync(lock)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return changed


def _first_key(settings: Settings) -> bytes:
    if settings.field_key is not None:
        return _master(settings.field_key.get_secret_value(), "HUB_FIELD_KEY")
    path = settings.data_dir / "keys" / "field.key"
    return _master(_made_once(path, _new_master).decode(), str(path))


def _field_keys_file(settings: Settings) -> Path:
    return settings.field_keys_file or settings.data_dir / "keys" / "field-keys.json"


def _stored_field_keys(path: Path) -> list[Stored]:
    return stored_of(_read(path), path) if path.exists() else []


def _stored(path: Path) -> list[Jwk]:
    content = _read(path)
    _signing_keys(content, path)  # says what is wrong with it
    stored: list[Jwk] = orjson.loads(content)["keys"]
    return stored


def _signing_path(settings: Settings) -> Path:
    return settings.signing_key_file or settings.data_dir / "keys" / "signing.jwks"


def _signing_file(settings: Settings) -> Path:
    path = _signing_path(settings)
    if settings.signing_key_file is None:
        _made_once(path, _new_signing_keys)
    return path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes with the file, which is replaced and never written over."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _master(text: str, where: str) -> bytes:
    standard = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        key = b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where} must be {KEY_BYTES} bytes in base64")
    return key


def _signing_keys(content: bytes, path: Path) -> KeySet:
    try:
        stored = orjson.loads(content)["keys"]
        states = [entry.get("state") for entry in stored]
        keys = [
            ECKey.import_key({name: entry[name] for name in entry if name in MEMBERS}) for entry in stored
        ]
    except (ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise ConfigurationError(f"{path} must be a JWK Set of EC keys") from None
    if not keys or any(key.curve_name != "P-256" or not key.is_private for key in keys):
        raise ConfigurationError(f"{path} must hold private keys on P-256, for ES256")
    found = KeySet([*keys])  # gives a key without `kid` its thumbprint
    if len({key.kid for key in found}) != len(keys):
        raise ConfigurationError(f"{path} must give every key a `kid` of its own")
    if any(states) and states.count("ACTIVE") != 1:
        raise ConfigurationError(f"{path} must have one key whose `state` is ACTIVE")
    if any(states):
        keys.insert(0, keys.pop(states.index("ACTIVE")))
    return KeySet([*keys])


def _new_master() -> bytes:
    return b64encode(os.urandom(KEY_BYTES)) + b"\n"


def new_signing_key() -> Jwk:
    """Its identifier does not begin like an option of a command, which one of 64 would."""
    while True:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        if not str(key.kid).startswith("-"):
            return dict(key.as_dict(private=True))


def _new_signing_keys() -> bytes:
    return orjson.dumps({"keys": [new_signing_key()]})


@contextmanager
def _locked(directory: Path) -> Iterator[int]:
    lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of ``path``; made, whole and readable by its owner only, by the first process that asks."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.parent) as lock:
            if not path.exists():
                _write(path, make())
                os.fsync(lock)
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read or made: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
