"""What is read, and a few small writes: retailer, registers, taxes, inventory, cards, credit (11 to 13)."""

from typing import Any

from services.sandbox.tills import decimal
from services.sandbox.x_series import card_shapes, lists, oldest, registers, shapes
from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.cards import ENDINGS
from services.sandbox.x_series.errors import ApiError, bad, not_found
from services.sandbox.x_series.lists import RESOURCES, shown
from services.sandbox.x_series.records import GiftCard, Register, Tax
from services.sandbox.x_series.values import iso, money, number, read_moment

LARGEST_OLD_PAGE, CARDS_PAGE = 200, 1000
LARGEST_INVENTORY_PAGE, INVENTORY_PAGE = 5000, 1000
ENDED = frozenset(ENDINGS.values())


def retailer(call: Call) -> Answer:
    return Answer({"data": shapes.retailer(call.merchant, call.is_dated)})


def products(call: Call) -> Answer:
    """With sku, name or family_name the other parameters are ignored (13.1)."""
    wanted = {
        name: value for name in ("sku", "name", "family_name") if (value := call.first(name)) is not None
    }
    if not wanted:
        return lists.listing(RESOURCES["products"], call)
    names = {row.id: row.name for row in call.merchant.products}
    rows = [
        row
        for row in call.merchant.products
        if row.deleted_at is None
        and wanted.get("sku", row.sku) == row.sku
        and wanted.get("name", row.name) == row.name
        and wanted.get("family_name", names[row.family_id or row.id]) == names[row.family_id or row.id]
    ]
    return Answer({"data": [shown(RESOURCES["products"], call, row) for row in rows]})


def outlet_taxes(call: Call) -> Answer:
    outlet = call.first("outlet_id")
    return lists.listing(RESOURCES["outlet_taxes"], call, lambda row: outlet in {None, row.outlet_id})


def categories(call: Call) -> Answer:
    rows = [shown(RESOURCES["product_types"], call, row) for row in call.merchant.categories]
    page = {"has_next": False, "last_seen": rows[-1]["id"] if rows else ""}
    return Answer({"page_info": page, "data": {"categories": rows}})


def create_tax(call: Call) -> Answer:
    fields, merchant = call.fields(), call.merchant
    name = str(fields.get("name") or "")
    if not name or fields.get("rate") is None:
        raise bad("name and rate are required")
    if any(tax.name == name and tax.deleted_at is None for tax in merchant.taxes):
        raise ApiError(409, "A tax with this name exists already")
    rate = decimal(fields["rate"], "rate")
    tax = Tax(id=merchant.new_id(), name=name, rate_id=merchant.new_id(), rate=rate)
    merchant.put(merchant.taxes, tax)
    return Answer({"data": shown(RESOURCES["taxes"], call, tax)}, 201)


def _register(call: Call, key: str) -> Register:
    register = call.merchant.registers.get(key)
    if register is None or register.deleted_at:
        raise not_found("register")
    return register


def open_register(call: Call, key: str) -> Answer:
    text = call.fields().get("register_open_time")
    at = read_moment(str(text)) if text else call.merchant.now()
    register = registers.open_register(call.merchant, _register(call, key), at)
    return Answer({"data": shown(RESOURCES["registers"], call, register)})


def close_register(call: Call, key: str) -> Answer:
    counted = {
        str(payment.get("payment_type_id")): decimal(payment.get("total"), "total")
        for payment in call.fields().get("payments") or ()
    }
    register = registers.close_register(call.merchant, _register(call, key), call.merchant.now(), counted)
    return Answer({"data": shown(RESOURCES["registers"], call, register)})


def payments_summary(call: Call, key: str) -> Answer:
    """For the closure that is open now only; totals are text (12.3)."""
    merchant, register = call.merchant, _register(call, key)
    if not register.open_sequence_id or register.opened_at is None:
        raise ApiError(404, "Register is not open")
    payments = [
        {
            "payment_type_id": type_id,
            "payment_type_name": merchant.payment_types[type_id].name,
            "total": money(total),
        }
        for type_id, total in registers.summed_payments(merchant, register).items()
    ]
    return Answer(
        {
            "data": {
                "register_closure_id": register.open_sequence_id,
                "register_closure_sequence_number": register.closures,
                "register_open_time": iso(register.opened_at),
                "payments": payments,
            }
        }
    )


def product_inventory(call: Call, key: str) -> Answer:
    lists.found(RESOURCES["products"], call, key)
    return lists.listing(RESOURCES["inventory"], call, lambda row: row.product_id == key)


