"""Cash that moves without a sale, and the count when a register is closed (4.10).

An opening float is a positive withdraw at the moment of opening: nothing else marks it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import ZERO


def withdraw(
    account: Account, register: Row, amount: Decimal, kind: Row, at: datetime, notes: str = ""
) -> Row:
    """Negative is a payout or a drop, positive an addition."""
    return account.add(
        "RegisterWithdraw",
        amount=amount,
        createTime=at,
        notes=notes,
        employeeID=register.id("openEmployeeID"),
        paymentTypeID=kind.key,
        registerID=register.key,
    )


def close(
    account: Account,
    register: Row,
    at: datetime,
    counted: Mapping[str, Decimal],
    left: Decimal,
    notes: str = "",
) -> Row:
    """Counts and opens again with what is left as float; a type that isn't counted is as calculated."""
    opened = register.moment("openTime")
    count = account.add(
        "RegisterCount",
        createTime=at,
        openTime=opened,
        notes=notes,
        registerID=register.key,
        openEmployeeID=register.id("openEmployeeID"),
        closeEmployeeID=register.id("openEmployeeID"),
    )
    actual = {catalogue.payment_type_of(account, name).key: amount for name, amount in counted.items()}
    held = held_since(account, register, opened, at)
    for kind in sorted({*held, *actual}):
        account.add(
            "RegisterCountAmount",
            calculated=held.get(kind, ZERO),
            actual=actual.get(kind, held.get(kind, ZERO)),
            registerCountID=count.key,
            paymentTypeID=kind,
        )
    account.change(register, openTime=at)
    if left:
        withdraw(account, register, left, catalogue.payment_type_by_kind(account, "cash"), at)
    return count


def held_since(
    account: Account, register: Row, opened: datetime | None, until: datetime
) -> dict[int, Decimal]:
    """Payments and movements per payment type from opening on."""
    held: dict[int, Decimal] = {}
    for name in ("SalePayment", "RegisterWithdraw"):
        for row in account[name]:
            at = row.moment("createTime")
            inside = at is not None and (opened is None or at >= opened) and at <= until
            if inside and row.id("registerID") == register.key and not row.flag("archived"):
                kind = row.id("paymentTypeID")
                held[kind] = held.get(kind, ZERO) + row.number("amount")
    return held
