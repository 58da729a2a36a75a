"""Records that come or change while somebody walks through the pages."""

from datetime import timedelta
from decimal import Decimal

from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.orders import Order, OrderLine, OrderPayment
from services.sandbox.restaurant.world import RestaurantWorld


def move_rows(world: RestaurantWorld, businesses: tuple[int, ...]) -> bool:
    """The oldest receipt is printed once more, under a new number: the same sale reads differently."""
    for number in businesses:
        for location in world.businesses[number].locations:
            if location.records:
                record = location.records[0]
                record.receipt_id = record.device.next_id("R")
                return True
    return False


def sell_late(world: RestaurantWorld, businesses: tuple[int, ...]) -> bool:
    """A till that was offline hands in a sale of yesterday."""
    business: Business = world.businesses[businesses[0]]
    now = world.clock.now()
    taxed = business.taxes[0].percent
    line = OrderLine(description="Nagekomen", unit_price=Decimal("12.10"), vat_rate=taxed)
    paid = OrderPayment(type="PIN")
    order = Order(at=now - timedelta(days=1), arrives_at=now, lines=(line,), payments=(paid,))
    world.sell(business, order)
    return True
