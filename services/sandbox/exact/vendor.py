"""Exact Online as the sandbox's front sees it: its paths, its faults, its settings."""

from starlette.routing import Mount
from starlette.types import Scope

from services.sandbox.exact.app import control_app, exact_app
from services.sandbox.exact.calls import find_target
from services.sandbox.exact.unrest import move_rows
from services.sandbox.exact.world import World
from services.sandbox.faults import Hooks
from services.sandbox.vendors import Vendor, bearer, paths_ending

API = "/api/v1/"


def exact_vendor(world: World) -> Vendor:
    return Vendor(
        name="exact",
        title="Exact Online",
        paths=(API, "/api/oauth2/", "/docs/"),
        app=exact_app(world),
        hooks=exact_hooks(world),
        controls=[Mount("/sandbox/exact", control_app(world))],
        addresses={"EXACT_URL": ""},
        settings=lambda: _settings(world),
    )


def _settings(world: World) -> dict[str, str]:
    app = next(iter(world.apps.values()))
    return {"EXACT_CLIENT_ID": app.client_id, "EXACT_CLIENT_SECRET": app.secret}


def exact_hooks(world: World) -> Hooks:
    def revoke(scope: Scope) -> bool:
        token = world.access_tokens.get(bearer(scope))
        return bool(token and world.revoke(token.chain.user))

    def between_pages(scope: Scope) -> bool:
        token = world.access_tokens.get(bearer(scope))
        if token is None or b"skiptoken=" not in scope["query_string"]:
            return False
        target = find_target(scope["path"][len(API) :])
        is_theirs = target.division in world.users[token.chain.user].divisions
        if target.resource is None or not is_theirs:
            return False
        move_rows(world.divisions[target.division], world.switches, target.resource.table)
        return True

    def headers() -> list[tuple[bytes, bytes]]:
        reset = str(int(world.clock.now().timestamp() * 1000) + 1000).encode()
        limits = [(b"x-ratelimit-minutely-limit", b"60"), (b"x-ratelimit-minutely-remaining", b"0")]
        return [*limits, (b"x-ratelimit-minutely-reset", reset)]

    return Hooks(
        paths_ending("/oauth2/token"),
        paths_ending("/oauth2/auth"),
        {"token_revoked": revoke, "rows_move": between_pages},
        headers,
        refuse_body=b"",
    )
