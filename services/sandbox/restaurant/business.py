"""A business with its locations, articles and guests, and the records that its tills handed in."""

import random
from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.sandbox.restaurant.back_office import (
    AccountingGroup,
    Device,
    PaymentMethod,
    RevenueCentre,
    Staff,
    TaxRate,
)
from services.sandbox.restaurant.records import Record
from services.sandbox.tills import Buyer, TicketError


@dataclass(frozen=True)
class Profile:
    code: str
    name: str
    dine_in: bool


@dataclass
class Item:
    """`kind`: ITEM, SEQUENCE (a set menu), GROUP or SUB_ITEM; `own_prices` are those of single locations."""

    item_id: int
    name: str
    sku: str
    group: AccountingGroup
    price: Decimal
    cost: Decimal | None = None
    docket_name: str = ""
    active: bool = True
    barcodes: tuple[str, ...] = ()
    sharing: str = "SHARED"
    price_mode: str = "AMOUNT"
    location: int | None = None
    other_prices: Mapping[str, Decimal] = field(default_factory=dict)
    kind: str = "ITEM"
    own_prices: dict[int, Decimal] = field(default_factory=dict)


@dataclass
class Location:
    """`day_start` begins the business day; `records` lie in the order in which they were handed in.

    `by_time` has when each was closed, with its place among them.
    """

    bl_id: int
    name: str
    country: str
    zone: ZoneInfo
    opened_at: datetime
    devices: list[Device]
    centres: list[RevenueCentre]
    staff: list[Staff]
    day_start: time = time(5, 30)
    cash_rounding: bool = False
    records: list[Record] = field(default_factory=list)
    incomplete_days: dict[str, bool] = field(default_factory=dict)
    by_time: list[tuple[datetime, int]] = field(default_factory=list)

    def keep(self, record: Record) -> None:
        insort(self.by_time, (record.closed_at, len(self.records)))
        self.records.append(record)

    def closed_between(self, begin: datetime, end: datetime) -> list[tuple[Record, int]]:
        """By time, both ends in, each with its place among all."""
        first = bisect_left(self.by_time, (begin, 0))
        behind = bisect_left(self.by_time, (end, len(self.records)))
        return [(self.records[place], place) for _, place in self.by_time[first:behind]]


@dataclass
class Business:
    """`buyers` and `cards` remember the guest behind a till's reference and what a gift card is worth."""

    business_id: int
    name: str
    locations: list[Location]
    taxes: list[TaxRate]
    groups: list[AccountingGroup]
    methods: list[PaymentMethod]
    profiles: list[Profile]
    dice: random.Random
    currency: str = "EUR"
    items: dict[int, Item] = field(default_factory=dict)
    by_sku: dict[str, Item] = field(default_factory=dict)
    buyers: dict[str, tuple[str, Buyer]] = field(default_factory=dict)
    cards: dict[str, Decimal] = field(default_factory=dict)
    owed: dict[str, Decimal] = field(default_factory=dict)
    by_number: dict[str, tuple[Location, Record]] = field(default_factory=dict)
    last_id: int = 0

    def next_id(self) -> int:
        self.last_id += 1
        return 310_000_000_000_000 + self.business_id * 1_000_000 + self.last_id

    def keep(self, location: Location, record: Record) -> Record:
        location.keep(record)
        self.by_number[record.fisc_id] = (location, record)
        return record

    def add_item(self, item: Item) -> Item:
        self.items[item.item_id] = item
        self.by_sku[item.sku] = item
        return item

    def location_of(self, wanted: str | None) -> Location:
        """By its place from 1, its id or its name; the first where none is named."""
        if not wanted:
            return self.locations[0]
        for place, location in enumerate(self.locations, start=1):
            if wanted in {str(place), str(location.bl_id), location.name}:
                return location
        raise TicketError(f"{self.name} has no location {wanted}; it has {len(self.locations)}")

    def tax_of(self, code: str) -> TaxRate:
        return next(rate for rate in self.taxes if rate.code == code)

    def tax_at(self, percent: Decimal) -> TaxRate:
        for rate in self.taxes:
            if rate.percent == percent:
                return rate
        known = ", ".join(f"{rate.percent:f}" for rate in self.taxes)
        raise TicketError(f"{self.name} has no tax of {percent:f} %; it has {known}")

    def group_of(self, wanted: str) -> AccountingGroup:
        for group in self.groups:
            if wanted in {group.name, group.code, str(group.group_id)}:
                return group
        raise TicketError(f"{self.name} has no accounting group {wanted}")

    def group_at(self, rate: TaxRate) -> AccountingGroup:
        """Where an article of this rate is put when nobody says so."""
        for group in self.groups:
            if group.rates[""] == rate.code:
                return group
        return self.groups[0]

    def profile_of(self, code: str) -> Profile:
        for profile in self.profiles:
            if profile.code == code:
                return profile
        raise TicketError(f"{self.name} has no order profile {code}")

    def method_of(self, wanted: str) -> PaymentMethod:
        """By code, name, id or kind, or as tills of other vendors call it, in any case."""
        low = wanted.lower()
        low = ALSO_CALLED.get(low, low)
        for method in self.methods:
            if low in {method.code.lower(), method.name.lower(), str(method.method_id)}:
                return method
        for method in self.methods:
            if low == method.kind:
                return method
        known = ", ".join(method.code for method in self.methods)
        raise TicketError(f"{self.name} has no payment method {wanted}; it has {known}")


ALSO_CALLED = {
    "contant": "cash",
    "credit card": "cc",
    "creditcard": "cc",
    "credit account": "receivable",
    "on account": "receivable",
    "gift card": "gift-card",
    "debit card": "pin",
}
