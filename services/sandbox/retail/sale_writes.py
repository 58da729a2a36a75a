"""Sales made over the data API: open, lines added, completed when they balance, refunded (6.6, 5.4)."""

from decimal import Decimal
from typing import Any

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.bodies import Body, entities_in
from services.sandbox.retail.errors import ApiError, bad, not_found
from services.sandbox.retail.events import Refund, refund
from services.sandbox.retail.paying import OutOfBalance, add_payment, require_balance, settle
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import add_line, complete, open_sale, refresh_header
from services.sandbox.retail.values import ZERO, Kind, Value, read_value
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket, TicketError, TicketLine, TicketPayment, decimal

ECHOED = ["TaxCategory", "Customer", "SaleLines", "SalePayments"]


def write_sale(
    account: Account, method: str, path: list[str], body: Body, switches: Switches
) -> tuple[Row, list[str]]:
    try:
        return _write(account, method, path, body, switches), ECHOED
    except OutOfBalance as refused:
        raise ApiError(
            400,
            str(refused),
            error_class="OutOfBalanceError",
            saleID=str(refused.sale_id),
            balance=str(refused.balance),
        ) from None
    except TicketError as refused:
        raise bad(str(refused)) from None


def _write(account: Account, method: str, path: list[str], body: Body, switches: Switches) -> Row:
    if method == "POST" and not path:
        return _create(account, body, switches)
    sale = _sale(account, path[0]) if path else None
    if sale is None:
        raise ApiError(405, f"Method {method} not allowed on Sale.")
    if method == "POST" and path[1:] == ["refund"]:
        return _refund(account, sale, body, switches)
    if method == "POST" and path[1:] == ["SaleLine"]:
        return _update(account, sale, {"SaleLines": {"SaleLine": body}}, switches)
    if method == "PUT" and len(path) == 1:
        return _update(account, sale, body, switches)
    if method == "DELETE" and len(path) == 1:
        return _archive(account, sale)
    raise ApiError(405, f"Method {method} not allowed on Sale.")


def _sale(account: Account, number: str) -> Row:
    key = int(number) if number.isdigit() else 0
    found = account["Sale"].get(key) or account["Sale"].get(key - 220_000_000_000)
    if found is None:
        raise not_found("Sale", number)
    return found


def _create(account: Account, body: Body, switches: Switches) -> Row:
    customer = str(body.get("customerID") or "0")
    if customer != "0" and account["Customer"].get(int(customer)) is None:
        raise not_found("Customer", customer)
    ticket = Ticket(
        shop=_reference(body, "shopID"),
        register=_reference(body, "registerID"),
        employee=_reference(body, "employeeID"),
        tax_category=str(body["taxCategoryID"]) if "taxCategoryID" in body else None,
        reference=str(body.get("referenceNumber", "")),
    )
    sale = open_sale(account, ticket, account.stamp())
    fields: dict[str, Value] = {
        "enablePromotions": str(body.get("enablePromotions", "false")).lower() == "true"
    }
    fields["customerID"] = int(customer)
    fields["referenceNumberSource"] = str(body.get("referenceNumberSource", ""))
    account["Sale"].change(sale, fields)
    return _update(account, sale, body, switches)


def _reference(body: Body, name: str) -> str | None:
    return str(body[name]) if body.get(name) not in (None, "", "0", 0) else None


def _update(account: Account, sale: Row, body: Body, switches: Switches) -> Row:
    if sale.flag("completed") or sale.flag("voided"):
        raise bad("A completed sale can not be changed.")
    at = _complete_time(account, body)
    for line in entities_in(body, "SaleLines", "SaleLine"):
        if not line.get("saleLineID"):
            add_line(account, sale, _line(account, line), account.stamp(), ZERO, switches)
    refresh_header(account, sale, switches)
    for payment in entities_in(body, "SalePayments", "SalePayment"):
        add_payment(account, sale, _payment(account, payment), account.stamp())
    completing = str(body.get("completed", "")).lower() == "true"
    settle(account, sale, switches, completing=completing)
    if completing:
        require_balance(account, sale)
        complete(account, sale, at, switches)
    return sale


