"""The data API V3: who calls, what it costs, then a list, a record or a write."""

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.retail import writes
from services.sandbox.retail.account import Account
from services.sandbox.retail.costs import REFUND_COST, read_cost, write_cost
from services.sandbox.retail.errors import ApiError, bad, not_found
from services.sandbox.retail.oauth import Access, OAuthError
from services.sandbox.retail.paging import page_of, read_on_after
from services.sandbox.retail.query import predicates
from services.sandbox.retail.relations import Tree, count, leave_out, read_relations
from services.sandbox.retail.render import Renderer, listing
from services.sandbox.retail.reports import REPORTS, report
from services.sandbox.retail.rows import Row
from services.sandbox.retail.schema import ENTITIES, SERVED, Entity
from services.sandbox.retail.special import calculated, one_account, own_account, session
from services.sandbox.retail.world import RetailWorld

HTML = "text/html; charset=UTF-8"
JSON = "application/json"
NOT_WITH_COUNT = frozenset({"limit", "sort", "after", "before"})


@dataclass(frozen=True)
class Call:
    """One authorised request: the path below the account, and its parameters in order."""

    account: Account
    access: Access
    path: list[str]
    parameters: list[tuple[str, str]]
    address: str
    method: str
    body: Mapping[str, object]


def retail_api(world: RetailWorld) -> Callable[[Request], Awaitable[Response]]:
    dice = random.Random(f"{world.seed} retail api")

    async def serve(request: Request) -> Response:
        try:
            access = world.grants.access_of(request.headers.get("authorization", ""))
        except OAuthError as refused:
            return Response(json.dumps(refused.body), refused.status, media_type=JSON)
        account = world.accounts[access.grant.account_id]
        headers = {"X-LS-Acct-Id": str(account.account_id), "X-LS-OAuth-Client-Id": access.grant.client_id}
        headers["Cf-Ray"] = f"{dice.getrandbits(64):016x}-AMS"
        try:
            call = await _read_call(request, account, access)
            cost = _cost(world, call)
            verdict = world.limits.take(account.account_id, access.grant.client_id, cost, _registers(account))
            headers.update(verdict.headers)
            if verdict.refused_by:
                return _too_many(world, verdict.refused_by, headers)
            text = _answer(world, call, dice)
            return Response(text, 200, headers, JSON)
        except ApiError as refused:
            return _refusal(world, refused, headers)

    return serve


def _registers(account: Account) -> int:
    return sum(1 for register in account["Register"] if not register.flag("archived"))


async def _read_call(request: Request, account: Account, access: Access) -> Call:
    segments = [segment for segment in request.url.path.split("/") if segment][2:]
    as_json = segments[-1:] and (segments[-1].endswith(".json") or JSON in request.headers.get("accept", ""))
    if not as_json:
        raise ApiError(404, "Only JSON is served here: end the path with .json.", error_class="")
    segments[-1] = segments[-1].removesuffix(".json")
    if (
        segments[0] in {"Account", "Session"}
        and len(segments) > 1
        and segments[1] not in {str(account.account_id), "-"}
    ):
        raise ApiError(403, f"The token does not give access to account {segments[1]}.")
    body = await _read_body(request)
    address = str(request.url.replace(query=""))
    return Call(account, access, segments, request.query_params.multi_items(), address, request.method, body)


async def _read_body(request: Request) -> Mapping[str, object]:
    raw = await request.body()
    if request.method not in {"POST", "PUT"} or not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise bad("Invalid JSON in request body.") from None
    if not isinstance(body, dict):
        raise bad("The request body must be a JSON object.")
    return body


def _cost(world: RetailWorld, call: Call) -> float:
    name = call.path[2] if len(call.path) > 2 else ""
    if call.path[-1] == "refund":
        return REFUND_COST
    if call.method != "GET":
        return write_cost(name, call.method, call.body)
    entity = ENTITIES.get(name)
    tree = read_relations(entity, dict(call.parameters).get("load_relations", "")) if entity else {}
    twice = world.switches.is_on("nested_doubles_twice")
    return read_cost(call.parameters, tree, is_list=len(call.path) == 3, doubles_twice=twice)


