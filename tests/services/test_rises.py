"""A rise is told only when it is real."""

import random
from math import comb

import pytest

from bot.services.rises import is_real

STEADY = [10, 9, 11, 10, 12, 8, 10, 11, 9, 10, 10, 10]
NOISY = [2, 25, 4, 19, 1, 30, 6, 14, 3, 22, 8, 5]


def test_twice_as_many_as_in_a_steady_year_is_a_rise() -> None:
    assert is_real(24, STEADY)


def test_a_few_more_are_no_rise() -> None:
    assert not is_real(15, STEADY)


def test_fewer_than_ten_are_never_a_rise() -> None:
    assert not is_real(9, [0] * 12)
    assert is_real(10, [0] * 12)


def test_a_category_that_always_swings_must_swing_further() -> None:
    assert sum(NOISY) > sum(STEADY)
    assert not is_real(35, NOISY)
    assert is_real(90, NOISY)


def test_the_more_categories_are_tested_the_more_it_takes() -> None:
    assert is_real(20, STEADY)
    assert not is_real(20, STEADY, tested=14)


def test_it_takes_twelve_months_to_compare_with() -> None:
    with pytest.raises(ValueError, match="12 months"):
        is_real(50, [3] * 11)


def test_months_that_differ_by_chance_alone_are_hardly_ever_called_a_rise() -> None:
    chance = random.Random(7)

    def month() -> int:
        return sum(chance.random() < 0.02 for _ in range(700))  # about 14 offences

    called = sum(is_real(month(), [month() for _ in range(12)]) for _ in range(1_000))
    assert called < 20


@pytest.mark.parametrize("count", range(10, 31))
def test_where_nothing_swings_it_is_the_exact_comparison_of_two_rates(count: int) -> None:
    """The chance that so many of all offences fall into one of thirteen equal months."""
    every = sum(STEADY) + count
    chance = sum(
        comb(every, many) * (1 / 13) ** many * (12 / 13) ** (every - many)
        for many in range(count, every + 1)
    )
    assert is_real(count, STEADY) is (chance < 0.01)
