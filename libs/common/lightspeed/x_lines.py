"""The lines of an X-Series sale, with the till's own amounts (reference 8.2, 9, 11.2, 11.3). Pure.

Prices are without VAT, with the VAT beside them. A discount on the whole sale is a line of its own, with one
tax of many: it is shared out over the taxes that it lowers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.sale import ZERO, LineKind, SaleLine
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_reference import XReference
from libs.common.lightspeed.x_tax import VatOfRates, rates_in, tax_of_line
from libs.common.lightspeed.x_values import YES, identity, listed, member, number, text

LINES = ("line_items", "register_sale_products")
BESIDE = "product"
"""Where `complete` lays the article: a line only has its id."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """`net` and `vat` as the line says; `discount` is what was taken off, without VAT."""

    line: SaleLine
    net: Decimal
    vat: Decimal
    discount: Decimal
    is_sale_discount: bool = False

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def lines_in(row: Row, reference: XReference) -> list[ReadLine]:
    rows = listed(row, *LINES)
    return [
        _read(line, reference, position)
        for position, line in enumerate(rows)
        if text(line, "status").upper() != "VOIDED"
    ]


def before_discount(lines: Sequence[ReadLine]) -> Iterator[list[ReadLine]]:
    """The same, should prices be before the line's discount (8.2): with the VAT after it, or before it."""
    if any(line.discount for line in lines):
        yield [replace(line, net=line.net - line.discount) for line in lines]
        yield [replace(line, net=line.net - line.discount, vat=_vat_after(line)) for line in lines]


def _vat_after(line: ReadLine) -> Decimal:
    return line.vat * (line.net - line.discount) / line.net if line.net else line.vat


def sale_lines(
    lines: Sequence[ReadLine], vat_of_rates: VatOfRates, reference: XReference
) -> tuple[SaleLine, ...]:
    goods = [_sale_line(line) for line in lines if not line.is_sale_discount]
    shared = [
        part for line in lines if line.is_sale_discount for part in _shared_out(line, goods, vat_of_rates)
    ]
    return (*goods, *shared)


def _sale_line(line: ReadLine) -> SaleLine:
    rate = line.line.vat_rate
    return replace(
        line.line,
        amount_incl_vat=line.gross,
        vat_amount=line.vat,
        discount_incl_vat=line.discount * (100 + rate) / 100,
    )


def _read(row: Row, reference: XReference, position: int) -> ReadLine:
    quantity = number(row, "quantity")
    net = _net(row, quantity)
    vat = _vat(row, net, quantity, reference)
    tax = tax_of_line(row, reference, vat)
    product = identity(row, "product.id", "product_id")
    is_gift_card = member(row, "gift_card_number") is not None
    is_discount = bool(product) and product == reference.discount_product
    line = SaleLine(
        id=identity(row, "id") or str(position + 1),
        description=text(row, "product.name", "name", limit=500) or text(row, "note", limit=500),
        quantity=quantity,
        amount_incl_vat=net + vat,
        vat_amount=vat,
        vat_rate=tax.rate,
        item=(product or "0") if not is_discount else "0",
        item_code="" if is_discount else text(row, "product.sku", "sku", limit=100),
        category=text(row, "product.product_type_id", "product.type.id", limit=100),
        tax_class=tax.tax,
        is_stocked=_is_stocked(row),
        kind=LineKind.GIFT_CARD if is_gift_card else LineKind.GOODS,
    )
    discount = ZERO if is_discount else _discount(row, quantity)
    return ReadLine(line, net, vat, discount, is_sale_discount=is_discount)


def _is_stocked(row: Row) -> bool:
    """What describes the article makes no sale unreadable."""
    is_counted, is_bundle = (member(row, f"product.{name}") for name in ("has_inventory", "is_composite"))
    return is_counted in YES and is_bundle not in YES


def _net(row: Row, quantity: Decimal) -> Decimal:
    if member(row, "pricing.total", "price_total", "total_price") is not None:
        return number(row, "pricing.total", "price_total", "total_price")
    return number(row, "pricing.price", "price", "unit_price") * quantity


def _vat(row: Row, net: Decimal, quantity: Decimal, reference: XReference) -> Decimal:
    """By the line's own; else of its components, which have no sign, with that of the line (8.2)."""
    if member(row, "tax.total", "tax_total", "total_tax") is not None:
        return number(row, "tax.total", "tax_total", "total_tax")
    if isinstance(member(row, "tax"), (int, float, Decimal, str)):
        return number(row, "tax") * quantity
    if member(row, "tax.amount", "unit_tax") is not None:
        return number(row, "tax.amount", "unit_tax") * quantity
    parts = sum((abs(amount) for amount in rates_in(row, reference).values()), ZERO)
    return parts.copy_sign(net) if parts and net else parts


