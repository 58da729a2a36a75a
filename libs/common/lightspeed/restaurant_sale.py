"""Makes a `Sale` of what Lightspeed Restaurant says of one. Pure; never raises on what comes in.

Every quirk of the vendor's is put right here and in its lines and payments, with the section of its
reference; past it nobody knows them. A sale has no total (7.1): it is the rounded sum of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from libs.common.domain.money import CENT, sum_of, to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import ZERO, Customer, Sale, SaleLine, SaleState, SaleWarning, TenderKind
from libs.common.lightspeed.restaurant_lines import (
    Lines,
    lines_of,
    surcharge_lines,
    total_of,
    turned_line,
    turned_lines,
)
from libs.common.lightspeed.restaurant_payments import Money, Paid, money_for, paid_of, turned_paid
from libs.common.lightspeed.restaurant_reference import Location, RestaurantReference
from libs.common.lightspeed.restaurant_values import (
    Caseless,
    caseless,
    key_of,
    listed,
    number_of,
    within,
    word,
)
from libs.common.lightspeed.retail_values import Unreadable, flag, moment, number, text

SOURCE = "lightspeed-restaurant"
LOCATION = "businessLocationId"
"""Laid beside each sale as it is read: the vendor says it in the address alone."""
BOOKED_BEFORE = "wasCompleted"
"""Laid beside an account that is cancelled now and was, or may have been, told as a sale before."""
NOT_VOIDED = "previousNotVoided"
"""Laid beside one reopened without a void, whose account before isn't found or was paid otherwise since."""
PREVIOUS = "previousAccount"
"""The account before: laid beside one reopened without a void, a void, and a refund of money alone."""
UPDATE = "UPDATE"
TRANSFER, RECALL = "TRANSFER", "RECALL"
REFUND, VOID, CANCEL = TAKING_BACK = ("REFUND", "VOID", "CANCEL")
REVERSALS = (REFUND, VOID)
SALES = ("SALE", *REVERSALS, RECALL, "SPLIT", UPDATE, TRANSFER)
INTERNAL = ("FLOAT", "TRANSITORY", "CROSS_BL")
TYPES = (*SALES, *INTERNAL, CANCEL)


def parse_sale(payload: object, reference: RestaurantReference) -> Sale | Problem:
    """A `Problem` names the field that can't be what it says, and why."""
    try:
        if not isinstance(payload, Mapping):
            raise Unreadable("sale", "not an object", payload)
        return _sale(caseless(payload), reference)
    except Unreadable as error:
        return _unreadable(error)


def _unreadable(error: Unreadable) -> Problem:
    facts = (
        ("what", f"{error.field} ({error.reason})"),
        ("field", error.field),
        ("reason", error.reason),
        ("value", error.value),
    )
    return Problem(ProblemCode.SALE_UNREADABLE, facts, per_sale=("value",))


def _sale(row: Caseless, reference: RestaurantReference) -> Sale:
    location = _location_of(row, reference)
    kind = type_of(row)
    bare = _bare(row, location)
    if kind == CANCEL and not takes_back(row):
        return _gone(bare, row)
    if kind in INTERNAL:
        return replace(bare, state=SaleState.INTERNAL)
    if row.get(NOT_VOIDED) is True:
        raise Unreadable("source.previousAccountId", "opened again, but what it was before isn't voided")
    before = _before(row, reference)
    paid = [] if _is_unpaid(row, kind, location) else paid_of(row, location, bare.completed_at)
    if kind == TRANSFER:
        return _moved_on(bare, paid)
    lines = lines_of(row, location, is_reversal=kind in TAKING_BACK)
    if kind == UPDATE:
        lines = _payments_alone(lines, paid)
    sale = _read(bare, lines, paid, location)
    if kind in TAKING_BACK:
        if any(one.net * one.payment.tip < ZERO for one in paid):
            raise Unreadable("payments.tip", f"another sign than what the {kind} gives back")
        turned = _read(bare, turned_lines(lines), turned_paid(paid), location)
        sale = _netting(before, sale, turned) if before else _taking_back(kind, sale, turned)
    sale = _judged(sale, kind, row)
    if kind == RECALL and before is not None and bare.completed_at is not None:
        return _instead_of(sale, before, bare.completed_at)
    return sale


def _is_unpaid(row: Caseless, kind: str, location: Location) -> bool:
    """Whether `payments` are left out where nothing had to be paid, as what is empty may be.

    Without lines there may have been money alone, as for a gift card (9.4): only a transfer needs none.
    """
    if row.get("payments") is not None or kind == UPDATE:
        return False
    lines = lines_of(row, location, is_reversal=kind in TAKING_BACK)
    has_bill = bool(lines.sold or lines.voided)
    return not to_cents(total_of(lines.sold)) and (has_bill or kind == TRANSFER)


def _moved_on(bare: Sale, paid: Sequence[Paid]) -> Sale:
    """An open bill that goes to another account: where it is paid, a sale has it, and the money too (8)."""
    if any(one.net or one.payment.tip or one.surcharge for one in paid):
        raise Unreadable("payments", "a transfer that holds money, which a sale may hold as well")
    return replace(bare, state=SaleState.INTERNAL)


