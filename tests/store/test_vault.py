"""What the vault promises: nothing opens that it did not seal, and look-up keys are stable."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.store.vault import Vault

MASTER = bytes(range(32))
NUMBER = "459999195001010019"
vault = Vault(MASTER)
other = Vault(bytes(32))


@given(st.text())
def test_what_is_sealed_opens(text: str) -> None:
    assert vault.open(vault.seal(text)) == text


def test_a_second_process_opens_it() -> None:
    assert Vault(MASTER).open(vault.seal(NUMBER)) == NUMBER


def test_sealing_twice_gives_two_values_and_neither_shows_the_text() -> None:
    first, second = vault.seal(NUMBER), vault.seal(NUMBER)
    assert first != second
    assert NUMBER.encode() not in first
    assert len(first) == 1 + 12 + len(NUMBER) + 16


@given(st.text(), st.text())
def test_steady_sealing_gives_equal_bytes_for_equal_text_only(first: str, second: str) -> None:
    assert vault.open(vault.seal_steady(first)) == first
    assert vault.seal_steady(first) == Vault(MASTER).seal_steady(first)
    assert (vault.seal_steady(first) == vault.seal_steady(second)) is (first == second)


def test_a_steady_value_shares_no_nonce_with_another_key() -> None:
    assert vault.seal_steady(NUMBER)[1:13] != other.seal_steady(NUMBER)[1:13]


@pytest.mark.parametrize("seal", [vault.seal, vault.seal_steady])
def test_any_changed_byte_is_noticed(seal: Callable[[str], bytes]) -> None:
    blob = seal(NUMBER)
    for position in range(len(blob)):
        broken = bytearray(blob)
        broken[position] ^= 1
        with pytest.raises(ValueError, match="not sealed by this hub"):
            vault.open(bytes(broken))


@pytest.mark.parametrize(
    "blob", [b"", b"\x01", b"\x01" + bytes(11), b"\x02" + bytes(40), b"\x03" + bytes(40), bytes(64)]
)
def test_what_was_never_sealed_does_not_open(blob: bytes) -> None:
    with pytest.raises(ValueError, match="not sealed by this hub"):
        vault.open(blob)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ValueError, match="another key"):
        other.open(vault.seal(NUMBER))


def test_blind_is_truncated_hmac_sha256_of_a_derived_key() -> None:
    expected = hmac.digest(vault.derive("blind"), NUMBER.encode(), hashlib.sha256)[:16]
    assert vault.blind(NUMBER) == expected
    assert vault.blind(NUMBER) == expected, "the first call must not change the keyed object"
    assert other.blind(NUMBER) != expected


def test_look_up_keys_stay_the_same_from_release_to_release() -> None:
    """Every stored hash is lost when this value moves."""
    assert vault.blind(NUMBER).hex() == "b2c64f92bc56df69a5b779bf09eff332"
    assert (
        vault.open(
            bytes.fromhex(
                "01d10c369baeef5ec2108ff0c8110a309d152f412ec44c36e550d731ad590add1d26b06107c76c0c2036894f98c6cc"
            )
        )
        == NUMBER
    )
    assert vault.untoken("2go0JdvCzUpMrLrsNSCcoEm5KfVNAg") == b"cursor"
    steady = "02de29a4f48fa4cba4a4d421349b82eb4c6e79daca163155080e67fc37ce23fb28bb794f9ef6cc07b3942a5571334f"
    assert vault.seal_steady(NUMBER).hex() == steady


@given(st.binary(min_size=1), st.sampled_from(["", "beneficiaries", "visits"]))
def test_tokens_come_back(data: bytes, purpose: str) -> None:
    text = vault.token(data, purpose)
    assert vault.untoken(text, purpose) == data
    assert text == vault.token(data, purpose)
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        vault.untoken(text)


def test_a_token_has_one_spelling_and_one_purpose() -> None:
    text = vault.token(b"\xff" * 9, "visits")
    changed = [text[:i] + c + text[i + 1 :] for i in range(len(text)) for c in "Ab-_+/=" if c != text[i]]
    for wrong in [*changed, text + "=", text + "\n", " " + text, text[:-1], text + "A"]:
        with pytest.raises(ValueError, match="not a token"):
            vault.untoken(wrong, "visits")
    with pytest.raises(ValueError, match="not a token"):
        vault.untoken(text, "beneficiaries")


def test_the_key_is_never_shown_and_always_32_bytes() -> None:
    assert repr(vault) == "Vault(…)"
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(16))
