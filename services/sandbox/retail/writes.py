"""POST, PUT and DELETE on the data API (3.4 and chapter 6)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from services.sandbox.retail import catalogue, counts
from services.sandbox.retail.account import Account, prices
from services.sandbox.retail.bodies import Body, entities_in, plain_text, scalars
from services.sandbox.retail.errors import ApiError, bad, not_found
from services.sandbox.retail.rows import Row
from services.sandbox.retail.sale_writes import write_sale
from services.sandbox.retail.schema import Entity
from services.sandbox.retail.values import ZERO, Kind, Nested, Value, read_value, value_text

if TYPE_CHECKING:
    from services.sandbox.retail.world import RetailWorld

Written = tuple[Row, list[str]]
DESTROYED = frozenset({"Category", "TaxClass", "TaxCategory", "InventoryCount"})
WRITABLE = frozenset(
    {
        "Item",
        "ItemShop",
        "Customer",
        "Category",
        "TaxClass",
        "TaxCategory",
        "PaymentType",
        "Discount",
        "CustomerType",
        "RegisterWithdraw",
        "CreditAccount",
        "Manufacturer",
        "ItemMatrix",
        *counts.ENTITIES,
    }
)
CODE_LENGTHS = range(11, 15)


def write(
    world: "RetailWorld", account: Account, entity: Entity, method: str, path: list[str], body: Body
) -> Written:
    """The row as it is now, and the relations that the answer shows unasked."""
    if entity.name == "Sale":
        return write_sale(account, method, path, body, world.switches)
    if entity.name not in WRITABLE or len(path) > 1:
        raise ApiError(405, f"Method {method} not allowed on {entity.name}.")
    if method == "POST" and not path:
        if entity.name in counts.ENTITIES:
            return counts.create(account, entity, body, world.switches), []
        return _create(account, entity, body)
    if not path or not path[0].isdigit():
        raise ApiError(405, f"Method {method} not allowed on {entity.name}.")
    row = account[entity.name].get(int(path[0]))
    if row is None:
        raise not_found(entity.name, path[0])
    return _delete(account, entity, row) if method == "DELETE" else _update(account, entity, row, body)


_SET_BY_VENDOR = frozenset(
    {"createTime", "timeStamp", "systemSku", "creditAccountID", "contactID", "fullPathName"}
)


def _create(account: Account, entity: Entity, body: Body) -> Written:
    makers: dict[str, Callable[[Account, Body], Written]] = {
        "Item": _create_item,
        "Customer": _create_customer,
        "Category": _create_category,
        "ItemShop": _refuse_item_shop,
    }
    if entity.name in makers:
        return makers[entity.name](account, body)
    fields = scalars(entity, body, without=_SET_BY_VENDOR)
    if "name" in entity.columns and not fields.get("name"):
        raise bad("name cannot be blank.")
    if entity.name == "PaymentType":
        fields["type"] = "user defined"
    for stamp in ("createTime", "timeStamp"):
        if stamp in entity.columns:
            fields[stamp] = account.stamp()
    return account[entity.name].add(fields), []


def _refuse_item_shop(account: Account, body: Body) -> Written:
    raise ApiError(405, "Method POST not allowed on ItemShop.")


def _create_item(account: Account, body: Body) -> Written:
    entity = account["Item"].entity
    fields = scalars(entity, body, without=_SET_BY_VENDOR)
    if not fields.get("description"):
        raise bad("Item not created. An Item must have a description.")
    _check_barcodes(account, fields, None)
    now = account.stamp()
    defaults: dict[str, Value] = {
        "tax": True,
        "discountable": True,
        "taxClassID": 1,
        "itemType": "default",
        "Prices": prices(ZERO),
    }
    own: dict[str, Value] = {"systemSku": account.system_sku(), "createTime": now, "timeStamp": now}
    item = account["Item"].add(defaults | fields | own)
    catalogue.add_stock_rows(account, item)
    _write_nested_item(account, item, body)
    return item, ["ItemShops"]


def _check_barcodes(account: Account, fields: Mapping[str, Value], own: Row | None) -> None:
    for column in ("upc", "ean"):
        code = fields.get(column)
        if not code:
            continue
        if not str(code).isdigit() or len(str(code)) not in CODE_LENGTHS:
            raise bad(f"{column} must be 11 to 14 digits.")
        for other in (*account["Item"].find("upc", code), *account["Item"].find("ean", code)):
            if other is not own:
                raise ApiError(422, f"An item with {column} {code} already exists.")


def _write_nested_item(account: Account, item: Row, body: Body) -> None:
    for price in entities_in(body, "Prices", "ItemPrice"):
        _set_price(account, item, price)
    if isinstance(body.get("ItemAttributes"), dict):
        _set_attributes(account, item, body["ItemAttributes"])
    seen = set()
    for stock in entities_in(body, "ItemShops", "ItemShop"):
        row = _stock_row(account, item, stock)
        if row.key in seen:
            raise bad("ItemShops holds the same shop twice.")
        seen.add(row.key)
        fields = scalars(
            row.entity, stock, without=frozenset({"itemShopID", "shopID", "itemID", "timeStamp"})
        )
        wanted = fields.pop("qoh", None)
        if isinstance(wanted, Decimal):
            catalogue.move_stock(account, item.key, row.id("shopID"), wanted - row.number("qoh"))
        account["ItemShop"].change(row, fields)


def _set_attributes(account: Account, item: Row, body: Body) -> None:
    table = account["ItemAttributes"]
    fields = scalars(table.entity, body, without=frozenset({"itemID"}))
    known = table.find("itemID", item.key)
    if known:
        table.change(known[0], fields)
    else:
        table.add({**fields, "itemID": item.key})


def _stock_row(account: Account, item: Row, stock: Body) -> Row:
    for row in account["ItemShop"].find("itemID", item.key):
        if str(stock.get("itemShopID")) == str(row.key) or str(stock.get("shopID")) == str(row.id("shopID")):
            return row
    raise bad(f"Item {item.key} has no ItemShop for shop {stock.get('shopID')}.")


def _set_price(account: Account, item: Row, price: Body) -> None:
    known = item.nested("Prices").get("ItemPrice", [])
    levels: list[Nested] = (
        [dict(level) for level in known if isinstance(level, dict)] if isinstance(known, list) else []
    )
    try:
        amount = value_text(read_value(plain_text(price.get("amount", "0")), Kind.NUMBER))
    except ValueError:
        raise bad("Invalid price amount.") from None
    for level in levels:
        if isinstance(level, dict) and _is_level(level, price):
            level["amount"] = amount
            break
    else:
        raise bad("Unknown price level.")
    account.change(item, Prices={"ItemPrice": levels})


def _is_level(level: Mapping[str, Nested], price: Body) -> bool:
    if price.get("useTypeID"):
        return str(price["useTypeID"]) == level["useTypeID"]
    return bool(price.get("useType", "Default") == level["useType"])


def _create_customer(account: Account, body: Body) -> Written:
    entity = account["Customer"].entity
    now = account.stamp()
    contact = account.add("Contact", timeStamp=now, noEmail=True, noPhone=True, noMail=True)
    fields = scalars(entity, body, without=_SET_BY_VENDOR)
    row = account["Customer"].add({**fields, "createTime": now, "timeStamp": now, "contactID": contact.key})
    _write_nested_customer(account, row, body)
    return row, ["Contact"]


def _write_nested_customer(account: Account, row: Row, body: Body) -> None:
    contact = body.get("Contact")
    if isinstance(contact, dict):
        own = account["Contact"].rows[row.id("contactID")]
        fields = scalars(own.entity, contact)
        for name in ("Addresses", "Phones", "Emails", "Websites"):
            if name in contact:
                fields[name] = contact[name]
        account["Contact"].change(own, fields | {"timeStamp": account.stamp()})
    credit = body.get("CreditAccount")
    if isinstance(credit, dict):
        opened = catalogue.credit_account_of(account, row)
        account["CreditAccount"].change(
            opened, scalars(opened.entity, credit, without=frozenset({"balance"}))
        )


def _create_category(account: Account, body: Body) -> Written:
    fields = scalars(account["Category"].entity, body, without=_SET_BY_VENDOR)
    if not fields.get("name"):
        raise bad("name cannot be blank.")
    now = account.stamp()
    row = account["Category"].add({**fields, "createTime": now, "timeStamp": now})
    renumber(account)
    return row, []


def renumber(account: Account) -> None:
    """The nested set again; rows whose nodes move get a new timeStamp (4.8)."""
    place = 0

    def visit(parent: int, depth: int, path: str) -> None:
        nonlocal place
        children = [row for row in account["Category"] if row.id("parentID") == parent]
        for row in children:
            place += 1
            left = place
            full = f"{path}/{row.text('name')}" if path else row.text("name")
            visit(row.key, depth + 1, full)
            place += 1
            _place(account, row, left, place, depth, full)

    visit(0, 0, "")


def _place(account: Account, row: Row, left: int, right: int, depth: int, path: str) -> None:
    fields = {
        name: read_value(str(number), Kind.NUMBER)
        for name, number in (("leftNode", left), ("rightNode", right), ("nodeDepth", depth))
    }
    if any(row.get(name) != value for name, value in fields.items()) or row.text("fullPathName") != path:
        account["Category"].change(row, {**fields, "fullPathName": path, "timeStamp": account.stamp()})


def _update(account: Account, entity: Entity, row: Row, body: Body) -> Written:
    allowed_only = frozenset({"reorderPoint", "reorderLevel"}) if entity.name == "ItemShop" else None
    fields = scalars(entity, body, without=_SET_BY_VENDOR)
    if allowed_only is not None:
        fields = {name: value for name, value in fields.items() if name in allowed_only}
    if fields.get("archived") is True:
        fields.pop("archived")
    if entity.name == "Item":
        if fields.get("description") == "":
            raise bad("Item not updated. An Item must have a description.")
        _check_barcodes(account, fields, row)
    if "timeStamp" in entity.columns:
        fields["timeStamp"] = account.stamp()
    account[entity.name].change(row, fields)
    if entity.name == "Item":
        _write_nested_item(account, row, body)
        return row, ["ItemShops"]
    if entity.name == "Customer":
        _write_nested_customer(account, row, body)
        return row, ["Contact"]
    if entity.name == "Category":
        renumber(account)
    return row, []


def _delete(account: Account, entity: Entity, row: Row) -> Written:
    if entity.name in DESTROYED:
        if entity.name == "Category" and any(
            child.id("parentID") == row.key for child in account["Category"]
        ):
            raise bad("Category has children.")
        account[entity.name].remove(row)
        return row, []
    if not entity.archives:
        raise ApiError(405, f"Method DELETE not allowed on {entity.name}.")
    account.change(row, archived=True)
    if entity.name == "Item":
        for stock in account["ItemShop"].find("itemID", row.key):
            account.change(stock, qoh=ZERO, sellable=ZERO, timeStamp=account.stamp())
    credit = account["CreditAccount"].get(row.id("creditAccountID")) if entity.name == "Customer" else None
    if credit:
        account.change(credit, archived=True)
    return row, []
