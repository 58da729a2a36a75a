"""What stands on a business's menu, in plain JSON."""

from typing import Any

from services.sandbox.restaurant.business import Business, Item

CHOICE, FIXED = "GROUP", "AMOUNT"


def articles_of(business: Business) -> list[dict[str, Any]]:
    """`price` holds the VAT, and is None where it is typed at the till; a group is no article."""
    return [_article(business, item) for item in business.items.values() if item.kind != CHOICE]


def _article(business: Business, item: Item) -> dict[str, Any]:
    return {
        "id": str(item.item_id),
        "code": item.sku,
        "name": item.name,
        "barcodes": list(item.barcodes),
        "price": f"{item.price}" if item.price_mode == FIXED and item.price else None,
        "vat_rate": f"{business.tax_of(item.group.rates['']).percent:f}",
        "cost": f"{item.cost or 0}",
        "is_active": item.active,
        "is_stocked": False,
        "stock": {},
    }
