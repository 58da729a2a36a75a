"""One store: its rows, its counter of versions, its ids, and who is told of a change."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from services.sandbox.switches import Switches
from services.sandbox.x_series.records import (
    Closure,
    Customer,
    GiftCard,
    Named,
    Outlet,
    OutletTax,
    PaymentType,
    Product,
    Register,
    Stock,
    StoreCredit,
    Tax,
    User,
    Webhook,
)
from services.sandbox.x_series.sale import Sale
from services.sandbox.x_series.table import Row, Stored, Table, Versions
from services.sandbox.x_series.values import ZERO

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
Heard = Callable[["Merchant", str, Stored], None]


def nobody_hears(merchant: "Merchant", kind: str, row: Stored) -> None:
    return None


@dataclass
class SystemProducts:
    """What the store needs of its own (11.2, 11.3, 12.6)."""

    discount: str = ""
    gift_card: str = ""
    rounding: str = ""


@dataclass
class Merchant:
    """`heard` is told `sale.update` and the like with the row that changed (chapter 14)."""

    domain_prefix: str
    name: str
    clock: Callable[[], datetime]
    seed: int
    switches: Switches
    heard: Heard = nobody_hears
    cash_rounding: bool = False
    tax_exclusive: bool = False
    """Prices are typed and shown without tax (12.5)."""
    loyalty_ratio: Decimal = ZERO
    system: SystemProducts = field(default_factory=SystemProducts)
    no_tax_id: str = ""
    walk_in_id: str = ""

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed} x-series {self.domain_prefix}")
        versions = Versions(self.dice)

        self.id = self.new_id()
        self.created_at = self.now()
        self.outlets: Table[Outlet] = Table(versions, self.now)
        self.registers: Table[Register] = Table(versions, self.now)
        self.taxes: Table[Tax] = Table(versions, self.now)
        self.outlet_taxes: Table[OutletTax] = Table(versions, self.now)
        self.payment_types: Table[PaymentType] = Table(versions, self.now)
        self.users: Table[User] = Table(versions, self.now)
        self.customers: Table[Customer] = Table(versions, self.now)
        self.categories: Table[Named] = Table(versions, self.now)
        self.brands: Table[Named] = Table(versions, self.now)
        self.suppliers: Table[Named] = Table(versions, self.now)
        self.tags: Table[Named] = Table(versions, self.now)
        self.products: Table[Product] = Table(versions, self.now)
        self.stock: Table[Stock] = Table(versions, self.now)
        self.sales: Table[Sale] = Table(versions, self.now)
        self.gift_cards: Table[GiftCard] = Table(versions, self.now)
        self.store_credits: Table[StoreCredit] = Table(versions, self.now)
        self.webhooks: Table[Webhook] = Table(versions, self.now)
        self.closures: Table[Closure] = Table(versions, self.now)
        self.stock_places: dict[tuple[str, str], str] = {}
        self.skus: dict[str, str] = {}
        self.variants: dict[str, list[str]] = {}
        self.customer_codes: dict[str, str] = {}
        self.card_numbers: dict[str, str] = {}

    def now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def short_code(self) -> str:
        return "".join(self.dice.choice(LETTERS) for _ in range(6))

    def put(self, table: Table[Row], row: Row, event: str = "") -> Row:
        """A row that is new or changed: it gets the next version, and those who asked hear of it."""
        table.put(row)
        if event:
            self.heard(self, event, row)
        return row

    def put_sale(self, sale: Sale) -> Sale:
        sale.updated_at = self.now()
        return self.put(self.sales, sale, "sale.update")

    def rate(self, tax_id: str) -> Decimal:
        return self.taxes[tax_id].rate
