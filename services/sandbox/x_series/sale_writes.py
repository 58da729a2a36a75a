"""Sales written by a client: nested on the date-based versions (chapter 9), flat on 0.9 (8.6)."""

import re
from collections.abc import Callable

from services.sandbox.tills import TicketError
from services.sandbox.x_series import events, flat, nested, oldest, paying, registers, selling
from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.errors import ApiError, bad, not_found, refused
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import ON_ACCOUNT, RETURNABLE, Line, Sale, State, status_of
from services.sandbox.x_series.values import five
from services.sandbox.x_series.wishes import LineWish, PaymentWish, Wish, nested_wish, oldest_wish

CARD_NUMBER = re.compile(r"\b(?:\d[ -]?){12,18}\d\b")
MIXED_RETURNS_SINCE = "2026-07"


def post(call: Call) -> Answer:
    wish = nested_wish(call.fields())
    known = call.merchant.sales.get(wish.id)
    sale = known or _tried(lambda: _make(call.merchant, wish))
    return Answer({"data": nested.sale(call.merchant, sale)})


def put(call: Call, key: str) -> Answer:
    """204 without a body in the text of 2026-01, 200 with the sale from then on (chapter 7)."""
    sale = call.merchant.sales.get(key)
    if sale is None:
        raise not_found("sale")
    wish = nested_wish(call.fields())
    if call.version >= MIXED_RETURNS_SINCE:
        _refuse_mixed_returns(call.merchant, sale, wish)
    _tried(lambda: _change(call.merchant, sale, wish))
    return (
        Answer(status=204)
        if call.version == "2026-01"
        else Answer({"data": nested.sale(call.merchant, sale)})
    )


def give_back(call: Call, key: str) -> Answer:
    """The return action answers a parked sale, flat even where the API is nested (chapter 9)."""
    merchant, sale = call.merchant, call.merchant.sales.get(key)
    if sale is None:
        raise not_found("sale")
    if sale.deleted_at or sale.status not in RETURNABLE:
        raise refused(f"Sale is {sale.status}; only a completed sale can be returned")
    back = events.return_sale(merchant, sale)
    is_nested = call.is_dated and merchant.switches["return_shape"] == "nested"
    return Answer({"data": nested.sale(merchant, back) if is_nested else flat.sale(merchant, back)})


def post_oldest(call: Call) -> Answer:
    """Creates a sale, or changes the one with this id."""
    merchant = call.merchant
    try:
        wish = oldest_wish(call.fields())
        known = merchant.sales.get(wish.id)
        sale = _tried(lambda: _change(merchant, known, wish) if known else _make(merchant, wish))
    except ApiError as error:
        raise ApiError(error.status, error.message, old=True) from None
    return Answer({"register_sale": oldest.sale(merchant, sale)})


def _tried(act: Callable[[], Sale]) -> Sale:
    """A ticket that can't be sold is a 422 of the API."""
    try:
        return act()
    except TicketError as error:
        raise refused(str(error)) from None


def _make(merchant: Merchant, wish: Wish) -> Sale:
    register = merchant.registers.get(wish.register_id) or next(iter(merchant.registers))
    if wish.register_id and register.id != wish.register_id:
        raise bad("register_id is not known")
    if wish.user_id not in {user.id for user in merchant.users}:
        raise bad("the user is not known")
    at = wish.at or merchant.now()
    registers.begin_day(merchant, register, at)
    sale = Sale(
        id=wish.id or merchant.new_id(),
        sequence=register.sequence,
        number=wish.number or f"{register.prefix}{register.sequence}",
        outlet_id=register.outlet_id,
        register_id=register.id,
        user_id=wish.user_id,
        customer_id=wish.customer_id or merchant.walk_in_id,
        state=State.PARKED,
        sold_at=at,
        created_at=merchant.now(),
        updated_at=merchant.now(),
        short_code=merchant.short_code(),
        open_sequence_id=register.open_sequence_id,
    )
    register.sequence += not wish.number
    return _change(merchant, sale, wish)


