"""Payments of an account: tips, cash rounding, gift cards, house accounts, room charges (9.2 to 9.8)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.sandbox.restaurant.back_office import PaymentMethod
from services.sandbox.restaurant.business import Business, Location
from services.sandbox.restaurant.orders import Order, OrderLine, OrderPayment, as_order_payment
from services.sandbox.restaurant.records import Payment, Record
from services.sandbox.restaurant.values import ZERO, cents, reference, to_five_cents
from services.sandbox.tills import Buyer, TicketError


@dataclass(frozen=True)
class Till:
    """Whose payments these are, and whether cash is rounded to five cents."""

    business: Business
    location: Location
    record: Record
    rounds_cash: bool


def pay(till: Till, order: Order, cards: list[OrderLine]) -> list[Payment]:
    """What the order names, then each gift card sold as a negative payment; together they are the bill."""
    issued = [_issued(till, card) for card in cards]
    due = till.record.total - sum((payment.amount for payment in issued), ZERO)
    paid = [as_order_payment(payment) for payment in order.payments]
    made: list[Payment] = []
    for wish in paid:
        if not wish.archived:
            made.append(_payment(till, order, wish, due - _sum(made)))
    over = _sum(made) - due
    if over > 0:
        made = _with_change(made, over)
    if _sum(made) != due:
        raise TicketError(f"{_sum(made):.2f} is paid, and {due:.2f} is due: the account does not balance")
    return made + issued


def _sum(payments: list[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments), ZERO)


def _payment(till: Till, order: Order, wish: OrderPayment, rest: Decimal) -> Payment:
    method = till.business.method_of(wish.type)
    amount = rest if wish.amount is None else wish.amount - wish.tip
    payment = new_payment(till, method, cents(amount), wish)
    payment.tip, payment.surcharge = wish.tip, wish.surcharge
    if till.rounds_cash and method.kind == "cash" and wish.amount is None:
        payment.rounding = to_five_cents(payment.amount) - payment.amount
    if method.kind == "receivable" and order.customer is None:
        raise TicketError("a sale on account needs a customer")
    if order.customer is not None:
        payment.consumer = guest_of(till.business, order.customer)
    if method.kind == "gift-card" and not wish.gift_card:
        raise TicketError("a gift card payment names its gift_card")
    move_balance(till.business, payment)
    return payment


def new_payment(till: Till, method: PaymentMethod, amount: Decimal, wish: OrderPayment) -> Payment:
    """Parts paid by one method share their uuid (6)."""
    record = till.record
    of_method = [payment.uuid for payment in record.payments if payment.method == method]
    return Payment(
        fisc_id=record.device.next_id("T"),
        uuid=of_method[0] if of_method else reference(till.business.dice),
        method=method,
        amount=amount,
        at=wish.at or record.closed_at,
        reference=wish.gift_card or wish.reference,
        authorization=wish.authorization,
        centre=till.location.centres[0] if till.location.centres else None,
    )


def move_balance(business: Business, payment: Payment) -> None:
    """A gift card pays with what it is worth; a house account owes what was put on it."""
    if payment.method.kind == "gift-card":
        left = business.cards.get(payment.reference, ZERO) - payment.amount
        business.cards[payment.reference] = left
    elif payment.method.kind == "receivable" and payment.consumer:
        name = payment.consumer[0]
        business.owed[name] = business.owed.get(name, ZERO) + payment.amount


def _issued(till: Till, card: OrderLine) -> Payment:
    """The tender is debit and the card is credit, so that a card sold alone comes to nothing (9.4)."""
    worth, code = cents(card.unit_price * card.quantity), card.gift_card or ""
    method = till.business.method_of("gift-card")
    payment = new_payment(till, method, -worth, OrderPayment(type=method.code, gift_card=code))
    move_balance(till.business, payment)
    return payment


def _with_change(payments: list[Payment], over: Decimal) -> list[Payment]:
    """Change goes back in cash: what is handed in is the amount that stays."""
    for place, payment in enumerate(payments):
        if payment.method.kind == "cash" and payment.amount >= over:
            kept = replace(payment, amount=payment.amount - over)
            return [*payments[:place], kept, *payments[place + 1 :]]
    raise TicketError(f"{over:.2f} too much is paid, and none of it in cash")


def guest_of(business: Business, buyer: Buyer) -> tuple[str, Buyer]:
    """The guest by the till's reference, with the vendor's id; who isn't known yet is kept."""
    known = business.buyers.get(buyer.ref)
    if known is None:
        known = business.buyers[buyer.ref] = (_guest_id(business), buyer)
    return known


def _guest_id(business: Business) -> str:
    bits = f"{business.dice.getrandbits(128):032x}"
    return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))
