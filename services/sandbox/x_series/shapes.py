"""Reference data as the versions show it (chapters 11 to 13): 2.0 leaves out what is empty."""

from decimal import Decimal
from typing import Any

from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import (
    Customer,
    Named,
    Outlet,
    OutletTax,
    PaymentType,
    Product,
    Register,
    Stock,
    Tax,
    User,
    Webhook,
)
from services.sandbox.x_series.values import iso, number

Shown = dict[str, Any]
CUSTOMER_FIELDS = (
    *("first_name", "last_name", "company_name", "email", "phone", "mobile", "fax", "website", "twitter"),
    *("gender", "date_of_birth", "note", "do_not_email", "customer_group_id", "enable_loyalty"),
    *(f"{kind}_{part}" for kind in ("physical", "postal") for part in (
        "address_1", "address_2", "suburb", "city", "postcode", "state", "country_id"
    )),
    *(f"custom_field_{place}" for place in range(1, 5)),
    *("on_account_limit", "tax_id"),
)  # fmt: skip
CASH_CONFIG = {"rounding": "0.05", "algorithm": "round-mid-down"}


def _or_null(amount: Decimal | None) -> int | float | None:
    return None if amount is None else number(amount)


def retailer(merchant: Merchant, is_dated: bool) -> Shown:
    zone = next(iter(merchant.outlets)).time_zone
    return {
        "id": merchant.id,
        "name": merchant.name,
        "domain_prefix": merchant.domain_prefix,
        "store_url": f"https://{merchant.domain_prefix}.retail.lightspeed.app",
        "account_status": "active",
        "account_type": "plus",
        "culture": "nl_NL",
        "country": "NL",
        "currency": {"code": "EUR", "symbol": "€"},
        "timezone": zone if is_dated else {"timezone": zone, "timezone_type": 3},
        "tax_exclusive": merchant.tax_exclusive,
        "discount_product_id": merchant.system.discount,
        "no_tax_group_id": merchant.no_tax_id,
        "store_credit": True,
        "gift_cards": {"enabled": True, "never_enabled": False},
        "on_account": {"default_limit": None},
        "loyalty": {"enabled": bool(merchant.loyalty_ratio), "ratio": number(merchant.loyalty_ratio)},
        "sku_sequence": {"enabled": True, "value": 10_000 + len(merchant.products)},
        "created_at": iso(merchant.created_at),
        "activated_at": iso(merchant.created_at),
        "version": "1",
    }


def outlet(merchant: Merchant, row: Outlet) -> Shown:
    return {
        "name": row.name,
        "time_zone": row.time_zone,
        "default_tax_id": row.default_tax_id,
        "currency": "EUR",
        "currency_symbol": "€",
        "display_prices": "exclusive" if merchant.tax_exclusive else "inclusive",
        "physical_address_1": row.street,
        "physical_address_2": None,
        "physical_suburb": None,
        "physical_city": row.city,
        "physical_postcode": row.postcode,
        "physical_state": None,
        "physical_country_id": "NL",
        "email": row.email,
        "attributes": [],
    }


def register(merchant: Merchant, row: Register) -> Shown:
    return {
        "name": row.name,
        "outlet_id": row.outlet_id,
        "is_open": bool(row.open_sequence_id),
        "register_open_time": iso(row.opened_at) if row.opened_at else None,
        "register_close_time": iso(row.closed_at) if row.closed_at else None,
        "register_open_sequence_id": row.open_sequence_id or None,
        "cash_managed_payment_type_id": None,
        "invoice_prefix": row.prefix,
        "invoice_suffix": "",
        "invoice_sequence": row.sequence,
        "receipt_template_id": merchant.id,
        "button_layout_id": None,
        "ask_for_note_on_save": 1,
        "ask_for_user_on_sale": False,
        "print_note_on_receipt": False,
        "print_receipt": True,
        "email_receipt": False,
        "show_discounts_on_receipts": True,
    }


def tax(merchant: Merchant, row: Tax) -> Shown:
    rate: Shown = {
        "id": row.rate_id,
        "name": row.name,
        "display_name": row.name,
        "rate": number(row.rate),
        "rules": [],
    }
    return {"name": row.name, "display_name": row.name, "is_default": row.is_default, "rates": [rate]}


def outlet_tax(merchant: Merchant, row: OutletTax) -> Shown:
    return {"outlet_id": row.outlet_id, "product_id": row.product_id, "tax_id": row.tax_id}


def payment_type(merchant: Merchant, row: PaymentType, is_dated: bool) -> Shown:
    config: Shown = dict(CASH_CONFIG) if row.kind == "cash" and merchant.cash_rounding else {}
    shown: Shown = {"name": row.name, "type_id": row.type_id, "config": config}
    if is_dated:
        shown |= {
            "disabled": False,
            "internal": row.internal,
            "gateway": row.kind in {"pin", "credit card"},
            "is_editable": not row.internal,
            "name_changed_by_user": False,
            "outlet_ids": [outlet.id for outlet in merchant.outlets],
            "payment_type": {"id": row.type_id, "name": row.kind, "internal": row.internal},
            "created_at": iso(merchant.created_at),
        }
    return shown


