"""GET: one row by key, the lines of a row, or a page of a collection."""

from typing import Any

from services.sandbox.exact.answers import XML_TYPE, Place, as_atom, as_json, plan, show
from services.sandbox.exact.calls import Answer, Request, Target, root_of
from services.sandbox.exact.collections_of import collection
from services.sandbox.exact.division import Division
from services.sandbox.exact.literals import BadGuid, read_guid
from services.sandbox.exact.reading import Page, names_of, next_url, read_query
from services.sandbox.exact.refusals import ApiError
from services.sandbox.exact.resources import RESOURCES, Resource
from services.sandbox.exact.table import Row
from services.sandbox.exact.world import App, User, World


def read(
    world: World,
    request: Request,
    app: App,
    user: User,
    target: Target,
    resource: Resource,
    division: Division,
) -> Answer:
    if target.key is not None:
        row = find_row(division, resource, target.key)
        if target.lines is not None:
            return read_lines(request, target, resource, division, row)
        return one_row(request, target, resource, division, row, 200)
    counting = {"$inlinecount": "allpages", "$top": "1"} if target.counts else {}
    query = read_query(dict(request.options) | counting, resource, world.switches.of_app(app.switches))
    page = collection(world, division, user, resource, query, request)
    if target.counts:
        return Answer(200, str(page.count or 0).encode(), "text/plain;charset=utf-8")
    place = Place(root_of(request, target), resource)
    shown = plan(resource, query.select)
    rows = [
        show(row, place, shown, expand(division, resource, query.expand, row, place)) for row in page.rows
    ]
    return rows_answer(world, request, rows, page, f"{place.root}/{resource.path}", resource)


def rows_answer(
    world: World, request: Request, rows: list[Row], page: Page, url: str, resource: Resource
) -> Answer:
    if not request.wants_json:
        return Answer(200, as_atom(rows), XML_TYPE)
    content: dict[str, Any] = {}
    if page.count is not None:
        content["__count"] = str(page.count)
    content["results"] = rows
    if page.token:
        content["__next"] = next_url(url, request.options, page, is_sync=resource.family == "sync")
    whole = rows if world.switches["array_answer"] and not page.token else content
    return Answer(200, as_json({"d": whole}))


def expand(
    division: Division, resource: Resource, names: tuple[str, ...], row: Row, place: Place
) -> dict[str, list[Row]]:
    return {name: lines_of(division, resource, name, row, place) for name in names}


def lines_of(division: Division, resource: Resource, name: str, row: Row, place: Place) -> list[Row]:
    path, parent = resource.lines[name]
    line_resource = RESOURCES[path.lower()]
    lines = division.table(line_resource.table).find(parent, row[resource.key])
    line_place, shown = Place(place.root, line_resource), plan(line_resource, ())
    return [show(line, line_place, shown) for line in lines]


def read_lines(request: Request, target: Target, resource: Resource, division: Division, row: Row) -> Answer:
    names = {name.lower(): name for name in resource.lines}
    name = names.get((target.lines or "").lower())
    if name is None:
        raise ApiError(404, f"Resource not found for the segment '{target.lines}'.")
    rows = lines_of(division, resource, name, row, Place(root_of(request, target), resource))
    select = names_of(request.options.get("$select"), RESOURCES[resource.lines[name][0].lower()])
    if select:
        rows = [{k: v for k, v in line.items() if k == "__metadata" or k in select} for line in rows]
    return (
        Answer(200, as_json({"d": {"results": rows}}))
        if request.wants_json
        else Answer(200, as_atom(rows), XML_TYPE)
    )


def one_row(
    request: Request, target: Target, resource: Resource, division: Division, row: Row, status: int
) -> Answer:
    place = Place(root_of(request, target), resource)
    select = names_of(request.options.get("$select"), resource) if request.method == "GET" else ()
    opened = tuple(n for n in names_of(request.options.get("$expand"), resource) if n in resource.lines)
    shown = show(row, place, plan(resource, select), expand(division, resource, opened, row, place))
    if not request.wants_json:
        return Answer(status, as_atom([shown]), XML_TYPE)
    return Answer(status, as_json({"d": shown}))


def find_row(division: Division, resource: Resource, literal: str) -> Row:
    """A row by the key in the path; guid'..' for GUIDs, bare for numbers, quoted for texts."""
    kind = resource.properties[resource.key].type
    text = literal.strip()
    key: Any = text.strip("'")
    if kind == "Guid":
        if not text.startswith("guid'"):
            raise ApiError(400, "Bad Request - Error in query syntax.")
        try:
            key = read_guid(text[5:].rstrip("'"))
        except BadGuid as error:
            raise ApiError(400, "Bad Request - Error in query syntax.") from error
    elif kind.startswith("Int"):
        key = int(text) if text.isdigit() else -1
    row = division.table(resource.table).get(key)
    if row is None:
        raise ApiError(404, "Resource not found for the segment.")
    return row
