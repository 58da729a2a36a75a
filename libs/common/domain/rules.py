"""What a merchant chose: how sales are booked, and on what.

Field names and values are those of the partner API; ledgers and debtors are Exact's ids, journals,
VAT codes, cost centres and payment conditions its codes, the keys of the till the till's ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Literal


class Mode(StrEnum):
    DAILY_TOTALS = "daily-totals"
    TRANSACTIONS = "transactions"
    INVOICES = "invoices"
    ORDERS = "orders"


class Settlement(StrEnum):
    """How the money of a sale meets its turnover: inside the entry, or in journals of its own."""

    IN_ENTRY = "in-entry"
    PER_RECEIPT = "per-receipt"
    PER_DAY = "per-day"
    NONE = "none"


class PaymentKind(StrEnum):
    CASH = "cash"
    CARD = "card"
    ONLINE = "online"
    GIFT_CARD = "gift-card"
    STORE_CREDIT = "store-credit"
    ON_ACCOUNT = "on-account"
    CLEARING = "clearing"
    COST = "cost"


STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class DailyTotalsRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    document: Literal["general-journal", "cash-entry", "sales-entry"] = "general-journal"
    per: Literal["outlet", "register", "revenue-center"] = "outlet"
    lines_by: Literal["vat", "category"] = "vat"
    vat: Literal["sum-of-receipts", "recompute"] = "sum-of-receipts"


@dataclass(frozen=True, slots=True)
class InvoiceRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    print: bool = True
    """Printing is what books an invoice in Exact; an unprinted one stays open."""
    send: Literal["none", "email", "account"] = "none"


@dataclass(frozen=True, slots=True)
class OutletRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    enabled: bool = True
    journal: str | None = None
    cost_center: str | None = None
    warehouse: str | None = None


@dataclass(frozen=True, slots=True)
class Journals:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    sales: str | None = None
    cash: str | None = None
    general: str | None = None


@dataclass(frozen=True, slots=True)
class DebtorRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    default_account: str | None = None
    own_when: Literal["business", "known", "never"] = "business"
    create: bool = True
    match_on: tuple[Literal["code", "vat_number", "chamber_of_commerce", "email"], ...] = (
        "code",
        "vat_number",
        "chamber_of_commerce",
        "email",
    )
    update: bool = False


@dataclass(frozen=True, slots=True)
class RevenueRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    default_ledger: str | None = None
    by_vat_code: dict[str, str] = field(default_factory=dict)
    by_category: dict[str, str] = field(default_factory=dict)
    by_item: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaymentRule:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    kind: PaymentKind
    ledger: str | None = None
    journal: str | None = None


@dataclass(frozen=True, slots=True)
class SpecialLedgers:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    cash_rounding: str | None = None
    cash_difference: str | None = None
    gift_cards: str | None = None
    store_credit: str | None = None
    tips: str | None = None
    deposits: str | None = None
    open_payments: str | None = None
    bottle_deposit: str | None = None
    discounts: str | None = None
    cash_drops: str | None = None
    petty_cash: str | None = None


@dataclass(frozen=True, slots=True)
class ItemRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    create: bool = True
    fallback_item: str | None = None
    rounding_item: str | None = None
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CorrectionRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    style: Literal["difference", "reverse-and-repeat"] = "difference"
    closed_period: Literal["first-open-day", "problem"] = "first-open-day"


@dataclass(frozen=True, slots=True)
class ProductRules:
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    direction: Literal["off", "to-exact", "to-lightspeed"] = "off"
    stock: bool = False
    fields: tuple[str, ...] = ()
    """Names of `ProductField`."""
    stock_counts: Literal["draft", "processed"] = "draft"
    """How a stock count is left in Exact: for a person to process, or processed at once."""
    item_groups: dict[str, str] = field(default_factory=dict)
    """The item group of Exact by the till's category."""
    vat_codes: dict[str, str] = field(default_factory=dict)
    """The VAT code of items by the till's category, where its articles bear no tax of their own."""

    @property
    def keeps_stock(self) -> bool:
        return self.stock and self.direction != "off"


@dataclass(frozen=True, slots=True)
class Rules:
    """One connection's choices.

    What is None or missing is asked for before the connection can be switched on.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    mode: Mode = Mode.TRANSACTIONS
    business_receipts: Literal["individual", "as-mode"] = "individual"
    division: str | None = None
    start_date: date | None = None
    day_end: str = "00:00"
    day_close_wait_minutes: int = 90
    post_at: str = "06:30"
    daily_totals: DailyTotalsRules = DailyTotalsRules()
    invoices: InvoiceRules = InvoiceRules()
    settlement: Settlement = Settlement.IN_ENTRY
    outlets: dict[str, OutletRules] = field(default_factory=dict)
    journals: Journals = Journals()
    debtor: DebtorRules = DebtorRules()
    revenue: RevenueRules = RevenueRules()
    vat: dict[str, str] = field(default_factory=dict)
    small_business_scheme: bool = False
    payments: dict[str, PaymentRule] = field(default_factory=dict)
    ledgers: SpecialLedgers = SpecialLedgers()
    gift_cards: Literal["liability", "turnover-at-sale"] = "liability"
    gift_card_vat: str | None = None
    deposit_vat: str | None = None
    petty_cash_vat: str | None = None
    open_payments: bool = False
    till_movements: bool = False
    discounts_apart: bool = False
    items: ItemRules = ItemRules()
    corrections: CorrectionRules = CorrectionRules()
    products: ProductRules = ProductRules()
    payment_condition: str | None = None
    reference_prefix: str = ""
    entry_number_guard: bool = False

    @property
    def closed_outlets(self) -> frozenset[str]:
        """Those that are switched off."""
        return frozenset(outlet for outlet, rule in self.outlets.items() if not rule.enabled)

    @property
    def settles(self) -> Settlement:
        """The settlement in effect: invoices and orders hold items alone; there `in-entry` is `per-day`."""
        if self.settlement is Settlement.IN_ENTRY and self.books_items:
            return Settlement.PER_DAY
        return self.settlement

    @property
    def books_items(self) -> bool:
        """Whether turnover stands on articles at prices, whose ledgers are Exact's own."""
        return self.mode in (Mode.INVOICES, Mode.ORDERS)

    @property
    def books_business_receipts_apart(self) -> bool:
        """Whether receipts on account, or of a customer with a VAT number, stay out of the daily totals."""
        return self.mode is Mode.DAILY_TOTALS and self.business_receipts == "individual"

    @property
    def shows_discounts_apart(self) -> bool:
        """Articles stand on invoices and orders at their price after discount."""
        return self.discounts_apart and not self.books_items


def rate_key(rate: Decimal) -> str:
    """A VAT rate as it is written in `Rules.vat`: in per cent, without trailing zeros ("21", "5.5", "0")."""
    return format(rate.normalize(), "f")
