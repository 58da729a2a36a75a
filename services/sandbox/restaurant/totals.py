"""What the tills of a business sold, by their own account; refunds, voids and changes count as they are.

Every account that V2 lists by now is one of `sales`; cancelled input, cash floats and transfers have no
money in them. A void that a recall only implies counts, though nobody lists it.
"""

from datetime import datetime
from decimal import Decimal

from services.sandbox.restaurant.business import Business, Location
from services.sandbox.restaurant.business_day import business_day, next_start_of
from services.sandbox.restaurant.pricing import without_tax
from services.sandbox.restaurant.records import WITHOUT_TURNOVER, Record
from services.sandbox.restaurant.values import ZERO, cents
from services.sandbox.totals import Totals, share

Groups = dict[str, tuple[Decimal, Decimal]]
UNTAXED_CHARGE = "service charge"


def totals_of(business: Business, now: datetime) -> Totals:
    totals = Totals()
    for location in business.locations:
        for record in location.records:
            if record.is_seen(now):
                totals.sales += record.in_v2
                _add(totals, location, record)
    return totals


def _add(totals: Totals, location: Location, record: Record) -> None:
    if record.kind in WITHOUT_TURNOVER:
        return
    groups = groups_of(record)
    totals.with_money += record.in_v2 and has_money(record, groups)
    totals.turnover += record.turnover
    for payment in record.payments:
        totals.by_payment_type[payment.method.name] += payment.received
        totals.tips += payment.tip
        totals.cash_rounding += payment.rounding
    shared = share(record.turnover, [gross for gross, _ in groups.values()])
    for (rate, (_, vat)), gross in zip(groups.items(), shared, strict=True):
        totals.by_vat_rate[rate].gross += gross
        totals.by_vat_rate[rate].vat += cents(vat, "ROUND_HALF_UP")
    totals.by_day[business_day(location, record.closed_at)] += record.turnover
    totals.by_outlet[str(location.bl_id)] += record.turnover


def has_money(record: Record, groups: Groups) -> bool:
    return bool(
        record.total
        or any(payment.received for payment in record.payments)
        or any(cents(gross) or cents(vat) for gross, vat in groups.values())
    )


def groups_of(record: Record) -> Groups:
    """Gross and VAT by rate in per cent, untaxed service charge by itself."""
    groups: Groups = {}
    for line in record.counted_lines:
        gross, vat = groups.get(f"{line.rate.percent:f}", (ZERO, ZERO))
        groups[f"{line.rate.percent:f}"] = (gross + line.gross, vat + line.tax)
    groups = _with_surcharge(groups, record.surcharge)
    charge = sum((line.untaxed_charge for line in record.counted_lines), ZERO)
    if charge:
        groups[UNTAXED_CHARGE] = (charge, ZERO)
    return groups


def _with_surcharge(groups: Groups, surcharge: Decimal) -> Groups:
    """Paid for paying by card: with the VAT of the sale, in the proportion of its rates."""
    whole = sum((gross for gross, _ in groups.values()), ZERO)
    if not surcharge or not whole:
        return groups
    parts = share(surcharge, [surcharge * gross / whole for gross, _ in groups.values()])
    return {
        rate: (gross + part, vat + part - without_tax(part, Decimal(rate)))
        for (rate, (gross, vat)), part in zip(groups.items(), parts, strict=True)
    }


def receipts_of(business: Business, now: datetime, limit: int) -> list[dict[str, object]]:
    """The last ones by when they reached the vendor, the newest first."""
    found = [
        (record.arrives_at, place, location, record)
        for location in business.locations
        for place, record in enumerate(location.records)
        if record.in_v2 and record.is_seen(now)
    ]
    found.sort(key=lambda one: (one[0], one[2].bl_id, one[1]))
    return [receipt(record, location) for _, _, location, record in found[-limit:][::-1]]


def receipt(record: Record, location: Location) -> dict[str, object]:
    payments: dict[str, Decimal] = {}
    if record.kind not in WITHOUT_TURNOVER:
        for payment in record.payments:
            key = str(payment.method.method_id)
            payments[key] = payments.get(key, ZERO) + payment.received
    day = business_day(location, record.closed_at)
    return {
        "number": record.fisc_id,
        "reference": record.reference,
        "type": record.kind,
        "outlet": str(location.bl_id),
        "total": f"{record.turnover:.2f}",
        "completed": True,
        "voided": False,
        "completed_at": record.closed_at.isoformat(),
        "business_day": day.isoformat(),
        "day_ends_at": next_start_of(location, day).isoformat(),
        "payments": {kind: f"{amount:.2f}" for kind, amount in payments.items()},
    }