def inventory_of_product(call: Call, key: str) -> Answer:
    """`GET /inventory/{product_id}` of 2026-07: a bare array (chapter 4, 13.4)."""
    lists.found(RESOURCES["products"], call, key)
    size = min(call.whole("page_size") or INVENTORY_PAGE, LARGEST_INVENTORY_PAGE)
    rows = [row for row in call.merchant.stock.after(call.whole("after") or 0) if row.product_id == key]
    return Answer([shown(RESOURCES["inventory"], call, row) for row in rows[:size]])


def read_inventory(call: Call) -> Answer:
    """A POST that only reads: filters in the body, a bare array back (13.4)."""
    fields = call.fields()
    products_wanted = {str(key) for key in fields.get("product_ids") or ()}
    outlets_wanted = {str(key) for key in fields.get("outlet_ids") or ()}
    rows = [
        row
        for row in call.merchant.stock
        if (not products_wanted or row.product_id in products_wanted)
        and (not outlets_wanted or row.outlet_id in outlets_wanted)
    ]
    return Answer([shown(RESOURCES["inventory"], call, row) for row in rows])


def gift_cards(call: Call) -> Answer:
    """Newest first, `before` the id of the last one seen (5.3)."""
    return _cards(call, repeats=False)


def old_gift_cards(call: Call) -> Answer:
    """The legacy endpoint repeats the last item on the next page (5.3)."""
    return _cards(call, repeats=True)


def _cards(call: Call, *, repeats: bool) -> Answer:
    cards = list(call.merchant.gift_cards)[::-1]
    before, size = call.first("before"), min(call.whole("page_size") or CARDS_PAGE, CARDS_PAGE)
    if before is not None:
        places = [place for place, card in enumerate(cards) if card.id == before]
        if not places:
            raise bad("before is the id of a gift card")
        cards = cards[places[0] + (0 if repeats else 1) :]
    status, card_number = call.first("status"), call.first("card_number")
    wanted = [c for c in cards if status in {None, c.status} and card_number in {None, c.number}]
    return Answer({"data": [_shown_card(call, card) for card in wanted[:size]]})


def _shown_card(call: Call, card: GiftCard) -> dict[str, Any]:
    """Of a card that ended what was on it may still be shown."""
    row = card_shapes.gift_card(card)
    if call.merchant.switches["ended_card_balance"] == "kept" and card.status in ENDED:
        row["balance"] = number(-card.movements[-1].amount)
    return row


def _card_by_number(call: Call, key: str) -> GiftCard:
    known = call.merchant.card_numbers.get(key)
    if known is None:
        raise not_found("gift card")
    return call.merchant.gift_cards[known]


def gift_card_by_number(call: Call, key: str) -> Answer:
    return Answer({"data": _shown_card(call, _card_by_number(call, key))})


def gift_card_by_id(call: Call, key: str) -> Answer:
    card = call.merchant.gift_cards.get(key)
    if card is None:
        raise not_found("gift card")
    return Answer({"data": _shown_card(call, card)})


def gift_card_transactions(call: Call, key: str) -> Answer:
    return Answer({"data": [card_shapes.movement(move) for move in _card_by_number(call, key).movements]})


def store_credits(call: Call) -> Answer:
    rows = [card_shapes.store_credit(row) for row in call.merchant.store_credits]
    return Answer({"data": rows})


def _store_credit(call: Call, key: str) -> dict[str, Any]:
    row = call.merchant.store_credits.get(key)
    if row is None:
        raise not_found("store credit")
    return card_shapes.store_credit(row)


def store_credit(call: Call, key: str) -> Answer:
    return Answer({"data": _store_credit(call, key)})


def store_credit_transactions(call: Call, key: str) -> Answer:
    return Answer({"data": _store_credit(call, key)["store_credit_transactions"]})


def register_sales(call: Call) -> Answer:
    """The list of 0.9: pages by number, and a key named after the resource (5.3)."""
    size = min(call.whole("page_size") or LARGEST_OLD_PAGE, LARGEST_OLD_PAGE)
    page = max(call.whole("page") or 1, 1)
    sales = list(call.merchant.sales)
    shown_sales = [oldest.sale(call.merchant, row) for row in sales[(page - 1) * size : page * size]]
    pages = max(-(-len(sales) // size), 1)
    pagination = {"results": len(sales), "page": page, "page_size": size, "pages": pages}
    return Answer({"pagination": pagination, "register_sales": shown_sales})
