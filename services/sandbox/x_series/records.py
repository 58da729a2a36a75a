"""The merchant's reference data (chapters 11 to 13), as the till knows it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.sandbox.x_series.table import Stored
from services.sandbox.x_series.values import ZERO


@dataclass(kw_only=True)
class Outlet(Stored):
    name: str
    time_zone: str
    default_tax_id: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""


@dataclass(kw_only=True)
class Register(Stored):
    """`open_sequence_id` is the closure that is open now, and `opened_at` its beginning."""

    name: str
    outlet_id: str
    prefix: str
    sequence: int = 1
    closures: int = 0
    open_sequence_id: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(kw_only=True)
class Tax(Stored):
    """One rate each, a fraction, with an id of its own (12.4)."""

    name: str
    rate_id: str
    rate: Decimal
    is_default: bool = False
    is_system: bool = False


@dataclass(kw_only=True)
class OutletTax(Stored):
    outlet_id: str
    product_id: str
    tax_id: str


@dataclass(kw_only=True)
class PaymentType(Stored):
    """`kind` is what the till does with it; `type_id` the vendor's global number (12.6)."""

    name: str
    kind: str
    type_id: int
    internal: bool = False


@dataclass(kw_only=True)
class User(Stored):
    username: str
    display_name: str
    account_type: str = "cashier"


@dataclass(kw_only=True)
class Customer(Stored):
    """`fields` are the members that a client may write; `debt` is what is open on account."""

    code: str
    fields: dict[str, object] = field(default_factory=dict)
    debt: Decimal = ZERO
    loyalty: Decimal = ZERO
    spent: Decimal = ZERO
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(kw_only=True)
class Named(Stored):
    """A product category, brand, supplier or tag."""

    name: str


@dataclass(kw_only=True)
class Product(Stored):
    """`price` is without tax; `tax_id` the tax of all outlets unless `outlet_taxes` names another."""

    name: str
    sku: str
    handle: str
    tax_id: str
    price: Decimal = ZERO
    price_incl: Decimal = ZERO
    cost: Decimal = ZERO
    codes: list[dict[str, str]] = field(default_factory=list)
    category_id: str = ""
    brand_id: str = ""
    supplier_id: str = ""
    supplier_code: str = ""
    tag_ids: list[str] = field(default_factory=list)
    description: str = ""
    active: bool = True
    tracks_inventory: bool = True
    is_system: bool = False
    family_id: str = ""
    parent_id: str = ""
    options: list[dict[str, str]] = field(default_factory=list)
    account_code: str = ""
    account_code_purchase: str = ""
    loyalty_amount: Decimal | None = None
    source: str = "USER"
    source_id: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(kw_only=True)
class Stock(Stored):
    """What lies in one outlet of one product."""

    product_id: str
    outlet_id: str
    level: Decimal = ZERO
    reorder_point: Decimal | None = None
    reorder_amount: Decimal | None = None


@dataclass(kw_only=True)
class Movement:
    """Of a gift card or of a customer's store credit (11.3, 11.4)."""

    id: str
    kind: str
    amount: Decimal
    user_id: str
    client_id: str
    created_at: datetime


@dataclass(kw_only=True)
class GiftCard(Stored):
    number: str
    sale_id: str
    status: str = "ACTIVE"
    created_at: datetime
    expires_at: datetime | None = None
    movements: list[Movement] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        return sum((movement.amount for movement in self.movements), ZERO)


@dataclass(kw_only=True)
class StoreCredit(Stored):
    """The id is the customer's."""

    movements: list[Movement] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        return sum((movement.amount for movement in self.movements), ZERO)


@dataclass(kw_only=True)
class Webhook(Stored):
    kind: str
    url: str
    active: bool
    client_id: str


@dataclass(kw_only=True)
class Closure(Stored):
    """A register's open and close; the public API lists none (12.3)."""

    register_id: str
    sequence: int
    opened_at: datetime
    closed_at: datetime
    counted: dict[str, Decimal] = field(default_factory=dict)
