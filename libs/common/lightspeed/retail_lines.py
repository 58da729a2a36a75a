"""The lines of a sale: goods, item fees and gift cards, with the till's own amounts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.domain.sale import ZERO, LineKind, Payment, SaleLine, TenderKind
from libs.common.lightspeed.retail_item import is_stocked
from libs.common.lightspeed.retail_reference import RetailReference
from libs.common.lightspeed.retail_tax import LineTax, vat_rate_of
from libs.common.lightspeed.retail_values import NONE, Row, flag, identity, members, nested, number, text

ITEM_FEES = ("item_fee", "item_fee_refund")


def lines_of(
    row: Row, reference: RetailReference, payments: Sequence[tuple[Payment, Row]], shop: str
) -> tuple[SaleLine, ...]:
    loaded, has_issued = _gift_cards_issued(payments)
    category = identity(row, "taxCategoryID")
    lines = []
    for line in members(row, "SaleLines", "SaleLine"):
        is_gift_card = has_issued and _may_be_gift_card(line, loaded)
        lines.append(_line(line, reference, category, shop, is_gift_card=is_gift_card))
    return tuple(lines)


def _gift_cards_issued(payments: Sequence[tuple[Payment, Row]]) -> tuple[set[str], bool]:
    """The lines that loaded gift cards, if SaleAccounts names them, and whether any card was loaded."""
    issued = [
        row for payment, row in payments if payment.kind is TenderKind.GIFT_CARD and payment.amount < ZERO
    ]
    lines = {
        identity(account, "saleLineID")
        for row in issued
        for spelling in ("SaleAccounts", "SalesAccounts")  # both occur (3.5)
        for account in members(row, spelling, "SaleAccount")
    }
    return lines - {NONE}, bool(issued)


def _may_be_gift_card(line: Row, loaded: set[str]) -> bool:
    """5.8: no item, no tax, no price; the card's worth is in its negative payment."""
    if loaded:
        return identity(line, "saleLineID") in loaded
    return identity(line, "itemID") == NONE and not flag(line, "tax") and not number(line, "unitPrice", ZERO)


def _line(
    row: Row, reference: RetailReference, sale_category: str, shop: str, *, is_gift_card: bool
) -> SaleLine:
    item = nested(row, "Item")
    gross = number(row, "calcTotal")
    tax1, tax2 = number(row, "calcTax1", ZERO), number(row, "calcTax2", ZERO)
    category = _known(row, "taxCategoryID") or ("" if sale_category == NONE else sale_category)
    tax_class = _known(row, "taxClassID")
    rate = vat_rate_of(row, LineTax(category, tax_class, gross - tax1 - tax2, tax1, tax2), reference)
    discount = number(row, "calcLineDiscount", ZERO) + number(row, "calcTransactionDiscount", ZERO)
    is_fee = text(row, "lineType") in ITEM_FEES
    sold_at = _known(row, "shopID")
    return SaleLine(
        id=identity(row, "saleLineID"),
        description=text(item, "description") or text(nested(row, "Note"), "note"),
        quantity=number(row, "unitQuantity"),
        amount_incl_vat=gross,
        vat_amount=tax1 + tax2,
        vat_rate=rate,
        item=identity(row, "itemID"),
        item_code=text(item, "customSku") or text(item, "systemSku"),
        category=_known(item, "categoryID"),
        tax_class=tax_class,
        tax_category=category,
        kind=_line_kind(is_fee=is_fee, is_gift_card=is_gift_card),
        fee=_known(row, "itemFeeID") if is_fee else "",
        parent_line=_known(row, "parentSaleLineID"),
        outlet="" if sold_at == shop else sold_at,
        is_reservation=flag(row, "isLayaway") or flag(row, "isSpecialOrder"),
        is_stocked=is_stocked(item),
        discount_incl_vat=discount * (100 + rate) / 100,  # discounts are net, in inclusive sales too (5.2)
        serial_number=text(nested(row, "Serialized"), "serial", 200),
    )


def _line_kind(*, is_fee: bool, is_gift_card: bool) -> LineKind:
    if is_fee:
        return LineKind.ITEM_FEE
    return LineKind.GIFT_CARD if is_gift_card else LineKind.GOODS


def _known(row: Row, field: str) -> str:
    value = identity(row, field)
    return "" if value == NONE else value
