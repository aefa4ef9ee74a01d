"""Where the two secrets come from: settings, or files made at first start below ``DATA_DIR/keys``."""

from __future__ import annotations

import binascii
import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from hub.errors import ConfigurationError
from hub.settings import Settings
from hub.store.vault import KEY_BYTES, Vault


def load_vault(settings: Settings) -> Vault:
    """The vault of ``HUB_FIELD_KEY``, or of ``keys/field.key``, which is made when missing."""
    if settings.field_key is not None:
        return Vault(_master(settings.field_key.get_secret_value(), "HUB_FIELD_KEY"))
    path = settings.data_dir / "keys" / "field.key"
    return Vault(_master(_made_once(path, _new_master).decode(), str(path)))


def load_signing_keys(settings: Settings) -> KeySet:
    """Private ES256 keys that sign access tokens. The first one signs; the others are still published.

    From ``HUB_SIGNING_KEY_FILE``, which must exist, or from ``keys/signing.jwks``, made when missing.
    """
    path = settings.signing_key_file
    if path is None:
        path = settings.data_dir / "keys" / "signing.jwks"
        return _signing_keys(_made_once(path, _new_signing_keys), path)
    try:
        return _signing_keys(path.read_bytes(), path)
    except OSError as error:
        raise ConfigurationError(f"HUB_SIGNING_KEY_FILE cannot be read: {error.strerror}") from None


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
        keys = [ECKey.import_key(key) for key in orjson.loads(content)["keys"]]
    except (ValueError, KeyError, TypeError, JoseError):
        raise ConfigurationError(f"{path} must be a JWK Set of EC keys") from None
    if not keys or any(key.curve_name != "P-256" or not key.is_private for key in keys):
        raise ConfigurationError(f"{path} must hold private keys on P-256, for ES256")
    found = KeySet([*keys])  # gives a key without `kid` its thumbprint
    if len({key.kid for key in found}) != len(keys):
        raise ConfigurationError(f"{path} must give every key a `kid` of its own")
    return found


def _new_master() -> bytes:
    return b64encode(os.urandom(KEY_BYTES)) + b"\n"


def _new_signing_keys() -> bytes:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    return orjson.dumps({"keys": [key.as_dict(private=True)]})


def _made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of ``path``; made, whole and readable by its owner only, by the first process that asks."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _write(path, make())
                os.fsync(lock)
        finally:
            os.close(lock)
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
