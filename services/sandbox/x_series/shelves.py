"""What lies on a store's shelves, in plain JSON, and goods that come in."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.sandbox.tills import TicketLine
from services.sandbox.x_series import catalogue
from services.sandbox.x_series.made_up_tickets import LOOSE_GOODS
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Product
from services.sandbox.x_series.values import HUNDRED, plain

BARCODES = ("EAN", "ITF", "ISBN", "ISSN", "JAN", "UPC")


def articles_of(merchant: Merchant) -> list[dict[str, Any]]:
    """Without the till's own; `price` holds the VAT of the first outlet; None where there is none."""
    return [_article(merchant, product) for product in merchant.products if not product.is_system]


def _article(merchant: Merchant, product: Product) -> dict[str, Any]:
    tax = merchant.taxes[catalogue.tax_of_product(merchant, product, next(iter(merchant.outlets)))]
    places = [merchant.stock_places.get((product.id, outlet.id)) for outlet in merchant.outlets]
    levels = [merchant.stock[place] for place in places if place]
    return {
        "id": product.id,
        "code": product.sku,
        "name": product.name,
        "barcodes": [code["code"] for code in product.codes if code["type"] in BARCODES],
        "price": plain(product.price_incl) if product.price_incl else None,
        "vat_rate": plain(tax.rate * HUNDRED),
        "cost": plain(product.cost),
        "is_active": product.active and product.deleted_at is None,
        "is_stocked": product.tracks_inventory,
        "stock": {row.outlet_id: plain(row.level) for row in levels},
    }


def receive(merchant: Merchant, lines: Iterable[TicketLine]) -> int:
    """So many of each article at each outlet; one that isn't known is made from its line."""
    products = [(catalogue.product_of(merchant, line), line.quantity) for line in lines]
    for product, quantity in products:
        _add(merchant, product, quantity)
    return len(products)


def receive_everything(merchant: Merchant, quantity: Decimal, *, loose: bool) -> int:
    """So many of whatever is kept in stock, and where asked for, of what made-up customers buy loose."""
    if loose:
        catalogue.product_of(merchant, LOOSE_GOODS)
    products = [each for each in merchant.products if each.tracks_inventory]
    for product in products:
        _add(merchant, product, quantity)
    return len(products)


def _add(merchant: Merchant, product: Product, quantity: Decimal) -> None:
    for outlet in merchant.outlets:
        catalogue.move_stock(merchant, product.id, outlet.id, quantity)