def _read(bare: Sale, lines: Lines, paid: Sequence[Paid], location: Location) -> Sale:
    counted, money = _met(lines, paid)
    return replace(
        _with_money(bare, counted, money),
        customer=_customer_of(paid),
        currency=_currency_of(lines, paid, location),
    )


def _before(row: Caseless, reference: RestaurantReference) -> Sale | None:
    """The account before this one, where it was laid beside it: as it was sold, whatever it says by now."""
    previous = row.get(PREVIOUS)
    if not isinstance(previous, Mapping):
        return None
    was_sold = caseless(previous).get(BOOKED_BEFORE) is True
    before = _sale(caseless({**previous, "cancelled": False} if was_sold else previous), reference)
    if before.state is not SaleState.COMPLETED:
        raise Unreadable("source.previousAccountId", "what it was before was never sold", before.number)
    return before


def _netting(before: Sale, told: Sale, turned: Sale) -> Sale:
    """A void nets the account before it to zero (8), with or without the sign of that (17.1)."""
    for sale in (told, turned):
        if sale.total_incl_vat + before.total_incl_vat == ZERO and (
            sale.total_incl_vat or _moved(sale, before) == _moved()
        ):
            return sale
    raise Unreadable("salesLines", "takes back another amount than there was", told.total_incl_vat)


def _moved(*sales: Sale) -> dict[str, Decimal]:
    """The money of each method that all of them moved together."""
    moved: dict[str, Decimal] = {}
    for payment in (payment for sale in sales for payment in sale.payments):
        moved[payment.type_id] = moved.get(payment.type_id, ZERO) + payment.amount
    return {type_id: amount for type_id, amount in moved.items() if amount}


def _taking_back(kind: str, told: Sale, turned: Sale) -> Sale:
    """Of an account that isn't known: a refund lowers turnover, and so does most that is void."""
    if not told.total_incl_vat and _moved(told):
        raise Unreadable("payments", f"a {kind} of money alone, whose account before it isn't known")
    amounts = [line.amount_incl_vat for line in told.lines] + [payment.amount for payment in told.payments]
    if kind == REFUND and min(amounts, default=ZERO) >= ZERO:
        return turned
    if told.total_incl_vat > ZERO:
        raise Unreadable("type", f"a {kind} that adds to turnover", told.total_incl_vat)
    return told


def _instead_of(sale: Sale, before: Sale, at: datetime) -> Sale:
    """What an account opened again is now, less what it was: its void is implied (8)."""
    was_owed = any(one.kind is TenderKind.CREDIT_ACCOUNT for one in before.payments)
    if was_owed and _customer_id(before) != _customer_id(sale):
        raise Unreadable("payments.consumer", "opened again, but another customer owed what it was before")
    lines = [replace(turned_line(line), id=f"void:{line.id}"[-64:]) for line in before.lines]
    payments = [
        replace(one, id=f"void:{one.id}"[-64:], amount=-one.amount, tip=-one.tip, paid_at=at)
        for one in before.payments
    ]
    rounding = sale.cash_rounding
    if before.cash_rounding is not None:
        rounding = (rounding or ZERO) - before.cash_rounding
    return replace(
        sale,
        total_incl_vat=sale.total_incl_vat - before.total_incl_vat,
        vat_amount=sale.vat_amount - before.vat_amount,
        lines=(*sale.lines, *lines),
        payments=(*sale.payments, *payments),
        cash_rounding=rounding,
    )


def takes_back(row: Caseless) -> bool:
    """Whether what is cancelled could be a later record of an account closed before, with its money.

    What CANCEL means beside `cancelled` is unconfirmed (17.10); a record of cancelled input follows none (8).
    """
    if not previous_in(row):
        return False
    lines = [number(line, "totalNetAmountWithTax", ZERO) for line in listed(row, "salesLines")]
    payments = [number(paid, "netAmountWithTax", ZERO) for paid in listed(row, "payments")]
    return any(lines) or any(payments)


def previous_in(row: Caseless) -> str:
    """The number of the account directly before this one; its own where there is none (7.1)."""
    previous = key_of(within(row, "source"), "previousAccountId")
    return "" if previous == key_of(row, "accountFiscId") else previous


def type_of(row: Caseless) -> str:
    kind = word(row, "type")
    if kind not in TYPES:
        raise Unreadable("type", "unknown" if kind else "missing", kind)
    return kind


def sale_id_in(row: Caseless) -> str:
    """Globally unique (6); where it lacks, the account's own number, which is unique in its location."""
    reference = key_of(row, "accountReference")
    if reference:
        return reference
    number = key_of(row, "accountFiscId")
    if not number:
        raise Unreadable("accountReference", "missing")
    return f"{number_of(row, LOCATION)}:{number}"[-64:]


def number_in(row: Caseless) -> str:
    """What people know it by."""
    return key_of(row, "accountFiscId") or key_of(row, "receiptId") or sale_id_in(row)


