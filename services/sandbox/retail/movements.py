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
from services.sandbox.tills import TicketError

MOVING = ("SalePayment", "RegisterWithdraw")


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


def open_again(account: Account, register: Row, at: datetime, left: Decimal) -> None:
    """With a float, which is written as a positive withdraw at that moment."""
    account.change(register, open=True, openTime=at)
    if left:
        withdraw(account, register, left, catalogue.payment_type_by_kind(account, "cash"), at)


def close(
    account: Account,
    register: Row,
    at: datetime,
    counted: Mapping[str, Decimal],
    left: Decimal,
    notes: str = "",
    *,
    stays_closed: bool = False,
) -> Row:
    """Counts and opens again with what is left as float; a type that isn't counted is as calculated."""
    opened = register.moment("openTime")
    if not register.flag("open"):
        raise TicketError(f"register {register.key} is closed")
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
    account.counted[register.key] = {name: max(account[name].rows, default=0) for name in MOVING}
    account.change(register, open=False)
    if not stays_closed:
        open_again(account, register, at, left)
    return count


def held_since(
    account: Account, register: Row, opened: datetime | None, until: datetime
) -> dict[int, Decimal]:
    """Payments and movements per payment type from opening on."""
    held: dict[int, Decimal] = {}
    for name in MOVING:
        for row in moved_since(account, register, name, opened):
            at = row.moment("createTime")
            if at is not None and at <= until:
                kind = row.id("paymentTypeID")
                held[kind] = held.get(kind, ZERO) + row.number("amount")
    return held


def moved_since(account: Account, register: Row, name: str, opened: datetime | None) -> list[Row]:
    """What moved in the second of a count and was in it belongs to the opening before."""
    counted = account.counted.get(register.key, {}).get(name, 0)
    return [row for row in account[name] if _is_since(row, register, opened, counted)]


def _is_since(row: Row, register: Row, opened: datetime | None, counted: int) -> bool:
    at = row.moment("createTime")
    if at is None or row.id("registerID") != register.key or _is_archived(row):
        return False
    return opened is None or at > opened or (at == opened and row.key > counted)


def _is_archived(row: Row) -> bool:
    return "archived" in row.entity.columns and row.flag("archived")
