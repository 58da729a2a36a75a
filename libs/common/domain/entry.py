"""The turnover of a sale: one line a ledger, VAT code and cost centre (domain.md 4.2).

The same lines stand in an entry of their own or, turned to debit positive, in a day's total; there the
till's categories may be kept apart too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from libs.common.domain.choices import ledger_of
from libs.common.domain.coded_line import CodedLine
from libs.common.domain.document import EntryLine, JournalLine
from libs.common.domain.money import cents_adding_up_to, sum_of
from libs.common.domain.problem import Problem
from libs.common.domain.receipt import Receipt
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.vat import share_vat


@dataclass(slots=True)
class _Group:
    """Lines that become one; its amounts are unrounded."""

    ledger: str
    vat_code: str
    cost_center: str | None
    category: str
    lines: list[CodedLine] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def amount_incl_vat(self) -> Decimal:
        return sum_of(coded.line.amount_incl_vat for coded in self.lines)

    @property
    def vat_amount(self) -> Decimal:
        return sum_of(coded.line.vat_amount for coded in self.lines)

    @property
    def because(self) -> str:
        return ", ".join(dict.fromkeys(self.reasons))

    @property
    def sale_lines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(coded.line.id for coded in self.lines))


Share = tuple[_Group, Decimal, Decimal]
"""A group with its gross and its VAT, in cents."""


def turnover_lines(receipt: Receipt, rules: Rules) -> tuple[EntryLine, ...] | Problem:
    """Together the receipt's total to the cent; a group that comes to nothing has no line."""
    groups = _groups(receipt.lines, rules)
    if isinstance(groups, Problem):
        return groups
    return tuple(
        EntryLine(
            ledger=group.ledger,
            vat_code=group.vat_code,
            amount_excl_vat=gross - vat,
            vat_amount=vat,
            cost_center=group.cost_center,
            because=group.because,
            sale_lines=group.sale_lines,
        )
        for group, gross, vat in _shares(receipt, groups)
    )


def turnover_of_day(receipt: Receipt, rules: Rules) -> tuple[JournalLine, ...] | Problem:
    """What the receipt adds to its day's turnover, debit positive."""
    groups = _groups(receipt.lines, rules)
    if isinstance(groups, Problem):
        return groups
    return tuple(
        JournalLine(
            amount=vat - gross,
            ledger=group.ledger,
            vat_code=group.vat_code,
            vat_amount=-vat,
            cost_center=group.cost_center,
            because=group.because,
            sales=(receipt.sale.id,),
            sale_lines=group.sale_lines,
            category=group.category,
        )
        for group, gross, vat in _shares(receipt, groups)
    )


def _shares(receipt: Receipt, groups: Sequence[_Group]) -> Iterator[Share]:
    gross = cents_adding_up_to(receipt.total, [group.amount_incl_vat for group in groups])
    vat = share_vat(receipt.vat, [(group.vat_code, group.vat_amount) for group in groups])
    for share in zip(groups, gross, vat, strict=True):
        if any(share[1:]):
            yield share


def _groups(lines: Iterable[CodedLine], rules: Rules) -> Sequence[_Group] | Problem:
    by_category = rules.mode is Mode.DAILY_TOTALS and rules.daily_totals.lines_by == "category"
    groups: dict[tuple[str, str, str | None, str], _Group] = {}
    for coded in lines:
        ledger = coded.ledger or ledger_of(coded.line, coded.vat.value, rules)
        if isinstance(ledger, Problem):
            return ledger
        category = coded.line.category if by_category else ""
        key = (ledger.value, coded.vat.value, coded.cost_center, category)
        group = groups.setdefault(key, _Group(*key))
        group.lines.append(coded)
        group.reasons += [coded.vat.because, ledger.because]
    return list(groups.values())
