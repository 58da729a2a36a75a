"""The control API of the tills and of the vendor's settings, under /sandbox."""

from datetime import time
from decimal import Decimal
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from services.sandbox.controls import Answer, Body, Refused, control_route
from services.sandbox.receipts import read_receipts
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.events import RestaurantEvents, business_in, shown_record
from services.sandbox.restaurant.made_up import sell_made_up
from services.sandbox.restaurant.oauth import Client
from services.sandbox.restaurant.orders import order_from
from services.sandbox.restaurant.shelves import articles_of
from services.sandbox.restaurant.totals import receipts_of, totals_of
from services.sandbox.restaurant.values import ZERO
from services.sandbox.restaurant.world import RestaurantWorld
from services.sandbox.till_settings import TillSettings, made_up_from

TILL = "/sandbox/tills/restaurant/{business:int}"


class RestaurantControl:
    def __init__(self, world: RestaurantWorld) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        world = self._world
        settings = TillSettings(
            "restaurant",
            world.grants.clients,
            Client,
            world.switches,
            world.limits.settings,
            world.switches.choose,
        )
        return [
            *settings.routes(),
            control_route("/sandbox/restaurant/script", PUT=self.put_script),
            control_route("/sandbox/restaurant/accounts", GET=self.get_accounts, POST=self.post_account),
            control_route("/sandbox/restaurant/accounts/{business:int}/revoke", POST=self.revoke),
            control_route(TILL + "/sales", GET=self.get_sales, POST=self.post_sales),
            control_route(TILL + "/made-up", POST=self.post_made_up),
            control_route(TILL + "/receipts", POST=self.post_receipts),
            control_route(TILL + "/totals", GET=self.get_totals),
            control_route(TILL + "/articles", GET=self.get_articles),
            control_route(TILL + "/settings", PUT=self.put_settings),
            control_route(TILL + "/days/{day}", PUT=self.put_day),
            *RestaurantEvents(self._world).routes(TILL),
        ]

    def put_script(self, request: Request, body: Body) -> Answer:
        """What the next calls of the financial API get: 429, 500, 503 or empty_page, in this order."""
        self._world.tell([str(answer) for answer in body["answers"]])
        return {"answers": list(self._world.script)}

    def get_accounts(self, request: Request, body: Body) -> Answer:
        return [_shown(business) for business in self._world.businesses.values()]

    def post_account(self, request: Request, body: Body) -> Answer:
        made = self._world.add_business(
            str(body["name"]),
            shops=tuple(str(name) for name in body.get("shops", ("Restaurant",))),
            country=str(body.get("country", "NL")),
            day_start=time.fromisoformat(str(body.get("day_start", "05:30"))),
        )
        return _shown(made)

    def revoke(self, request: Request, body: Body) -> Answer:
        """The merchant withdraws the consent in the vendor's own screens."""
        business = self._business(request).business_id
        alive = {id(grant): grant for grant in self._world.grants.by_refresh_token.values()}
        ended = [grant for grant in alive.values() if business in grant.businesses and not grant.revoked]
        for grant in ended:
            grant.revoked = True
        return {"revoked": len(ended)}

    def get_sales(self, request: Request, body: Body) -> Answer:
        limit = int(request.query_params.get("limit", "50"))
        return receipts_of(self._business(request), self._world.clock.now(), limit)

    def post_sales(self, request: Request, body: Body) -> Answer:
        business = self._business(request)
        orders = [order_from(order) for order in (body if isinstance(body, list) else [body])]
        return [shown_record(self._world.sell(business, order)) for order in orders]

    def post_made_up(self, request: Request, body: Body) -> Answer:
        wanted = made_up_from(body, self._world.seed)
        now, business = self._world.clock.now(), self._business(request)
        return [shown_record(record) for record in sell_made_up(business, wanted, self._world.switches, now)]

    def post_receipts(self, request: Request, body: Body) -> Answer:
        """Sells a file of real receipts that lies on this machine."""
        business, path = self._business(request), Path(str(body["file"]))
        if not path.exists():
            raise Refused(422, f"there is no file {path}")
        tickets = read_receipts(path, self._world.clock.now())
        made = [self._world.sell(business, ticket) for ticket in tickets]
        turnover: Decimal = sum((record.total for record in made), ZERO)
        return {"sold": len(made), "turnover": f"{turnover:.2f}"}

    def get_totals(self, request: Request, body: Body) -> Answer:
        return totals_of(self._business(request), self._world.clock.now()).shown()

    def get_articles(self, request: Request, body: Body) -> Answer:
        return articles_of(self._business(request))

    def put_settings(self, request: Request, body: Body) -> Answer:
        """Of one location, or of all: whether cash is rounded to five cents, and when the day begins."""
        business = self._business(request)
        for location in [business.location_of(str(body["shop"]))] if "shop" in body else business.locations:
            if "cash_rounding" in body:
                location.cash_rounding = bool(body["cash_rounding"])
            if "day_start" in body:
                location.day_start = time.fromisoformat(str(body["day_start"]))
        return _shown(business)

    def put_day(self, request: Request, body: Body) -> Answer:
        """Whether this business day of a location is complete; null leaves it to the switch again."""
        location = self._business(request).location_of(str(body["shop"]) if "shop" in body else None)
        day, told = str(request.path_params["day"]), body["complete"]
        location.incomplete_days.pop(day, None)
        if told is not None:
            location.incomplete_days[day] = not told
        return {"day": day, "shop": str(location.bl_id), "complete": told}

    def _business(self, request: Request) -> Business:
        return business_in(self._world, request)


def _shown(business: Business) -> dict[str, object]:
    return {
        "account": str(business.business_id),
        "name": business.name,
        "shops": {str(location.bl_id): location.name for location in business.locations},
        "registers": {
            str(device.device_id): {"name": device.name, "shop": str(location.bl_id)}
            for location in business.locations
            for device in location.devices
        },
        "revenue_centres": {
            str(centre.centre_id): {"name": centre.name, "shop": str(location.bl_id)}
            for location in business.locations
            for centre in location.centres
        },
        "payment_types": {str(method.method_id): method.name for method in business.methods},
        "accounting_groups": {str(group.group_id): group.name for group in business.groups},
        "accounting_group_rates": {
            str(group.group_id): f"{business.tax_of(group.rates['']).percent:f}" for group in business.groups
        },
        "tax_rates": {rate.code: f"{rate.percent:f}" for rate in business.taxes},
        "day_starts": {str(place.bl_id): f"{place.day_start:%H:%M}" for place in business.locations},
        "sales": sum(len(location.records) for location in business.locations),
    }
