"""What bills refer to of the Back Office: taxes, groups, methods of payment, centres, staff and devices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class TaxRate:
    tax_id: int
    code: str
    percent: Decimal
    description: str
    accounting_reference: str = ""


@dataclass(frozen=True)
class AccountingGroup:
    """`rates` are the codes of the tax by profile: "" for eating in, and for any profile that isn't named."""

    group_id: int
    name: str
    code: str
    statistic: str
    rates: Mapping[str, str]

    def tax_code(self, profile: str) -> str:
        return self.rates.get(profile, self.rates[""])


@dataclass(frozen=True)
class PaymentMethod:
    """`kind`: cash, card, gift-card, receivable, room, platform or other."""

    method_id: int
    code: str
    name: str
    kind: str
    accounting_reference: str = ""


@dataclass(frozen=True)
class RevenueCentre:
    centre_id: int
    name: str


@dataclass(frozen=True)
class Staff:
    staff_id: int
    name: str


@dataclass
class Device:
    """A till; numbers run for each device, not for each location (chapter 6)."""

    pos_id: int
    device_id: int
    name: str
    counted: dict[str, int] = field(default_factory=dict)

    def next_id(self, letter: str) -> str:
        self.counted[letter] = number = self.counted.get(letter, 0) + 1
        return f"{letter}{self.pos_id}.{number}"
