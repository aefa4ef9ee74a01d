"""Samples: as large as the rules ask for, the same again, and told apart from any other."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.norms import RULES
from hub.domain.refusal import Refused
from hub.domain.sampling import digest_of, draw, least

NUMBERS: Final = [f"PG-{n}" for n in range(1, 201)]
SHARES: Final = {
    bound.quantity: bound.value
    for rule in RULES
    for bound in rule.bounds
    if rule.key in ("R169", "R170") and isinstance(bound.value, Decimal)
}


@pytest.mark.parametrize(
    ("count", "verified", "spot_checked"),
    [
        (0, 0, 0),
        (1, 1, 1),
        (49, 1, 10),
        (50, 1, 10),
        (51, 2, 11),
        (100, 2, 20),
        (101, 3, 21),
        (5000, 100, 1000),
    ],
)
def test_two_and_twenty_per_cent(count: int, verified: int, spot_checked: int) -> None:
    assert least(count, SHARES["subsidy.verified"]) == verified
    assert least(count, SHARES["subsidy.spot_checked"]) == spot_checked


@given(st.integers(0, 100_000), st.decimals(0, 1, places=4), st.booleans())
def test_the_least_whole_number_that_meets_the_bound(count: int, share: Decimal, strictly: bool) -> None:
    size, bound = least(count, share, strictly=strictly), Fraction(share) * count
    assert 0 <= size <= count
    meets = size > bound if strictly else size >= bound
    assert meets or size == count
    assert size == 0 or not (size - 1 > bound if strictly else size - 1 >= bound)


def test_what_is_no_share_or_count() -> None:
    for count, share in ((-1, "0.1"), (1, "1.1"), (1, "-0.1")):
        with pytest.raises(ValueError, match="expected"):
            least(count, Decimal(share))


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_list() -> None:
    first = draw(NUMBERS, 40, "seed")
    assert draw(NUMBERS[::-1], 40, "seed") == first
    assert len(set(first.numbers)) == 40
    assert set(first.numbers) <= set(NUMBERS)
    assert draw(NUMBERS, 41, "seed").numbers[:40] == first.numbers, "a larger sample holds the smaller one"
    assert draw(NUMBERS, 40, "other").numbers != first.numbers


def test_anybody_can_draw_it_again() -> None:
    """With nothing of the hub but the description."""
    ranks = {hashlib.sha256(b"seed\0" + n.encode()).hexdigest(): n for n in NUMBERS}
    assert list(draw(NUMBERS, 5, "seed").numbers) == [ranks[rank] for rank in sorted(ranks)][:5]
    assert draw(NUMBERS, 5, "seed").digest == digest_of(NUMBERS[::-1])
    assert digest_of(NUMBERS) != digest_of(NUMBERS[1:])
    assert digest_of(["1", "23"]) != digest_of(["12", "3"])


def test_no_number_is_drawn_much_more_often_than_others() -> None:
    drawn = dict.fromkeys(NUMBERS, 0)
    for seed in range(2_000):
        for number in draw(NUMBERS, 4, str(seed)).numbers:
            drawn[number] += 1
    assert (min(drawn.values()), max(drawn.values())) == pytest.approx((40, 40), abs=25)


@pytest.mark.parametrize(
    "number",
    ["", "测试", "a b", "459999195003070019", "45999919500307001X", "459999500307001", "x" * 65, "a\n"],
)
def test_names_and_identity_numbers_are_no_numbers_of_results(number: str) -> None:
    with pytest.raises(Refused) as refused:
        draw(["PG-1", number], 1, "seed")
    assert refused.value.code == "SAMPLED_NUMBER"


def test_a_number_stands_in_the_list_once() -> None:
    with pytest.raises(Refused) as refused:
        draw(["PG-1", "PG-1"], 1, "seed")
    assert refused.value.code == "DUPLICATE_KEY"
