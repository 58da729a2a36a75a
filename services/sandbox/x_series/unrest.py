"""Rows that change while somebody walks through the pages."""

from datetime import timedelta
from decimal import Decimal

from services.sandbox.tills import TicketLine, TicketPayment
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.selling import sell
from services.sandbox.x_series.tickets import ShopTicket


def move_rows(merchant: Merchant) -> bool:
    """The sale that rested longest gets a new version and moves to the end, unchanged otherwise."""
    for sale in merchant.sales.after(0):
        if sale.goods_left:
            merchant.put_sale(sale)
            return True
    return False


def sell_late(merchant: Merchant) -> bool:
    """A till that was offline hands in a sale of yesterday."""
    line = TicketLine(description="Nagekomen", unit_price=Decimal("12.10"), vat_rate=Decimal(21))
    now = merchant.now()
    at = now - timedelta(days=1)
    sell(merchant, ShopTicket(at=at, opened_at=now, lines=(line,), payments=(TicketPayment(type="PIN"),)))
    return True
