"""Keys of fields: what seals, what opens, and what rows are found by, while keys come and go."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac

from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.settings import Settings
from hub.store import field_keys
from hub.store.ciphers import FieldKey, HashName, Sm4Gcm
from hub.store.keys import change_field_keys, load_vault, read_field_keys
from hub.store.vault import Ring, Vault

NUMBER = "459999195001010019"
MASTER = bytes(range(32))
FIRST = FieldKey(MASTER)
SECOND, THIRD = FieldKey(b"2" * 32), FieldKey(b"3" * 32, "sm3")


def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    """Appendix A.1."""
    key, nonce = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes.fromhex("00001234567800000000ABCD")
    plain = b"".join(bytes([byte]) * 8 for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    more = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert Sm4Gcm(key).encrypt(nonce, plain, more) == sealed
    assert Sm4Gcm(key).decrypt(nonce, sealed, more) == plain
    for wrong in (sealed[:-1] + b"\0", b"\0" + sealed[1:], sealed[1:]):
        with pytest.raises(InvalidTag):
            Sm4Gcm(key).decrypt(nonce, wrong, more)
    with pytest.raises((InvalidTag, ValueError)):
        Sm4Gcm(key).decrypt(nonce, b"short", more)


def test_sm3_is_that_of_gb_t_32905() -> None:
    """Appendix A.1 of the standard; what finds rows under a key of SM3 is its HMAC."""
    made = hashes.Hash(hashes.SM3())
    made.update(b"abc")
    assert made.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    keyed = hmac.HMAC(THIRD.derive("blind"), hashes.SM3())
    keyed.update(FIRST.blind(NUMBER.encode()))
    assert (
        Vault(MASTER, ring=Ring((THIRD,), THIRD.id)).look_up(FIRST.blind(NUMBER.encode()))
        == (keyed.finalize()[:16])
    )


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "sm4-gcm"])
@pytest.mark.parametrize("active", [None, SECOND.id, THIRD.id])
@pytest.mark.parametrize("how", ["seal", "seal_steady"])
def test_what_any_cipher_and_key_sealed_opens_whichever_is_in_use(cipher: Any, active: Any, how: str) -> None:
    vault = Vault(MASTER, cipher, Ring((SECOND, THIRD), active))
    blob = getattr(vault, how)(NUMBER)
    assert blob.startswith(vault.form)
    assert NUMBER.encode() not in blob
    for other in ("aes-256-gcm", "sm4-gcm"):
        for now in (None, SECOND.id):
            again = Vault(MASTER, other, Ring((THIRD, SECOND), now))
            assert again.open(blob) == NUMBER
            resealed = again.reseal(blob)
            assert resealed.startswith(again.form)
            assert again.open(resealed) == NUMBER
            assert (resealed == again.seal_steady(NUMBER)) is (how == "seal_steady")
    for position in range(len(blob)):
        broken = bytearray(blob)
        broken[position] ^= 1
        with pytest.raises(ValueError, match="not sealed by this hub"):
            vault.open(bytes(broken))


def test_the_form_of_before_is_kept_until_something_is_chosen() -> None:
    plain = Vault(MASTER, ring=Ring((SECOND,)))
    assert plain.form == (b"\x01", b"\x02")
    assert plain.seal_steady(NUMBER) == Vault(MASTER).seal_steady(NUMBER)
    assert plain.look_up(b"16 bytes of hash") == b"16 bytes of hash"
    form = Vault(MASTER, "sm4-gcm").form
    assert form == (b"\x03\x02" + bytes.fromhex(FIRST.id), b"\x04\x02" + bytes.fromhex(FIRST.id))


def test_a_number_is_looked_for_by_every_key_and_told_by_the_first() -> None:
    vault = Vault(MASTER, ring=Ring((SECOND, THIRD), SECOND.id))
    sought = vault.look_ups(NUMBER)
    assert len({*sought}) == 3
    assert sought[-1] == vault.blind(NUMBER) == Vault(MASTER).blind(NUMBER)
    assert vault.look_up(vault.blind(NUMBER)) == sought[0]


def test_a_vault_without_the_key_says_so() -> None:
    blob = Vault(MASTER, ring=Ring((SECOND,), SECOND.id)).seal(NUMBER)
    with pytest.raises(ValueError, match="a key that is gone"):
        Vault(MASTER).open(blob)


def of(tmp_path: Path, **options: Any) -> Settings:
    return Settings(data_dir=tmp_path, database_url=None, field_key=None, **options)


def added(settings: Settings, now: float = 0.0, hash_: HashName = "sha256") -> str:
    first = load_vault(settings).keys[0]
    stored = change_field_keys(settings, partial(field_keys.add, now=now, hash_=hash_, first=first))
    return str(stored[-1]["id"])


def moved(settings: Settings, what: str, key_id: str, now: float = 1000.0) -> None:
    first = load_vault(settings).keys[0]
    change = getattr(field_keys, what)
    change_field_keys(settings, lambda stored: change(stored, key_id, now, first))


def states(settings: Settings) -> list[str]:
    return [each["state"] for each in read_field_keys(settings)]


def test_a_key_lives_from_pending_to_gone(tmp_path: Path) -> None:
    settings = of(tmp_path)
    first = load_vault(settings).keys[0].id
    key = added(settings, hash_="sm3")
    path = tmp_path / "keys" / "field-keys.json"
    assert (states(settings), path.stat().st_mode & 0o777) == (["PENDING"], 0o600)
    with pytest.raises(BadArgument, match="pending already"):
        added(settings)
    moved(settings, "activate", key)
    moved(settings, "activate", key, 2000.0)
    assert states(settings) == ["ACTIVE"]
    assert load_vault(settings).active.hash == "sm3"
    with pytest.raises(BadArgument, match="active key cannot"):
        moved(settings, "retire", key)
    moved(settings, "activate", first, 3000.0)
    assert (states(settings), load_vault(settings).active.id) == (["RETIRING"], first)
    with pytest.raises(BadArgument, match="wait 59 seconds"):
        moved(settings, "retire", key, 3001.0)
    moved(settings, "retire", key, 3060.0)
    assert states(settings) == []
    with pytest.raises(BadArgument, match="first key stays"):
        moved(settings, "retire", first)
    with pytest.raises(NotFound, match="No field key"):
        moved(settings, "activate", key)


def test_a_vault_follows_the_file(tmp_path: Path) -> None:
    settings = of(tmp_path, field_keys_file=tmp_path / "shared" / "ring.json")
    reader, writer = load_vault(settings), load_vault(settings)
    key = added(settings)
    moved(settings, "activate", key)
    writer.look(at_once=True)
    blob = writer.seal(NUMBER)
    assert blob[2:6].hex() == key
    assert reader.open(blob) == NUMBER, "it looks at once for a key it does not know"
    assert reader.active.id == key
    fixed = reader.pinned()
    moved(settings, "activate", reader.keys[0].id, 2000.0)
    reader.look(at_once=True)
    assert (reader.active.id, fixed.active.id) == (reader.keys[0].id, key)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"keys":[{}]}',
        b'{"keys":[{"id":"00000000","key":"","hash":"md5","state":"x","since":0}]}',
    ],
)
def test_a_file_of_keys_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    settings = of(tmp_path)
    vault = load_vault(settings)
    path = tmp_path / "keys" / "field-keys.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"field-keys\.json"):
        load_vault(settings)
    vault.look(at_once=True)
    assert vault.open(vault.seal(NUMBER)) == NUMBER, "the keys there are stay in use"


def test_states_and_names_are_looked_at(tmp_path: Path) -> None:
    settings = of(tmp_path)
    key = added(settings)
    path = tmp_path / "keys" / "field-keys.json"
    sound = path.read_text()
    entry = sound.removeprefix('{"keys":[').removesuffix("]}")
    for wrong in (
        sound.replace("PENDING", "LOST"),
        sound.replace(key, "00000000"),
        f'{{"keys":[{entry},{entry}]}}',
    ):
        path.write_text(wrong)
        with pytest.raises(ConfigurationError, match="field"):
            read_field_keys(settings)


def test_the_hash_of_a_key_is_one_of_two() -> None:
    with pytest.raises(BadArgument, match="sha256, sm3"):
        field_keys.add([], 0.0, "md5", FIRST)  # type: ignore[arg-type]
