"""A sale read under the rules: lines with their VAT codes, VAT in cents and money, all of it checked.

What comes out of here adds up; whoever books it needs no check of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.choices import NO_VAT, Choice, cost_center_of, vat_code_of
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Mode, Rules, rate_key
from libs.common.domain.sale import ZERO, Sale, SaleLine
from libs.common.domain.takings import Takings, payments_meet_total, takings_of
from libs.common.domain.vat import Taxed, rate_explains_vat, receipt_adds_up, vat_adds_up, vat_by_code


@dataclass(frozen=True, slots=True)
class CodedLine:
    """A sale line with the VAT code and cost centre that the rules choose for it."""

    line: SaleLine
    vat: Choice
    cost_center: str | None

    @property
    def bears_no_vat(self) -> bool:
        """By rule, whatever rate the till has on it."""
        return self.vat.because == NO_VAT

    @property
    def taxed(self) -> Taxed:
        rate = ZERO if self.bears_no_vat else self.line.vat_rate
        return Taxed(self.vat.value, rate, self.line.amount_incl_vat, self.line.vat_amount)


@dataclass(frozen=True, slots=True)
class Receipt:
    sale: Sale
    total: Decimal
    lines: tuple[CodedLine, ...]
    vat: dict[str, Decimal]
    """In cents, of each VAT code."""
    takings: Takings

    @property
    def is_empty(self) -> bool:
        """Whether no document would have a line."""
        return not (self.lines or self.takings.tenders)


def read_receipt(sale: Sale, rules: Rules) -> Receipt | Problem:
    lines = _coded_lines(sale, rules)
    if isinstance(lines, Problem):
        return lines
    takings = takings_of(sale, rules)
    if isinstance(takings, Problem):
        return takings
    vat = vat_by_code([coded.taxed for coded in lines], sale.vat_by_rate)
    problem = _lines_meet_total(sale) or _vat_is_right(sale, lines, vat) or payments_meet_total(sale)
    return problem or Receipt(sale, to_cents(sale.total_incl_vat), lines, vat, takings)


def _coded_lines(sale: Sale, rules: Rules) -> tuple[CodedLine, ...] | Problem:
    coded = []
    for line in sale.lines:
        if not _says_something(line, rules):
            continue
        vat = vat_code_of(line, rules)
        if isinstance(vat, Problem):
            return vat
        coded.append(CodedLine(line, vat, cost_center_of(line, sale, rules)))
    return tuple(coded)


def _says_something(line: SaleLine, rules: Rules) -> bool:
    """A free article stands on an invoice or order; of a line that no document shows no rule is asked."""
    if line.amount_incl_vat or line.vat_amount:
        return True
    return bool(line.quantity) and rules.mode is not Mode.TRANSACTIONS


def _lines_meet_total(sale: Sale) -> Problem | None:
    amounts = [line.amount_incl_vat for line in sale.lines]
    if receipt_adds_up(to_cents(sale.total_incl_vat), amounts) and (any(amounts) or not sale.total_incl_vat):
        return None
    facts = (("total", str(sale.total_incl_vat)), ("lines_total", str(sum_of(amounts))))
    return Problem(ProblemCode.RECEIPT_DOES_NOT_ADD_UP, facts, per_sale=("total", "lines_total"))


def _vat_is_right(sale: Sale, lines: tuple[CodedLine, ...], vat: dict[str, Decimal]) -> Problem | None:
    if not vat_adds_up(vat.values(), sale.vat_amount):
        facts = (("vat", str(sale.vat_amount)), ("lines_vat", str(sum_of(vat.values()))))
        return Problem(ProblemCode.VAT_DOES_NOT_ADD_UP, facts, per_sale=("vat", "lines_vat"))
    for code, amount in vat.items():
        of_code = [coded for coded in lines if coded.vat.value == code]
        if not _rate_is_right(amount, of_code):
            return _rate_differs(code, of_code)
    return None


def _rate_is_right(vat: Decimal, lines: list[CodedLine]) -> bool:
    """Where no VAT may be, not a trace of it may stand on a line."""
    if any(coded.bears_no_vat and coded.line.vat_amount for coded in lines):
        return False
    return rate_explains_vat(vat, [coded.taxed for coded in lines])


def _rate_differs(code: str, lines: Iterable[CodedLine]) -> Problem:
    rates = dict.fromkeys(rate_key(coded.line.vat_rate) for coded in lines)
    return Problem(ProblemCode.VAT_RATE_DIFFERS, (("rate", ", ".join(rates)), ("vat_code", code)))
