"""Makes a `Sale` of what X-Series says of one, flat or nested. Pure; never raises on what comes in.

Every quirk of the vendor's is put right here and in its neighbours, with the section of its reference; past
them nobody knows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from libs.common.domain.money import to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import ZERO, Payment, Sale, SaleLine, SaleState, SaleWarning
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_balance import CENT, Paid, Reading, reading_of
from libs.common.lightspeed.x_charges import charge_lines, charges_in
from libs.common.lightspeed.x_customer import customer_of
from libs.common.lightspeed.x_lines import LINES, lines_in, sale_lines
from libs.common.lightspeed.x_payments import (
    PAYMENTS,
    ReadPayment,
    on_account,
    payments_in,
    rounding_allowed,
    rounding_line,
    tipped,
    with_surcharges,
    without_rounding,
)
from libs.common.lightspeed.x_reference import Outlet, XReference
from libs.common.lightspeed.x_state import Standing, standing_of
from libs.common.lightspeed.x_tax import VatOfRates, added, vat_by_rate
from libs.common.lightspeed.x_values import identity, member, moment, number, text

SOURCE = "lightspeed-x"
LONGEST_SALE_ID = 64
"""A UUID takes 36; for more there is no room where sales are kept."""
LONGEST_NUMBER = 24
"""Of a receipt's number: with prefix and suffix a reference in the books has room for 30."""


@dataclass(frozen=True, slots=True)
class _Header:
    total: Decimal
    vat: Decimal
    vat_of_rates: VatOfRates


@dataclass(frozen=True, slots=True)
class _Money:
    """What was sold and how it was paid, once both add up."""

    total: Decimal
    lines: tuple[SaleLine, ...]
    payments: tuple[Payment, ...]
    vat: Decimal
    vat_of_rates: VatOfRates
    rounding: Decimal | None = None


def parse_sale(payload: object, reference: XReference) -> Sale | Problem:
    """A `Problem` names the field that can't be what it says, and why."""
    try:
        if not isinstance(payload, Mapping):
            raise Unreadable("sale", "not an object", payload)
        return _sale(payload, reference)
    except Unreadable as error:
        facts = (
            ("what", f"{error.field} ({error.reason})"),
            ("field", error.field),
            ("reason", error.reason),
            ("value", error.value),
        )
        return Problem(ProblemCode.SALE_UNREADABLE, facts, per_sale=("value",))


def id_of(row: Row) -> str:
    found = identity(row, "id")
    if not found:
        raise Unreadable("id", "missing")
    if len(found) > LONGEST_SALE_ID:
        raise Unreadable("id", "too long", found)
    return found


def sold_at(row: Row) -> datetime:
    """As the till knows it: it may have been offline since (8.1)."""
    found = moment(row, "date", "sale_date", "created_at")
    if found is None:
        raise Unreadable("sale_date", "missing")
    return found


def touched_at(row: Row) -> datetime:
    """When the record was last changed; 0.9 may not say."""
    return moment(row, "updated_at", "deleted_at", "created_at") or sold_at(row)


def _sale(row: Row, reference: XReference) -> Sale:
    sale_id, standing, sold = id_of(row), standing_of(row), sold_at(row)
    outlet = _outlet_of(row, reference)
    payments = payments_in(row, reference, sold)
    money = _money(row, standing, payments, reference)
    return Sale(
        source=SOURCE,
        id=sale_id,
        number=text(row, "invoice_number", "receipt_number", limit=LONGEST_NUMBER)
        or sale_id[:LONGEST_NUMBER],
        state=standing.sale_state,
        outlet=outlet.id,
        outlet_name=outlet.name,
        register=identity(row, "source.register_id", "register_id"),
        time_zone=outlet.time_zone,
        completed_at=_completed_at(standing, sold, payments),
        changed_at=touched_at(row),
        total_incl_vat=money.total,
        vat_amount=money.vat,
        lines=money.lines,
        payments=money.payments,
        customer=customer_of(row),
        cash_rounding=money.rounding,
        currency=outlet.currency or reference.currency,
        vat_by_rate=money.vat_of_rates,
        external_reference=text(row, "source.id", "source_id", limit=200),
        runs_on_account=standing.runs_on_account,
        warnings=_warnings(row),
    )


def _warnings(row: Row) -> tuple[SaleWarning, ...]:
    """The store's own link to other books leaves its reference on what it booked (9)."""
    is_booked = bool(text(row, "_metadata.xero_reference"))
    return (SaleWarning.BOOKED_BY_ANOTHER_LINK,) if is_booked else ()


