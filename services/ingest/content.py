"""What of a sale is money, as a hash: two readings with the same hash need no new revision. Pure."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from libs.common.domain.sale import Payment, Sale, SaleLine


def content_hash(sale: Sale, customer_id: str) -> str:
    """Lines, payments, customer, state and dates (domain.md 9); not names, nor when it was last touched.

    Of the customer only who it is: an address that changed later is no new sale. Of an article only which:
    its category may move without any sale changing.
    """
    parts = [
        sale.state.value,
        sale.outlet,
        "" if sale.completed_at is None else sale.completed_at.isoformat(),
        _number(sale.total_incl_vat),
        _number(sale.vat_amount),
        "" if sale.cash_rounding is None else _number(sale.cash_rounding),
        sale.currency,
        customer_id,
        *sorted(map(_line, sale.lines)),
        *sorted(map(_payment, sale.payments)),
        *_on_account(sale),
        *(f"V|{_number(rate)}|{_number(amount)}" for rate, amount in sorted(sale.vat_by_rate)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def payload_hash(payload: Mapping[str, Any]) -> str:
    """Of a sale that can't be read: whatever changes in it makes it another."""
    return "unreadable:" + hashlib.sha256(_text(payload)).hexdigest()


def packed(payload: Mapping[str, Any]) -> bytes:
    return zlib.compress(_text(payload), level=1)


def unpacked(kept: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(zlib.decompress(kept), parse_float=Decimal)
    return payload


def _text(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":"), default=str).encode("ascii")


def _line(line: SaleLine) -> str:
    return "|".join(
        (
            "L",
            _number(line.quantity),
            _number(line.amount_incl_vat),
            _number(line.vat_amount),
            _number(line.vat_rate),
            line.item,
            line.tax_class,
            line.tax_category,
            line.kind.value,
            line.fee,
            line.outlet,
            _number(line.discount_incl_vat),
            *_if_any(line.revenue_center),
        )
    )


def _payment(payment: Payment) -> str:
    amount, tip = _number(payment.amount), _number(payment.tip)
    of_center = _if_any(payment.revenue_center)
    known = ("P", payment.type_id, payment.kind.value, amount, tip, payment.credit_account)
    return "|".join((*known, *of_center))


def _if_any(text: str) -> tuple[str, ...]:
    """Sales of tills that know no such thing keep the hash they had."""
    return (text,) if text else ()


def _on_account(sale: Sale) -> list[str]:
    """Where the day of each payment is money too."""
    if not sale.runs_on_account:
        return []
    return ["A", *sorted(f"{payment.id}|{payment.paid_at.isoformat()}" for payment in sale.payments)]


def _number(amount: Decimal) -> str:
    """The same text for the same number: 12.10 and 12.1 are one."""
    return format(amount.normalize(), "f") if amount else "0"
