"""What can be chosen in the rules: the ids and codes that both systems have."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.sale import TenderKind


@dataclass(frozen=True, slots=True)
class JournalOption:
    code: str
    type: int
    """Exact's: 10 cash, 20 sales, 90 general."""
    name: str = ""
    allows_vat: bool = True
    """Whether lines with a VAT code are taken; of a general journal that is a setting in Exact."""


@dataclass(frozen=True, slots=True)
class LedgerAccountOption:
    id: str
    code: str
    type: int
    """Exact's: 10 cash, 12 bank, 20 receivable, 24 VAT, 90 general, 110 revenue, ..."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class VatCodeOption:
    code: str
    type: str
    """I including, E excluding, B base only, N none."""
    percentage: Decimal
    """In per cent: 21, not 0.21."""
    is_blocked: bool = False
    name: str = ""
    is_for_purchases: bool = False
    """For these alone: Exact refuses it on a sale."""


@dataclass(frozen=True, slots=True)
class PaymentTypeOption:
    id: str
    name: str
    kind: TenderKind


@dataclass(frozen=True, slots=True)
class Options:
    """Codes are trimmed; `outlets`, `payment_types` and `tax_rates` are the till's, the rest Exact's."""

    outlets: tuple[str, ...] = ()
    journals: tuple[JournalOption, ...] = ()
    ledger_accounts: tuple[LedgerAccountOption, ...] = ()
    vat_codes: tuple[VatCodeOption, ...] = ()
    payment_types: tuple[PaymentTypeOption, ...] = ()
    tax_rates: tuple[str, ...] = ()
    """As keys of `Rules.vat`."""
    payment_conditions: tuple[str, ...] = ()
    cost_centers: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    item_groups: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    till_currency: str = ""
    currency: str = ""
    """Of the division's books; one that is empty isn't known."""
