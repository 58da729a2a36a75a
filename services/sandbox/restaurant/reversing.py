"""What takes a closed account back: a refund, a void, a cancellation, a recall, another payment (8, 9.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from services.sandbox.restaurant.back_office import PaymentMethod
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.orders import Order, OrderPayment, as_order_line
from services.sandbox.restaurant.paying import Till, move_balance, new_payment
from services.sandbox.restaurant.pricing import without_tax
from services.sandbox.restaurant.records import Line, Payment, Record, bill_of
from services.sandbox.restaurant.selling import Shop, add_lines, new_record, open_account, settle
from services.sandbox.restaurant.values import cents, micro
from services.sandbox.tills import TicketError

REVERSED = frozenset({"SALE", "RECALL", "SPLIT"})


@dataclass(frozen=True)
class Back:
    """What comes back: `quantities` by line id, None for everything; `payment` by another method."""

    quantities: Mapping[str, Decimal] | None = None
    payment: str = ""
    gift_card: str | None = None
    at: datetime | None = None
    reason: str = ""


def refund(shop: Shop, sold: Record, back: Back) -> Record:
    """Negative lines, paid back the way it was paid or another way; an account of its own."""
    _require_standing(shop.business, sold)
    record = _reversal(shop, sold, "REFUND", back)
    record.lines = _taken_back(record, sold, back.quantities)
    record.total = bill_of(record.lines, shop.rounding)
    method = shop.business.method_of(back.payment) if back.payment else _first_method(sold)
    till = Till(shop.business, shop.location, record, rounds_cash=False)
    wish = OrderPayment(type=method.code, gift_card=back.gift_card)
    payment = new_payment(till, method, record.total, wish)
    payment.consumer = next((paid.consumer for paid in sold.payments if paid.consumer), None)
    if method.kind == "gift-card" and not back.gift_card:
        raise TicketError("a refund to a gift card names its gift_card")
    move_balance(shop.business, payment)
    record.payments = [payment]
    return shop.business.keep(shop.location, record)


def void(shop: Shop, sold: Record, back: Back) -> Record:
    """The whole account the other way round: nothing of it stays."""
    _require_standing(shop.business, sold)
    return shop.business.keep(shop.location, _voided(shop, sold, back))


def _voided(shop: Shop, sold: Record, back: Back) -> Record:
    record = _reversal(shop, sold, "VOID", back)
    record.void_reason = back.reason or "User Mistake"
    record.lines = _taken_back(record, sold, None)
    record.total = -sold.total
    record.payments = [_negative(shop, record, payment) for payment in sold.payments]
    return record


def cancel(shop: Shop, sold: Record, back: Back) -> Record:
    """At the Back Office: V1 marks the account itself, V2 gets a later, cancelled record that reverses it."""
    _require_standing(shop.business, sold)
    record = _voided(shop, sold, back)
    record.cancelled, record.back_office, record.in_v1 = True, True, False
    if shop.switches["cancelled_account"] == "CANCEL":
        record.kind = "CANCEL"
    sold.cancelled_at = record.closed_at
    return shop.business.keep(shop.location, record)


def recall(shop: Shop, sold: Record, order: Order) -> Record:
    """A closed account opened again: its old content is voided, told or not, the new one is in a RECALL."""
    _require_standing(shop.business, sold)
    at = order.at.astimezone(UTC) if order.at else None
    undone = _voided(shop, sold, Back(at=at, reason="Recall"))
    undone.in_v1 = undone.in_v2 = shop.switches["recall_void"] == "beside"
    shop.business.keep(shop.location, undone)
    record = open_account(shop, order, "RECALL")
    record.initial_id, record.previous_id = sold.initial_id, sold.fisc_id
    add_lines(shop, record, order, [as_order_line(line) for line in order.lines])
    record.total = bill_of(record.lines, shop.rounding)
    settle(shop, record, order, [])
    return shop.business.keep(shop.location, record)


def change_payment(shop: Shop, sold: Record, to: str, *, at: datetime | None, back_office: bool) -> Record:
    """No lines: what was paid minus, and the same by another method, where nothing is rounded to coins.

    Done at the Back Office, V1 has it on the account's own date.
    """
    _require_standing(shop.business, sold)
    record = _reversal(shop, sold, "UPDATE", Back(at=at))
    record.back_office = back_office
    record.v1_at = (sold.v1_at or sold.closed_at) if back_office else None
    method = shop.business.method_of(to)
    till = Till(shop.business, shop.location, record, rounds_cash=False)
    for payment in sold.payments:
        if payment.amount > 0 and payment.method != method:
            again = new_payment(till, method, payment.amount, OrderPayment(type=method.code))
            again.tip, again.surcharge = payment.tip, payment.surcharge
            record.payments += [_negative(shop, record, payment), again]
    if not record.payments:
        raise TicketError(f"nothing of {sold.fisc_id} was paid by anything but {method.name}")
    return shop.business.keep(shop.location, record)


def _reversal(shop: Shop, sold: Record, kind: str, back: Back) -> Record:
    at = back.at or shop.now
    if at > shop.now:
        raise TicketError(f"nothing can happen in the future ({at.isoformat()})")
    record = new_record(shop, sold.device, kind, at)
    record.initial_id, record.previous_id = sold.initial_id, sold.fisc_id
    record.profile, record.dine_in, record.table = sold.profile, sold.dine_in, sold.table
    return record


def _require_standing(business: Business, sold: Record) -> None:
    if sold.kind not in REVERSED:
        raise TicketError(f"{sold.fisc_id} is a {sold.kind}: nothing of it can be taken back")
    records = [record for _, record in business.by_number.values() if record.previous_id == sold.fisc_id]
    if any(record.kind in {"VOID", "RECALL"} for record in records) or sold.cancelled_at:
        raise TicketError(f"{sold.fisc_id} does not stand any more")


def _taken_back(record: Record, sold: Record, quantities: Mapping[str, Decimal] | None) -> list[Line]:
    lines: list[Line] = []
    numbers: dict[str, str] = {}
    for line in _wanted(sold, quantities):
        share = _share(line, quantities)
        numbers[line.line_id] = number = record.device.next_id("S")
        gross = micro(-line.gross * share)
        lines.append(
            replace(
                line,
                line_id=number,
                parent_id=numbers.get(line.parent_id, ""),
                quantity=-line.quantity * share,
                list_price=-line.list_price * share,
                gross=gross,
                net=without_tax(gross, line.rate.percent) if share != 1 else -line.net,
                discount=-line.discount * share,
                account_discount=-line.account_discount * share,
                charge=cents(-line.charge * share),
                at=record.closed_at,
            )
        )
    return lines


def _wanted(sold: Record, quantities: Mapping[str, Decimal] | None) -> Iterable[Line]:
    if quantities is None:
        return sold.counted_lines
    known = {line.line_id: line for line in sold.counted_lines}
    missing = set(quantities) - set(known)
    if missing:
        raise TicketError(f"{sold.fisc_id} has no line {', '.join(sorted(missing))}")
    return [known[number] for number in quantities]


def _share(line: Line, quantities: Mapping[str, Decimal] | None) -> Decimal:
    if quantities is None:
        return Decimal(1)
    wanted = quantities[line.line_id]
    if not 0 < wanted <= line.quantity:
        raise TicketError(f"of {line.name} {line.quantity:f} were sold, and {wanted:f} come back")
    return wanted / line.quantity


def _first_method(sold: Record) -> PaymentMethod:
    for payment in sold.payments:
        if payment.amount > 0:
            return payment.method
    raise TicketError(f"{sold.fisc_id} was not paid with anything")


def _negative(shop: Shop, record: Record, payment: Payment) -> Payment:
    """The money goes back where it came from: on to the card, off the house account."""
    negative = replace(
        payment,
        fisc_id=record.device.next_id("T"),
        amount=-payment.amount,
        tip=-payment.tip,
        surcharge=-payment.surcharge,
        rounding=-payment.rounding,
        at=record.closed_at,
    )
    move_balance(shop.business, negative)
    return negative
