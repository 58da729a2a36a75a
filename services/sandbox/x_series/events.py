"""What happens to a sale after it was rung up: paid, completed, returned, voided, deleted, touched."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from services.sandbox.tills import TicketError, TicketLine, TicketPayment
from services.sandbox.x_series import paying, registers, selling
from services.sandbox.x_series.catalogue import payment_type_by_kind
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import LAYBY, ON_ACCOUNT, RETURNABLE, Line, Parts, Sale, State
from services.sandbox.x_series.values import ZERO, five


@contextmanager
def whole_or_not(sale: Sale) -> Iterator[None]:
    """What is refused halfway leaves the sale as it was."""
    before = deepcopy(sale)
    try:
        yield
    except ValueError:
        sale.__dict__.update(before.__dict__)
        raise


def pay(merchant: Merchant, sale: Sale, payments: Sequence[TicketPayment]) -> Sale:
    """Later payments stand on the old sale, with their own moment and register (11.6); a sale on account
    or a layby that is paid in full closes."""
    if sale.state is not State.PENDING or sale.deleted_at:
        raise TicketError(f"sale {sale.number} is {sale.state}: it takes no payments")
    with whole_or_not(sale):
        _pay(merchant, sale, payments)
    paying.settle_balances(merchant, sale)
    return merchant.put_sale(sale)


def _pay(merchant: Merchant, sale: Sale, payments: Sequence[TicketPayment]) -> None:
    before = paying.open_part(merchant, sale)
    for payment in payments:
        at = payment.at or merchant.now()
        registers.begin_day(merchant, merchant.registers[sale.register_id], at)
        paying.add_payment(merchant, sale, payment, at, rounding=merchant.cash_rounding)
    paying.give_change(merchant, sale)
    rest = paying.open_part(merchant, sale)
    if rest < 0:
        raise TicketError(f"sale {sale.number} has {before:.2f} open")
    selling.refresh(merchant, sale)
    if not rest and {ON_ACCOUNT, LAYBY} & set(sale.attributes):
        _close(merchant, sale)
    if ON_ACCOUNT in sale.attributes:
        paying.owe(merchant, sale, rest - before)
        _take_back_entry(merchant, sale, before - rest)


def _take_back_entry(merchant: Merchant, sale: Sale, amount: Decimal) -> None:
    if merchant.switches.is_on("on_account_payment") and amount:
        kind = payment_type_by_kind(merchant, "on account")
        paying.keep_payment(merchant, sale, kind, -amount, merchant.now())


def _close(merchant: Merchant, sale: Sale) -> None:
    if LAYBY in sale.attributes and merchant.switches.is_on("layby_completion_moves_date"):
        sale.sold_at = merchant.now()
    sale.state = State.CLOSED
    selling.hand_over(merchant, sale)


def complete(
    merchant: Merchant,
    sale: Sale,
    payments: Sequence[TicketPayment] = (),
    quantities: Mapping[str, Decimal] | None = None,
    at: datetime | None = None,
) -> Sale:
    """Closes a parked or waiting sale; of a return, `quantities` by line id says what really comes back."""
    if sale.state not in {State.PARKED, State.PENDING}:
        raise TicketError(f"sale {sale.number} is {sale.state}: it can't be completed")
    with whole_or_not(sale):
        if quantities is not None:
            kept = [line for line in sale.lines if quantities.get(line.id)]
            sale.lines = [_lowered(line, quantities[line.id]) for line in kept]
        if sale.state is State.PARKED:
            _begin(merchant, sale, at or merchant.now())
        for payment in payments:
            paid_at = payment.at or sale.sold_at
            paying.add_payment(merchant, sale, payment, paid_at, rounding=merchant.cash_rounding)
        paying.give_change(merchant, sale)
        selling.refresh(merchant, sale)
        selling.complete(merchant, sale)
    paying.settle_balances(merchant, sale)
    _void_other_returns(merchant, sale)
    return merchant.put_sale(sale)


def _begin(merchant: Merchant, sale: Sale, at: datetime) -> None:
    """A parked sale gets its date, and its closure, when it becomes a sale."""
    sale.sold_at = at
    for line in sale.lines:
        line.status = "CONFIRMED"
    register = merchant.registers[sale.register_id]
    registers.begin_day(merchant, register, sale.sold_at)
    sale.open_sequence_id = register.open_sequence_id


def _lowered(line: Line, quantity: Decimal) -> Line:
    if not 0 < quantity / line.quantity <= 1:
        raise TicketError(f"of line {line.id} between 0 and {line.quantity} can come back")
    part = quantity / line.quantity
    price_total = five(line.price_total * part)
    tax_total = five(line.gross * part) - price_total
    return replace(
        line,
        quantity=quantity,
        price_total=price_total,
        tax_total=tax_total,
        discount_total=five(line.discount_total * part),
        parts=_scaled(line.parts, part) if line.gross_by_rate else ((line.parts[0][0], tax_total),),
        gross_by_rate=_scaled(line.gross_by_rate, part),
    )


def _scaled(parts: Parts, part: Decimal) -> Parts:
    return tuple((rate, five(amount * part)) for rate, amount in parts)


def _void_other_returns(merchant: Merchant, sale: Sale) -> None:
    """Since 2026-07 the other parked returns of the same sale are voided with the first completion."""
    original = merchant.sales.get(sale.return_for)
    for key in original.return_ids if original else ():
        other = merchant.sales[key]
        if other.id != sale.id and other.state is State.PARKED:
            other.state = State.VOIDED
            merchant.put_sale(other)


def return_sale(merchant: Merchant, sale: Sale, user_id: str = "") -> Sale:
    """A new parked sale with all lines turned, no payments and no taxes yet (11.1)."""
    if sale.status not in RETURNABLE or sale.deleted_at:
        raise TicketError(f"sale {sale.number} is {sale.status}: only a completed sale can be returned")
    register = merchant.registers[sale.register_id]
    number = register.sequence
    register.sequence += 1
    now = merchant.now()
    back = Sale(
        id=merchant.new_id(),
        sequence=number,
        number=f"{register.prefix}{number}",
        outlet_id=sale.outlet_id,
        register_id=sale.register_id,
        user_id=user_id or sale.user_id,
        customer_id=sale.customer_id,
        state=State.PARKED,
        sold_at=now,
        created_at=now,
        updated_at=now,
        short_code=merchant.short_code(),
        return_for=sale.id,
        lines=[_turned(merchant, line) for line in sale.lines],
    )
    selling.refresh(merchant, back)
    back.header = replace(back.header, taxes=())
    sale.return_ids.append(back.id)
    merchant.put_sale(sale)
    return merchant.put_sale(back)


def _turned(merchant: Merchant, line: Line) -> Line:
    return replace(
        line,
        id=merchant.new_id(),
        quantity=-line.quantity,
        price_total=-line.price_total,
        tax_total=-line.tax_total,
        discount_total=-line.discount_total,
        parts=tuple((rate, -tax) for rate, tax in line.parts),
        gross_by_rate=tuple((rate, -gross) for rate, gross in line.gross_by_rate),
        status="SAVED",
        is_return=True,
        promotion="",
    )


def void(merchant: Merchant, sale: Sale) -> Sale:
    if sale.state is State.VOIDED:
        raise TicketError(f"sale {sale.number} is voided already")
    if ON_ACCOUNT in sale.attributes and sale.state is State.PENDING:
        paying.owe(merchant, sale, -paying.open_part(merchant, sale))
    if sale.is_handed_over:
        paying.take_back(merchant, sale, sale.live_payments())
        selling.take_back_goods(merchant, sale)
    sale.state = State.VOIDED
    if merchant.switches.is_on("void_sets_deleted_at"):
        sale.deleted_at = merchant.now()
    return merchant.put_sale(sale)


def delete(merchant: Merchant, sale: Sale) -> Sale:
    if sale.deleted_at is None:
        sale.deleted_at = merchant.now()
        selling.take_back_goods(merchant, sale)
    return merchant.put_sale(sale)


def touch(merchant: Merchant, sale: Sale, note: str | None = None, customer_id: str | None = None) -> Sale:
    """A new version without any change of money (chapter 10)."""
    sale.note = sale.note if note is None else note
    sale.customer_id = sale.customer_id if customer_id is None else customer_id
    return merchant.put_sale(sale)


def add_to(
    merchant: Merchant, sale: Sale, lines: Sequence[TicketLine], payments: Sequence[TicketPayment]
) -> Sale:
    """A parked or open sale goes on."""
    if sale.state not in {State.PARKED, State.PENDING} or sale.is_handed_over:
        raise TicketError(f"sale {sale.number} is {sale.status}: nothing can be added")
    with whole_or_not(sale):
        for line in lines:
            selling.add_line(merchant, sale, line)
        for payment in payments:
            paying.add_payment(merchant, sale, payment, payment.at or merchant.now())
        selling.refresh(merchant, sale)
    paying.settle_balances(merchant, sale)
    return merchant.put_sale(sale)


def refund(
    merchant: Merchant,
    sale: Sale,
    payment: TicketPayment,
    quantities: Mapping[str, Decimal] | None = None,
    at: datetime | None = None,
) -> Sale:
    """The return action and its completion in one go; `quantities` by line id of the sale that comes back."""
    back = return_sale(merchant, sale)
    wanted = None
    if quantities is not None:
        pairs = zip(sale.lines, back.lines, strict=True)
        wanted = {new.id: -quantities.get(old.id, ZERO) for old, new in pairs}
    return complete(merchant, back, [payment], wanted, at)
