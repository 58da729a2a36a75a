"""What can be told to happen at a restaurant's tills, beside selling; each answers the records it made."""

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.routing import Route

from services.sandbox.controls import Answer, Body, Refused, control_route
from services.sandbox.restaurant import moving, reversing
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.orders import Order, order_from
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.reversing import Back
from services.sandbox.restaurant.selling import Shop, shop_of
from services.sandbox.restaurant.world import RestaurantWorld
from services.sandbox.tills import buyer_from, decimal, moment


class RestaurantEvents:
    def __init__(self, world: RestaurantWorld) -> None:
        self._world = world

    def routes(self, till: str) -> list[Route]:
        sale = till + "/sales/{number}"
        return [
            control_route(sale + "/refund", POST=self.refund),
            control_route(sale + "/void", POST=self.void),
            control_route(sale + "/cancel", POST=self.cancel),
            control_route(sale + "/recall", POST=self.recall),
            control_route(sale + "/payment", POST=self.payment),
            control_route(till + "/split", POST=self.split),
            control_route(till + "/transfer", POST=self.transfer),
            control_route(till + "/cross-location", POST=self.cross_location),
            control_route(till + "/cancelled-input", POST=self.cancelled_input),
            control_route(till + "/float", POST=self.float),
            control_route(till + "/transitory", POST=self.transitory),
            control_route(till + "/house-account", POST=self.house_account),
        ]

    def refund(self, request: Request, body: Body) -> Answer:
        """`lines` [{"line", "quantity"}] for some of it, `payment` for another method than it was paid by."""
        shop, sold = self._sold(request)
        return _made([reversing.refund(shop, sold, _back(body))])

    def void(self, request: Request, body: Body) -> Answer:
        shop, sold = self._sold(request)
        return _made([reversing.void(shop, sold, _back(body))])

    def cancel(self, request: Request, body: Body) -> Answer:
        shop, sold = self._sold(request)
        return _made([reversing.cancel(shop, sold, _back(body))])

    def recall(self, request: Request, body: Body) -> Answer:
        """The body is the order as it is now."""
        shop, sold = self._sold(request)
        return _made([reversing.recall(shop, sold, order_from(body))])

    def payment(self, request: Request, body: Body) -> Answer:
        """`to` is the other method; `back_office` false is a correction at the till itself."""
        shop, sold = self._sold(request)
        back_office = bool(body.get("back_office", True))
        changed = reversing.change_payment(shop, sold, str(body["to"]), at=_at(body), back_office=back_office)
        return _made([changed])

    def split(self, request: Request, body: Body) -> Answer:
        """`ways` beside the order."""
        ways = int(body.pop("ways", 2))
        shop, order = self._order(request, body)
        return _made(moving.split(shop, order, ways))

    def transfer(self, request: Request, body: Body) -> Answer:
        shop, order = self._order(request, body)
        return _made(moving.transfer(shop, order))

    def cross_location(self, request: Request, body: Body) -> Answer:
        """`to` is the other location."""
        to = str(body.pop("to"))
        shop, order = self._order(request, body)
        return _made(moving.cross_location(shop, order, self._shop(request, to)))

    def cancelled_input(self, request: Request, body: Body) -> Answer:
        shop, order = self._order(request, body)
        return _made([moving.cancelled_input(shop, order)])

    def float(self, request: Request, body: Body) -> Answer:
        """`amount` is positive where cash is put in."""
        shop = self._shop(request, body.get("shop"))
        amount, register = decimal(body["amount"], "amount"), body.get("register")
        return _made([moving.cash_float(shop, amount, _at(body), str(register) if register else None)])

    def transitory(self, request: Request, body: Body) -> Answer:
        """An open account's payments so far, on the day that it is carried over from; V1 alone shows it."""
        shop, order = self._order(request, body)
        return _made([moving.carry_over(shop, order, order.at or shop.now)])

    def house_account(self, request: Request, body: Body) -> Answer:
        """`customer` pays `amount` of what was put on account, by `payment`."""
        shop, buyer = self._shop(request, body.get("shop")), buyer_from(body["customer"])
        if buyer is None:
            raise Refused(422, "a house account belongs to a customer")
        amount, by = decimal(body["amount"], "amount"), str(body.get("payment", "PIN"))
        return _made([moving.settle_house_account(shop, buyer, amount, by, _at(body))])

    def _business(self, request: Request) -> Business:
        return business_in(self._world, request)

    def _shop(self, request: Request, wanted: object) -> Shop:
        shop = str(wanted) if wanted else None
        now = self._world.clock.now()
        return shop_of(self._business(request), shop, self._world.switches, now)

    def _order(self, request: Request, body: Body) -> tuple[Shop, Order]:
        order = order_from(body)
        return self._shop(request, order.shop), order

    def _sold(self, request: Request) -> tuple[Shop, Record]:
        business, number = self._business(request), request.path_params["number"]
        if number not in business.by_number:
            raise Refused(404, f"{business.name} has no account {number}")
        location, record = business.by_number[number]
        return self._shop(request, location.bl_id), record


def _at(body: Body) -> datetime | None:
    return moment(body["at"]).astimezone(UTC) if body.get("at") else None


def _back(body: Body) -> Back:
    named = body.get("lines")
    return Back(
        quantities={str(line["line"]): decimal(line["quantity"], "quantity") for line in named}
        if named
        else None,
        payment=str(body.get("payment", "")),
        gift_card=str(body["gift_card"]) if body.get("gift_card") else None,
        at=_at(body),
        reason=str(body.get("reason", "")),
    )


def _made(records: Sequence[Record]) -> list[dict[str, str]]:
    return [shown_record(record) for record in records]


def shown_record(record: Record) -> dict[str, str]:
    return {
        "number": record.fisc_id,
        "reference": record.reference,
        "type": record.kind,
        "total": f"{record.turnover:.2f}",
    }


def business_in(world: RestaurantWorld, request: Request) -> Business:
    number = request.path_params["business"]
    if number not in world.businesses:
        raise Refused(404, f"there is no business {number}")
    return world.businesses[number]
