"""Corrections of invoices and orders, as articles at prices.

Pieces of one article at one price are summed over what stands and what is wanted; what differs is booked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.document import Debtor, Document, ItemLine, SalesInvoice, SalesOrder
from libs.common.domain.family import Correcting, Family, debtors_of, renamed, who_is
from libs.common.domain.item_document import rounding_line
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO


def correct_items(
    family: Family, model: SalesInvoice | SalesOrder, how: Correcting, rules: Rules
) -> tuple[Document, ...] | Problem:
    """One document for each debtor, of the pieces that come and go; together exactly the change of totals."""
    sums = _item_sums(family)
    totals = _totals(family)
    found: list[Document] = []
    known = debtors_of(family)
    for who in dict.fromkeys(article.debtor for article in sums):
        lines = [_item_line(article, one) for article, one in sums.items() if article.debtor == who]
        total = totals.get(who, ZERO)
        missed = total - sum_of(line.amount_incl_vat for line in lines)
        if missed:
            rounding = rounding_line(missed, rules)
            if isinstance(rounding, Problem):
                return rounding
            lines.append(rounding)
        found.append(_item_document(model, known[who], lines, total, how))
    return tuple(found)


def have_same_items(family: Family) -> bool:
    return not _item_sums(family)


@dataclass(frozen=True, slots=True)
class _Article:
    debtor: str
    item: str
    unit_price_incl_vat: Decimal
    vat_code: str
    cost_center: str | None


@dataclass(frozen=True, slots=True)
class _Pieces:
    quantity: Decimal
    line: ItemLine
    """The newest line of the article, for its words."""


def _item_sums(family: Family) -> dict[_Article, _Pieces]:
    sums: dict[_Article, _Pieces] = {}
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if not isinstance(document, SalesInvoice | SalesOrder):
                continue
            for line in document.lines:
                article = _article(document.debtor, line)
                before = sums[article].quantity if article in sums else ZERO
                sums[article] = _Pieces(before + sign * line.quantity, line)
    return {article: pieces for article, pieces in sums.items() if pieces.quantity}


def _article(debtor: Debtor, line: ItemLine) -> _Article:
    item = line.item.id or f"{line.item.code}/{line.item.till_item}"
    return _Article(who_is(debtor), item, line.unit_price_incl_vat, line.vat_code, line.cost_center)


def _totals(family: Family) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if isinstance(document, SalesInvoice | SalesOrder):
                sums[who_is(document.debtor)] += sign * document.total_incl_vat
    return sums


def _item_line(article: _Article, pieces: _Pieces) -> ItemLine:
    amount = to_cents(pieces.quantity * article.unit_price_incl_vat)
    return replace(pieces.line, quantity=pieces.quantity, amount_incl_vat=amount)


def _item_document(
    model: SalesInvoice | SalesOrder,
    debtor: Debtor,
    lines: Sequence[ItemLine],
    total: Decimal,
    how: Correcting,
) -> Document:
    changed = replace(renamed(model, how), debtor=debtor, total_incl_vat=total, lines=tuple(lines))
    return replace(changed, is_credit=total < ZERO) if isinstance(changed, SalesInvoice) else changed
