"""Restaurant as the sandbox's front sees it: its paths, its faults, its settings."""

import json
from collections.abc import Callable

from starlette.types import Scope

from services.sandbox.faults import Hooks
from services.sandbox.restaurant.app import REALM, restaurant_app
from services.sandbox.restaurant.control import RestaurantControl
from services.sandbox.restaurant.unrest import move_rows, sell_late
from services.sandbox.restaurant.world import RestaurantWorld
from services.sandbox.vendors import Vendor, bearer, paths_ending

REFUSED = json.dumps({"errors": [{"code": "too_many_requests", "title": "Too many requests"}]})


def restaurant_vendor(world: RestaurantWorld) -> Vendor:
    return Vendor(
        name="restaurant",
        title="Lightspeed Restaurant",
        paths=("/realms/k-series/", "/f/", "/items/", "/oauth/revoke"),
        app=restaurant_app(world),
        hooks=restaurant_hooks(world),
        controls=RestaurantControl(world).routes(),
        addresses={"LIGHTSPEED_RESTAURANT_AUTH_URL": REALM, "LIGHTSPEED_RESTAURANT_API_URL": ""},
        settings=lambda: _settings(world),
        tills=lambda: {str(number): business.name for number, business in world.businesses.items()},
    )


def _settings(world: RestaurantWorld) -> dict[str, str]:
    client = next(iter(world.grants.clients.values()))
    return {
        "LIGHTSPEED_RESTAURANT_CLIENT_ID": client.client_id,
        "LIGHTSPEED_RESTAURANT_CLIENT_SECRET": client.secret,
    }


def restaurant_hooks(world: RestaurantWorld) -> Hooks:
    def revoke(scope: Scope) -> bool:
        access = world.grants.accesses.get(bearer(scope))
        if access is None or access.grant.revoked:
            return False
        access.grant.revoked = True
        return True

    def between_pages(change: Callable[[RestaurantWorld, tuple[int, ...]], bool]) -> Callable[[Scope], bool]:
        def hook(scope: Scope) -> bool:
            access = world.grants.accesses.get(bearer(scope))
            on_the_way = access and b"nextPageToken=" in scope["query_string"]
            return bool(access and on_the_way and change(world, access.grant.businesses))

        return hook

    def headers() -> list[tuple[bytes, bytes]]:
        told = world.limits.retry_after(1)
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]

    before_work = {
        "token_revoked": revoke,
        "rows_move": between_pages(move_rows),
        "late_sale": between_pages(sell_late),
    }
    return Hooks(
        paths_ending("/openid-connect/token", "/openid-connect/revoke", "/oauth/revoke"),
        paths_ending("/openid-connect/auth"),
        before_work,
        headers,
        REFUSED.encode(),
    )
