"""What the tills of an account sold, added up from its rows."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from services.sandbox.retail.account import Account
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of
from services.sandbox.retail.values import ZERO, cents, number_text
from services.sandbox.totals import Totals, share

HUNDRED = Decimal(100)


def totals_of(account: Account) -> Totals:
    totals = Totals()
    zones = {shop.key: ZoneInfo(shop.text("timeZone")) for shop in account["Shop"]}
    for sale in account["Sale"]:
        if not counts(sale):
            continue
        if sale.raw is None:
            _add(totals, account, sale, zones)
        else:
            _add_recorded(totals, sale)
    return totals


def counts(sale: Row) -> bool:
    return sale.flag("completed") and not sale.flag("voided")


def _add(totals: Totals, account: Account, sale: Row, zones: dict[int, ZoneInfo]) -> None:
    payments = payments_of(account, sale)
    groups = _groups(account, sale)
    totals.sales += 1
    totals.with_money += _has_money(sale, payments, groups)
    totals.turnover += sale.number("total")
    totals.cash_rounding += sale.number("cashRoundingDelta")
    for payment in payments:
        kind = account["PaymentType"].rows[payment.id("paymentTypeID")]
        totals.by_payment_type[kind.text("name")] += payment.number("amount")
        totals.tips += payment.number("tipAmount")
    shared = share(sale.number("total"), [gross for gross, _ in groups.values()])
    for (rate, (_, vat)), gross in zip(groups.items(), shared, strict=True):
        totals.by_vat_rate[rate].gross += gross
        totals.by_vat_rate[rate].vat += cents(vat)
    completed = sale.moment("completeTime")
    if completed:
        totals.by_day[completed.astimezone(zones[sale.id("shopID")]).date()] += sale.number("total")
    totals.by_outlet[str(sale.id("shopID"))] += sale.number("total")


def _add_recorded(totals: Totals, sale: Row) -> None:
    """Recorded sales are no rows below their header."""
    totals.sales += 1
    totals.with_money += bool(sale.number("total"))
    totals.turnover += sale.number("total")
    completed = sale.moment("completeTime")
    if completed:
        totals.by_day[completed.date()] += sale.number("total")


def _has_money(sale: Row, payments: list[Row], groups: dict[str, tuple[Decimal, Decimal]]) -> bool:
    """A receipt that comes to nothing in each rate, and for which nothing was paid, has no money in it."""
    return bool(
        sale.number("total")
        or any(payment.number("amount") for payment in payments)
        or any(cents(gross) or cents(vat) for gross, vat in groups.values())
    )


def _groups(account: Account, sale: Row) -> dict[str, tuple[Decimal, Decimal]]:
    groups: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines_of(account, sale):
        rate = _rate(account, line)
        gross, vat = groups.get(rate, (ZERO, ZERO))
        tax = line.number("calcTax1") + line.number("calcTax2")
        groups[rate] = (gross + line.number("calcTotal"), vat + tax)
    return groups


def _rate(account: Account, line: Row) -> str:
    """In per cent; a reserved line that hides its rate is looked up."""
    rate = line.number("tax1Rate")
    if not rate and line.number("calcTax1"):
        rate = account.rates_of(line.id("taxCategoryID"), line.id("taxClassID")).tax1
    return number_text(rate * HUNDRED)
