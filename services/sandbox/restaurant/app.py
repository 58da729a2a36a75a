"""The vendor's own addresses: the realm of the authorization server, and the API below its prefixes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sandbox.restaurant import items, lists
from services.sandbox.restaurant.aggregated import aggregated_sales
from services.sandbox.restaurant.calls import Endpoint, endpoint
from services.sandbox.restaurant.consent import Consent
from services.sandbox.restaurant.financial_v1 import daily_financials, financials, sale_by_external_reference
from services.sandbox.restaurant.financial_v2 import sales, sales_daily
from services.sandbox.restaurant.processor import lightspeed_payments
from services.sandbox.restaurant.world import RestaurantWorld

REALM = "/realms/k-series/protocol/openid-connect"
V1 = "/f/finance/{bl}"
V2 = "/f/v2/business-location/{bl}"
READING: dict[str, Endpoint] = {
    "/f/data/businesses": lists.businesses,
    f"{V1}/tax-rates": lists.tax_rates,
    f"{V1}/paymentMethods": lists.payment_methods,
    f"{V1}/accountingGroups": lists.accounting_groups,
    f"{V1}/financials/{{begin}}/{{end}}": financials,
    f"{V1}/dailyFinancials": daily_financials,
    f"{V1}/saleByExternalReference": sale_by_external_reference,
    f"{V1}/aggregatedSales": aggregated_sales,
    f"{V2}/sales": sales,
    f"{V2}/sales-daily": sales_daily,
    f"{V2}/lightspeed-payments": lightspeed_payments,
}
ITEMS: list[tuple[str, str, Endpoint]] = [
    ("GET", "/items/v1/items", items.list_items),
    ("POST", "/items/v1/items", items.create_item),
    ("GET", "/items/v1/items/{item:int}", items.one_item),
    ("PUT", "/items/v1/items/{item:int}", items.replace_item),
]


def restaurant_app(world: RestaurantWorld) -> Starlette:
    consent = Consent(world)
    reading = [
        Route(path, endpoint(world, "financial-api", answer), methods=["GET"])
        for path, answer in READING.items()
    ]
    of_items = [
        Route(path, endpoint(world, "items", answer), methods=[method]) for method, path, answer in ITEMS
    ]
    return Starlette(
        routes=[
            Route(f"{REALM}/auth", consent.authorize, methods=["GET", "POST"]),
            Route(f"{REALM}/token", consent.token, methods=["POST"]),
            Route(f"{REALM}/revoke", consent.revoke, methods=["POST"]),
            Route("/oauth/revoke", consent.revoke, methods=["POST"]),
            *reading,
            *of_items,
        ],
        exception_handlers={404: _not_found},
    )


async def _not_found(request: Request, error: Exception) -> Response:
    return JSONResponse({"status": 404, "error": "Not Found", "path": request.url.path}, 404)
