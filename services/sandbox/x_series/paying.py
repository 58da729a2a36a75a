"""Payments of a sale (8.3, 11.3 to 11.6, 12.6): tender, change, tips, surcharges, rounding, cards, credit."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from services.sandbox.tills import TicketError, TicketPayment
from services.sandbox.x_series import cards
from services.sandbox.x_series.amounts import header_of
from services.sandbox.x_series.catalogue import payment_type_by_kind, payment_type_of, tax_of_rate
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import PaymentType
from services.sandbox.x_series.sale import Extra, Line, Payment, Sale
from services.sandbox.x_series.tickets import surcharge_of
from services.sandbox.x_series.values import HUNDRED, ONE, ZERO, cents, five, to_five_cents

SURCHARGE_PERCENT = Decimal(21)


def due(sale: Sale) -> Decimal:
    """All that the customer is charged, whatever the header says of it."""
    extras = sum((extra.gross for extra in [*sale.adjustments, *sale.charges]), ZERO)
    return header_of(sale.lines).gross + extras


def money_of(merchant: Merchant, sale: Sale) -> dict[str, Decimal]:
    """What really came in or went out, by payment type: neither what is on account nor rounding is money."""
    by_type: defaultdict[str, Decimal] = defaultdict(Decimal)
    for payment in sale.live_payments():
        if merchant.payment_types[payment.type_id].kind not in {"on account", "rounding"}:
            by_type[payment.type_id] += payment.amount
    return dict(by_type)


def paid(merchant: Merchant, sale: Sale) -> Decimal:
    """What was really paid: a payment on account is none."""
    return sum(
        (
            payment.amount
            for payment in sale.live_payments()
            if merchant.payment_types[payment.type_id].kind != "on account"
        ),
        ZERO,
    )


def open_part(merchant: Merchant, sale: Sale) -> Decimal:
    return due(sale) - paid(merchant, sale) - _silent_rounding(merchant, sale)


def _silent_rounding(merchant: Merchant, sale: Sale) -> Decimal:
    return sale.rounding if merchant.switches["cash_rounding"] == "silent" else ZERO


def add_payment(
    merchant: Merchant, sale: Sale, wanted: TicketPayment, at: datetime, *, rounding: bool = False
) -> None:
    """Without an amount, what is left to pay; a failed attempt leaves nothing behind."""
    if wanted.archived:
        return
    kind = payment_type_of(merchant, wanted.type)
    _add_extras(merchant, sale, wanted)
    amount = wanted.amount if wanted.amount is not None else open_part(merchant, sale)
    if not amount:
        return
    if kind.kind == "on account":
        _put_on_account(merchant, sale, kind, amount, at)
        return
    if rounding and kind.kind == "cash" and wanted.amount is None:
        amount = _round_cash(merchant, sale, amount, at)
    payment = keep_payment(merchant, sale, kind, amount, at)
    payment.surcharge, payment.reference = surcharge_of(wanted), wanted.reference
    _expect(merchant, sale, kind, payment, wanted.gift_card or "")


def keep_payment(merchant: Merchant, sale: Sale, kind: PaymentType, amount: Decimal, at: datetime) -> Payment:
    register = merchant.registers[sale.register_id]
    payment = Payment(
        id=merchant.new_id(),
        type_id=kind.id,
        amount=amount,
        at=at,
        register_id=register.id,
        outlet_id=register.outlet_id,
        open_sequence_id=register.open_sequence_id,
    )
    sale.payments.append(payment)
    return payment


def _add_extras(merchant: Merchant, sale: Sale, wanted: TicketPayment) -> None:
    if wanted.tip:
        sale.adjustments.append(Extra(kind="TIP", name="Fooi", net=wanted.tip))
    surcharge = surcharge_of(wanted)
    if surcharge:
        extra = extra_of(merchant, "SURCHARGE", "Kaarttoeslag", surcharge, SURCHARGE_PERCENT)
        sale.adjustments.append(extra)


def extra_of(merchant: Merchant, kind: str, name: str, gross: Decimal, percent: Decimal) -> Extra:
    tax = tax_of_rate(merchant, percent)
    amount = cents(gross * percent / (HUNDRED + percent))
    return Extra(kind=kind, name=name, net=gross - amount, parts=((tax.rate_id, amount),))


def _put_on_account(merchant: Merchant, sale: Sale, kind: PaymentType, amount: Decimal, at: datetime) -> None:
    """Goods that come back on account become store credit; else the sale stays open for the amount."""
    if sale.customer_id == merchant.walk_in_id:
        raise TicketError("a sale on account needs a customer")
    if amount < 0:
        if not sale.lines:
            raise TicketError("money for a customer's account comes in as the payment of a sale on account")
        credit = payment_type_by_kind(merchant, "store credit")
        _expect(merchant, sale, credit, keep_payment(merchant, sale, credit, amount, at), "")
        return
    if merchant.switches.is_on("on_account_payment"):
        keep_payment(merchant, sale, kind, amount, at)


def _round_cash(merchant: Merchant, sale: Sale, amount: Decimal, at: datetime) -> Decimal:
    rounded = to_five_cents(amount)
    off = amount - rounded
    sale.rounding += off
    how = merchant.switches["cash_rounding"]
    if off and how == "payment":
        keep_payment(merchant, sale, payment_type_by_kind(merchant, "rounding"), off, at)
    elif off and how == "line":
        sale.lines.append(rounding_line(merchant, off))
    return rounded


def rounding_line(merchant: Merchant, off: Decimal) -> Line:
    tax = merchant.taxes[merchant.no_tax_id]
    return Line(
        id=merchant.new_id(),
        product_id=merchant.system.rounding,
        quantity=ONE,
        price=five(-off),
        tax=ZERO,
        price_total=five(-off),
        tax_total=ZERO,
        tax_id=tax.id,
        parts=((tax.rate_id, ZERO),),
        price_set=True,
    )


def _expect(merchant: Merchant, sale: Sale, kind: PaymentType, payment: Payment, card: str) -> None:
    """Refuses what can't be; cards and credit move once the whole sale stands (`settle_balances`)."""
    before = sum((paid.amount for paid, number in sale.unsettled if number == card), ZERO)
    if kind.kind == "gift card":
        if not card:
            raise TicketError("a gift card payment names its gift_card")
        cards.check_redeem(merchant, card, before + payment.amount)
    elif kind.kind == "store credit":
        cards.check_credit(merchant, sale, payment.amount)
    elif kind.kind != "loyalty":
        return
    sale.unsettled.append((payment, card))


