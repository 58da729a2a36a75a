"""X-Series as the sandbox's front sees it: its paths, its faults, its settings."""

from collections.abc import Callable

from starlette.types import Scope

from services.sandbox.faults import Hooks
from services.sandbox.vendors import Vendor, bearer, paths_ending
from services.sandbox.x_series.app import x_app
from services.sandbox.x_series.control import XControl
from services.sandbox.x_series.limits import retry_after
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.unrest import move_rows, sell_late
from services.sandbox.x_series.world import XWorld

TOKEN_PATHS = ("/api/1.0/token",)
BROWSER_PATHS = ("/connect",)
DATED_YEARS = tuple(f"/api/20{tens}" for tens in ("1", "2", "3"))
SAYS = (
    "one address serves all stores, and the token says whose call it is. Where *.localhost resolves, the"
    " host of the API address may be {domain_prefix}.localhost; it must then be the store of the token."
)


def x_vendor(world: XWorld) -> Vendor:
    return Vendor(
        name="x",
        title="Lightspeed X-Series",
        paths=(
            *("/connect", "/api/1.0/", "/api/2.0/", "/api/2.1/"),
            *DATED_YEARS,
            *("/api/register_sales", "/api/webhooks"),
        ),
        says=SAYS,
        app=x_app(world),
        hooks=x_hooks(world),
        controls=XControl(world).routes(),
        addresses={"LIGHTSPEED_X_AUTH_URL": "", "LIGHTSPEED_X_API_URL": ""},
        settings=lambda: _settings(world),
        tills=lambda: {prefix: merchant.name for prefix, merchant in world.merchants.items()},
    )


def _settings(world: XWorld) -> dict[str, str]:
    client = next(iter(world.grants.clients.values()))
    return {"LIGHTSPEED_X_CLIENT_ID": client.client_id, "LIGHTSPEED_X_CLIENT_SECRET": client.secret}


def x_hooks(world: XWorld) -> Hooks:
    def revoke(scope: Scope) -> bool:
        access = world.grants.accesses.get(bearer(scope))
        return access is not None and world.grants.end(access)

    def between_pages(change: Callable[[Merchant], bool]) -> Callable[[Scope], bool]:
        def hook(scope: Scope) -> bool:
            access = world.grants.accesses.get(bearer(scope))
            is_next_page = b"after=" in scope["query_string"] and scope["path"].endswith("/sales")
            return bool(access and is_next_page and change(world.merchants[access.domain_prefix]))

        return hook

    def headers() -> list[tuple[bytes, bytes]]:
        told = retry_after(world.clock.now(), str(world.switches["retry_after"]))
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]

    before_work = {
        "token_revoked": revoke,
        "rows_move": between_pages(move_rows),
        "late_sale": between_pages(sell_late),
    }
    body = b'{"error": "Too Many Requests", "message": "Rate limiting enforced"}'
    return Hooks(paths_ending(*TOKEN_PATHS), paths_ending(*BROWSER_PATHS), before_work, headers, body)
