"""Cents: rounding half away from zero, and largest remainder (domain.md 4.2)."""

from __future__ import annotations

import pytest

from libs.common.domain.money import cents_adding_up_to, to_cents
from tests.builders import D


def _shares(total: str, *amounts: str) -> list[str]:
    return [str(share) for share in cents_adding_up_to(D(total), [D(amount) for amount in amounts])]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("-2.674", "-2.67"), ("10", "10.00")],
)
def test_half_a_cent_rounds_away_from_zero(amount: str, cents: str) -> None:
    assert str(to_cents(D(amount))) == cents


def test_a_trace_below_zero_rounds_to_a_plain_zero() -> None:
    assert str(to_cents(D("-0.001"))) == "0.00"


def test_amounts_in_cents_stay_as_they_are() -> None:
    assert _shares("29.65", "24.20", "5.45") == ["24.20", "5.45"]


def test_the_missing_cent_goes_to_the_largest_fraction() -> None:
    assert _shares("10.00", "3.333", "3.333", "3.334") == ["3.33", "3.33", "3.34"]


def test_a_tie_goes_to_the_largest_amount() -> None:
    assert _shares("1.01", "0.005", "1.005") == ["0.00", "1.01"]


def test_a_tie_of_equal_amounts_goes_to_the_first() -> None:
    assert _shares("66.67", "33.335", "33.335") == ["33.34", "33.33"]


def test_amounts_of_either_sign_round_down_toward_minus_infinity() -> None:
    # -49.955 goes down to -49.96 with a fraction of 0.5, 59.951 to 59.95 with 0.1: the first takes the cent
    assert _shares("10.00", "-49.955", "59.951") == ["-49.95", "59.95"]


def test_too_many_cents_are_taken_from_the_smallest_fraction() -> None:
    # the lines say 10.017, the header 10.00: down to 3.33 + 6.68 = 10.01, one too many
    assert _shares("10.00", "3.334", "6.683") == ["3.33", "6.67"]


def test_where_all_fractions_are_equal_the_cent_is_taken_from_the_largest_amount() -> None:
    assert _shares("2.99", "1.00", "2.00") == ["1.00", "1.99"]


def test_once_round_all_groups_it_begins_again() -> None:
    # 0.03 missing over two groups: the larger, the smaller, the larger again
    assert _shares("3.03", "1.00", "2.00") == ["1.01", "2.02"]


def test_a_negative_total_mirrors_its_positive() -> None:
    assert _shares("-66.67", "-33.335", "-33.335") == ["-33.34", "-33.33"]


def test_a_total_of_nothing_shares_nothing_away() -> None:
    assert _shares("0.00", "12.10", "-12.10") == ["12.10", "-12.10"]


def test_amounts_that_come_to_nothing_mirror_too() -> None:
    # 33.335 + 33.334 - 66.669: the cent goes where the largest amount, turned positive, puts it
    assert _shares("0.00", "33.335", "33.334", "-66.669") == ["33.34", "33.33", "-66.67"]
    assert _shares("0.00", "-33.335", "-33.334", "66.669") == ["-33.34", "-33.33", "66.67"]


def test_no_amounts_share_nothing() -> None:
    assert _shares("0.00") == []


def test_money_over_no_amounts_is_refused() -> None:
    with pytest.raises(ValueError, match="no amounts"):
        _shares("0.01")
