"""The closing of a register: what was counted, and the cash that moved beside sales (domain.md 6).

One general journal a closing (V43): what the till paid out, took to the bank or got from the owner, and
the difference that the count showed. Cash alone: what differs on cards shows at the bank. The opening
float stays in the till and is never booked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.as_booked import named_rate
from libs.common.domain.business_day import business_day
from libs.common.domain.choices import missing, outlet_rules
from libs.common.domain.document import Booking, JournalLine, Nothing, NothingCode
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import PaymentKind, Rules
from libs.common.domain.sale import ZERO, TenderKind
from libs.common.domain.settlement import settle_receipt
from libs.common.domain.vat import vat_within

OPENING = timedelta(minutes=15)
"""How long after a register opened cash put in is its float, unless its note says otherwise."""
PETTY_CASH_RATE = Decimal(21)
"""The rate of a payout under `petty_cash_vat`, unless its note names another, as "postzegels 0%"."""


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


class MovementKind(StrEnum):
    """What cash that moved beside sales is; the values of those with a ledger are its name in `ledgers`."""

    FLOAT = "float"
    DROP = "cash_drops"
    OWNER = "owner"
    TIP = "tips"
    PAYOUT = "petty_cash"


WORDS = (
    (MovementKind.FLOAT, r"float|wisselgeld|startgeld|beginkas|opening"),
    (MovementKind.TIP, r"fooi(en)?|tips?"),
    (MovementKind.DROP, r"afstort\w*|afgestort|stort(ing|en)?|gestort|bank(storting)?|drop|kluis|safe"),
)
"""In this order: the first that a note names."""


def map_till_close(close: TillClose, rules: Rules, *, reference: str) -> Booking | Nothing | Problem:
    """Nothing unless the rules book till movements."""
    day = business_day(close.closed_at, close.time_zone, rules.day_end)
    nothing = _nothing_to_book(close, day, rules)
    if nothing is not None:
        return nothing
    lines = _lines(close, rules)
    if isinstance(lines, Problem):
        return lines
    if not lines:
        return Nothing(NothingCode.NO_MONEY)
    register = close.register_name or close.register
    description = f"{close.outlet_name or close.outlet} / {register}"
    journal = settle_receipt(reference, description, day, close.outlet, lines, rules, currency=close.currency)
    return journal if isinstance(journal, Problem) else Booking((journal,))


def movement_kind(movement: TillMovement, opened_at: datetime) -> MovementKind | None:
    """By sign, time and note; None where those don't tell: cash that moved without a word."""
    note = movement.note.strip().lower()
    for kind, words in WORDS:
        if re.search(rf"\b({words})\b", note):
            return MovementKind.OWNER if kind is MovementKind.DROP and movement.amount > ZERO else kind
    if movement.amount < ZERO:
        return MovementKind.PAYOUT if note else None
    if abs(movement.moved_at - opened_at) <= OPENING:
        return MovementKind.FLOAT
    return MovementKind.OWNER if note else None


def _nothing_to_book(close: TillClose, day: date, rules: Rules) -> Nothing | None:
    if not rules.till_movements:
        return Nothing(NothingCode.NO_MONEY)
    if rules.start_date is not None and day < rules.start_date:
        return Nothing(NothingCode.BEFORE_START)
    if not outlet_rules(close.outlet, rules).enabled:
        return Nothing(NothingCode.OUTLET_DISABLED)
    return None


def _lines(close: TillClose, rules: Rules) -> tuple[JournalLine, ...] | Problem:
    """What the cash was for, and the cash itself."""
    lines: list[JournalLine] = []
    for movement in close.movements:
        line = _movement_line(movement, close, rules)
        if isinstance(line, Problem):
            return line
        lines += line
    difference = _difference_line(close, rules)
    if isinstance(difference, Problem):
        return difference
    lines += difference
    cash = _cash_ledger(close, rules)
    moved = sum_of(line.amount_incl_vat for line in lines)
    if not lines or not moved:
        return tuple(lines)
    if isinstance(cash, Problem):
        return cash
    return (*lines, replace(cash, amount=-moved))


def _movement_line(movement: TillMovement, close: TillClose, rules: Rules) -> list[JournalLine] | Problem:
    kind = movement_kind(movement, close.opened_at)
    if not movement.amount or kind is MovementKind.FLOAT:
        return []
    if kind is None:
        return _unexplained(movement, close)
    name = "cash_drops" if kind is MovementKind.OWNER else kind.value
    ledger = getattr(rules.ledgers, name)
    if not ledger:
        return missing(f"ledgers.{name}")
    line = JournalLine(
        amount=to_cents(-movement.amount),
        ledger=ledger,
        description=movement.note.strip(),
        because=f"till_movements, ledgers.{name}",
    )
    return [_with_input_vat(line, rules) if kind is MovementKind.PAYOUT else line]


def _with_input_vat(line: JournalLine, rules: Rules) -> JournalLine:
    """Only where the merchant chose a purchase code, and so keeps the receipts that it asks for."""
    rate = named_rate(line.description)
    rate = PETTY_CASH_RATE if rate is None else rate
    if not rules.petty_cash_vat or not rate:
        return line
    vat = to_cents(vat_within(line.amount, rate))
    return replace(
        line,
        amount=line.amount - vat,
        vat_code=rules.petty_cash_vat,
        vat_amount=vat,
        because=f"{line.because}, petty_cash_vat",
    )


def _difference_line(close: TillClose, rules: Rules) -> list[JournalLine] | Problem:
    counted = [count for count in close.counts if _is_cash(count, rules)]
    short = to_cents(sum_of(count.calculated - count.actual for count in counted))
    if not short:
        return []
    ledger = rules.ledgers.cash_difference
    if not ledger:
        return missing("ledgers.cash_difference")
    because = "till_movements, ledgers.cash_difference"
    return [JournalLine(amount=short, ledger=ledger, description="Kasverschil", because=because)]


def _cash_ledger(close: TillClose, rules: Rules) -> JournalLine | Problem:
    """The line of the cash itself: on the ledger of the till's own cash payment type."""
    types = [count.payment_type for count in close.counts if _is_cash(count, rules)]
    types += [movement.payment_type for movement in close.movements if movement.payment_type]
    types += [id_ for id_, rule in rules.payments.items() if rule.kind is PaymentKind.CASH]
    for id_ in types:
        rule = rules.payments.get(id_)
        if rule is not None and rule.ledger:
            return JournalLine(ZERO, ledger=rule.ledger, because=f"payments[{id_}]")
    return missing("payments.cash")


def _is_cash(count: TillCount, rules: Rules) -> bool:
    rule = rules.payments.get(count.payment_type)
    return count.kind is TenderKind.CASH or (rule is not None and rule.kind is PaymentKind.CASH)


def _unexplained(movement: TillMovement, close: TillClose) -> Problem:
    facts = (
        ("register", close.register_name or close.register),
        ("amount", str(to_cents(movement.amount))),
        ("note", movement.note.strip() or "-"),
    )
    return Problem(ProblemCode.TILL_MOVEMENT_UNEXPLAINED, facts, per_sale=("amount", "note"))
