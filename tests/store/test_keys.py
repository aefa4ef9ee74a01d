"""Where the hub's keys come from, and what is refused."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

from hub.errors import ConfigurationError
from hub.settings import Settings
from hub.store.keys import load_signing_keys, load_vault, open_to_others
from tests.support.postgres import FIELD_KEY


def settings(data_dir: Path, **options: Any) -> Settings:
    return Settings(data_dir=data_dir, **options)


def test_racing_processes_agree_on_their_keys(tmp_path: Path) -> None:
    found: list[tuple[bytes, str | None]] = []

    def load() -> None:
        keys = load_signing_keys(settings(tmp_path))
        found.append((load_vault(settings(tmp_path)).blind("x"), keys.keys[0].kid))

    threads = [threading.Thread(target=load) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1
    made = sorted(path.name for path in (tmp_path / "keys").iterdir())
    assert made == ["field.key", "signing.jwks"]
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_field_key_may_be_given(tmp_path: Path) -> None:
    given = load_vault(settings(tmp_path, field_key=SecretStr(FIELD_KEY + "\n")))
    urlsafe = load_vault(settings(tmp_path, field_key=SecretStr(FIELD_KEY.rstrip("="))))
    assert given.blind("x") == urlsafe.blind("x")
    assert not list(tmp_path.iterdir())
    for wrong in ("", "abc", "AAAA" * 10, "ÄÖ" * 16, FIELD_KEY[:-5]):
        with pytest.raises(ConfigurationError, match="32 bytes"):
            load_vault(settings(tmp_path, field_key=SecretStr(wrong)))


def test_the_first_signing_key_signs_and_all_have_a_name(tmp_path: Path) -> None:
    path = tmp_path / "given.jwks"
    new, old = (ECKey.generate_key("P-256", auto_kid=False) for _ in range(2))
    path.write_bytes(orjson.dumps({"keys": [key.as_dict(private=True) for key in (new, old)]}))
    keys = load_signing_keys(settings(tmp_path, signing_key_file=path))
    assert [key.kid for key in keys] == [new.thumbprint(), old.thumbprint()]
    token = jwt.encode({"alg": "ES256", "kid": keys.keys[0].kid}, {"sub": "x"}, keys.keys[0])
    assert jwt.decode(token, new).claims == {"sub": "x"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"keys": []}',
        '{"keys": [{"kty": "oct", "k": "AAAA"}]}',
        orjson.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}).decode(),
        orjson.dumps({"keys": [ECKey.generate_key("P-384").as_dict(private=True)]}).decode(),
        orjson.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=True)] * 2}).decode(),
    ],
)
def test_wrong_signing_keys_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "given.jwks"
    path.write_text(content)
    with pytest.raises(ConfigurationError):
        load_signing_keys(settings(tmp_path, signing_key_file=path))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_signing_keys(settings(tmp_path, signing_key_file=tmp_path / "missing"))


def test_keys_that_others_can_read_are_told(tmp_path: Path) -> None:
    here = settings(tmp_path)
    assert open_to_others(here) == []
    load_vault(here)
    load_signing_keys(here)
    key, signing = tmp_path / "keys" / "field.key", tmp_path / "keys" / "signing.jwks"
    for mode, told in ((0o600, False), (0o440, False), (0o604, True), (0o620, True), (0o666, True)):
        key.chmod(mode)
        assert open_to_others(here) == ([key] if told else []), oct(mode)
    key.chmod(0o600)
    signing.chmod(0o644)
    assert open_to_others(here) == [signing]