def _complete_time(account: Account, body: Body) -> Any:
    if not body.get("completeTime"):
        return account.stamp()
    try:
        at = read_value(str(body["completeTime"]), Kind.TIME)
    except ValueError:
        raise bad("Invalid completeTime.") from None
    return at


def _line(account: Account, body: Body) -> TicketLine:
    item = _item(account, body)
    price = body.get("unitPrice")
    if price is None and item:
        price = _price(item)
    return TicketLine(
        item=item.text("customSku") or None if item else None,
        description=item.text("description") if item else "",
        quantity=decimal(body.get("unitQuantity", 1), "unitQuantity"),
        unit_price=decimal(price or 0, "unitPrice"),
        tax_class=_reference(body, "taxClassID"),
        taxable=str(body.get("tax", "true")).lower() == "true",
        line_discount=decimal(body["discountAmount"], "discountAmount")
        if body.get("discountAmount")
        else None,
        line_discount_percent=_percent(body),
        note=str(body["note"]) if isinstance(body.get("note"), str) else "",
    )


def _percent(body: Body) -> Decimal | None:
    given = body.get("discountPercent")
    return decimal(given, "discountPercent") * 100 if given else None


def _item(account: Account, body: Body) -> Row | None:
    if _reference(body, "itemID"):
        item = account["Item"].get(int(body["itemID"]))
        if item is None:
            raise not_found("Item", str(body["itemID"]))
        _give_code(account, item)
        return item
    code = str(body.get("itemCode", ""))
    for item in account["Item"] if code else ():
        if code in (str(item.key), item.text("upc"), item.text("ean"), item.text("systemSku")):
            _give_code(account, item)
            return item
    if code:
        raise bad(f"No item with code {code}.")
    return None


def _give_code(account: Account, item: Row) -> None:
    """Lines find their item by customSku; one without gets its systemSku."""
    if not item.text("customSku"):
        account.change(item, customSku=item.text("systemSku"))


def _price(item: Row) -> str:
    levels = item.nested("Prices").get("ItemPrice", [])
    first = levels[0] if isinstance(levels, list) and levels else {}
    return str(first.get("amount", "0")) if isinstance(first, dict) else "0"


def _payment(account: Account, body: Body) -> TicketPayment:
    kind = str(body.get("paymentTypeID", "0"))
    if not kind.isdigit() or account["PaymentType"].get(int(kind)) is None:
        raise not_found("PaymentType", kind)
    amount = decimal(body["amount"], "amount") if body.get("amount") not in (None, "") else None
    card = account["CreditAccount"].get(int(body.get("creditAccountID") or 0))
    return TicketPayment(
        type=kind,
        amount=amount,
        tip=decimal(body.get("tipAmount") or 0, "tipAmount"),
        gift_card=card.text("code") if card else None,
        reference=str(body.get("remoteReference", "")),
    )


def _refund(account: Account, sale: Row, body: Body, switches: Switches) -> Row:
    lines = entities_in(body, "SaleLines", "SaleLine")
    quantities = {
        int(line["parentSaleLineID"]): -decimal(line["unitQuantity"], "unitQuantity") for line in lines
    }
    payments = entities_in(body, "SalePayments", "SalePayment")
    kind = str(payments[0].get("paymentTypeID", "")) if payments else ""
    if kind:
        catalogue.payment_type_of(account, kind)
    return refund(account, sale, Refund(quantities or None, kind, shop=_reference(body, "shopID")), switches)


def _archive(account: Account, sale: Row) -> Row:
    if sale.flag("completed"):
        raise bad("A completed sale can not be archived.")
    account.change(sale, archived=True, updatetime=account.stamp())
    return sale
