"""Rows that change while somebody walks through the pages."""

from datetime import timedelta
from decimal import Decimal

from services.sandbox.retail.rows import Row
from services.sandbox.retail.totals import counts
from services.sandbox.retail.world import RetailWorld
from services.sandbox.tills import Ticket, TicketLine, TicketPayment


def move_rows(world: RetailWorld, account_id: int) -> bool:
    """The sale that rested longest is touched: by updatetime it moves to the end, unchanged otherwise."""
    account = world.accounts[account_id]
    counted = [sale for sale in account["Sale"] if counts(sale) and sale.raw is None]
    if not counted:
        return False
    account.change(min(counted, key=_rested), updatetime=account.stamp())
    return True


def _rested(sale: Row) -> str:
    return f"{sale.moment('updatetime')} {sale.key:010d}"


def sell_late(world: RetailWorld, account_id: int) -> bool:
    """A till that was offline hands in a sale of yesterday."""
    account = world.accounts[account_id]
    line = TicketLine(description="Nagekomen", unit_price=Decimal("12.10"), vat_rate=Decimal(21))
    at = account.stamp() - timedelta(days=1)
    world.sell(account, Ticket(at=at, lines=(line,), payments=(TicketPayment(type="PIN"),)))
    return True