def closed_at(row: Caseless) -> datetime | None:
    """V1 says `timeOfCloseAndPaid` (5)."""
    return moment(row, "timeClosed", "timeOfCloseAndPaid")


def _bare(row: Caseless, location: Location) -> Sale:
    """Without lines and money."""
    closed = closed_at(row)
    if closed is None:
        raise Unreadable("timeClosed", "missing")
    return Sale(
        source=SOURCE,
        id=sale_id_in(row),
        number=number_in(row),
        state=SaleState.COMPLETED,
        outlet=location.id,
        outlet_name=location.name,
        register=text(row, "deviceId", 60),
        time_zone=location.time_zone,
        completed_at=closed,
        changed_at=closed,
        total_incl_vat=ZERO,
        vat_amount=ZERO,
        ticket_number=key_of(row, "receiptId"),
        currency=location.currency,
        external_reference=text(row, "externalFiscalNumber", 200),
        day_end=location.day_end,
    )


def _location_of(row: Caseless, reference: RestaurantReference) -> Location:
    location = reference.locations.get(number_of(row, LOCATION))
    if location is None:
        raise Unreadable(LOCATION, "unknown", row.get(LOCATION))
    return location


def _payments_alone(lines: Lines, paid: Sequence[Paid]) -> Lines:
    """An update moves money between payment methods; lines that it repeats were sold before (8)."""
    if to_cents(total_of(lines.sold)) and sum_of(one.net for one in paid):
        raise Unreadable("type", "an update that holds lines and new money", UPDATE)
    return Lines((), (), lines.currencies)


def _met(lines: Lines, paid: Sequence[Paid]) -> tuple[Lines, Money]:
    """Voided lines count where only with them the payments are met: their amounts may be left on (9.1)."""
    money = _money_of(lines.sold, paid)
    if money.meets or not _bear_money(lines.voided):
        return lines, money
    all_of_them = Lines((*lines.sold, *lines.voided), (), lines.currencies)
    others = _money_of(all_of_them.sold, paid)
    return (all_of_them, others) if others.meets else (lines, money)


def _money_of(lines: Sequence[SaleLine], paid: Sequence[Paid]) -> Money:
    """A bill with parts of a cent is what was asked for it: half-even (7.3), or a split's rest (9.7)."""
    total, has_lines = total_of(lines), _bear_money(lines)
    money = money_for(to_cents(total), paid, has_lines=has_lines)
    if money.meets:
        return money
    for rounding in (ROUND_FLOOR, ROUND_CEILING):
        other = money_for(total.quantize(CENT, rounding) + ZERO, paid, has_lines=has_lines)
        if other.meets:
            return other
    return money


def _bear_money(lines: Sequence[SaleLine]) -> bool:
    return any(line.amount_incl_vat for line in lines)


def _with_money(bare: Sale, lines: Lines, money: Money) -> Sale:
    sold = lines.sold
    if money.surcharge:
        sold = (*sold, *surcharge_lines(money.surcharge, sold))
    return replace(
        bare,
        total_incl_vat=money.total + money.surcharge,
        vat_amount=to_cents(sum_of(line.vat_amount for line in sold)),
        lines=sold,
        payments=money.payments,
        cash_rounding=money.rounding,
        warnings=(SaleWarning.SERVICE_CHARGE_WITHOUT_VAT,) if lines.has_untaxed_charge else (),
    )


def _customer_of(paid: Sequence[Paid]) -> Customer | None:
    """Who owes it; else who paid, where that is one alone."""
    owing = {
        one.customer.id: one.customer
        for one in paid
        if one.customer and one.payment.kind is TenderKind.CREDIT_ACCOUNT
    }
    if len(owing) > 1:
        raise Unreadable("payments.consumer", "more than one customer owes this sale")
    paying = {one.customer.id: one.customer for one in paid if one.customer}
    named = owing or paying
    return next(iter(named.values())) if len(named) == 1 else None


def _customer_id(sale: Sale) -> str:
    return sale.customer.id if sale.customer else ""


def _currency_of(lines: Lines, paid: Sequence[Paid], location: Location) -> str:
    found = lines.currencies | ({one.currency for one in paid} - {""})
    if len(found) > 1:
        raise Unreadable("currency", "more than one", ", ".join(sorted(found)))
    return next(iter(found), location.currency)


def _judged(sale: Sale, kind: str, row: Caseless) -> Sale:
    """Refuses what is cancelled and could mean two things, of which one would book the opposite (17.10)."""
    if not flag(row, "cancelled") or kind in (VOID, CANCEL):
        return sale
    if kind in (*REVERSALS, UPDATE) or sale.total_incl_vat < ZERO:
        raise Unreadable("cancelled", f"a cancelled {kind} of this amount", sale.total_incl_vat)
    if takes_back(row):
        raise Unreadable("cancelled", f"a cancelled {kind} that may take back the account before it")
    return _gone(sale, row)


def _gone(sale: Sale, row: Caseless) -> Sale:
    if row.get(BOOKED_BEFORE) is True:
        raise Unreadable("cancelled", "true now, though it was sold: its void may be told as well")
    return replace(sale, state=SaleState.CANCELLED)
