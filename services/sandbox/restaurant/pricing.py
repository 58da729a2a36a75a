"""What a line comes to: discounts, service charge (9.3) and VAT inside, in six decimals."""

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.restaurant.orders import Order, OrderLine
from services.sandbox.restaurant.values import HUNDRED, ONE, ZERO, cents, micro


@dataclass(frozen=True)
class Priced:
    """`list_price` is before everything; `gross` after discounts, with an apportioned charge inside.

    The charge itself is whole cents.
    """

    list_price: Decimal
    discount: Decimal
    account_discount: Decimal
    charge: Decimal
    gross: Decimal
    net: Decimal


def priced(line: OrderLine, order: Order, percent: Decimal) -> Priced:
    list_price = line.quantity * line.unit_price
    discount = _discount(line, list_price)
    account_discount = micro((list_price - discount) * order.receipt_discount_percent / HUNDRED)
    item = list_price - discount - account_discount
    charge = cents(item * order.service_charge / HUNDRED)
    gross = micro(item + charge) if order.service_charge_type == "APPORTIONED" else micro(item)
    return Priced(list_price, discount, account_discount, charge, gross, without_tax(gross, percent))


def without_tax(gross: Decimal, percent: Decimal) -> Decimal:
    return micro(gross / (ONE + percent / HUNDRED))


def _discount(line: OrderLine, list_price: Decimal) -> Decimal:
    """With the sign of the line."""
    if line.line_discount is not None:
        return line.line_discount if line.quantity >= 0 else -line.line_discount
    if line.line_discount_percent is not None:
        return micro(list_price * line.line_discount_percent / HUNDRED)
    return ZERO
