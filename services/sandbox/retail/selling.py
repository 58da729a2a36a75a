"""Sells a ticket: a sale with lines and payments, balanced, completed, stock and balances moved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.paying import add_payment, require_balance, settle
from services.sandbox.retail.rows import Row
from services.sandbox.retail.tax import LineAmounts, Rates, header_amounts, line_amounts
from services.sandbox.retail.values import ZERO, Value, cents
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket, TicketError, TicketLine

HUNDRED = Decimal(100)
TICKET_NUMBERS = 220_000_000_000


def sell(account: Account, ticket: Ticket, switches: Switches) -> Row:
    at = (ticket.at or account.stamp()).replace(microsecond=0)
    if at > account.now():
        raise TicketError(f"a sale can't be completed in the future ({at.isoformat()})")
    sale = open_sale(account, ticket, at)
    cards = [line for line in ticket.lines if line.gift_card]
    for line in ticket.lines:
        add_line(account, sale, line, at, ticket.receipt_discount_percent / HUNDRED, switches)
    refresh_header(account, sale, switches)
    for card in cards:
        _issue_card(account, sale, card, at)
    for payment in ticket.payments:
        add_payment(
            account, sale, payment, payment.at or at, rounding=ticket.cash_rounding or account.cash_rounding
        )
    settle(account, sale, switches)
    if ticket.completed:
        require_balance(account, sale)
        complete(account, sale, at, switches)
    elif ticket.archived:
        account.change(sale, archived=True)
    if ticket.changed_at is not None:
        account.change(sale, updatetime=ticket.changed_at.replace(microsecond=0))
    return sale


def open_sale(account: Account, ticket: Ticket, at: datetime) -> Row:
    shop = catalogue.shop_of(account, ticket.shop)
    register = catalogue.register_of(account, ticket.register, shop)
    employee = catalogue.employee_of(account, ticket.employee)
    customer = catalogue.customer_of(account, ticket.customer)
    category = tax_category_of(account, ticket.tax_category, customer, shop)
    rates = account.rates_of(category, 0)
    sale = account.add(
        "Sale",
        timeStamp=at,
        createTime=ticket.opened_at or at,
        updatetime=account.stamp(),
        enablePromotions=True,
        isTaxInclusive=rates.inclusive,
        referenceNumber=ticket.reference,
        tax1Rate=rates.tax1,
        tax2Rate=rates.tax2,
        receiptPreference="printed",
        customerID=customer.key if customer else 0,
        employeeID=employee,
        tipEmployeeID=employee,
        registerID=register.key,
        shopID=shop.key,
        taxCategoryID=category,
    )
    account.change(sale, ticketNumber=str(TICKET_NUMBERS + sale.key))
    if ticket.note:
        note: Value = {"noteID": str(sale.key), "note": ticket.note}
        account.add("SaleNote", saleID=sale.key, InternalNote=note)
    return sale


def tax_category_of(account: Account, wanted: str | None, customer: Row | None, shop: Row) -> int:
    """The ticket's, else the customer's, else that of the kind of customer, else the shop's."""
    if wanted is not None:
        return int(wanted)
    if customer is None:
        return shop.id("taxCategoryID")
    kind = account["CustomerType"].get(customer.id("customerTypeID"))
    by_kind = kind.id("taxCategoryID") if kind else 0
    return customer.id("taxCategoryID") or by_kind or shop.id("taxCategoryID")


def add_line(
    account: Account, sale: Row, line: TicketLine, at: datetime, receipt_percent: Decimal, switches: Switches
) -> Row:
    if line.gift_card:
        line = replace(
            line, unit_price=ZERO, taxable=False, item=None, note=line.note or "Gift Card Purchase"
        )
        receipt_percent = ZERO
    category = sale.id("taxCategoryID")
    shop = catalogue.shop_of(account, line.shop or str(sale.id("shopID")))
    tax_class = catalogue.tax_class_of(account, line, shop, category)
    item = catalogue.item_of(account, line, tax_class, shop)
    if item and not tax_class:
        tax_class = item.id("taxClassID")
    tax_class = tax_class or (1 if line.taxable else 0)
    taxable = line.taxable and category != 0 and not (item and not item.flag("tax"))
    rates = account.rates_of(category, tax_class) if taxable else Rates(inclusive=sale.flag("isTaxInclusive"))
    amounts = line_amounts(line.quantity, line.unit_price, rates, _discount(line), receipt_percent)
    fields = _line_fields(sale, line, amounts, rates, at)
    fields.update(taxClassID=tax_class, itemID=item.key if item else 0, shopID=shop.key, tax=taxable)
    if item:
        cost = line.cost if line.cost is not None else item.number("defaultCost")
        fields.update(avgCost=cost, fifoCost=cost)
    if _is_reserved(line) and switches.is_on("reserved_line_rate_zero"):
        fields["tax1Rate"] = ZERO
    if line.note or not item:
        fields["noteID"] = _note(account, line.note or line.description, at)
    return account["SaleLine"].add(fields)


def _discount(line: TicketLine) -> Decimal:
    """Money off the line, with the sign of the line."""
    if line.line_discount is not None:
        return line.line_discount if line.quantity >= 0 else -line.line_discount
    if line.line_discount_percent is not None:
        return line.quantity * line.unit_price * line.line_discount_percent / HUNDRED
    return ZERO


