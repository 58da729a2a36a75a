"""The turnover of a sale as entry lines: one a ledger, VAT code and cost centre (domain.md 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from libs.common.domain.choices import ledger_of
from libs.common.domain.document import EntryLine
from libs.common.domain.money import cents_adding_up_to, sum_of
from libs.common.domain.problem import Problem
from libs.common.domain.receipt import CodedLine, Receipt
from libs.common.domain.rules import Rules
from libs.common.domain.vat import share_vat


@dataclass(slots=True)
class _Group:
    """Lines that become one; its amounts are unrounded."""

    ledger: str
    vat_code: str
    cost_center: str | None
    lines: list[CodedLine] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def amount_incl_vat(self) -> Decimal:
        return sum_of(coded.line.amount_incl_vat for coded in self.lines)

    @property
    def vat_amount(self) -> Decimal:
        return sum_of(coded.line.vat_amount for coded in self.lines)


def turnover_lines(receipt: Receipt, rules: Rules) -> tuple[EntryLine, ...] | Problem:
    """Together the receipt's total to the cent; a group that comes to nothing has no line."""
    groups = _groups(receipt.lines, rules)
    if isinstance(groups, Problem):
        return groups
    gross = cents_adding_up_to(receipt.total, [group.amount_incl_vat for group in groups])
    vat = share_vat(receipt.vat, [(group.vat_code, group.vat_amount) for group in groups])
    lines = [_line(*parts) for parts in zip(groups, gross, vat, strict=True)]
    return tuple(line for line in lines if line.amount_excl_vat or line.vat_amount)


def _groups(lines: Iterable[CodedLine], rules: Rules) -> Sequence[_Group] | Problem:
    groups: dict[tuple[str, str, str | None], _Group] = {}
    for coded in lines:
        ledger = ledger_of(coded.line, coded.vat.value, rules)
        if isinstance(ledger, Problem):
            return ledger
        key = (ledger.value, coded.vat.value, coded.cost_center)
        group = groups.setdefault(key, _Group(*key))
        group.lines.append(coded)
        group.reasons += [coded.vat.because, ledger.because]
    return list(groups.values())


def _line(group: _Group, gross: Decimal, vat: Decimal) -> EntryLine:
    return EntryLine(
        ledger=group.ledger,
        vat_code=group.vat_code,
        amount_excl_vat=gross - vat,
        vat_amount=vat,
        cost_center=group.cost_center,
        because=", ".join(dict.fromkeys(group.reasons)),
        sale_lines=tuple(coded.line.id for coded in group.lines),
    )
