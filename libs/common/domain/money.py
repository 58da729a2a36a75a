"""Cents: rounding, and making cents of amounts so that they add up to a total (domain.md 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from libs.common.domain.sale import ZERO

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """Rounded half away from zero, so that a return mirrors its sale; never a negative zero."""
    return amount.quantize(CENT, ROUND_HALF_UP) + ZERO


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def cents_adding_up_to(total: Decimal, amounts: Sequence[Decimal]) -> list[Decimal]:
    """Makes cents of all amounts by largest remainder, so that they add up to the total, which is in cents.

    Every amount is rounded down; the cents still missing go one by one to the largest fractions, or are
    taken from the smallest where there are too many. A tie goes to the largest absolute amount, then to
    the first. A negative total is its positive mirrored; so are amounts that come to nothing together and
    of which the largest is negative.
    """
    if total < ZERO or (not total and _largest(amounts) < ZERO):
        return [ZERO - cents for cents in cents_adding_up_to(-total, [-amount for amount in amounts])]
    if not amounts and total:
        raise ValueError(f"no amounts to share {total} over")
    shares = [amount.quantize(CENT, ROUND_FLOOR) + ZERO for amount in amounts]
    missing = int((total - sum_of(shares)) / CENT)
    step = CENT if missing > 0 else -CENT
    order = _order_of_cents(amounts, shares, largest_first=missing > 0)
    for turn in range(abs(missing)):
        shares[order[turn % len(order)]] += step
    return shares


def _largest(amounts: Sequence[Decimal]) -> Decimal:
    """By its absolute value; of equals the first."""
    return max(amounts, key=abs, default=ZERO)


def _order_of_cents(
    amounts: Sequence[Decimal], shares: Sequence[Decimal], *, largest_first: bool
) -> list[int]:
    def rank(index: int) -> tuple[Decimal, Decimal, int]:
        fraction = amounts[index] - shares[index]
        return (-fraction if largest_first else fraction, -abs(amounts[index]), index)

    return sorted(range(len(amounts)), key=rank)