def _discount(row: Row, quantity: Decimal) -> Decimal:
    if member(row, "pricing.discount_total", "discount_total", "total_discount") is not None:
        return number(row, "pricing.discount_total", "discount_total", "total_discount")
    return number(row, "pricing.discount", "discount", "unit_discount", default=ZERO) * quantity


# A discount on the whole sale


def _shared_out(discount: ReadLine, goods: Sequence[SaleLine], vat_of_rates: VatOfRates) -> list[SaleLine]:
    """Over the taxes of the goods: by what they are worth, if the header's VAT agrees, else by that VAT."""
    worth = _worth(goods)
    if len(worth) < 2:
        return [_part(discount, key, discount.net, discount.vat) for key in worth] or [_sale_line(discount)]
    by_worth = _by_worth(discount, worth)
    if not vat_of_rates or _agree(by_worth, goods, vat_of_rates):
        return [_part(discount, key, net, vat) for key, (net, vat) in by_worth.items()]
    by_vat = _by_vat(discount, worth, goods, dict(vat_of_rates))
    return [_part(discount, key, net, vat) for key, (net, vat) in by_vat.items()]


Key = tuple[str, Decimal]
"""A tax and its rate."""


def _worth(goods: Sequence[SaleLine]) -> dict[Key, Decimal]:
    worth: dict[Key, Decimal] = {}
    for line in goods:
        if line.kind is not LineKind.GIFT_CARD and line.amount_incl_vat:
            key = (line.tax_class, line.vat_rate)
            worth[key] = worth.get(key, ZERO) + line.amount_incl_vat
    return {key: amount for key, amount in worth.items() if amount}


def _by_worth(discount: ReadLine, worth: dict[Key, Decimal]) -> dict[Key, tuple[Decimal, Decimal]]:
    total = sum(worth.values(), ZERO)
    if not total:
        raise Unreadable("line_items", "a discount on nothing", discount.line.id)
    shares = {}
    for key, amount in worth.items():
        gross = discount.gross * amount / total
        vat = gross * key[1] / (100 + key[1])
        shares[key] = (gross - vat, vat)
    return shares


def _agree(
    shares: dict[Key, tuple[Decimal, Decimal]], goods: Sequence[SaleLine], vat_of_rates: VatOfRates
) -> bool:
    left = _left_of_vat(goods, dict(vat_of_rates))
    for _, rate in shares:
        vat = sum((share[1] for key, share in shares.items() if key[1] == rate), ZERO)
        if abs(vat - left.get(rate, ZERO)) > CENT:
            return False
    return True


def _left_of_vat(goods: Sequence[SaleLine], vat_of_rates: dict[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """What the header has less of each rate than the goods: the discount's VAT."""
    left = dict(vat_of_rates)
    for line in goods:
        left[line.vat_rate] = left.get(line.vat_rate, ZERO) - line.vat_amount
    return left


def _by_vat(
    discount: ReadLine,
    worth: dict[Key, Decimal],
    goods: Sequence[SaleLine],
    vat_of_rates: dict[Decimal, Decimal],
) -> dict[Key, tuple[Decimal, Decimal]]:
    """Of a rate without VAT, and of what cents leave over, the net comes last."""
    left = _left_of_vat(goods, vat_of_rates)
    shares: dict[Key, tuple[Decimal, Decimal]] = {}
    for key, amount in worth.items():
        of_rate = sum((each for other, each in worth.items() if other[1] == key[1]), ZERO)
        vat = left.get(key[1], ZERO) * amount / of_rate if of_rate else ZERO
        shares[key] = (vat * 100 / key[1] if key[1] else ZERO, vat)
    rest = discount.gross - sum((net + vat for net, vat in shares.values()), ZERO)
    last = max(worth, key=lambda key: (not key[1], abs(worth[key])))
    net, vat = shares[last]
    shares[last] = (net + rest, vat)
    return shares


def _part(discount: ReadLine, key: Key, net: Decimal, vat: Decimal) -> SaleLine:
    tax_class, rate = key
    return replace(
        discount.line,
        id=f"{discount.line.id}:{tax_class or rate}",
        amount_incl_vat=net + vat,
        vat_amount=vat,
        vat_rate=rate,
        tax_class=tax_class,
    )
