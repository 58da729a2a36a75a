"""The Items API (11): numbers instead of decimal strings, limits, and refusals that name the field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from starlette.responses import JSONResponse, Response

from services.sandbox.restaurant.back_office import AccountingGroup
from services.sandbox.restaurant.business import Business, Item, Location
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.errors import ApiError, item_error

DEFAULT_AMOUNT, LARGEST_AMOUNT, MOST_IDS = 100, 1000, 200
LENGTHS = {"name": (1, 180), "docketName": (0, 64), "sku": (1, 32), "barcode": (0, 64)}
PRICE_MODES = ("AMOUNT", "PERCENT", "POSITIVE_OPEN_PRICE", "NEGATIVE_OPEN_PRICE")
Json = dict[str, Any]


def list_items(call: Call) -> object:
    """With itemIds, offset and amount count for nothing."""
    business, location = _place(call, call.given.get("businessLocationId"))
    found = [item for item in business.items.values() if item.location in {None, location.bl_id}]
    found = [item for item in found if _fits(item, call)]
    wanted = call.all_of("itemIds")
    if len(wanted) > MOST_IDS:
        raise item_error(400, f"at most {MOST_IDS} ids", call.now, "itemIds", len(wanted))
    if wanted:
        found = [item for item in found if str(item.item_id) in wanted]
    else:
        offset, amount = _number(call, "offset", 0), _number(call, "amount", DEFAULT_AMOUNT)
        if not 1 <= amount <= LARGEST_AMOUNT:
            raise item_error(400, f"must be between 1 and {LARGEST_AMOUNT}", call.now, "amount", amount)
        found = found[offset : offset + amount]
    shown = [_shown(item, call, location) for item in found]
    return shown if call.world.switches["items_list"] == "array" else {"items": shown}


def _fits(item: Item, call: Call) -> bool:
    given = call.given
    return (
        given.get("sku", item.sku) == item.sku
        and given.get("name", item.name).lower() in item.name.lower()
        and given.get("accountingGroupId", str(item.group.group_id)) == str(item.group.group_id)
    )


def one_item(call: Call) -> object:
    business, location = _place(call, call.given.get("businessLocationId"))
    return _shown(_item(call, business, location), call, location)


def _item(call: Call, business: Business, location: Location) -> Item:
    item = business.items.get(int(call.named["item"]))
    if item is None or item.location not in {None, location.bl_id}:
        raise item_error(404, f"Item {call.named['item']} not found", call.now)
    return item


def create_item(call: Call) -> Response:
    """A create that can't be done is a 404, as the vendor writes it."""
    refusal = int(str(call.world.switches["create_refused"]))
    body = _body(call, refusal)
    business, location = _place(call, body.get("businessLocationId"), refusal)
    _check(call, body, refusal, ("name", "businessLocationId", "accountingGroupId", "defaultPrice"))
    sku = str(body.get("sku") or f"SKU{len(business.items) + 1:05d}")
    if sku in business.by_sku:
        raise item_error(refusal, "An item with this sku exists", call.now, "sku", sku)
    group = _group(call, business, body, refusal)
    item = Item(business.next_id(), str(body["name"]), sku, group, Decimal(0), sharing="LOCAL")
    item.location = location.bl_id
    _write(call, item, body)
    business.add_item(item)
    return JSONResponse(_shown(item, call, location), 201)


def replace_item(call: Call) -> object:
    """A full update: what the body leaves out goes back to nothing."""
    body = _body(call, 400)
    business, location = _place(call, body.get("businessLocationId"))
    item = _item(call, business, location)
    _check(call, body, 400, ("name", "businessLocationId", "accountingGroupId", "defaultPrice", "sku"))
    other = business.by_sku.get(str(body["sku"]))
    if other is not None and other is not item:
        raise item_error(400, "An item with this sku exists", call.now, "sku", body["sku"])
    del business.by_sku[item.sku]
    item.name, item.sku, item.group = str(body["name"]), str(body["sku"]), _group(call, business, body, 400)
    _write(call, item, body)
    business.by_sku[item.sku] = item
    return _shown(item, call, location)