def user(merchant: Merchant, row: User) -> Shown:
    return {
        "username": row.username,
        "display_name": row.display_name,
        "account_type": row.account_type,
        "enabled": True,
        "is_primary_user": row.account_type == "admin",
        "created_at": iso(merchant.created_at),
        "updated_at": iso(merchant.created_at),
    }


def customer(merchant: Merchant, row: Customer) -> Shown:
    """The sign of what is owed is not known for sure (11.6)."""
    sign = -1 if merchant.switches.is_on("debt_is_negative") else 1
    fields = {name: row.fields.get(name) for name in CUSTOMER_FIELDS}
    name = f"{row.fields.get('first_name') or ''} {row.fields.get('last_name') or ''}".strip()
    return fields | {
        "customer_code": row.code,
        "name": name,
        "enable_loyalty": row.fields.get("enable_loyalty", bool(merchant.loyalty_ratio)),
        "do_not_email": row.fields.get("do_not_email", False),
        "loyalty_balance": number(row.loyalty),
        "year_to_date": number(row.spent),
        "balance": number(sign * row.debt),
        "created_at": iso(row.created_at or merchant.created_at),
        "updated_at": iso(row.updated_at or merchant.created_at),
    }


def named(merchant: Merchant, row: Named) -> Shown:
    return {"name": row.name}


def category(merchant: Merchant, row: Named) -> Shown:
    path = [{"id": row.id, "name": row.name}]
    return {"name": row.name, "leaf_category": True, "category_path": path}


def product(merchant: Merchant, row: Product, is_dated: bool) -> Shown:
    """`categories` are tags, `product_type_id` is the category; no tax id: see outlet_taxes (13.1)."""
    variants = merchant.variants.get(row.id, [])
    tags = [
        {"id": key, "name": merchant.tags[key].name, "version": merchant.tags[key].version}
        for key in row.tag_ids
    ]
    shown: Shown = {
        "name": row.name,
        "variant_name": _variant_name(row),
        "variant_parent_id": row.parent_id or None,
        "variant_options": row.options,
        "variant_count": len(variants) + 1 if variants else None,
        "has_variants": bool(variants),
        "handle": row.handle,
        "sku": row.sku,
        "product_codes": row.codes,
        "description": row.description or None,
        "active": row.active,
        "is_active": row.active,
        "has_inventory": row.tracks_inventory,
        "is_composite": False,
        "price_excluding_tax": number(row.price),
        "price_including_tax": number(row.price_incl),
        "supply_price": number(row.cost),
        "loyalty_amount": _or_null(row.loyalty_amount),
        "supplier_id": row.supplier_id or None,
        "supplier_code": row.supplier_code or None,
        "supplier": _named(merchant.suppliers.get(row.supplier_id)),
        "product_suppliers": _product_suppliers(merchant, row),
        "brand_id": row.brand_id or None,
        "brand": _named(merchant.brands.get(row.brand_id)),
        "product_type_id": row.category_id or None,
        "type": _named(merchant.categories.get(row.category_id)),
        "tag_ids": row.tag_ids,
        "categories": tags,
        "attributes": [],
        "images": [],
        "account_code": row.account_code or None,
        "account_code_purchase": row.account_code_purchase or None,
        "button_order": 0,
        "source": row.source,
        "source_id": row.source_id or None,
        "created_at": iso(row.created_at or merchant.created_at),
        "updated_at": iso(row.updated_at or merchant.created_at),
    }
    return {"family_id": row.family_id} | shown if is_dated else shown


def _variant_name(row: Product) -> str:
    return " / ".join([row.name, *(option["value"] for option in row.options)])


def _named(row: Named | None) -> Shown | None:
    return {"id": row.id, "name": row.name, "version": row.version} if row else None


def _product_suppliers(merchant: Merchant, row: Product) -> list[Shown]:
    supplier = merchant.suppliers.get(row.supplier_id)
    if supplier is None:
        return []
    own = {"id": f"{row.id}/{supplier.id}", "product_id": row.id, "supplier_id": supplier.id}
    return [own | {"supplier_name": supplier.name, "code": row.supplier_code, "price": number(row.cost)}]


def stock(merchant: Merchant, row: Stock, is_dated: bool) -> Shown:
    shown: Shown = {
        "product_id": row.product_id,
        "outlet_id": row.outlet_id,
        "reorder_point": _or_null(row.reorder_point),
        "reorder_amount": _or_null(row.reorder_amount),
    }
    if not is_dated:
        return shown | {"inventory_level": number(row.level)}
    return shown | {
        "current_inventory_level": number(row.level),
        "average_cost": number(merchant.products[row.product_id].cost),
        "reorder_method": "FIXED" if row.reorder_amount is not None else None,
        "reorder_target": None,
        "quantity_to_procure": 0,
    }


def webhook(merchant: Merchant, row: Webhook) -> Shown:
    return {"id": row.id, "retailer_id": merchant.id, "type": row.kind, "url": row.url, "active": row.active}