def _change(merchant: Merchant, sale: Sale, wish: Wish) -> Sale:
    """A closed sale can only be voided; its note and customer may still change (chapter 10)."""
    if sale.state is State.CLOSED and wish.state not in {State.CLOSED, State.VOIDED}:
        raise refused("A closed sale can only be voided")
    if wish.customer_id and merchant.customers.get(wish.customer_id) is None:
        raise bad("customer_id is not known")
    if wish.accounts_transaction_id and ON_ACCOUNT not in (*sale.attributes, *wish.attributes):
        raise refused("accounts_transaction_id can be changed on on-account sales only")
    if wish.state is State.VOIDED:
        _note(sale, wish)
        return events.void(merchant, sale)
    with events.whole_or_not(sale):
        _note(sale, wish)
        if sale.state is not State.CLOSED:
            _fill(merchant, sale, wish)
    return merchant.put_sale(sale)


def _note(sale: Sale, wish: Wish) -> None:
    sale.note = sale.note if wish.note is None else redacted(wish.note)
    sale.customer_id = wish.customer_id or sale.customer_id
    sale.accounts_transaction_id = wish.accounts_transaction_id or sale.accounts_transaction_id


def _fill(merchant: Merchant, sale: Sale, wish: Wish) -> None:
    before = paying.open_part(merchant, sale)
    was_on_account = sale.is_handed_over
    if wish.lines is not None and not sale.is_handed_over:
        sale.lines = [_line(merchant, line) for line in wish.lines]
    known = {payment.id for payment in sale.payments}
    for payment in wish.payments:
        if not payment.id or payment.id not in known:
            _pay(merchant, sale, payment)
    sale.state, sale.attributes = wish.state, wish.attributes or sale.attributes
    status_of(sale.state, sale.attributes)
    selling.refresh(merchant, sale)
    rest = paying.open_part(merchant, sale)
    if was_on_account:
        paying.owe(merchant, sale, rest - before)
    elif wish.state is State.PENDING and ON_ACCOUNT in sale.attributes:
        selling.put_on_account(merchant, sale)
    if wish.state is State.CLOSED:
        selling.complete(merchant, sale)


def _line(merchant: Merchant, wish: LineWish) -> Line:
    if merchant.products.get(wish.product_id) is None:
        raise bad("a line's product is not known")
    tax = merchant.taxes.get(wish.tax_id)
    if tax is None:
        raise bad("a line's tax is not known")
    tax_total = five(wish.tax * wish.quantity)
    return Line(
        id=wish.id or merchant.new_id(),
        product_id=wish.product_id,
        quantity=wish.quantity,
        price=five(wish.price),
        tax=five(wish.tax),
        price_total=five(wish.price * wish.quantity),
        tax_total=tax_total,
        tax_id=tax.id,
        parts=((tax.rate_id, tax_total),),
        discount=five(wish.discount),
        discount_total=five(wish.discount * wish.quantity),
        cost=merchant.products[wish.product_id].cost,
        price_set=wish.price_set,
        note=redacted(wish.note),
        is_return=wish.quantity < 0,
    )


def _pay(merchant: Merchant, sale: Sale, wish: PaymentWish) -> None:
    kind = merchant.payment_types.get(wish.type_id)
    if kind is None:
        raise bad("a payment's type is not known")
    if kind.kind in {"gift card", "store credit", "loyalty"}:
        raise refused(f"{kind.name} can't be taken over the API")
    paid = paying.keep_payment(merchant, sale, kind, wish.amount, wish.at or merchant.now())
    paid.id = wish.id or paid.id


def _refuse_mixed_returns(merchant: Merchant, sale: Sale, wish: Wish) -> None:
    """One sale can't hold lines of a referenced return and others that come back (chapter 2, 2026-07)."""
    original = merchant.sales.get(sale.return_for)
    if original is None or wish.lines is None:
        return
    own = {line.product_id for line in original.lines}
    if any(line.quantity < 0 and line.product_id not in own for line in wish.lines):
        raise refused("Referenced and unreferenced returns can't be in one sale")


def redacted(text: str) -> str:
    """What looks like a card number is taken out, and the answer is still 200 (chapter 4)."""
    return CARD_NUMBER.sub("[REDACTED]", text)
