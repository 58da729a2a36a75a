"""The lines of a receipt as the books see them, where that isn't as the till shows them.

A gift card with its VAT due at sale is turnover, both ways; a VAT refund moves turnover to export; a
discount may stand apart. What the till says is checked before; from here on our own lines add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from libs.common.domain.choices import (
    NO_ITEM,
    Choice,
    ItemKind,
    cost_center_of,
    item_kind,
    missing,
    rates_of,
    turnover_ledger,
    voucher_vat,
)
from libs.common.domain.coded_line import CodedLine
from libs.common.domain.money import to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules, rate_key
from libs.common.domain.sale import ZERO, LineKind, Payment, Sale, SaleLine
from libs.common.domain.till_events import is_gift_card_line, is_liability_line, is_voucher
from libs.common.domain.vat import VatOfRates, vat_within

NAMED_RATE = re.compile(r"(\d{1,2}(?:[.,]\d+)?)\s*%")
ONE = Decimal(1)


def booked_lines(sale: Sale, lines: Iterable[CodedLine], rules: Rules) -> tuple[CodedLine, ...] | Problem:
    booked: list[CodedLine] = []
    for coded in lines:
        parts = _parts_of(coded, rules)
        if isinstance(parts, Problem):
            return parts
        booked += parts
    for payment in sale.payments:
        if payment.amount and is_voucher(payment, rules):
            voucher = _voucher(payment, sale, rules)
            if isinstance(voucher, Problem):
                return voucher
            booked.append(voucher)
    return tuple(booked)


def booked_vat_of_rates(
    told: VatOfRates, lines: Iterable[CodedLine], booked: Iterable[CodedLine]
) -> VatOfRates:
    """The header's VAT of each rate, with what our own lines change of it; nothing where it tells none."""
    if not told:
        return ()
    amounts = dict(told)
    for rate, vat in _vat_by_rate(booked, less=lines).items():
        if vat:
            amounts[rate] = amounts.get(rate, ZERO) + to_cents(vat)
    return tuple(amounts.items())


def named_rate(words: str) -> Decimal | None:
    """The rate that words name: 9 in "btw-teruggave 9%"."""
    found = NAMED_RATE.search(words)
    return Decimal(found[1].replace(",", ".")) if found else None


def _vat_by_rate(booked: Iterable[CodedLine], less: Iterable[CodedLine]) -> dict[Decimal, Decimal]:
    amounts: dict[Decimal, Decimal] = {}
    for sign, lines in ((1, booked), (-1, less)):
        for coded in lines:
            rate = coded.line.vat_rate
            amounts[rate] = amounts.get(rate, ZERO) + sign * coded.line.vat_amount
    return amounts


def _parts_of(coded: CodedLine, rules: Rules) -> list[CodedLine] | Problem:
    line = coded.line
    if is_liability_line(line, rules):
        return []
    if is_gift_card_line(line, rules) and not (line.vat_rate or line.vat_amount):
        return _sold_voucher(coded, rules)
    if item_kind(line, rules) is ItemKind.TAX_REFUND and not rules.small_business_scheme:
        return _moved_to_export(coded, rules)
    if rules.shows_discounts_apart and line.discount_incl_vat and item_kind(line, rules) is None:
        return _with_discount_apart(coded, rules)
    return [coded]


def _sold_voucher(coded: CodedLine, rules: Rules) -> list[CodedLine] | Problem:
    """The till sells it without VAT; by our rules its VAT is due now."""
    vat = voucher_vat(rules)
    if isinstance(vat, Problem):
        return vat
    choice, rate = vat
    return [replace(coded, vat=choice, line=_taxed(coded.line, coded.line.amount_incl_vat, rate))]


def _voucher(payment: Payment, sale: Sale, rules: Rules) -> CodedLine | Problem:
    """A line for a voucher that paid, negative, or was issued by a payment, positive."""
    vat = voucher_vat(rules)
    if isinstance(vat, Problem):
        return vat
    choice, rate = vat
    ledger = turnover_ledger("", choice.value, rules) if not rules.books_items else None
    if isinstance(ledger, Problem):
        return ledger
    line = SaleLine(
        id=f"payment:{payment.id}",
        description=payment.type_name,
        quantity=-ONE if payment.amount > ZERO else ONE,
        amount_incl_vat=ZERO,
        vat_amount=ZERO,
        vat_rate=rate,
        item=NO_ITEM,
        kind=LineKind.GIFT_CARD,
    )
    because = Choice(choice.value, f"gift_cards[turnover-at-sale], {choice.because}")
    taxed = _taxed(line, -payment.amount, rate)
    return CodedLine(taxed, because, cost_center_of(line, sale, rules), ledger)


def _moved_to_export(coded: CodedLine, rules: Rules) -> list[CodedLine] | Problem:
    """The VAT of an earlier sale, paid back: its turnover leaves the rate and comes under the line's code.

    The till doesn't say which rate that sale bore: the one that the line's words name, else the highest.
    """
    line, rates = coded.line, rates_of(rules)
    rate = named_rate(line.description) or max(rates, default=ZERO)
    if line.vat_amount or line.vat_rate:
        facts = (("rate", rate_key(line.vat_rate)), ("vat_code", coded.vat.value))
        return Problem(ProblemCode.VAT_RATE_DIFFERS, facts)
    if not rate or rate not in rates:
        return Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", rate_key(rate)),))
    ledger = turnover_ledger("", rates[rate].value, rules) if not rules.books_items else None
    if isinstance(ledger, Problem):
        return ledger
    base = line.amount_incl_vat * 100 / rate
    leaves = replace(line, amount_incl_vat=base + line.amount_incl_vat, vat_amount=line.amount_incl_vat)
    comes = replace(line, amount_incl_vat=-base, quantity=-line.quantity)
    return [
        replace(coded, line=replace(leaves, vat_rate=rate), vat=rates[rate], ledger=ledger),
        replace(coded, line=comes),
    ]


def _with_discount_apart(coded: CodedLine, rules: Rules) -> list[CodedLine] | Problem:
    """At the price before discount, and the discount on a ledger of its own, both under the same code."""
    if not rules.ledgers.discounts:
        return missing("ledgers.discounts")
    line, rate = coded.line, coded.taxed.vat_rate
    discount = _taxed(line, -line.discount_incl_vat, rate)
    gross = replace(
        line,
        amount_incl_vat=line.amount_incl_vat - discount.amount_incl_vat,
        vat_amount=line.vat_amount - discount.vat_amount,
    )
    ledger = Choice(rules.ledgers.discounts, "ledgers.discounts")
    return [replace(coded, line=gross), replace(coded, line=discount, ledger=ledger)]


def _taxed(line: SaleLine, amount: Decimal, rate: Decimal) -> SaleLine:
    return replace(line, amount_incl_vat=amount, vat_amount=vat_within(amount, rate), vat_rate=rate)
