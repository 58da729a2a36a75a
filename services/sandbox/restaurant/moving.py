"""What moves between accounts, days and drawers: splits, transfers, floats, house accounts (8, 9.5, 9.7)."""

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from services.sandbox.restaurant.orders import Order, OrderPayment, as_order_line
from services.sandbox.restaurant.paying import Till, guest_of, move_balance, new_payment, pay
from services.sandbox.restaurant.pricing import without_tax
from services.sandbox.restaurant.records import Line, Record, bill_of
from services.sandbox.restaurant.selling import Shop, add_lines, device_of, new_record, open_account, settle
from services.sandbox.restaurant.values import CENT, MICRO, ZERO, cents
from services.sandbox.tills import Buyer, TicketError


def split(shop: Shop, order: Order, ways: int) -> list[Record]:
    """One bill shared evenly: the first guest keeps the account, the others' are split off from it.

    What doesn't divide is the last one's, in the lines and in what is paid.
    """
    if ways < 2:
        raise TicketError("a bill is split into two parts or more")
    whole = open_account(shop, order, "SALE")
    add_lines(shop, whole, order, [as_order_line(line) for line in order.lines])
    bill, all_lines = bill_of(whole.lines, shop.rounding), whole.lines
    step = CENT if shop.switches["split_lines"] == "cents" else MICRO
    records: list[Record] = []
    for place in range(ways):
        record = whole if place == 0 else _split_off(shop, order, records[-1], whole)
        record.lines = [_part(record, line, place, ways, step) for line in all_lines]
        asked = cents(bill / ways)
        record.total = asked if place < ways - 1 else bill - asked * (ways - 1)
        settle(shop, record, order, [])
        records.append(shop.business.keep(shop.location, record))
    return records


def _split_off(shop: Shop, order: Order, previous: Record, whole: Record) -> Record:
    record = open_account(shop, order, "SPLIT")
    record.initial_id, record.previous_id = whole.initial_id, previous.fisc_id
    return record


def _part(record: Record, line: Line, place: int, ways: int, step: Decimal) -> Line:
    part = (line.gross / ways).quantize(step, ROUND_HALF_EVEN)
    charge = cents(line.charge / ways)
    gross = part if place < ways - 1 else line.gross - part * (ways - 1)
    return replace(
        line,
        line_id=line.line_id if place == 0 else record.device.next_id("S"),
        parent_id=line.parent_id if place == 0 else "",
        quantity=(line.quantity / ways).quantize(Decimal("0.001")),
        list_price=line.list_price / ways,
        gross=gross,
        net=without_tax(gross, line.rate.percent),
        discount=line.discount / ways,
        account_discount=line.account_discount / ways,
        charge=charge if place < ways - 1 else line.charge - charge * (ways - 1),
    )


def transfer(shop: Shop, order: Order) -> list[Record]:
    """The order's lines go from one open table to another; where they are paid, a SALE has them."""
    out = open_account(shop, order, "TRANSFER")
    add_lines(
        shop, out, order, [replace(as_order_line(line), quantity=-line.quantity) for line in order.lines]
    )
    back = open_account(shop, order, "TRANSFER")
    into = back if shop.switches["transfer"] == "two records" else out
    add_lines(shop, into, order, [as_order_line(line) for line in order.lines])
    records = [out] if into is out else [out, back]
    for record in records:
        record.total = bill_of(record.lines, shop.rounding)
    back.previous_id = out.fisc_id
    back.initial_id = out.initial_id
    return [shop.business.keep(shop.location, record) for record in records]


def cross_location(shop: Shop, order: Order, to: Shop) -> list[Record]:
    """Out at one location and in at the other; neither sells anything by it."""
    out, into = open_account(shop, order, "CROSS_BL"), open_account(to, order, "CROSS_BL")
    add_lines(
        shop, out, order, [replace(as_order_line(line), quantity=-line.quantity) for line in order.lines]
    )
    add_lines(to, into, order, [as_order_line(line) for line in order.lines])
    into.previous_id, into.initial_id = out.fisc_id, out.initial_id
    return [shop.business.keep(shop.location, out), to.business.keep(to.location, into)]


def cancelled_input(shop: Shop, order: Order) -> Record:
    """An account that was emptied before anybody paid: all its lines are voided."""
    record = open_account(shop, order, "CANCEL")
    reason = "User Mistake"
    lines = [replace(as_order_line(line), void_reason=reason) for line in order.lines]
    add_lines(shop, record, order, lines)
    record.cancelled, record.void_reason = True, reason
    return shop.business.keep(shop.location, record)


def cash_float(shop: Shop, amount: Decimal, at: datetime | None, register: str | None) -> Record:
    """Cash put into a drawer, or, negative, lifted from it."""
    record = new_record(shop, device_of(shop.location, register), "FLOAT", at or shop.now)
    till = Till(shop.business, shop.location, record, rounds_cash=False)
    method = shop.business.method_of("cash")
    record.payments = [new_payment(till, method, amount, OrderPayment(type=method.code))]
    return shop.business.keep(shop.location, record)


def carry_over(shop: Shop, order: Order, at: datetime) -> Record:
    """An account still open at the end of the day: V1 shows what was paid so far, V2 nothing (9.7)."""
    record = new_record(shop, device_of(shop.location, order.register), "TRANSITORY", at)
    till = Till(shop.business, shop.location, record, rounds_cash=False)
    record.total = sum((paid.amount for paid in order.payments if paid.amount), ZERO)
    record.payments = pay(till, order, [])
    record.in_v2 = False
    return shop.business.keep(shop.location, record)


def settle_house_account(shop: Shop, buyer: Buyer, amount: Decimal, by: str, at: datetime | None) -> Record:
    """No lines: money in, and the receivable less by as much (9.5)."""
    record = new_record(shop, shop.location.devices[0], "SALE", at or shop.now)
    till = Till(shop.business, shop.location, record, rounds_cash=False)
    money, debt = shop.business.method_of(by), shop.business.method_of("receivable")
    guest = guest_of(shop.business, buyer)
    record.payments = [new_payment(till, money, amount, OrderPayment(type=money.code))]
    if shop.switches["receivable_settlement"] == "balanced":
        record.payments.append(new_payment(till, debt, -amount, OrderPayment(type=debt.code)))
    for payment in record.payments:
        payment.consumer = guest
    if len(record.payments) == 1:
        shop.business.owed[guest[0]] = shop.business.owed.get(guest[0], ZERO) - amount
    for payment in record.payments:
        move_balance(shop.business, payment)
    return shop.business.keep(shop.location, record)
