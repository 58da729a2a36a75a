"""The closing of a register: what was counted, and the cash that went in and out beside sales (domain.md 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from libs.common.domain.sale import TenderKind


@dataclass(frozen=True, slots=True)
class TillMovement:
    """Cash put in (positive) or taken out; an opening float is a positive movement at opening."""

    id: str
    amount: Decimal
    note: str
    moved_at: datetime
    payment_type: str = ""


@dataclass(frozen=True, slots=True)
class TillCount:
    """What the till expected of one payment type, and what was counted."""

    payment_type: str
    name: str
    kind: TenderKind
    calculated: Decimal
    actual: Decimal


@dataclass(frozen=True, slots=True)
class TillClose:
    """One register from its opening to its closing."""

    id: str
    outlet: str
    outlet_name: str
    register: str
    register_name: str
    time_zone: str
    opened_at: datetime
    closed_at: datetime
    movements: tuple[TillMovement, ...] = ()
    counts: tuple[TillCount, ...] = ()
    currency: str = "EUR"
