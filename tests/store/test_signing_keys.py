"""The life of a signing key: published, signing, retiring, gone; and what running servers notice of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from hub.cli import main
from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.oauth import jose
from hub.oauth.jose import SigningKeys
from hub.oauth.key_states import ACTIVE, PENDING, RETIRING, WAITS, activate, add, goes_on_at, remove, told
from hub.oauth.metadata import CACHED_SECONDS
from hub.oauth.tokens import ACCESS_TOKEN_SECONDS
from hub.settings import Settings
from hub.store.keys import (
    change_signing_keys,
    load_signing_keys,
    new_signing_key,
    read_signing_keys,
    watch_signing_keys,
)

NOW = 1_800_000_000.0


def es256() -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True))


def states(keys: list[dict[str, Any]]) -> list[str]:
    return [key["state"] for key in keys]


def test_a_set_kept_by_hand_has_the_states_it_always_had() -> None:
    keys = told([es256(), es256(), es256()])
    assert states(keys) == [ACTIVE, RETIRING, RETIRING]
    without_kid = {name: value for name, value in es256().items() if name != "kid"}
    assert told([without_kid])[0]["kid"] == ECKey.import_key(without_kid).thumbprint()


def test_a_key_signs_only_when_everybody_can_know_it() -> None:
    keys = add([es256()], NOW)
    assert states(keys) == [ACTIVE, PENDING]
    fresh = keys[-1]["kid"]
    assert WAITS[PENDING] > CACHED_SECONDS
    for early in (0, CACHED_SECONDS, WAITS[PENDING] - 1):
        with pytest.raises(BadArgument, match="seconds more"):
            activate(keys, fresh, NOW + early)
    assert goes_on_at(keys[-1]) == NOW + WAITS[PENDING]
    assert goes_on_at(keys[0]) is None
    assert states(activate(keys, fresh, NOW + WAITS[PENDING])) == [RETIRING, ACTIVE]
    assert states(activate(keys, fresh, NOW, at_once=True)) == [RETIRING, ACTIVE]


def test_a_key_goes_only_when_its_tokens_have_ended() -> None:
    keys = add([es256()], NOW)
    old, fresh = (key["kid"] for key in keys)
    keys = activate(keys, fresh, NOW, at_once=True)
    assert WAITS[RETIRING] > ACCESS_TOKEN_SECONDS
    with pytest.raises(BadArgument, match="seconds more"):
        remove(keys, old, NOW + ACCESS_TOKEN_SECONDS)
    assert [key["kid"] for key in remove(keys, old, NOW + WAITS[RETIRING])] == [fresh]
    assert [key["kid"] for key in remove(keys, old, NOW, at_once=True)] == [fresh]
    # A step back needs no wait: the key was published all the time.
    assert states(activate(keys, old, NOW)) == [ACTIVE, RETIRING]


def test_what_makes_no_sense_is_refused() -> None:
    keys = add([es256()], NOW)
    active, pending = (key["kid"] for key in keys)
    with pytest.raises(BadArgument, match="pending already"):
        add(keys, NOW)
    with pytest.raises(BadArgument, match="is the active one"):
        activate(keys, active, NOW)
    with pytest.raises(BadArgument, match="cannot be removed"):
        remove(keys, active, NOW, at_once=True)
    with pytest.raises(NotFound):
        activate(keys, "other", NOW)
    assert [key["kid"] for key in remove(keys, pending, NOW)] == [active]


# The file, and the commands


def command(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["keys", *words], env={"HUB_DATA_DIR": str(data_dir)})


def test_the_commands_roll_the_key_of_a_hub(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    old = load_signing_keys(settings).keys[0].kid
    assert f"{old}  ACTIVE  since -" in command(tmp_path, "list").output
    fresh = command(tmp_path, "add").output.strip()
    early = command(tmp_path, "activate", fresh)
    assert (early.exit_code, "[BAD_ARGUMENT]" in early.output) == (1, True)
    assert f"{fresh}  PENDING" in command(tmp_path, "list").output
    assert command(tmp_path, "activate", fresh, "--now").exit_code == 0
    assert [key.kid for key in load_signing_keys(settings)] == [fresh, old]
    assert "may go on" in command(tmp_path, "list").output
    assert command(tmp_path, "retire", str(old)).exit_code == 1
    assert command(tmp_path, "retire", str(old), "--now").exit_code == 0
    assert [key["kid"] for key in read_signing_keys(settings)] == [fresh]
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["signing.jwks"]
    assert (tmp_path / "keys" / "signing.jwks").stat().st_mode & 0o777 == 0o600


def test_no_key_is_called_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = iter([ECKey.import_key({**es256(), "kid": kid}) for kid in ("-a", "--now", "c")])
    monkeypatch.setattr(ECKey, "generate_key", lambda *_, **__: next(keys))
    assert new_signing_key()["kid"] == "c"


@pytest.mark.parametrize("given", [[PENDING, PENDING], [ACTIVE, ACTIVE], [RETIRING, "SIGNING"]])
def test_states_of_which_none_or_several_sign_are_refused(tmp_path: Path, given: list[str]) -> None:
    path = tmp_path / "given.jwks"
    path.write_bytes(orjson.dumps({"keys": [{**es256(), "state": state} for state in given]}))
    with pytest.raises(ConfigurationError, match="ACTIVE"):
        load_signing_keys(Settings(data_dir=tmp_path, signing_key_file=path))


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        change_signing_keys(Settings(signing_key_file=tmp_path / "none" / "x.jwks"), lambda keys: keys)


# What a running server notices


def test_a_server_takes_what_changes_and_keeps_what_it_has_where_it_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jose, "LOOK_SECONDS", 0)
    settings = Settings(data_dir=tmp_path)
    keys = SigningKeys(load_signing_keys(settings), watch_signing_keys(settings))
    first, turn = keys.active.keys[0].kid, keys.turn
    assert keys.turn == turn
    change_signing_keys(settings, lambda stored: add(stored, time.time()))
    assert len(keys.published()["keys"]) == 2
    assert all("state" not in key and "d" not in key for key in keys.published()["keys"])
    assert (keys.active.keys[0].kid, keys.turn) == (first, turn + 1)
    path = tmp_path / "keys" / "signing.jwks"
    content = path.read_bytes()
    path.write_bytes(b"{")
    assert keys.active.keys[0].kid == first
    path.unlink()
    assert keys.active.keys[0].kid == first
    path.write_bytes(content)
    assert keys.turn == turn + 2


def test_a_key_nobody_knows_is_looked_for_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jose, "LOOK_SECONDS", 3600)
    settings = Settings(data_dir=tmp_path)
    keys = SigningKeys(load_signing_keys(settings), watch_signing_keys(settings))
    fresh = change_signing_keys(settings, lambda stored: add(stored, time.time()))[-1]["kid"]

    class Token:
        def __init__(self, kid: str) -> None:
            self.kid = kid

        def headers(self) -> dict[str, Any]:
            return {"kid": self.kid}

    assert keys.named(Token(fresh)).kid == fresh  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        keys.named(Token("other"))  # type: ignore[arg-type]
