"""VAT from the till's own amounts: the one place that rounds, shares and checks it (domain.md 4.2).

All amounts come in unrounded, as the till has them, and leave in cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.money import CENT, cents_adding_up_to, sum_of, to_cents
from libs.common.domain.sale import ZERO

HALF_CENT = CENT / 2
TOTAL_SLACK = Decimal("0.02")
TOTAL_SLACK_PER_LINE = Decimal("0.0001")

VatOfRates = Sequence[tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with the till's VAT on it, and the code it goes under."""

    vat_code: str
    vat_rate: Decimal
    amount_incl_vat: Decimal
    vat_amount: Decimal

    @property
    def expected_vat(self) -> Decimal:
        return vat_within(self.amount_incl_vat, self.vat_rate)


def vat_within(amount_incl_vat: Decimal, rate: Decimal) -> Decimal:
    """Unrounded; the rate is in per cent."""
    return amount_incl_vat * rate / (100 + rate)


def receipt_adds_up(total: Decimal, amounts: Sequence[Decimal]) -> bool:
    """Whether the lines are the header's total but for rounding."""
    return abs(sum_of(amounts) - total) <= TOTAL_SLACK + TOTAL_SLACK_PER_LINE * len(amounts)


def vat_by_code(lines: Sequence[Taxed], vat_of_rates: VatOfRates = ()) -> dict[str, Decimal]:
    """VAT of each code in cents, in order of lines: the header's own of each rate where it says so."""
    codes = list(dict.fromkeys(line.vat_code for line in lines))
    if vat_of_rates:
        return _shared_header_vat(lines, vat_of_rates, codes)
    return {code: to_cents(_vat_of(lines, code)) for code in codes}


def _shared_header_vat(
    lines: Sequence[Taxed], vat_of_rates: VatOfRates, codes: list[str]
) -> dict[str, Decimal]:
    vat = dict.fromkeys(codes, ZERO)
    for rate, amount in vat_of_rates:
        of_rate = [line for line in lines if line.vat_rate == rate]
        used = list(dict.fromkeys(line.vat_code for line in of_rate))
        if not used:
            continue
        shares = cents_adding_up_to(to_cents(amount), [_vat_of(of_rate, code) for code in used])
        for code, share in zip(used, shares, strict=True):
            vat[code] += share
    return vat


def share_vat(vat: dict[str, Decimal], groups: Sequence[tuple[str, Decimal]]) -> list[Decimal]:
    """Shares the VAT of each code over its groups, each a code and its own unrounded VAT."""
    shared = [ZERO] * len(groups)
    for code, amount in vat.items():
        places = [index for index, (group_code, _) in enumerate(groups) if group_code == code]
        shares = cents_adding_up_to(amount, [groups[index][1] for index in places])
        for index, share in zip(places, shares, strict=True):
            shared[index] = share
    return shared


def vat_adds_up(vat: Iterable[Decimal], header_vat: Decimal) -> bool:
    """Whether the codes' VAT is the header's: rounded for each code, it may be a cent off for all but one."""
    amounts = list(vat)
    return abs(sum_of(amounts) - header_vat) <= CENT * max(1, len(amounts) - 1)


def rate_explains_vat(vat: Decimal, lines: Sequence[Taxed]) -> bool:
    """Whether the till's VAT of a code is what the till's rates give on its lines."""
    expected = sum_of(line.expected_vat for line in lines)
    return abs(vat - expected) <= CENT + HALF_CENT * len(lines)


def _vat_of(lines: Iterable[Taxed], code: str) -> Decimal:
    return sum_of(line.vat_amount for line in lines if line.vat_code == code)