def settle_balances(merchant: Merchant, sale: Sale) -> None:
    for payment, card in sale.unsettled:
        kind = merchant.payment_types[payment.type_id].kind
        if kind == "gift card":
            cards.redeem(merchant, sale, card, payment)
        elif kind == "store credit":
            cards.use_credit(merchant, sale, payment)
        else:
            customer = merchant.customers[sale.customer_id]
            customer.loyalty -= payment.amount
            merchant.put(merchant.customers, customer)
    sale.unsettled.clear()


def give_change(merchant: Merchant, sale: Sale) -> None:
    """What was paid too much goes back in cash; nothing else may be more than what is due."""
    over = -open_part(merchant, sale)
    if over <= 0 or due(sale) < 0:
        return
    cash = [payment for payment in sale.live_payments() if _is_cash(merchant, payment)]
    for payment in cash:
        if payment.amount >= over and merchant.switches["change"] == "netted":
            payment.amount -= over
            return
        if payment.amount >= over:
            keep_payment(merchant, sale, merchant.payment_types[payment.type_id], -over, payment.at)
            return


def _is_cash(merchant: Merchant, payment: Payment) -> bool:
    return merchant.payment_types[payment.type_id].kind == "cash"


def take_back(merchant: Merchant, sale: Sale, payments: Iterable[Payment]) -> None:
    """Undoes what the payments did to cards and credit; the payments stay on the sale."""
    for payment in payments:
        kind = merchant.payment_types[payment.type_id].kind
        if kind in {"gift card", "store credit"}:
            cards.reverse(merchant, sale, payment)
        elif kind == "loyalty":
            customer = merchant.customers[sale.customer_id]
            customer.loyalty += payment.amount
            merchant.put(merchant.customers, customer)


def owe(merchant: Merchant, sale: Sale, amount: Decimal) -> None:
    """The customer's open account moves (11.6)."""
    customer = merchant.customers[sale.customer_id]
    customer.debt += amount
    merchant.put(merchant.customers, customer, "customer.update")
