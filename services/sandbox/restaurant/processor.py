"""Lightspeed Payments (9.6): card payments as the processor saw them, with fees; no payouts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.restaurant.business import Location
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.errors import bad
from services.sandbox.restaurant.ranges import read_number, read_page_size, read_range
from services.sandbox.restaurant.records import Payment, Record
from services.sandbox.restaurant.values import cents, moment_text, text

STATUSES = ("CAPTURED", "DISPUTED", "PARTIALLY_REFUNDED", "REFUNDED")
FEE, FEE_SHARE = Decimal("0.10"), Decimal("0.012")
DEFAULT_SIZE, LARGEST_SIZE = 50, 100


@dataclass(frozen=True)
class Processed:
    record: Record
    payment: Payment
    status: str
    modified_at: datetime


def lightspeed_payments(call: Call) -> dict[str, Any]:
    business, location = call.location(call.named["bl"])
    given = call.given
    asked = read_range(given.get("from"), given.get("to"), call.now, call.world.switches)
    kind = _one_of(given.get("dateType", "MODIFIED"), "dateType", ("CREATED", "MODIFIED"))
    direction = _one_of(given.get("sortDirection", "ASC"), "sortDirection", ("ASC", "DESC"))
    statuses = [_one_of(status, "status", STATUSES) for status in call.all_of("status")] or STATUSES

    def moment(one: Processed) -> datetime:
        return one.payment.at if kind == "CREATED" else one.modified_at

    rows = [one for one in processed(call, location) if one.status in statuses and asked.holds(moment(one))]
    rows.sort(key=moment, reverse=direction == "DESC")
    size = read_page_size(given, DEFAULT_SIZE, LARGEST_SIZE, call.world.switches)
    offset = read_number(given, "offset", 0)
    answer: dict[str, Any] = {
        "payments": [_shown(one, business.currency) for one in rows[offset : offset + size]],
        "pageSize": size,
        "offset": offset,
    }
    if offset + size < len(rows):
        answer["nextOffset"] = offset + size
    return answer


def processed(call: Call, location: Location) -> Iterator[Processed]:
    """Money that came in by card, with what was paid back of it by now."""
    seen = [record for record in location.records if record.is_seen(call.now)]
    for record in seen:
        for payment in record.payments:
            if payment.method.kind == "card" and payment.amount > 0 and record.kind != "UPDATE":
                yield _processed(record, payment, [other for other in seen if _is_back(other, record)])


def _is_back(other: Record, record: Record) -> bool:
    return other.kind in {"REFUND", "VOID"} and other.previous_id == record.fisc_id


def _processed(record: Record, payment: Payment, back: list[Record]) -> Processed:
    returned = sum(-one.amount for other in back for one in other.payments if one.method == payment.method)
    status = "CAPTURED"
    if returned:
        status = "REFUNDED" if returned >= payment.amount else "PARTIALLY_REFUNDED"
    return Processed(record, payment, status, max([payment.at, *(other.closed_at for other in back)]))


def _shown(one: Processed, currency: str) -> dict[str, Any]:
    payment = one.payment
    fee = cents(FEE + payment.received * FEE_SHARE)
    return {
        "accountFiscId": one.record.fisc_id,
        "lightspeedPaymentId": f"ad-{payment.fisc_id.replace('.', '').replace('T', 'PSP')}",
        "uuid": payment.uuid,
        "reference": payment.reference or payment.fisc_id,
        "status": one.status,
        "createdDate": moment_text(payment.at),
        "captureDate": moment_text(payment.at + timedelta(seconds=2)),
        "modificationDate": moment_text(one.modified_at),
        "fees": {"value": text(fee, 2), "currency": currency},
        "surcharge": {"value": text(payment.surcharge, 2), "currency": currency},
    }


def _one_of(value: str, name: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise bad(f"Parameter '{name}' is '{value}', expected one of {', '.join(allowed)}.")
    return value
