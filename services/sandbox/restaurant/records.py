"""What a till hands in: accounts with their lines and payments, amounts with the sign they have for the till.

Nothing here changes once it was handed in, but what V1 rewrites (`v1_at`, `cancelled_at`) and what is
printed again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.sandbox.restaurant.back_office import (
    AccountingGroup,
    Device,
    PaymentMethod,
    RevenueCentre,
    Staff,
    TaxRate,
)
from services.sandbox.restaurant.values import ZERO, cents
from services.sandbox.tills import Buyer

WITHOUT_TURNOVER = frozenset({"FLOAT", "CROSS_BL", "TRANSITORY"})


@dataclass
class Line:
    """`gross` and `net` are after discounts; `charge` stands inside them only where it is apportioned."""

    line_id: str
    sku: str
    name: str
    quantity: Decimal
    list_price: Decimal
    gross: Decimal
    net: Decimal
    rate: TaxRate
    group: AccountingGroup
    at: datetime
    parent_id: str = ""
    discount: Decimal = ZERO
    discount_name: str = ""
    account_discount: Decimal = ZERO
    charge: Decimal = ZERO
    charge_type: str = "NO_SERVICE_CHARGE"
    charge_percent: Decimal = ZERO
    cost: Decimal = ZERO
    void_reason: str = ""
    profile: str = ""
    centre: RevenueCentre | None = None
    name_override: str = ""
    tags: tuple[str, ...] = ()

    @property
    def tax(self) -> Decimal:
        return self.gross - self.net

    @property
    def untaxed_charge(self) -> Decimal:
        return self.charge if self.charge_type == "UNTAXED" else ZERO


@dataclass
class Payment:
    """`amount` is what the bill was paid with: tip, surcharge and cash rounding come on top of it."""

    fisc_id: str
    uuid: str
    method: PaymentMethod
    amount: Decimal
    at: datetime
    tip: Decimal = ZERO
    surcharge: Decimal = ZERO
    rounding: Decimal = ZERO
    consumer: tuple[str, Buyer] | None = None
    reference: str = ""
    authorization: str = ""
    centre: RevenueCentre | None = None

    @property
    def received(self) -> Decimal:
        return self.amount + self.tip + self.surcharge + self.rounding


@dataclass
class Record:
    """`closed_at` is when V2 lists it, `v1_at` when V1 does, `arrives_at` from when on anybody sees it.

    `total` is what the receipt says: lines that count and untaxed service charge.
    """

    reference: str
    fisc_id: str
    receipt_id: str
    kind: str
    device: Device
    opened_at: datetime
    closed_at: datetime
    arrives_at: datetime
    total: Decimal = ZERO
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    initial_id: str = ""
    previous_id: str = ""
    v1_at: datetime | None = None
    in_v1: bool = True
    in_v2: bool = True
    cancelled: bool = False
    cancelled_at: datetime | None = None
    void_reason: str = ""
    table: str = ""
    covers: Decimal = Decimal(1)
    dine_in: bool = True
    profile: str = ""
    staff: Staff | None = None
    back_office: bool = False
    external: tuple[str, ...] = ()

    def is_seen(self, now: datetime) -> bool:
        return self.arrives_at <= now

    @property
    def counted_lines(self) -> list[Line]:
        return [line for line in self.lines if not line.void_reason]

    @property
    def surcharge(self) -> Decimal:
        return sum((payment.surcharge for payment in self.payments), ZERO)

    @property
    def turnover(self) -> Decimal:
        """What guests paid for paying by card is sold to them too."""
        return ZERO if self.kind in WITHOUT_TURNOVER else self.total + self.surcharge


def bill_of(lines: list[Line], rounding: str) -> Decimal:
    """What the guest is asked: rounded once."""
    counted = (line.gross + line.untaxed_charge for line in lines if not line.void_reason)
    return cents(sum(counted, ZERO), rounding)