def _answer(world: RetailWorld, call: Call, dice: random.Random) -> str:
    if call.path == ["Session"]:
        return json.dumps(session(call.account, call.access))
    if call.path[0] != "Account":
        raise ApiError(404, "Unknown endpoint.", error_class="")
    if len(call.path) == 1:
        return json.dumps(own_account(call.account))
    if len(call.path) == 2:
        return json.dumps(one_account(call.account))
    if call.path[2] == "Register" and call.path[-1] == "calculated":
        return json.dumps(calculated(call.account, int(call.path[3])))
    if call.path[2:4] == ["Reports", "Accounting"] and call.path[-1] in REPORTS and call.method == "GET":
        _require(call, ("reports",))
        return json.dumps(report(call.account, call.path[-1], dict(call.parameters), call.address))
    entity = ENTITIES.get(call.path[2])
    if entity is None or entity.name not in SERVED:
        raise ApiError(404, f"Unknown endpoint {call.path[2]}.", error_class="")
    if call.method == "GET":
        _require(call, _read_scopes(world, entity))
        return _list(world, call, entity, dice) if len(call.path) == 3 else _one(world, call, entity)
    _require(call, entity.write_scopes or entity.read_scopes)
    row, echoed = writes.write(world, call.account, entity, call.method, call.path[3:], call.body)
    return _single(renderer_for(world, call), entity, row, read_relations(entity, json.dumps(echoed)))


def _read_scopes(world: RetailWorld, entity: Entity) -> tuple[str, ...]:
    is_closed = entity.name == "InventoryLog" and world.switches["inventory_log"] == "employee:all"
    return ("all",) if is_closed else entity.read_scopes


def _require(call: Call, scopes: tuple[str, ...]) -> None:
    if not call.access.grant.allows(scopes):
        raise ApiError(403, "The token lacks the rights for this endpoint.")


def renderer_for(world: RetailWorld, call: Call) -> Renderer:
    grant = call.access.grant
    return Renderer(
        call.account,
        world.switches,
        sees_costs=grant.allows(("product_cost",)),
        sees_codes=grant.allows(("customers_view_gift_card_numbers",)),
    )


def _list(world: RetailWorld, call: Call, entity: Entity, dice: random.Random) -> str:
    given = dict(call.parameters)
    asked = given.get("load_relations", "")
    tree = read_relations(entity, asked)
    if asked.startswith("[") and count(tree) >= world.switches.number("relations_500_from"):
        raise ApiError(500, "Allowed memory size exhausted.", error_class="Error")
    tests = predicates(call.account, entity, call.parameters, tree, world.switches)
    after = read_on_after(entity, given)
    table = call.account[entity.name]
    rows = (row for row in (table if after is None else table.after(after)) if all(t(row) for t in tests))
    if given.get("count") == "1":
        if not NOT_WITH_COUNT.isdisjoint(given):
            raise bad("count can not be combined with limit, sort, after or before.")
        return json.dumps({"@attributes": {"count": str(sum(1 for _ in rows))}})
    page = page_of(rows, entity, given, call.address, short_by=_short_by(world, dice))
    if tree and dice.random() < world.switches.number("missing_relation_rate"):
        del tree[dice.choice(sorted(tree))]
    leave_out(tree, str(world.switches["left_out_relation"]))
    attributes = {"next": page.next, "previous": page.previous}
    return listing({**attributes}, entity.name, page.rows, renderer_for(world, call), tree)


def _short_by(world: RetailWorld, dice: random.Random) -> int:
    rate = world.switches.number("short_page_rate")
    return dice.randint(1, 20) if rate and dice.random() < rate else 0


def _one(world: RetailWorld, call: Call, entity: Entity) -> str:
    key = call.path[3]
    row = call.account[entity.name].get(int(key)) if key.isdigit() else None
    if row is None:
        raise not_found(entity.name, key)
    tree = read_relations(entity, dict(call.parameters).get("load_relations", ""))
    return _single(renderer_for(world, call), entity, row, tree)


def _single(renderer: Renderer, entity: Entity, row: Row, tree: Tree) -> str:
    return f'{{"@attributes":{{"count":"1"}},"{entity.name}":{renderer.row(row, tree)}}}'


def _refusal(world: RetailWorld, refused: ApiError, headers: Mapping[str, str]) -> Response:
    kind = HTML if refused.status in {400, 404} and world.switches.is_on("html_error_type") else JSON
    body = refused.envelope()
    if refused.status == 403 and world.switches["body_403"] == "oauth":
        body = {"error": "access_denied", "error_description": refused.message}
    return Response(json.dumps(body), refused.status, headers, kind)


def _too_many(world: RetailWorld, refused_by: str, headers: Mapping[str, str]) -> Response:
    what = "Burst rate limit" if refused_by == "api-burst-limiter" else "Rate limit"
    shape = world.switches["body_429"]
    if shape == "empty":
        return Response("", 429, headers, JSON)
    if shape == "text":
        return Response(f"{what} exceeded", 429, headers, "text/plain")
    return Response(json.dumps(ApiError(429, f"{what} exceeded.").envelope()), 429, headers, JSON)
