"""The lines of an invoice or order (domain.md 4.3).

Articles at prices including VAT, after discount; together the receipt's total to the cent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from libs.common.domain.choices import item_of, missing, vat_code_without_vat
from libs.common.domain.coded_line import CodedLine
from libs.common.domain.document import ItemLine, ItemWanted
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem
from libs.common.domain.receipt import Receipt
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO, SaleLine

PRICE_STEP = Decimal("0.000001")
ONE = Decimal(1)


def item_lines(receipt: Receipt, rules: Rules) -> tuple[ItemLine, ...] | Problem:
    """One for each line as sold, and one that rounds where their cents miss the total."""
    lines = []
    for coded in receipt.lines:
        line = _item_line(coded, rules)
        if isinstance(line, Problem):
            return line
        lines.append(line)
    missed = receipt.total - sum_of(line.amount_incl_vat for line in lines)
    if not missed:
        return tuple(lines)
    rounding = rounding_line(missed, rules)
    return rounding if isinstance(rounding, Problem) else (*lines, rounding)


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Up to six decimals, without trailing zeros."""
    price = (amount / quantity).quantize(PRICE_STEP, ROUND_HALF_UP) + ZERO
    return Decimal(format(price.normalize(), "f"))


def _item_line(coded: CodedLine, rules: Rules) -> ItemLine | Problem:
    line = coded.line
    item = item_of(line, rules)
    if isinstance(item, Problem):
        return item
    quantity = line.quantity or ONE
    price = unit_price(line.amount_incl_vat, quantity)
    return ItemLine(
        item=item,
        quantity=quantity,
        unit_price_incl_vat=price,
        amount_incl_vat=to_cents(quantity * price),
        vat_code=coded.vat.value,
        description=_description(line),
        cost_center=coded.cost_center,
        because=f"{coded.vat.because}, {'items.fallback_item' if item.id else f'item[{line.item}]'}",
        sale_lines=(line.id,),
    )


def _description(line: SaleLine) -> str:
    return f"{line.description} ({line.serial_number})" if line.serial_number else line.description


def rounding_line(amount: Decimal, rules: Rules) -> ItemLine | Problem:
    if not rules.items.rounding_item:
        return missing("items.rounding_item")
    vat = vat_code_without_vat(rules)
    if isinstance(vat, Problem):
        return vat
    return ItemLine(
        item=ItemWanted(id=rules.items.rounding_item),
        quantity=ONE,
        unit_price_incl_vat=amount,
        amount_incl_vat=amount,
        vat_code=vat.value,
        description="Afronding",
        because=f"{vat.because}, items.rounding_item",
    )