def _write(call: Call, item: Item, body: Mapping[str, Any]) -> None:
    item.price = Decimal(str(body["defaultPrice"]))
    item.cost = Decimal(str(body["costPrice"])) if body.get("costPrice") is not None else None
    item.docket_name = str(body.get("docketName") or "")
    item.price_mode = str(body.get("priceMode") or "AMOUNT")
    codes = [body["barcode"], *body.get("barcodes", [])] if body.get("barcode") else body.get("barcodes", [])
    item.barcodes = tuple(dict.fromkeys(str(code) for code in codes))
    given = bool(body.get("active", True))
    item.active = given if call.world.switches["items_active"] == "active" else not body.get("active", False)


def _body(call: Call, refusal: int) -> Mapping[str, Any]:
    if not isinstance(call.body, dict):
        raise item_error(refusal, "The body is not a JSON object", call.now)
    return call.body


def _check(call: Call, body: Mapping[str, Any], refusal: int, required: tuple[str, ...]) -> None:
    for name in required:
        if body.get(name) is None:
            raise item_error(refusal, "must not be null", call.now, name)
    for name, (least, most) in LENGTHS.items():
        value = body.get(name)
        if value is not None and not least <= len(str(value)) <= most:
            raise item_error(refusal, f"size must be between {least} and {most}", call.now, name, value)
    for name in ("defaultPrice", "costPrice"):
        value = body.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise item_error(refusal, "must be a number", call.now, name, value)
    if body.get("priceMode") and body["priceMode"] not in PRICE_MODES:
        message = f"must be one of {', '.join(PRICE_MODES)}"
        raise item_error(refusal, message, call.now, "priceMode", body["priceMode"])
    if not isinstance(body.get("barcodes", []), list):
        raise item_error(refusal, "must be a list", call.now, "barcodes", body["barcodes"])


def _group(call: Call, business: Business, body: Mapping[str, Any], refusal: int) -> AccountingGroup:
    wanted = str(body["accountingGroupId"])
    try:
        return next(group for group in business.groups if str(group.group_id) == wanted)
    except StopIteration:
        message = "Accounting group not found"
        raise item_error(refusal, message, call.now, "accountingGroupId", wanted) from None


def _place(call: Call, wanted: object, refusal: int = 400) -> tuple[Business, Location]:
    if not wanted:
        raise item_error(refusal, "must not be null", call.now, "businessLocationId")
    try:
        return call.location(str(wanted))
    except ApiError as refused:
        if refused.status != 404:
            raise
        raise item_error(404, f"Business Location not found: {wanted}", call.now) from None


def _number(call: Call, name: str, default: int) -> int:
    raw = call.given.get(name, str(default))
    if not raw.isdigit():
        raise item_error(400, "must be a number", call.now, name, raw)
    return int(raw)


def _shown(item: Item, call: Call, location: Location) -> Json:
    """Prices are numbers here; there is no VAT on an article."""
    price = item.own_prices.get(location.bl_id, item.price)
    prices = [{"name": "Default", "amount": float(price)}]
    prices += [{"name": name, "amount": float(amount)} for name, amount in item.other_prices.items()]
    active = item.active if call.world.switches["items_active"] == "active" else not item.active
    shown: Json = {
        "id": item.item_id,
        "name": item.name,
        "docketName": item.docket_name or item.name[:64],
        "sku": item.sku,
        "active": active,
        "barcodes": list(item.barcodes),
        "accountingGroup": {"id": item.group.group_id, "name": item.group.name},
        "statisticGroups": [{"category": "default", "value": item.group.statistic}],
        "prices": prices,
        "sharingType": item.sharing,
        "priceMode": item.price_mode,
        "inventorySource": "PURCHASED",
        "disabled": False,
        "itemType": item.kind,
    }
    if item.barcodes:
        shown["barcode"] = item.barcodes[0]
    if item.cost is not None:
        shown["costPrice"] = float(item.cost)
    return shown
