"""Payments of a sale: tender, change, tips, cash rounding, accounts and gift cards (5.7 to 5.10)."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import ZERO, Value
from services.sandbox.switches import Switches
from services.sandbox.tills import TicketError, TicketPayment

FIVE_CENTS = Decimal("0.05")


class OutOfBalance(TicketError):
    """The payments are not the total (3.6)."""

    def __init__(self, sale: Row, balance: Decimal, sentence: str) -> None:
        super().__init__(sentence)
        self.sale_id = sale.key
        self.balance = balance


def payments_of(account: Account, sale: Row) -> list[Row]:
    """The ones that count: archived payments are attempts that failed."""
    return [row for row in account["SalePayment"].find("saleID", sale.key) if not row.flag("archived")]


def paid(payments: list[Row]) -> Decimal:
    return sum((row.number("amount") - row.number("tipAmount") for row in payments), ZERO)


def add_payment(
    account: Account, sale: Row, payment: TicketPayment, at: datetime, *, rounding: bool = False
) -> Row:
    kind = catalogue.payment_type_of(account, payment.type)
    rest = sale.number("total") - paid(payments_of(account, sale))
    amount = payment.amount if payment.amount is not None else rest + payment.tip
    fields: dict[str, Value] = {
        "amount": amount,
        "tipAmount": payment.tip,
        "createTime": at,
        "archived": payment.archived,
        "remoteReference": payment.reference,
        "saleID": sale.key,
        "paymentTypeID": kind.key,
        "registerID": sale.id("registerID"),
        "employeeID": sale.id("employeeID"),
    }
    if rounding:
        fields["cashRoundingDelta"] = ZERO
    if rounding and kind.text("type") == "cash" and payment.amount is None and not payment.archived:
        fields["amount"] = to_five_cents(amount)
        fields["cashRoundingDelta"] = amount - to_five_cents(amount)
    row = account["SalePayment"].add(fields)
    if not payment.archived:
        _move_balance(account, sale, row, kind.text("type"), payment.gift_card)
    return row


def to_five_cents(amount: Decimal) -> Decimal:
    return (amount / FIVE_CENTS).quantize(Decimal(1), ROUND_HALF_UP) * FIVE_CENTS


def _move_balance(account: Account, sale: Row, payment: Row, kind: str, card_code: str | None) -> None:
    """A positive balance is owed by the customer; a gift card's worth is negative (4.11)."""
    if kind == "gift card":
        if not card_code:
            raise TicketError("a gift card payment names its gift_card")
        holder = catalogue.gift_card_of(account, card_code)
    elif kind == "credit account":
        customer = account["Customer"].get(sale.id("customerID"))
        if customer is None:
            raise TicketError("a sale on account needs a customer")
        holder = catalogue.credit_account_of(account, customer)
    else:
        return
    account.change(payment, creditAccountID=holder.key)
    account.change(
        holder, balance=holder.number("balance") + payment.number("amount"), timeStamp=account.stamp()
    )


def take_back(account: Account, payment: Row) -> None:
    """Undoes what the payment did to the account or card behind it."""
    holder = account["CreditAccount"].get(payment.id("creditAccountID"))
    if holder and not payment.flag("archived"):
        account.change(
            holder, balance=holder.number("balance") - payment.number("amount"), timeStamp=account.stamp()
        )


def settle(account: Account, sale: Row, switches: Switches, *, completing: bool = True) -> None:
    """Change goes back in cash; then the header's payment fields are made."""
    payments = payments_of(account, sale)
    rounding = sum((row.number("cashRoundingDelta") for row in payments), ZERO)
    over = paid(payments) - sale.number("total")
    change = _give_change(account, payments, over) if over > 0 and not rounding and completing else ZERO
    tips = sum((row.number("tipAmount") for row in payments), ZERO)
    counted = paid(payments) + (tips if switches.is_on("tips_in_calc_payments") else ZERO)
    total = sale.number("total")
    issued, moved = _account_movements(account, payments)
    fields: dict[str, Value] = {
        "calcPayments": counted,
        "calcTips": tips,
        "tipEnabled": bool(tips),
        "balance": total - counted,
        "totalDue": total - moved,
        "displayableTotal": total + issued,
        "updatetime": account.stamp(),
    }
    if change:
        fields["change"] = change
    if any("cashRoundingDelta" in row.fields for row in payments):
        fields |= {
            "cashRoundingDelta": rounding,
            "cashRoundedTotal": total - rounding,
            "cashRoundedBalance": ZERO,
        }
    account.change(sale, **fields)


def require_balance(account: Account, sale: Row) -> None:
    payments = payments_of(account, sale)
    rounding = sum((row.number("cashRoundingDelta") for row in payments), ZERO)
    balance = sale.number("total") - paid(payments) - rounding
    if balance > 0:
        raise OutOfBalance(sale, balance, "Sale is not balanced. Payments are less than the total.")
    if balance < 0:
        raise OutOfBalance(sale, balance, "Non-cash payments can not exceed the total of the sale.")


def _give_change(account: Account, payments: list[Row], over: Decimal) -> Decimal:
    for row in payments:
        kind = account["PaymentType"].rows[row.id("paymentTypeID")]
        if kind.text("type") == "cash" and row.number("amount") >= over:
            account.change(row, amount=row.number("amount") - over)
            return over
    return ZERO


def _account_movements(account: Account, payments: list[Row]) -> tuple[Decimal, Decimal]:
    """Face value of gift cards sold, and all that went over accounts and cards."""
    issued = moved = ZERO
    for row in payments:
        if not row.id("creditAccountID"):
            continue
        moved += row.number("amount")
        holder = account["CreditAccount"].get(row.id("creditAccountID"))
        if holder and holder.flag("giftCard") and row.number("amount") < 0:
            issued -= row.number("amount")
    return issued, moved
