"""A sale read under the rules: lines with their VAT codes, VAT in cents and money, all of it checked.

The till's own words are checked first; then its lines are taken as the books see them. What comes out of
here adds up; whoever books it needs no check of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.as_booked import booked_lines, booked_vat_of_rates
from libs.common.domain.choices import cost_center_of, vat_code_of
from libs.common.domain.coded_line import CodedLine
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules, rate_key
from libs.common.domain.sale import Sale, SaleLine
from libs.common.domain.takings import Takings, payments_meet_total, takings_of
from libs.common.domain.till_events import is_gift_card_line, turnover_of
from libs.common.domain.vat import rate_explains_vat, receipt_adds_up, vat_adds_up, vat_by_code


@dataclass(frozen=True, slots=True)
class Receipt:
    sale: Sale
    total: Decimal
    """Of its turnover: the till's total without gift cards."""
    lines: tuple[CodedLine, ...]
    vat: dict[str, Decimal]
    """In cents, of each VAT code."""
    takings: Takings

    @property
    def is_empty(self) -> bool:
        """Whether no document would have a line."""
        return not (self.lines or self.takings.tenders)


def read_receipt(sale: Sale, rules: Rules) -> Receipt | Problem:
    told = _coded_lines(sale, rules)
    if isinstance(told, Problem):
        return told
    problem = _lines_meet_total(sale) or _vat_is_right(sale, told) or payments_meet_total(sale, rules)
    if problem is not None:
        return problem
    takings = takings_of(sale, rules)
    if isinstance(takings, Problem):
        return takings
    lines = booked_lines(sale, told, rules)
    if isinstance(lines, Problem):
        return lines
    vat_of_rates = booked_vat_of_rates(sale.vat_by_rate, told, lines)
    vat = vat_by_code([coded.taxed for coded in lines], vat_of_rates)
    return Receipt(sale, turnover_of(sale, rules), lines, vat, takings)


def _coded_lines(sale: Sale, rules: Rules) -> tuple[CodedLine, ...] | Problem:
    coded = []
    is_free = not any(line.amount_incl_vat for line in sale.lines)
    for line in sale.lines:
        if not _says_something(line, rules, is_free=is_free):
            continue
        vat = vat_code_of(line, rules)
        if isinstance(vat, Problem):
            return vat
        coded.append(CodedLine(line, vat, cost_center_of(line, sale, rules)))
    return tuple(coded)


def _says_something(line: SaleLine, rules: Rules, *, is_free: bool) -> bool:
    """A free article stands on an invoice or order; of a line that no document shows no rule is asked."""
    if line.amount_incl_vat or line.vat_amount:
        return True
    if is_gift_card_line(line, rules):  # its worth stands in a payment
        return False
    if rules.books_items:
        return bool(line.quantity)
    return rules.shows_discounts_apart and bool(line.discount_incl_vat) and not is_free


def _lines_meet_total(sale: Sale) -> Problem | None:
    amounts = [line.amount_incl_vat for line in sale.lines]
    if receipt_adds_up(to_cents(sale.total_incl_vat), amounts) and (any(amounts) or not sale.total_incl_vat):
        return None
    facts = (("total", str(sale.total_incl_vat)), ("lines_total", str(sum_of(amounts))))
    return Problem(ProblemCode.RECEIPT_DOES_NOT_ADD_UP, facts, per_sale=("total", "lines_total"))


def _vat_is_right(sale: Sale, lines: tuple[CodedLine, ...]) -> Problem | None:
    vat = vat_by_code([coded.taxed for coded in lines], sale.vat_by_rate)
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
