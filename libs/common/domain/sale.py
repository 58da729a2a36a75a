"""What happened at a till, in our own form, the same for every Lightspeed product.

A `Sale` is one receipt at one revision. Its amounts are the till's own: line amounts unrounded, the
header's total in cents. Past the parsers nobody knows how a vendor writes a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class SaleState(StrEnum):
    """Where a receipt stands at the till; only completed sales are booked."""

    OPEN = "open"
    COMPLETED = "completed"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    INTERNAL = "internal"
    """No sale at all: cash or a bill that was moved inside the business."""


class SaleWarning(StrEnum):
    """What is booked as the till says it, though somebody should look at how the till is set up."""

    SERVICE_CHARGE_WITHOUT_VAT = "service-charge-without-vat"
    BOOKED_BY_ANOTHER_LINK = "booked-by-another-link"


class LineKind(StrEnum):
    """What a receipt line is, where the till says so itself."""

    GOODS = "goods"
    ITEM_FEE = "item-fee"
    GIFT_CARD = "gift-card"
    SHIPPING = "shipping"
    SERVICE_CHARGE = "service-charge"
    """On top of the lines it is for."""


class TenderKind(StrEnum):
    """What a payment type is by the till's own type, never by its name (domain.md 6)."""

    CASH = "cash"
    GIFT_CARD = "gift-card"
    CREDIT_ACCOUNT = "credit-account"
    STORE_CREDIT = "store-credit"
    CARD = "card"
    WEB_SHOP = "web-shop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    """Two letters, upper case; empty where the till doesn't say."""


@dataclass(frozen=True, slots=True)
class Customer:
    """The person or company at the till, with no more than a booking can need."""

    id: str
    name: str
    company: str = ""
    code: str = ""
    vat_number: str = ""
    chamber_of_commerce: str = ""
    email: str = ""
    address: Address = Address()

    @property
    def is_business(self) -> bool:
        return bool(self.company or self.vat_number)

    @property
    def booking_name(self) -> str:
        return self.company or self.name


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line as sold: `amount_incl_vat` and `vat_amount` are the till's, after discounts, unrounded."""

    id: str
    description: str
    quantity: Decimal
    amount_incl_vat: Decimal
    vat_amount: Decimal
    vat_rate: Decimal
    """In per cent: 21, not 0.21."""
    item: str = "0"
    """The till's id of the article; "0" is a line without one."""
    item_code: str = ""
    category: str = ""
    tax_class: str = ""
    tax_category: str = ""
    kind: LineKind = LineKind.GOODS
    fee: str = ""
    parent_line: str = ""
    outlet: str = ""
    """Empty where the line was sold by the receipt's own outlet."""
    is_reservation: bool = False
    is_stocked: bool = False
    """Whether the till keeps stock of the article."""
    discount_incl_vat: Decimal = ZERO
    serial_number: str = ""
    revenue_center: str = ""
    """Where in the outlet it was ordered: bar, terrace; empty where the till has no such centres."""
    revenue_center_name: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved: `amount` holds the tip, is positive into the till and negative out of it."""

    id: str
    type_id: str
    type_name: str
    kind: TenderKind
    amount: Decimal
    paid_at: datetime
    tip: Decimal = ZERO
    credit_account: str = ""
    revenue_center: str = ""
    """Where in the outlet it was taken."""
    revenue_center_name: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """One receipt.

    `total_incl_vat` is the header's, in cents; `id` never changes, `number` is what people know.
    """

    source: str
    id: str
    number: str
    state: SaleState
    outlet: str
    outlet_name: str
    register: str
    time_zone: str
    completed_at: datetime | None
    changed_at: datetime
    """When it was last changed at the till; of a voided sale, when it was voided."""
    total_incl_vat: Decimal
    vat_amount: Decimal
    """The header's VAT of the whole receipt, rounded by the till."""
    lines: tuple[SaleLine, ...] = ()
    payments: tuple[Payment, ...] = ()
    customer: Customer | None = None
    ticket_number: str = ""
    cash_rounding: Decimal | None = None
    """Rounded less due, so 0.02 where 12.48 was paid as 12.50; None where the till doesn't say."""
    currency: str = "EUR"
    vat_by_rate: tuple[tuple[Decimal, Decimal], ...] = ()
    """The header's VAT of each rate, where the till rounds it itself (X-Series)."""
    external_reference: str = ""
    day_end: str = ""
    """When the till's own business day ends, by the clock of its outlet: "05:30"; empty where it has none."""
    runs_on_account: bool = False
    """Sold or reserved on the customer's account: what is paid another day is a debt paid, or a deposit."""
    warnings: tuple[SaleWarning, ...] = ()

    @property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), ZERO)

    @property
    def revenue_center(self) -> tuple[str, str]:
        """Its id and name: where most was paid, as the till reports it, else where it was ordered."""
        paid = sorted((one for one in self.payments if one.revenue_center), key=lambda one: -abs(one.amount))
        places: list[Payment | SaleLine] = [*paid, *(line for line in self.lines if line.revenue_center)]
        return (places[0].revenue_center, places[0].revenue_center_name) if places else ("", "")

    @property
    def tips(self) -> Decimal:
        return sum((payment.tip for payment in self.payments), ZERO)
