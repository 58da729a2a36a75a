"""Finds or makes what a ticket names: outlets, registers, payment types, taxes, products, customers."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from services.sandbox.tills import Buyer, TicketError, TicketLine
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
)
from services.sandbox.x_series.table import Table
from services.sandbox.x_series.values import HUNDRED, ONE, five, plain

KINDS = {
    "cash": "cash",
    "pin": "pin",
    "credit card": "credit card",
    "creditcard": "credit card",
    "gift card": "gift card",
    "credit account": "on account",
    "on account": "on account",
    "store credit": "store credit",
    "loyalty": "loyalty",
}
Place = TypeVar("Place", Outlet, Register)


def outlet_of(merchant: Merchant, wanted: str | None) -> Outlet:
    """By id, by name, or by its place in the list; the first one where none is named."""
    return _named(merchant, list(merchant.outlets), wanted, "outlet")


def register_of(merchant: Merchant, wanted: str | None, outlet: Outlet) -> Register:
    own = [register for register in merchant.registers if register.outlet_id == outlet.id]
    return _named(merchant, own, wanted, f"register of {outlet.name}")


def _named(merchant: Merchant, rows: list[Place], wanted: str | None, what: str) -> Place:
    for place, row in enumerate(rows, start=1):
        if wanted is None or wanted in {row.id, str(place)} or wanted.casefold() == row.name.casefold():
            return row
    raise TicketError(f"{merchant.domain_prefix} has no {what} {wanted}")


def user_of(merchant: Merchant, wanted: str | None) -> str:
    for user in merchant.users:
        if wanted in {None, user.id, user.username}:
            return user.id
    raise TicketError(f"{merchant.domain_prefix} has no user {wanted}")


def payment_type_of(merchant: Merchant, wanted: str) -> PaymentType:
    """By id, by name, or by what it does in the words of tickets."""
    known = merchant.payment_types.get(wanted)
    if known:
        return known
    for payment_type in merchant.payment_types:
        if payment_type.name.casefold() == wanted.casefold():
            return payment_type
    return payment_type_by_kind(merchant, KINDS.get(wanted.casefold(), wanted))


def payment_type_by_kind(merchant: Merchant, kind: str) -> PaymentType:
    for payment_type in merchant.payment_types:
        if payment_type.kind == kind:
            return payment_type
    raise TicketError(f"{merchant.domain_prefix} has no payment type {kind}")


def tax_of_rate(merchant: Merchant, percent: Decimal) -> Tax:
    for tax in merchant.taxes:
        if tax.rate * HUNDRED == percent and not tax.is_system and tax.deleted_at is None:
            return tax
    raise TicketError(f"{merchant.domain_prefix} has no tax of {percent} %")


def tax_of_line(merchant: Merchant, line: TicketLine, product: Product, outlet: Outlet) -> Tax:
    """The one that the line names by id or rate, else that of the product in this outlet."""
    if not line.taxable or line.gift_card:
        return merchant.taxes[merchant.no_tax_id]
    if line.tax_class is not None:
        named = merchant.taxes.get(line.tax_class)
        if named is None:
            raise TicketError(f"{merchant.domain_prefix} has no tax {line.tax_class}")
        return named
    if line.vat_rate is not None:
        return tax_of_rate(merchant, line.vat_rate)
    return merchant.taxes[tax_of_product(merchant, product, outlet)]


def tax_of_product(merchant: Merchant, product: Product, outlet: Outlet) -> str:
    own = merchant.outlet_taxes.get(outlet_tax_id(outlet.id, product.id))
    return own.tax_id if own and own.deleted_at is None else product.tax_id


def outlet_tax_id(outlet_id: str, product_id: str) -> str:
    return f"{outlet_id}/{product_id}"


def product_of(merchant: Merchant, line: TicketLine) -> Product:
    """The product with the line's code, made from the line where there is none; a line without a code
    is rung up on the product for manual prices of its rate."""
    if line.gift_card:
        return merchant.products[merchant.system.gift_card]
    percent = line.vat_rate if line.vat_rate is not None else Decimal(21)
    tax = tax_of_rate(merchant, percent) if line.taxable else merchant.taxes[merchant.no_tax_id]
    sku = line.item or f"DIVERSEN-{plain(percent) if line.taxable else 'GEEN'}"
    known = merchant.skus.get(sku)
    if known:
        return merchant.products[known]
    name = line.description or sku if line.item else f"Diversen {sku.rpartition('-')[2]}"
    product = new_product(merchant, sku, name, line.unit_price if line.item else Decimal(0), tax)
    product.cost = line.cost or Decimal(0)
    product.tracks_inventory = bool(line.item) and line.kind != "service"
    return keep_product(merchant, product)


def new_product(merchant: Merchant, sku: str, name: str, price_incl: Decimal, tax: Tax) -> Product:
    """To be kept with `keep_product` once the rest of it is said."""
    now = merchant.now()
    product = Product(
        id=merchant.new_id(),
        name=name,
        sku=sku,
        handle=sku.lower().replace(" ", "-"),
        tax_id=tax.id,
        price=five(price_incl / (ONE + tax.rate)),
        price_incl=price_incl,
        codes=[{"id": merchant.new_id(), "type": "CUSTOM", "code": sku}],
        created_at=now,
        updated_at=now,
    )
    product.family_id = product.id
    return product


def keep_product(merchant: Merchant, product: Product) -> Product:
    """Puts the product with its SKU, its tax per outlet and its empty places on the shelf."""
    merchant.put(merchant.products, product, "product.update")
    merchant.skus[product.sku] = product.id
    for outlet in merchant.outlets:
        if not product.is_system and product.tax_id != outlet.default_tax_id:
            set_outlet_tax(merchant, outlet.id, product.id, product.tax_id)
        if product.tracks_inventory:
            stock_of(merchant, product.id, outlet.id)
    return product


def set_outlet_tax(merchant: Merchant, outlet_id: str, product_id: str, tax_id: str) -> None:
    key = outlet_tax_id(outlet_id, product_id)
    known = merchant.outlet_taxes.get(key)
    if known and known.tax_id == tax_id:
        return
    row = OutletTax(id=key, outlet_id=outlet_id, product_id=product_id, tax_id=tax_id)
    merchant.put(merchant.outlet_taxes, row)


def stock_of(merchant: Merchant, product_id: str, outlet_id: str) -> Stock:
    key = merchant.stock_places.get((product_id, outlet_id))
    if key:
        return merchant.stock[key]
    row = Stock(id=merchant.new_id(), product_id=product_id, outlet_id=outlet_id)
    merchant.stock_places[(product_id, outlet_id)] = row.id
    return merchant.put(merchant.stock, row)


def move_stock(merchant: Merchant, product_id: str, outlet_id: str, quantity: Decimal) -> None:
    if merchant.products[product_id].tracks_inventory:
        row = stock_of(merchant, product_id, outlet_id)
        row.level += quantity
        merchant.put(merchant.stock, row, "inventory.update")


def category_of(table: Table[Named], merchant: Merchant, name: str) -> Named:
    known = _by_name(table, name)
    return known or merchant.put(table, Named(id=merchant.new_id(), name=name))


def _by_name(rows: Iterable[Named], name: str) -> Named | None:
    return next((row for row in rows if row.name == name), None)


def customer_of(merchant: Merchant, buyer: Buyer | None) -> Customer:
    """The walk-in customer is a real record (8.1)."""
    if buyer is None:
        return merchant.customers[merchant.walk_in_id]
    known = merchant.customer_codes.get(buyer.ref, buyer.ref)
    return merchant.customers.get(known) or add_customer(merchant, buyer)


def add_customer(merchant: Merchant, buyer: Buyer) -> Customer:
    """There is no member for a VAT number: shops keep it in a custom field (12.7)."""
    fields: dict[str, object] = {
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "company_name": buyer.company,
        "email": buyer.email,
        "phone": buyer.phone,
        "physical_address_1": buyer.street,
        "physical_postcode": buyer.postcode,
        "physical_city": buyer.city,
        "physical_country_id": buyer.country_code,
        "custom_field_1": buyer.vat_number,
        "custom_field_2": buyer.chamber_of_commerce,
    }
    return keep_customer(merchant, buyer.ref, {name: value for name, value in fields.items() if value})


def keep_customer(merchant: Merchant, code: str, fields: dict[str, object]) -> Customer:
    now = merchant.now()
    customer = Customer(id=merchant.new_id(), code=code, fields=fields, created_at=now, updated_at=now)
    merchant.customer_codes[code] = customer.id
    return merchant.put(merchant.customers, customer, "customer.update")
