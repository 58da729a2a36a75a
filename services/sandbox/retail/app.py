"""The vendor's own addresses: the authorization server and the data API."""

from starlette.applications import Starlette
from starlette.routing import Route

from services.sandbox.retail.api import retail_api
from services.sandbox.retail.consent import Consent
from services.sandbox.retail.world import RetailWorld

ANY = ["GET", "POST", "PUT", "DELETE"]


def retail_app(world: RetailWorld) -> Starlette:
    consent = Consent(world)
    return Starlette(
        routes=[
            Route("/auth/oauth/authorize", consent.authorize, methods=["GET", "POST"]),
            Route("/auth/oauth/token", consent.token, methods=ANY),
            Route("/auth/oauth/revoke", consent.revoke, methods=["POST"]),
            Route("/auth/oauth/introspect", consent.introspect),
            Route("/.well-known/jwks", consent.keys),
            Route("/API/V3/{path:path}", retail_api(world), methods=ANY),
        ]
    )