def _outlet_of(row: Row, reference: XReference) -> Outlet:
    """0.9 names the register alone (9)."""
    outlet_id = identity(row, "source.outlet_id", "outlet_id")
    if not outlet_id:
        register = reference.registers.get(identity(row, "source.register_id", "register_id"))
        outlet_id = register.outlet if register else ""
    outlet = reference.outlets.get(outlet_id)
    if outlet is None:
        raise Unreadable("outlet_id", "unknown" if outlet_id else "missing", outlet_id)
    return outlet


def _completed_at(standing: Standing, sold: datetime, payments: Sequence[ReadPayment]) -> datetime | None:
    """No member says when what is handed over later was: it is turnover once it is paid in full.

    The record's own stamp would move with every note, and take the turnover along.
    """
    if standing.sale_state is SaleState.OPEN:
        return None
    if not standing.is_handed_over_later:
        return sold
    return max([sold, *(one.payment.paid_at for one in payments)])


# Money


def _money(row: Row, standing: Standing, payments: Sequence[ReadPayment], reference: XReference) -> _Money:
    header = _header(row, reference)
    lines = lines_in(row, reference)
    _require_parts(row, standing, header)
    if standing.sale_state is not SaleState.COMPLETED:
        own = _reserved(sale_lines(lines, header.vat_of_rates, reference), standing)
        paid = tuple(one.payment for one in payments)
        return _Money(header.total, own, paid, header.vat, header.vat_of_rates)
    paid_in = Paid(
        amount=sum((one.payment.amount for one in payments), ZERO),
        surcharges=sum((one.surcharge for one in payments), ZERO),
        rounding=rounding_allowed(payments),
        is_final=standing.is_closed,
    )
    reading = reading_of(lines, charges_in(row, reference), header.total, paid_in)
    return _balanced(row, standing, header, reading, payments, reference)


def _balanced(
    row: Row,
    standing: Standing,
    header: _Header,
    reading: Reading,
    payments: Sequence[ReadPayment],
    reference: XReference,
) -> _Money:
    _require_told_vat(reading)
    told = with_surcharges(payments) if reading.adds_surcharges else list(payments)
    vat_of_rates = added(header.vat_of_rates, reading.vat_outside.items())
    sold = sale_lines(reading.lines, header.vat_of_rates, reference)
    lines = (*_reserved(sold, standing), *charge_lines(reading.charges))
    total, rounding = to_cents(reading.total), None
    if (cents := rounding_line(lines, told, total)) is not None:
        lines = tuple(line for line in lines if line is not cents)
        total, rounding = total - to_cents(cents.amount_incl_vat), to_cents(cents.amount_incl_vat)
    paid = [one.payment for one in without_rounding(told, total + to_cents(reading.tips))]
    rest = total + to_cents(reading.tips) - sum((one.amount for one in paid), ZERO)
    if rest and not standing.is_closed:
        paid.append(on_account(rest, sold_at(row)))
    return _Money(
        total=total,
        lines=lines,
        payments=tipped(paid, to_cents(reading.tips)),
        vat=to_cents(header.vat + sum(reading.vat_outside.values(), ZERO)),
        vat_of_rates=vat_of_rates,
        rounding=rounding,
    )


def _require_told_vat(reading: Reading) -> None:
    """A surcharge bears the VAT of the sale (16); one that only shows with a payment doesn't say which."""
    untold = [charge for charge, _ in reading.charges if not charge.is_vat_told]
    if untold and any(line.vat for line in reading.lines):
        raise Unreadable("payments.surcharge", "nothing tells its VAT", untold[0].value)


def _header(row: Row, reference: XReference) -> _Header:
    """Its total is without tax (8.1); where the sum is told too, it must be the sum."""
    net = number(row, "totals.price", "total_price", "totals.total_price")
    rates = vat_by_rate(row, reference)
    vat = number(
        row, "totals.tax", "total_tax", "totals.total_tax", default=sum((one for _, one in rates), ZERO)
    )
    if member(row, "totals.price_incl_tax") is not None:
        told = number(row, "totals.price_incl_tax")
        if abs(told - net - vat) > CENT:
            raise Unreadable("totals.price_incl_tax", "not price and tax together", told)
    return _Header(to_cents(net + vat), to_cents(vat), rates)


def _require_parts(row: Row, standing: Standing, header: _Header) -> None:
    """A sale that cost something has lines; a final one has payments too, if only of nothing."""
    if standing.sale_state is not SaleState.COMPLETED or not header.total:
        return
    if member(row, *LINES) is None:
        raise Unreadable(LINES[0], "missing")
    if standing.is_closed and member(row, *PAYMENTS) is None:
        raise Unreadable(PAYMENTS[0], "missing")


def _reserved(lines: Sequence[SaleLine], standing: Standing) -> tuple[SaleLine, ...]:
    if not standing.is_reserved:
        return tuple(lines)
    return tuple(replace(line, is_reservation=True) for line in lines)
