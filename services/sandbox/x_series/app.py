"""The vendor's own addresses: the consent page, the token call and the data API."""

from starlette.applications import Starlette
from starlette.routing import Route

from services.sandbox.x_series.api import data_api
from services.sandbox.x_series.consent import Consent
from services.sandbox.x_series.world import XWorld


def x_app(world: XWorld) -> Starlette:
    consent = Consent(world)
    return Starlette(
        routes=[
            Route("/connect", consent.connect, methods=["GET", "POST"]),
            Route("/api/1.0/token", consent.token, methods=["POST"]),
            Route("/api/{path:path}", data_api(world), methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )
