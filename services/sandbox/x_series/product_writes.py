"""Products and customers written by a client (12.7, 13.2, 13.3): write names differ from read names."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from services.sandbox.tills import TicketError, decimal
from services.sandbox.x_series import catalogue, shapes
from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.errors import ApiError, bad, not_found, refused
from services.sandbox.x_series.lists import RESOURCES, shown
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Customer, Named, Product, Tax
from services.sandbox.x_series.sale_writes import redacted
from services.sandbox.x_series.values import ONE, ZERO, five

CODE_TYPES = frozenset({"CUSTOM", "EAN", "ISBN", "ITF", "JAN", "UPC"})
NO_REORDER_POINT = Decimal(-1)
MOST_VARIANT_ATTRIBUTES = 3
Fields = Mapping[str, Any]


def create(call: Call) -> Answer:
    """Answers a list of ids, one a variant, not the product."""
    fields, merchant = call.fields(), call.merchant
    if not fields.get("name"):
        raise bad("name is required")
    variants = fields.get("variants") or [{}]
    first = _made(merchant, fields, {**fields, **variants[0]}, parent=None)
    ids = [first.id]
    for variant in variants[1:]:
        ids.append(_made(merchant, fields, {**fields, **variant}, parent=first).id)
    return Answer({"data": ids})


def _made(merchant: Merchant, family: Fields, fields: Fields, parent: Product | None) -> Product:
    name = str(fields["name"])
    codes = _codes(merchant, fields.get("product_codes"))
    sku = str(fields.get("sku") or (codes[0]["code"] if codes else 10_000 + len(merchant.products)))
    refuse_known_sku(merchant, sku)
    tax = _wanted_tax(merchant, fields) or merchant.taxes[next(iter(merchant.outlets)).default_tax_id]
    now = merchant.now()
    product = Product(
        id=merchant.new_id(),
        name=name,
        sku=sku,
        handle=str(family.get("handle") or name.lower().replace(" ", "-")),
        tax_id=tax.id,
        codes=codes or _codes(merchant, [{"type": "CUSTOM", "code": sku}]),
        source=str(fields.get("source") or "USER"),
        source_id=str(fields.get("source_id") or ""),
        created_at=now,
        updated_at=now,
    )
    product.family_id = parent.family_id if parent else product.id
    if parent:
        product.parent_id = parent.id
        merchant.variants.setdefault(parent.id, []).append(product.id)
    product.options = [
        {"id": str(option.get("attribute_id", "")), "name": "", "value": str(option.get("value", ""))}
        for option in fields.get("variant_definitions") or ()
    ]
    _set_common(merchant, product, {**fields, "name": name})
    _set_details(merchant, product, {name: fields[name] for name in fields if name != "product_codes"})
    catalogue.keep_product(merchant, product)
    _set_places(merchant, product, fields)
    return product


def update(call: Call, key: str) -> Answer:
    """`common` is of the whole family, `details` of this variant (13.3)."""
    merchant, fields = call.merchant, call.fields()
    product = merchant.products.get(key)
    if product is None or product.deleted_at:
        raise not_found("product")
    common, details = _part(fields, "common"), _part(fields, "details")
    if len(common.get("variant_attributes") or ()) > MOST_VARIANT_ATTRIBUTES:
        raise refused(f"a family has at most {MOST_VARIANT_ATTRIBUTES} variant attributes")
    codes = details.get("product_codes")
    if codes and codes[0].get("code") != product.sku:
        refuse_known_sku(merchant, str(codes[0].get("code")))
    _set_details(merchant, product, {name: details[name] for name in details if name != "supply_price"})
    for member in [row for row in merchant.products if row.family_id == product.family_id]:
        _set_common(merchant, member, common)
        if member is product or common:
            member.updated_at = merchant.now()
            merchant.put(merchant.products, member, "product.update")
    _set_places(merchant, product, details)
    return Answer({"data": shown(RESOURCES["products"], call, product)})


def make_categories(call: Call) -> Answer:
    """Makes or renames several at once; `payload_id` is the caller's own name for each (13.5)."""
    merchant, made = call.merchant, []
    for wanted in call.fields().get("categories") or ():
        name = str(wanted.get("name") or "")
        if not name:
            raise bad("name is required")
        row = merchant.categories.get(str(wanted.get("id") or "")) or Named(id=merchant.new_id(), name=name)
        row.name = name
        merchant.put(merchant.categories, row)
        made.append({"id": row.id, "payload_id": str(wanted.get("payload_id") or ""), "name": name})
    return Answer({"data": made})


def delete(call: Call, key: str, whole_family: bool = False) -> Answer:
    product = call.merchant.products.get(key)
    if product is None or product.is_system:
        raise not_found("product")
    family = [row for row in call.merchant.products if row.family_id == product.family_id]
    for row in family if whole_family else [product]:
        row.deleted_at = call.merchant.now()
        call.merchant.skus.pop(row.sku, None)
        call.merchant.put(call.merchant.products, row, "product.update")
    return Answer({"data": {"id": key}})


def refuse_known_sku(merchant: Merchant, sku: str) -> None:
    """How it is refused is not known (13.3)."""
    if sku in merchant.skus:
        raise ApiError(int(merchant.switches["duplicate_sku"]), f"SKU {sku} is used by another product")


def _part(fields: Fields, name: str) -> Fields:
    part = fields.get(name) or {}
    if not isinstance(part, dict):
        raise bad(f"{name} is an object")
    return part


def _codes(merchant: Merchant, raw: Any) -> list[dict[str, str]]:
    codes = []
    for code in raw or ():
        if not isinstance(code, dict) or code.get("type") not in CODE_TYPES or not code.get("code"):
            raise refused(f"a product code has a code and a type of {', '.join(sorted(CODE_TYPES))}")
        codes.append({"id": merchant.new_id(), "type": str(code["type"]), "code": str(code["code"])})
    return codes


TEXTS = {
    "name": "name",
    "description": "description",
    "brand_id": "brand_id",
    "product_category_id": "category_id",
    "product_type_id": "category_id",
    "account_code_sale": "account_code",
    "account_code_purchase": "account_code_purchase",
    "supplier_id": "supplier_id",
    "supplier_code": "supplier_code",
}
KNOWN_IN: Mapping[str, Callable[[Merchant], Any]] = {
    "brand_id": lambda merchant: merchant.brands,
    "category_id": lambda merchant: merchant.categories,
    "supplier_id": lambda merchant: merchant.suppliers,
}


def _set_common(merchant: Merchant, product: Product, fields: Fields) -> None:
    for name, attribute in TEXTS.items():
        if name not in fields:
            continue
        value = str(fields[name] or "")
        if value and attribute in KNOWN_IN and KNOWN_IN[attribute](merchant).get(value) is None:
            raise refused(f"{name} is not known")
        setattr(product, attribute, value)
    if "track_inventory" in fields:
        product.tracks_inventory = bool(fields["track_inventory"])
    if "tag_ids" in fields:
        kept = [] if merchant.switches.is_on("lists_replace") else product.tag_ids
        product.tag_ids = list(dict.fromkeys([*kept, *map(str, fields["tag_ids"] or ())]))
    for supplier in fields.get("product_suppliers") or ():
        product.supplier_id = str(supplier.get("supplier_id") or "")
        product.supplier_code = str(supplier.get("code") or "")


def _set_details(merchant: Merchant, product: Product, fields: Fields) -> None:
    if "is_active" in fields:
        product.active = bool(fields["is_active"])
    if "supply_price" in fields:
        product.cost = _number(fields, "supply_price")
    if fields.get("loyalty_amount") is not None:
        product.loyalty_amount = _number(fields, "loyalty_amount")
    if "product_codes" in fields:
        _set_codes(merchant, product, _codes(merchant, fields["product_codes"]))
    tax = _wanted_tax(merchant, fields)
    if tax:
        product.tax_id = tax.id
    _set_price(merchant, product, fields)


def _set_codes(merchant: Merchant, product: Product, codes: list[dict[str, str]]) -> None:
    """The first one becomes the SKU."""
    kept = [] if merchant.switches.is_on("lists_replace") else product.codes
    product.codes = [*codes, *kept]
    if codes and product.sku != codes[0]["code"]:
        if merchant.skus.get(product.sku) == product.id:
            del merchant.skus[product.sku]
            merchant.skus[codes[0]["code"]] = product.id
        product.sku = codes[0]["code"]


def _set_price(merchant: Merchant, product: Product, fields: Fields) -> None:
    rate = merchant.rate(product.tax_id)
    has_incl, has_excl = "price_including_tax" in fields, "price_excluding_tax" in fields
    if has_incl and has_excl:
        raise refused("give price_including_tax or price_excluding_tax, not both")
    if has_incl:
        product.price_incl = _number(fields, "price_including_tax")
    elif has_excl:
        product.price_incl = five(_number(fields, "price_excluding_tax") * (ONE + rate))
    product.price = five(product.price_incl / (ONE + rate))


def _wanted_tax(merchant: Merchant, fields: Fields) -> Tax | None:
    """`all_outlets_tax`; an empty text is the outlet's default."""
    wanted = fields.get("all_outlets_tax")
    if not isinstance(wanted, dict):
        return None
    key = str(wanted.get("tax_id") or next(iter(merchant.outlets)).default_tax_id)
    tax = merchant.taxes.get(key)
    if tax is None:
        raise refused("all_outlets_tax.tax_id is not known")
    return tax


def _set_places(merchant: Merchant, product: Product, fields: Fields) -> None:
    """Taxes and levels per outlet; a level overwrites what was sold meanwhile (13.4)."""
    if "all_outlets_tax" in fields:
        for outlet in merchant.outlets:
            catalogue.set_outlet_tax(merchant, outlet.id, product.id, product.tax_id)
    for wanted in fields.get("outlet_taxes") or ():
        if merchant.taxes.get(str(wanted.get("tax_id"))) is None:
            raise refused("outlet_taxes.tax_id is not known")
        catalogue.set_outlet_tax(merchant, str(wanted.get("outlet_id")), product.id, str(wanted["tax_id"]))
    for wanted in fields.get("inventory") or ():
        if merchant.outlets.get(str(wanted.get("outlet_id"))) is None:
            raise refused("inventory.outlet_id is not known")
        _set_level(merchant, product, wanted)


def _set_level(merchant: Merchant, product: Product, wanted: Fields) -> None:
    row = catalogue.stock_of(merchant, product.id, str(wanted["outlet_id"]))
    if wanted.get("current_amount") is not None:
        row.level = _number(wanted, "current_amount")
    if wanted.get("reorder_point") is not None:
        point = _number(wanted, "reorder_point")
        row.reorder_point = None if point == NO_REORDER_POINT else point
    if wanted.get("reorder_amount") is not None:
        row.reorder_amount = _number(wanted, "reorder_amount")
    merchant.put(merchant.stock, row, "inventory.update")


def create_customer(call: Call) -> Answer:
    fields = call.fields()
    for name in ("first_name", "last_name"):
        if name not in fields:
            raise bad(f"{name} is required; it may be null")
    merchant = call.merchant
    code = str(fields.get("customer_code") or f"K{len(merchant.customers):05d}")
    if code in merchant.customer_codes:
        raise refused(f"customer_code {code} is used by another customer")
    customer = catalogue.keep_customer(merchant, code, _customer_fields(fields))
    return Answer({"data": shown(RESOURCES["customers"], call, customer)}, 201)


def update_customer(call: Call, key: str) -> Answer:
    customer = _customer(call, key)
    customer.fields |= _customer_fields(call.fields())
    customer.updated_at = call.merchant.now()
    call.merchant.put(call.merchant.customers, customer, "customer.update")
    return Answer({"data": shown(RESOURCES["customers"], call, customer)})


def delete_customer(call: Call, key: str) -> Answer:
    customer = _customer(call, key)
    if customer.id == call.merchant.walk_in_id:
        raise refused("the walk-in customer can't be deleted")
    customer.deleted_at = call.merchant.now()
    call.merchant.put(call.merchant.customers, customer, "customer.update")
    return Answer(status=204)


def _customer(call: Call, key: str) -> Customer:
    customer = call.merchant.customers.get(key)
    if customer is None or customer.deleted_at:
        raise not_found("customer")
    return customer


def _customer_fields(fields: Fields) -> dict[str, object]:
    return {
        name: redacted(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if name in shapes.CUSTOMER_FIELDS
    }


def _number(fields: Fields, name: str) -> Decimal:
    try:
        return decimal(fields[name], name) + ZERO
    except TicketError as error:
        raise bad(str(error)) from None