def _line_fields(
    sale: Row, line: TicketLine, amounts: LineAmounts, rates: Rates, at: datetime
) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "createTime": at,
        "timeStamp": at,
        "unitQuantity": line.quantity,
        "unitPrice": line.unit_price,
        "tax1Rate": rates.tax1,
        "tax2Rate": rates.tax2,
        "displayableSubtotal": amounts.shown,
        "displayableUnitPrice": line.unit_price,
        "calcLineDiscount": amounts.line_discount,
        "calcTransactionDiscount": amounts.receipt_discount,
        "calcTotal": amounts.total,
        "calcSubtotal": amounts.subtotal,
        "calcTax1": amounts.tax1,
        "calcTax2": amounts.tax2,
        "employeeID": sale.id("employeeID"),
        "parentSaleLineID": line.parent or 0,
        "taxCategoryID": sale.id("taxCategoryID"),
        "saleID": sale.key,
    }
    if line.normal_unit_price is not None:
        fields["normalUnitPrice"] = line.normal_unit_price
    if line.line_discount is not None:
        fields["discountAmount"] = line.line_discount
    elif line.line_discount_percent is not None:
        fields["discountPercent"] = line.line_discount_percent / HUNDRED
    return fields | _kind_fields(sale, line)


def _kind_fields(sale: Row, line: TicketLine) -> dict[str, Value]:
    if line.kind == "item_fee":
        return {"lineType": "item_fee" if line.quantity >= 0 else "item_fee_refund", "itemFeeID": 1}
    if line.kind == "workorder":
        return {"isWorkorder": True, "customerID": sale.id("customerID")}
    if line.kind == "layaway":
        return {"isLayaway": True, "customerID": sale.id("customerID")}
    if line.kind == "special_order":
        return {"isSpecialOrder": True, "customerID": sale.id("customerID")}
    return {}


def _is_reserved(line: TicketLine) -> bool:
    return line.kind in {"layaway", "special_order"}


def _note(account: Account, text: str, at: datetime) -> int:
    return account.add("Note", note=text, timeStamp=at).key if text else 0


def amounts_of(line: Row) -> LineAmounts:
    return LineAmounts(
        line.number("calcSubtotal"),
        line.number("calcLineDiscount"),
        line.number("calcTransactionDiscount"),
        line.number("calcTax1"),
        line.number("calcTax2"),
        line.number("calcTotal"),
        line.number("displayableSubtotal"),
        bool(line.number("tax1Rate") or line.number("tax2Rate") or line.number("calcTax1")),
    )


def lines_of(account: Account, sale: Row) -> list[Row]:
    return account["SaleLine"].find("saleID", sale.key)


def refresh_header(account: Account, sale: Row, switches: Switches) -> None:
    lines = lines_of(account, sale)
    header = header_amounts(
        [amounts_of(line) for line in lines],
        inclusive=sale.flag("isTaxInclusive"),
        round_subtotal=switches["inclusive_subtotal"] == "rounded",
    )
    account.change(
        sale,
        displayableSubtotal=header.shown,
        calcDiscount=header.discount,
        calcTotal=header.total,
        calcSubtotal=header.subtotal,
        calcTaxable=header.taxable,
        calcNonTaxable=header.non_taxable,
        calcAvgCost=_cost(lines, "avgCost"),
        calcFIFOCost=_cost(lines, "fifoCost"),
        calcTax1=header.tax1,
        calcTax2=header.tax2,
        taxTotal=header.tax1 + header.tax2,
        total=header.total,
        updatetime=account.stamp(),
    )


def _cost(lines: Iterable[Row], column: str) -> Decimal:
    return sum(
        (line.number("unitQuantity") * line.number(column) for line in lines if column in line.fields), ZERO
    )


def _issue_card(account: Account, sale: Row, line: TicketLine, at: datetime) -> None:
    """A gift card is sold by a negative gift card payment; the line itself is worth nothing (5.8)."""
    kind = catalogue.payment_type_by_kind(account, "gift card")
    card = catalogue.gift_card_of(account, line.gift_card or "")
    value = cents(line.unit_price * line.quantity)
    payment = account.add(
        "SalePayment",
        amount=-value,
        createTime=at,
        saleID=sale.key,
        paymentTypeID=kind.key,
        registerID=sale.id("registerID"),
        employeeID=sale.id("employeeID"),
        creditAccountID=card.key,
    )
    sold = next(row for row in lines_of(account, sale) if row.id("itemID") == 0 and not row.flag("tax"))
    account.add("SaleAccount", creditAccountID=card.key, salePaymentID=payment.key, saleLineID=sold.key)
    account.change(card, balance=card.number("balance") - value, timeStamp=account.stamp())


def complete(account: Account, sale: Row, at: datetime, switches: Switches) -> None:
    """The sale counts from here on: times are set and the stock leaves the shop."""
    stamp = at if switches.is_on("backdated_time_stamp") else account.stamp()
    account.change(
        sale, completed=True, completeTime=at, timeStamp=stamp, updatetime=account.stamp(), archived=False
    )
    for line in lines_of(account, sale):
        if line.id("itemID"):
            catalogue.move_stock(account, line.id("itemID"), line.id("shopID"), -line.number("unitQuantity"))
