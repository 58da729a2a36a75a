"""POST, PUT and DELETE: reads the body, hands it to the rule, answers the stored row."""

import json
from typing import Any

from services.sandbox.exact import refusals
from services.sandbox.exact.actions import CREATES, DELETES, UPDATES
from services.sandbox.exact.calls import Answer, Request, Target
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.in_use import refuse_in_use
from services.sandbox.exact.reads import find_row, one_row
from services.sandbox.exact.refusals import ApiError, BusinessRefusal
from services.sandbox.exact.resources import Resource
from services.sandbox.exact.table import Row
from services.sandbox.exact.world import App, User, World
from services.sandbox.exact.writing import NO_TOP_LEVEL, Write, read_body

LARGEST_BODY = 10 * 1024 * 1024
ALWAYS_WHOLE = ("salesorder/SalesOrders",)
"""Recorded so at a real division, where an account of the same client came bare."""


def write(
    world: World,
    request: Request,
    app: App,
    user: User,
    target: Target,
    resource: Resource,
    division: Division,
) -> Answer:
    author = Author(user.id, user.full_name)
    under_way = Write(division, author, world.switches, app.client_id, app.redirect_uri)
    if request.method == "POST":
        return post(world, request, target, resource, under_way)
    row = find_row(division, resource, target.key or "")
    if request.method == "DELETE":
        refuse_in_use(under_way, resource.path, row)
        DELETES.get(resource.path, remove_plain(resource))(under_way, row)
        return Answer(204)
    body = read_body(parsed(request), resource, "PUT", world.switches)
    body.pop(resource.key, None)
    UPDATES.get(resource.path, change_plain(resource))(under_way, row, body)
    return Answer(204)


def remove_plain(resource: Resource) -> Any:
    return lambda under_way, row: under_way.division.remove(resource.table, row, under_way.author)


def change_plain(resource: Resource) -> Any:
    return lambda under_way, row, body: under_way.division.change(resource.table, row, body, under_way.author)


def parsed(request: Request) -> Any:
    if len(request.body) > LARGEST_BODY:
        raise ApiError(400, "Error processing request stream. The request is too large.")
    try:
        return json.loads(request.body, parse_float=str)
    except ValueError as error:
        raise ApiError(400, NO_TOP_LEVEL) from error


def post(world: World, request: Request, target: Target, resource: Resource, under_way: Write) -> Answer:
    if target.key is not None:
        raise ApiError(405, "The requested resource does not support this method.")
    crash_on = world.switches["crash_on"]
    if crash_on and crash_on.encode() in request.body:
        raise BusinessRefusal(refusals.OBJECT_REFERENCE)
    sent = parsed(request)
    body = read_body(sent, resource, "POST", world.switches)
    row = create(under_way, resource, body)
    is_whole = request.wants_representation and world.switches["knows_prefer"]
    if not is_whole and resource.path not in ALWAYS_WHOLE:
        row = bare(row, sent, resource, world.switches["bare_post_answer"])
    return one_row(request, target, resource, under_way.division, row, 201)


def create(under_way: Write, resource: Resource, body: Row) -> Row:
    body.pop("ID", None)
    maker = CREATES.get(resource.path)
    if maker is not None:
        return maker(under_way, body)
    for known in resource.properties.values():
        if known.is_mandatory and body.get(known.name) in (None, ""):
            under_way.refuse(refusals.mandatory(known.name))
    table = under_way.division.table(resource.table)
    if "Code" in table.indexes and table.first("Code", body.get("Code")) is not None:
        under_way.refuse(refusals.ALREADY_EXISTS)
    under_way.settle()
    flags = {known.name: False for known in resource.properties.values() if known.type == "Boolean"}
    return under_way.division.add(resource.table, flags | body, under_way.author)


def bare(row: Row, sent: dict[str, Any], resource: Resource, choice: str) -> Row:
    """Without `Prefer: return=representation` most properties of the answer are empty."""
    kept = {resource.key} | (set(sent) if choice == "posted" else set())
    return {name: value for name, value in row.items() if name in kept}
