"""Finds how an X-Series sale is meant, where the vendor leaves it open, by what adds up (8.2, 8.4, 19). Pure.

Are prices before or after the line's discount? Is a charge in the total, beside it, or told without being
owed? Does its value hold VAT, and a payment its surcharge? One reading must meet the header and the payments;
where none does, the sale is left as it stands, and does not add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import product

from libs.common.domain.sale import ZERO
from libs.common.domain.vat import receipt_adds_up
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.x_charges import Charge, ChargeKind
from libs.common.lightspeed.x_lines import ReadLine, before_discount

CENT = Decimal("0.01")


class Place(StrEnum):
    INSIDE = "inside"
    """The header's total holds it."""
    OUTSIDE = "outside"
    NOWHERE = "nowhere"
    """Told, but no part of what is owed."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What the payments say: `final` where no more will come, `rounding` how far cash may be off."""

    amount: Decimal
    surcharges: Decimal
    rounding: Decimal
    is_final: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines, the total without tips, and the charges that become lines, each with its gross amount."""

    lines: Sequence[ReadLine]
    total: Decimal
    tips: Decimal = ZERO
    charges: Sequence[tuple[Charge, Decimal]] = ()
    vat_outside: Mapping[Decimal, Decimal] = field(default_factory=dict)
    """VAT by rate that the header doesn't hold."""
    adds_surcharges: bool = False
    """Whether what was paid is a payment's amount and its surcharge."""

    @property
    def due(self) -> Decimal:
        return self.total + self.tips


Choice = Mapping[ChargeKind, tuple[Place, bool]]


def reading_of(lines: Sequence[ReadLine], charges: Sequence[Charge], total: Decimal, paid: Paid) -> Reading:
    """`total` is the header's, VAT included."""
    best: Reading | None = None
    for convention in (list(lines), *before_discount(lines)):
        for choice in _choices(charges, is_final=paid.is_final):
            if not _meets_header(convention, charges, choice, total):
                continue
            for reading in _readings(convention, charges, choice, total, paid):
                if not paid.is_final or abs(_paid(paid, reading) - reading.due) <= paid.rounding:
                    return reading
                best = best or reading
    if best is None and charges and not paid.is_final:
        raise Unreadable("adjustments", "nothing tells whether the total holds it", charges[0].value)
    return best or Reading(lines, total)


def _choices(charges: Sequence[Charge], *, is_final: bool) -> Iterator[Choice]:
    """While more may be paid, nothing tells what is beside the total from what isn't owed at all."""
    kinds = list(dict.fromkeys(charge.kind for charge in charges))
    places = tuple(Place) if is_final else (Place.INSIDE,)
    told = {kind: _holds_vat(kind, charges) for kind in kinds}
    options = [[(place, holds) for place in places for holds in told[kind]] for kind in kinds]
    for chosen in product(*options):
        yield dict(zip(kinds, chosen, strict=True))


def _holds_vat(kind: ChargeKind, charges: Sequence[Charge]) -> tuple[bool, ...]:
    of_kind = [charge for charge in charges if charge.kind is kind]
    if any(charge.holds_vat is not None for charge in of_kind):
        return (True,)
    return (False, True) if any(charge.vat for charge in of_kind) else (False,)


def _meets_header(
    lines: Sequence[ReadLine], charges: Sequence[Charge], choice: Choice, total: Decimal
) -> bool:
    inside = [_gross(charge, choice) for charge in charges if choice[charge.kind][0] is Place.INSIDE]
    return receipt_adds_up(total, [*(line.gross for line in lines), *inside])


def _readings(
    lines: Sequence[ReadLine], charges: Sequence[Charge], choice: Choice, total: Decimal, paid: Paid
) -> Iterator[Reading]:
    counted = [charge for charge in charges if choice[charge.kind][0] is not Place.NOWHERE]
    outside = [charge for charge in counted if choice[charge.kind][0] is Place.OUTSIDE]
    tips = [charge for charge in counted if _is_tip(charge)]
    vat: dict[Decimal, Decimal] = {}
    for charge in outside:
        for rate, amount in charge.rates.items():
            vat[rate] = vat.get(rate, ZERO) + amount.copy_sign(charge.value)
    due = total + sum((_gross(charge, choice) for charge in outside), ZERO)
    tipped = sum((_gross(charge, choice) for charge in tips), ZERO)
    others = [(charge, _gross(charge, choice)) for charge in counted if charge not in tips]
    for adds in (False, True) if paid.surcharges else (False,):
        yield Reading(lines, due - tipped, tipped, others, vat, adds)


def _gross(charge: Charge, choice: Choice) -> Decimal:
    """A discount lowers what is owed, with whatever sign it is written."""
    gross = charge.gross(holds_vat=choice[charge.kind][1])
    return -abs(gross) if charge.kind is ChargeKind.DISCOUNT else gross


def _is_tip(charge: Charge) -> bool:
    """With VAT on it, it is service that was sold."""
    return charge.kind is ChargeKind.TIP and not charge.vat


def _paid(paid: Paid, reading: Reading) -> Decimal:
    return paid.amount + (paid.surcharges if reading.adds_surcharges else ZERO)
