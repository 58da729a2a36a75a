"""Retail as the sandbox's front sees it: its paths, its faults, its settings."""

from collections.abc import Callable

from starlette.types import Scope

from services.sandbox.faults import Hooks
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.control import RetailControl
from services.sandbox.retail.oauth import end
from services.sandbox.retail.unrest import move_rows, sell_late
from services.sandbox.retail.world import RetailWorld
from services.sandbox.vendors import Vendor, bearer, paths_ending

TOKEN_PATHS = ("oauth/token", "oauth/revoke", "oauth/introspect", "oauth/access_token.php")
BROWSER_PATHS = ("oauth/authorize", "oauth/authorize.php")


def retail_vendor(world: RetailWorld) -> Vendor:
    return Vendor(
        name="retail",
        title="Lightspeed Retail",
        paths=("/api/v3/", "/auth/oauth/", "/oauth/", "/.well-known/jwks"),
        app=retail_app(world),
        hooks=retail_hooks(world),
        controls=RetailControl(world).routes(),
        addresses={"LIGHTSPEED_RETAIL_AUTH_URL": "", "LIGHTSPEED_RETAIL_API_URL": ""},
        settings=lambda: _settings(world),
        tills=lambda: {str(number): account.name for number, account in world.accounts.items()},
    )


def _settings(world: RetailWorld) -> dict[str, str]:
    client = next(iter(world.grants.clients.values()))
    return {
        "LIGHTSPEED_RETAIL_CLIENT_ID": client.client_id,
        "LIGHTSPEED_RETAIL_CLIENT_SECRET": client.secret,
    }


def retail_hooks(world: RetailWorld) -> Hooks:
    def revoke(scope: Scope) -> bool:
        access = world.grants.accesses.get(bearer(scope))
        if access is None or access.grant.revoked:
            return False
        end(access.grant)
        return True

    def between_pages(change: Callable[[RetailWorld, int], bool]) -> Callable[[Scope], bool]:
        def hook(scope: Scope) -> bool:
            access = world.grants.accesses.get(bearer(scope))
            return bool(
                access and b"after=" in scope["query_string"] and change(world, access.grant.account_id)
            )

        return hook

    def headers() -> list[tuple[bytes, bytes]]:
        return [(b"retry-after", b"1"), (b"x-ls-api-ratelimit-type", b"api-leaky-bucket")]

    before_work = {
        "token_revoked": revoke,
        "rows_move": between_pages(move_rows),
        "late_sale": between_pages(sell_late),
    }
    return Hooks(paths_ending(*TOKEN_PATHS), paths_ending(*BROWSER_PATHS), before_work, headers)
