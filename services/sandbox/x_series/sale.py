"""A sale as the till keeps it; the shapes that the versions of the API show are made from it (8, 9, 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.sandbox.x_series.table import Stored
from services.sandbox.x_series.values import ZERO

Parts = tuple[tuple[str, Decimal], ...]
"""Tax by rate id."""


class State(StrEnum):
    PARKED = "parked"
    PENDING = "pending"
    CLOSED = "closed"
    VOIDED = "voided"


ON_ACCOUNT, LAYBY, DELIVERY, PICKUP, SERVICE = "onaccount", "layby", "delivery", "pickup", "service"
STATUSES: Mapping[tuple[State, str], str] = {
    (State.PARKED, ""): "SAVED",
    (State.PENDING, ""): "OPEN",
    (State.CLOSED, ""): "CLOSED",
    (State.PENDING, ON_ACCOUNT): "ONACCOUNT",
    (State.CLOSED, ON_ACCOUNT): "ONACCOUNT_CLOSED",
    (State.PENDING, LAYBY): "LAYBY",
    (State.CLOSED, LAYBY): "LAYBY_CLOSED",
    (State.PENDING, DELIVERY): "AWAITING_DISPATCH",
    (State.CLOSED, DELIVERY): "DISPATCHED_CLOSED",
    (State.PENDING, PICKUP): "AWAITING_PICKUP",
    (State.CLOSED, PICKUP): "PICKED_UP_CLOSED",
    (State.PENDING, SERVICE): "SERVICE",
    (State.CLOSED, SERVICE): "SERVICE_CLOSED",
}
READ_STATUS = {status: pair for pair, status in STATUSES.items()} | {"VOIDED": (State.VOIDED, "")}
RETURNABLE = frozenset({"CLOSED", "ONACCOUNT_CLOSED", "LAYBY_CLOSED"})
EXCLUDING = ((ON_ACCOUNT, LAYBY), (PICKUP, DELIVERY))


def status_of(state: State, attributes: Sequence[str]) -> str:
    """One word for both; of a combination the first attribute alone can be told (chapter 10)."""
    if state is State.VOIDED:
        return "VOIDED"
    return STATUSES[(state, attributes[0] if attributes and state is not State.PARKED else "")]


@dataclass(kw_only=True)
class Line:
    """`price` and `tax` are of one piece, after the discount; totals carry the sign of the quantity."""

    id: str
    product_id: str
    quantity: Decimal
    price: Decimal
    tax: Decimal
    price_total: Decimal
    tax_total: Decimal
    tax_id: str
    parts: Parts
    discount: Decimal = ZERO
    discount_total: Decimal = ZERO
    cost: Decimal = ZERO
    loyalty: Decimal = ZERO
    price_set: bool = False
    note: str = ""
    status: str = "CONFIRMED"
    is_return: bool = False
    gift_card: str = ""
    promotion: str = ""
    shown_parts: Parts = ()
    gross_by_rate: Parts = ()

    @property
    def gross_parts(self) -> Parts:
        """With tax, by rate: a sale discount's line has more than one."""
        return self.gross_by_rate or ((self.parts[0][0], self.gross),)

    @property
    def gross(self) -> Decimal:
        return self.price_total + self.tax_total


@dataclass(kw_only=True)
class Payment:
    id: str
    type_id: str
    amount: Decimal
    at: datetime
    register_id: str
    outlet_id: str
    open_sequence_id: str
    reference: str = ""
    surcharge: Decimal = ZERO
    deleted_at: datetime | None = None


@dataclass(kw_only=True)
class Extra:
    """An adjustment (TIP, SURCHARGE) or a web shop's charge; `parts` is its tax by rate."""

    kind: str
    name: str
    net: Decimal
    parts: Parts = ()
    source_id: str = ""

    @property
    def tax(self) -> Decimal:
        return sum((amount for _, amount in self.parts), ZERO)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, kw_only=True)
class Header:
    price: Decimal = ZERO
    tax: Decimal = ZERO
    taxes: Parts = ()

    @property
    def gross(self) -> Decimal:
        return self.price + self.tax


@dataclass(kw_only=True)
class Sale(Stored):
    """`rounding` is what cash rounding took off what was due.

    `unsettled` are payments whose cards and credit have yet to move, with the card's number.
    """

    sequence: int
    number: str
    outlet_id: str
    register_id: str
    user_id: str
    customer_id: str
    state: State
    sold_at: datetime
    created_at: datetime
    updated_at: datetime
    attributes: list[str] = field(default_factory=list)
    header: Header = Header()
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    adjustments: list[Extra] = field(default_factory=list)
    charges: list[Extra] = field(default_factory=list)
    note: str = ""
    short_code: str = ""
    source: str = "USER"
    source_id: str = ""
    return_for: str = ""
    return_ids: list[str] = field(default_factory=list)
    open_sequence_id: str = ""
    accounts_transaction_id: str = ""
    is_handed_over: bool = False
    unsettled: list[tuple[Payment, str]] = field(default_factory=list)
    rounding: Decimal = ZERO

    @property
    def status(self) -> str:
        return status_of(self.state, self.attributes)

    @property
    def goods_left(self) -> bool:
        """The turnover counts: closed, or on account."""
        is_on_account = self.state is State.PENDING and ON_ACCOUNT in self.attributes
        return self.deleted_at is None and (self.state is State.CLOSED or is_on_account)

    @property
    def loyalty(self) -> Decimal:
        return sum((line.loyalty * line.quantity for line in self.lines), ZERO)

    def live_payments(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.deleted_at is None]

    def tips(self) -> Decimal:
        return sum((extra.gross for extra in self.adjustments if extra.kind == "TIP"), ZERO)
