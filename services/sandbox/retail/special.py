"""Answers that are no rows: Account, Session, what a register should hold (1.7, 4.10)."""

from collections import defaultdict
from decimal import Decimal

from services.sandbox.retail.account import Account
from services.sandbox.retail.errors import not_found
from services.sandbox.retail.movements import moved_since
from services.sandbox.retail.oauth import Access
from services.sandbox.retail.values import ZERO, number_text


def own_account(account: Account) -> dict[str, object]:
    link = {"@attributes": {"href": f"/API/V3/Account/{account.account_id}"}}
    return {
        "@attributes": {"count": "1"},
        "Account": {"accountID": str(account.account_id), "name": account.name, "link": link},
    }


def one_account(account: Account) -> dict[str, object]:
    """Not wrapped in Account, as the vendor answers it."""
    return {
        "@attributes": {"systemCustomerID": str(account.account_id)},
        "status": "customer",
        "name": account.name,
        "employeeCount": str(len(account["Employee"])),
        "employeeLimit": "10",
        "uniqueSubscriptionIdentifier": f"sandbox-{account.account_id}",
        "defaultCurrency": {"code": "EUR", "symbol": "€"},
        "purchasingCurrencies": {"purchasingCurrency": [{"code": "EUR", "symbol": "€", "rate": "1"}]},
    }


def session(account: Account, access: Access) -> dict[str, object]:
    employee = next(iter(account["Employee"]))
    names = (
        "register",
        "register_read",
        "inventory_read",
        "product_edit",
        "customers_read",
        "admin_purchases",
        "reports",
    )
    return {
        "sessionID": f"sandbox{account.account_id}",
        "employeeID": str(employee.key),
        "systemCustomerID": str(account.account_id),
        "systemUserID": "1",
        "systemAPIClientID": access.grant.client_id,
        "systemAPIKeyID": "0",
        "ecomUrl": "",
        "shopCount": str(len(account["Shop"])),
        "Employee": {
            "employeeID": str(employee.key),
            "firstName": employee.text("firstName"),
            "lastName": employee.text("lastName"),
        },
        "Rights": {name: "true" for name in names if access.grant.allows((name,))},
    }


def calculated(account: Account, register_id: int) -> dict[str, object]:
    """Payments and till movements per payment type since the register was opened."""
    register = account["Register"].get(register_id)
    if register is None:
        raise not_found("Register", str(register_id))
    opened = register.moment("openTime")
    paid: defaultdict[int, Decimal] = defaultdict(Decimal)
    added: defaultdict[int, Decimal] = defaultdict(Decimal)
    taken: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in moved_since(account, register, "SalePayment", opened):
        paid[row.id("paymentTypeID")] += row.number("amount")
    for row in moved_since(account, register, "RegisterWithdraw", opened):
        moved = added if row.number("amount") > ZERO else taken
        moved[row.id("paymentTypeID")] += abs(row.number("amount"))
    rows = [
        {
            "add": number_text(added[kind]),
            "withdraw": number_text(taken[kind]),
            "payment": number_text(paid[kind]),
            "paymentTypeID": str(kind),
        }
        for kind in sorted({*paid, *added, *taken})
    ]
    return {"CalculatedAmount": rows}
