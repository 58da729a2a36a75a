"""What a store's tills sold: the figures against which books are held, by what the till itself knows."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from services.sandbox.totals import Totals, share
from services.sandbox.x_series.amounts import header_of
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.paying import money_of, open_part
from services.sandbox.x_series.sale import Extra, Line, Sale
from services.sandbox.x_series.values import HUNDRED, ZERO, plain


def totals_of(merchant: Merchant) -> Totals:
    totals = Totals()
    zones = {outlet.id: ZoneInfo(outlet.time_zone) for outlet in merchant.outlets}
    for sale in merchant.sales:
        if sale.goods_left:
            _add(totals, merchant, sale, zones)
    return totals


def _sold(merchant: Merchant, sale: Sale) -> tuple[list[Line], list[Extra]]:
    """What is turnover: neither gift cards that were sold, nor rounding, nor tips."""
    lines = [
        line for line in sale.lines if not line.gift_card and line.product_id != merchant.system.rounding
    ]
    return lines, [extra for extra in [*sale.adjustments, *sale.charges] if extra.kind != "TIP"]


def turnover_of(merchant: Merchant, sale: Sale) -> Decimal:
    return header_of(*_sold(merchant, sale)).gross


def _add(totals: Totals, merchant: Merchant, sale: Sale, zones: dict[str, ZoneInfo]) -> None:
    lines, extras = _sold(merchant, sale)
    header = header_of(lines, extras)
    payments = sale.live_payments()
    totals.sales += 1
    totals.with_money += bool(header.gross or header.tax or any(payment.amount for payment in payments))
    totals.turnover += header.gross
    totals.tips += sale.tips()
    totals.cash_rounding += sale.rounding
    _add_payments(totals, merchant, sale)
    gross = _gross_by_rate(lines, extras)
    vat = dict(header.taxes)
    for rate_id, amount in zip(gross, share(header.gross, gross.values()), strict=True):
        group = totals.by_vat_rate[_percent(merchant, rate_id)]
        group.gross += amount
        group.vat += vat.get(rate_id, ZERO)
    totals.by_day[sale.sold_at.astimezone(zones[sale.outlet_id]).date()] += header.gross
    totals.by_outlet[sale.outlet_id] += header.gross


def _add_payments(totals: Totals, merchant: Merchant, sale: Sale) -> None:
    """What is on account is under its name, whether a payment shows it or not."""
    for type_id, amount in money_of(merchant, sale).items():
        totals.by_payment_type[merchant.payment_types[type_id].name] += amount
    rest = open_part(merchant, sale)
    if rest:
        on_account = next(kind for kind in merchant.payment_types if kind.kind == "on account")
        totals.by_payment_type[on_account.name] += rest


def _gross_by_rate(lines: list[Line], extras: list[Extra]) -> dict[str, Decimal]:
    """A sale discount's line takes off what its parts say, in the proportion of their tax."""
    by_rate: dict[str, Decimal] = {}
    for line in lines:
        for rate_id, amount in line.gross_parts:
            by_rate[rate_id] = by_rate.get(rate_id, ZERO) + amount
    for extra in extras:
        rate_id = extra.parts[0][0]
        by_rate[rate_id] = by_rate.get(rate_id, ZERO) + extra.gross
    return by_rate


def _percent(merchant: Merchant, rate_id: str) -> str:
    return plain(next(tax.rate for tax in merchant.taxes if tax.rate_id == rate_id) * HUNDRED)
