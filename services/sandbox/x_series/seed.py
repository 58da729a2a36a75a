"""The stores that stand at the start: a Dutch shop with two outlets, and an empty one for receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.names import STREETS, made_up_buyer
from services.sandbox.x_series import catalogue
from services.sandbox.x_series.merchant import Merchant, SystemProducts
from services.sandbox.x_series.records import Customer, Outlet, PaymentType, Product, Register, Tax, User
from services.sandbox.x_series.values import ZERO, cents

TAXES = (
    ("No Tax", ZERO, True),
    ("BTW hoog", Decimal("0.21"), False),
    ("BTW laag", Decimal("0.09"), False),
    ("BTW nul", ZERO, False),
)
PAYMENT_TYPES = (
    ("Contant", "cash", 1, False),
    ("PIN", "pin", 4, False),
    ("Creditcard", "credit card", 3, False),
    ("iDEAL", "ideal", 5, False),
    ("Cadeaukaart", "gift card", 118, False),
    ("Loyalty", "loyalty", 106, False),
    ("Winkeltegoed", "store credit", 107, True),
    ("Op rekening", "on account", 105, True),
    ("Afronding contant", "rounding", 110, True),
)
CATEGORIES = {
    "Fietsonderdelen": ("Bel", "Band", "Zadel", "Slot", "Pedaal", "Lamp", "Ketting", "Stuur", "Mand", "Pomp"),
    "Kleding": ("Jas", "Handschoenen", "Muts", "Shirt", "Regenbroek", "Sokken"),
    "Boeken": ("Routekaart", "Reisgids", "Fietsboek", "Kinderboek"),
    "Etenswaren": ("Sportreep", "Gel", "Stroopwafels", "Sportdrank"),
}
LOW_RATE = frozenset({"Boeken", "Etenswaren"})
COST_SHARE = Decimal("0.45")
KINDS = ("rood", "blauw", "zwart", "klein", "groot", "klassiek", "deluxe")


@dataclass(frozen=True)
class Shop:
    """An outlet, with the prefix of each of its registers."""

    name: str
    prefixes: tuple[str, ...]
    time_zone: str = "Europe/Amsterdam"


def bare_store(merchant: Merchant, shops: Sequence[Shop]) -> None:
    """Settings only: outlets with their registers, taxes, payment types, people; nothing sold."""
    for name, rate, is_system in TAXES:
        tax = Tax(id=merchant.new_id(), name=name, rate_id=merchant.new_id(), rate=rate, is_system=is_system)
        tax.is_default = name == "BTW hoog"
        merchant.put(merchant.taxes, tax)
    merchant.no_tax_id = next(tax.id for tax in merchant.taxes if tax.is_system)
    for label, kind, type_id, internal in PAYMENT_TYPES:
        row = PaymentType(id=merchant.new_id(), name=label, kind=kind, type_id=type_id, internal=internal)
        merchant.put(merchant.payment_types, row)
    for username, display_name, account_type in (
        ("eva", "Eva Jansen", "admin"),
        ("sem", "Sem Bakker", "cashier"),
    ):
        user = User(
            id=merchant.new_id(), username=username, display_name=display_name, account_type=account_type
        )
        merchant.put(merchant.users, user)
    walk_in = Customer(
        id=merchant.new_id(), code="WALKIN", created_at=merchant.now(), updated_at=merchant.now()
    )
    merchant.walk_in_id = merchant.put(merchant.customers, walk_in).id
    for place, shop in enumerate(shops, start=1):
        _add_outlet(merchant, shop, place)
    merchant.system = SystemProducts(
        discount=_system_product(merchant, "Discount", "vend-discount"),
        gift_card=_system_product(merchant, "Cadeaukaart", "vend-gift-card"),
        rounding=_system_product(merchant, "Afronding", "vend-rounding"),
    )


def _add_outlet(merchant: Merchant, shop: Shop, place: int) -> None:
    outlet = Outlet(
        id=merchant.new_id(),
        name=shop.name,
        time_zone=shop.time_zone,
        default_tax_id=next(tax.id for tax in merchant.taxes if tax.is_default),
        street=f"{STREETS[place % len(STREETS)]} {place * 7}",
        postcode=f"35{place:02d} AB",
        city="Utrecht",
        email=f"{shop.name.lower()}@example.nl",
    )
    merchant.put(merchant.outlets, outlet)
    for number, prefix in enumerate(shop.prefixes, start=1):
        register = Register(
            id=merchant.new_id(), name=f"{shop.name} kassa {number}", outlet_id=outlet.id, prefix=prefix
        )
        merchant.put(merchant.registers, register)


def _system_product(merchant: Merchant, name: str, handle: str) -> str:
    """Untaxed by itself; they come in the list like any other (13.1)."""
    product = Product(
        id=merchant.new_id(),
        name=name,
        sku=handle,
        handle=handle,
        tax_id=merchant.no_tax_id,
        tracks_inventory=False,
        is_system=True,
        created_at=merchant.now(),
        updated_at=merchant.now(),
    )
    product.family_id = product.id
    return catalogue.keep_product(merchant, product).id


def dutch_shop(merchant: Merchant) -> None:
    """Some two hundred products, customers, loyalty; two outlets with three registers; no sales yet."""
    bare_store(merchant, [Shop("Oudegracht", ("OUD1-", "OUD2-")), Shop("Lombok", ("LOM1-",))])
    merchant.loyalty_ratio = Decimal("0.02")
    add_assortment(merchant)
    for number in range(40):
        catalogue.add_customer(merchant, made_up_buyer(f"klant-{number}", number, company=number % 4 == 0))


def add_assortment(merchant: Merchant) -> None:
    high, low = (catalogue.tax_of_rate(merchant, Decimal(percent)) for percent in (21, 9))
    for name, things in CATEGORIES.items():
        category = catalogue.category_of(merchant.categories, merchant, name)
        for thing in things:
            for kind in KINDS:
                price = Decimal(merchant.dice.randrange(195, 9995, 5)) / 100
                sku = f"{name[:2].upper()}{len(merchant.products):04d}"
                tax = low if name in LOW_RATE else high
                product = catalogue.new_product(merchant, sku, f"{thing} {kind}", price, tax)
                product.cost, product.category_id = cents(price * COST_SHARE), category.id
                catalogue.keep_product(merchant, product)
                for outlet in merchant.outlets:
                    level = Decimal(merchant.dice.randrange(60))
                    catalogue.move_stock(merchant, product.id, outlet.id, level)
