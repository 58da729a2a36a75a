"""What happens to a sale after it was sold: void, reopen, edit, complete again, refund (5.4, 5.5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.paying import add_payment, payments_of, require_balance, settle, take_back
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import add_line, complete, lines_of, refresh_header, sell
from services.sandbox.retail.values import ZERO
from services.sandbox.switches import Switches
from services.sandbox.tills import (
    Buyer,
    Ticket,
    TicketError,
    TicketLine,
    TicketPayment,
    buyer_from,
    line_from,
    payment_from,
)


@dataclass(frozen=True)
class Refund:
    """Which lines come back and how many of each; nothing named means all. `payment` "" = as it was paid.

    To a gift card with its code, as store credit to the account of a customer that the sale may not have.
    """

    quantities: Mapping[int, Decimal] | None = None
    payment: str = ""
    gift_card: str | None = None
    customer: Buyer | None = None
    at: datetime | None = None
    shop: str | None = None
    register: str | None = None
    reference: str = ""


def void(account: Account, sale: Row, switches: Switches, reason: str = "") -> Row:
    if sale.flag("voided") or not sale.flag("completed"):
        raise TicketError(f"sale {sale.key} can't be voided")
    _put_back_stock(account, sale, 1)
    for payment in payments_of(account, sale):
        take_back(account, payment)
        if switches.is_on("void_archives_payments"):
            account.change(payment, archived=True)
    account.change(
        sale, voided=True, completed=switches.is_on("voided_completed"), updatetime=account.stamp()
    )
    return account.add(
        "SaleVoid",
        createTime=account.stamp(),
        reason=reason,
        saleID=sale.key,
        employeeID=sale.id("employeeID"),
        shopID=sale.id("shopID"),
    )


def reopen(account: Account, sale: Row) -> None:
    """The sale is being edited: not completed for now, though it keeps its completeTime."""
    if sale.flag("voided") or not sale.flag("completed"):
        raise TicketError(f"sale {sale.key} can't be reopened")
    _put_back_stock(account, sale, 1)
    account.change(sale, completed=False, updatetime=account.stamp())


def complete_again(account: Account, sale: Row, switches: Switches) -> None:
    if sale.flag("completed") or sale.flag("voided"):
        raise TicketError(f"sale {sale.key} can't be completed")
    settle(account, sale, switches)
    require_balance(account, sale)
    first = sale.moment("completeTime")
    if first is None or switches.is_on("edit_moves_complete_time"):
        complete(account, sale, account.stamp(), switches)
        return
    _put_back_stock(account, sale, -1)
    fields = {"timeStamp": account.stamp()} if switches.is_on("edit_moves_time_stamp") else {}
    account.change(sale, completed=True, updatetime=account.stamp(), **fields)


def edit(account: Account, sale: Row, changes: Mapping[str, Any], switches: Switches) -> None:
    """`payment_type`, `payments`, `lines` or `customer`; the sale is completed again afterwards."""
    unknown = set(changes) - {"payment_type", "payments", "lines", "customer"}
    if unknown or not changes:
        raise TicketError("an edit changes payment_type, payments, lines or customer")
    reopen(account, sale)
    if "customer" in changes:
        account.change(sale, customerID=_customer(account, changes["customer"]))
    if "lines" in changes:
        _replace_lines(account, sale, [line_from(line) for line in changes["lines"]], switches)
    if "payments" in changes:
        _replace_payments(account, sale, [payment_from(payment) for payment in changes["payments"]])
    elif "payment_type" in changes:
        _change_type(account, sale, str(changes["payment_type"]))
    elif "lines" in changes:
        _pay_the_rest(account, sale)
    settle(account, sale, switches)
    complete_again(account, sale, switches)


def _customer(account: Account, wanted: Any) -> int:
    """By id, by reference or as a new one; nobody is 0."""
    if not wanted:
        return 0
    if str(wanted).isdigit():
        return int(wanted)
    row = catalogue.customer_of(account, buyer_from(wanted))
    return row.key if row else 0


def add_to(
    account: Account,
    sale: Row,
    lines: Sequence[TicketLine],
    payments: Sequence[TicketPayment],
    switches: Switches,
) -> None:
    """An open ticket goes on: more lines, or a part of it is paid."""
    if sale.flag("completed") or sale.flag("voided") or sale.flag("archived"):
        raise TicketError(f"sale {sale.key} is no open ticket")
    for line in lines:
        if line.gift_card:
            raise TicketError("sell a gift card on a ticket of its own")
        add_line(account, sale, line, account.stamp(), ZERO, switches)
    refresh_header(account, sale, switches)
    for payment in payments:
        rounding = account.cash_rounding
        add_payment(account, sale, payment, payment.at or account.stamp(), rounding=rounding)
    settle(account, sale, switches, completing=False)


def silently(account: Account, sale: Row, event: Callable[[], object]) -> None:
    """What happens leaves no trace in the stamps that lists are filtered on, as seen at the vendor (5.5)."""
    stamps = {name: sale.moment(name) for name in ("updatetime", "timeStamp")}
    event()
    account.change(sale, **stamps)


def refund(account: Account, sale: Row, wanted: Refund, switches: Switches) -> Row:
    lines = [_returned(account, line, wanted) for line in lines_of(account, sale)]
    back = tuple(line for line in lines if line is not None)
    if not back:
        raise TicketError(f"nothing of sale {sale.key} comes back")
    kind = wanted.payment or _first_tender(account, sale)
    customer = sale.id("customerID")
    ticket = Ticket(
        at=wanted.at,
        shop=wanted.shop or str(sale.id("shopID")),
        register=wanted.register or (str(sale.id("registerID")) if wanted.shop is None else None),
        lines=back,
        payments=(TicketPayment(type=kind, gift_card=wanted.gift_card),),
        tax_category=str(sale.id("taxCategoryID")),
        reference=wanted.reference,
    )
    if wanted.customer is not None:
        return sell(account, replace(ticket, customer=wanted.customer), switches)
    return sell(account, _of_customer(ticket, account, customer), switches)


def _of_customer(ticket: Ticket, account: Account, customer: int) -> Ticket:
    if not customer:
        return ticket
    known = next((ref for ref, key in account.buyers.items() if key == customer), str(customer))
    return replace(ticket, customer=Buyer(ref=known))


def _returned(account: Account, line: Row, wanted: Refund) -> TicketLine | None:
    quantity = line.number("unitQuantity")
    if wanted.quantities is not None:
        quantity = wanted.quantities.get(line.key, ZERO)
    left = line.number("unitQuantity") - _already_returned(account, line)
    if quantity <= 0 or quantity > left:
        if wanted.quantities and line.key in wanted.quantities:
            raise TicketError(f"of line {line.key} only {left} can come back")
        return None
    share = quantity / line.number("unitQuantity")
    item = account["Item"].get(line.id("itemID"))
    gross_off = line.number("unitQuantity") * line.number("unitPrice") - _gross(line)
    return TicketLine(
        item=item.text("customSku") or None if item else None,
        description=item.text("description") if item else "",
        quantity=-quantity,
        unit_price=line.number("unitPrice"),
        tax_class=str(line.id("taxClassID")) if line.id("taxClassID") else None,
        taxable=line.flag("tax"),
        line_discount=gross_off * share if gross_off else None,
        cost=line.number("avgCost"),
        parent=line.key,
        kind="item_fee" if line.text("lineType") == "item_fee" else "",
    )


def _gross(line: Row) -> Decimal:
    """What was paid for the line in the mode of its price, after all discounts."""
    category_inclusive = line.number("calcSubtotal") != line.number("unitQuantity") * line.number("unitPrice")
    if category_inclusive or not line.number("calcTax1"):
        return line.number("calcTotal")
    return (
        line.number("calcSubtotal") - line.number("calcLineDiscount") - line.number("calcTransactionDiscount")
    )


def _already_returned(account: Account, line: Row) -> Decimal:
    back = (
        row
        for row in account["SaleLine"].find("parentSaleLineID", line.key)
        if row.text("lineType") != "item_fee"
    )
    return -sum((row.number("unitQuantity") for row in back), ZERO)


def _first_tender(account: Account, sale: Row) -> str:
    for payment in payments_of(account, sale):
        return str(payment.id("paymentTypeID"))
    return str(catalogue.payment_type_by_kind(account, "cash").key)


def _put_back_stock(account: Account, sale: Row, sign: int) -> None:
    for line in lines_of(account, sale):
        if line.id("itemID"):
            catalogue.move_stock(
                account, line.id("itemID"), line.id("shopID"), sign * line.number("unitQuantity")
            )


def _replace_lines(account: Account, sale: Row, lines: list[TicketLine], switches: Switches) -> None:
    for row in lines_of(account, sale):
        account["SaleLine"].remove(row)
    for line in lines:
        add_line(account, sale, line, account.stamp(), ZERO, switches)
    refresh_header(account, sale, switches)


def _replace_payments(account: Account, sale: Row, payments: list[TicketPayment]) -> None:
    for row in payments_of(account, sale):
        take_back(account, row)
        account.change(row, archived=True)
    for payment in payments:
        add_payment(account, sale, payment, payment.at or account.stamp())


def _change_type(account: Account, sale: Row, wanted: str) -> None:
    """The payments keep their rows and get another type, as the vendor's edit does."""
    kind = catalogue.payment_type_of(account, wanted)
    if kind.text("type") in {"gift card", "credit account"}:
        raise TicketError("use payments to move a sale to a card or an account")
    for payment in payments_of(account, sale):
        take_back(account, payment)
        account.change(payment, paymentTypeID=kind.key, creditAccountID=0)


def _pay_the_rest(account: Account, sale: Row) -> None:
    """After other lines the last payment makes up the difference."""
    payments = payments_of(account, sale)
    if not payments:
        if sale.number("total"):
            add_payment(account, sale, TicketPayment(type="cash"), account.stamp())
        return
    rest = sale.number("total") - sum(
        (row.number("amount") - row.number("tipAmount") for row in payments), ZERO
    )
    last = payments[-1]
    take_back(account, last)
    account.change(last, amount=last.number("amount") + rest)
    holder = account["CreditAccount"].get(last.id("creditAccountID"))
    if holder:
        account.change(holder, balance=holder.number("balance") + last.number("amount"))
