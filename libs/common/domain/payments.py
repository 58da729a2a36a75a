"""What was paid, by the till's payment types: the same on a money line of a document as on a sale. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.money import sum_of


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """By one payment type; positive came in. Its ledger, where it isn't that of the line it stands on."""

    payment_type: str
    amount: Decimal
    ledger: str = ""


Payments = tuple[PaymentPart, ...]


def payments_together(parts: Iterable[PaymentPart]) -> Payments:
    """One a payment type and ledger; what comes to nothing leaves none."""
    amounts: dict[tuple[str, str], list[Decimal]] = {}
    for part in parts:
        amounts.setdefault((part.payment_type, part.ledger), []).append(part.amount)
    sums = [PaymentPart(type_id, sum_of(each), ledger) for (type_id, ledger), each in sorted(amounts.items())]
    return tuple(part for part in sums if part.amount)


def payments_taken_back(parts: Iterable[PaymentPart]) -> Payments:
    return tuple(replace(part, amount=-part.amount) for part in parts)
