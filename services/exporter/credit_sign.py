"""Pure: what an open credit note must show under each reading of its sign, and what it showed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeGuard

from libs.common.domain.document import Document, SalesInvoice
from libs.common.exact.entities import CreditSign, money
from services.exporter.compare import Booked, Difference


def is_credit_note(document: Document) -> TypeGuard[SalesInvoice]:
    return isinstance(document, SalesInvoice) and document.is_credit


def is_turned(note: SalesInvoice, differences: Iterable[Difference]) -> bool:
    """Its total stands, on its header or on the debtors' ledger, with the sign that isn't meant."""
    other = (money(note.total_incl_vat), money(-note.total_incl_vat))
    return any((meant, told) == other for _, meant, told in differences)


def judged(document: Document, booked: Booked, sign: CreditSign) -> Booked:
    """Where printing turns it, an open one must show the total that isn't meant, and is told as meant."""
    if booked.is_printed or sign is not CreditSign.TURNED_BY_PRINTING or not is_credit_note(document):
        return booked
    others = [each for each in booked.differences if each[0] != "amount"]
    amount = booked.amount if document.is_printed else document.total_incl_vat
    return replace(booked, amount=amount, differences=(*others, *unfit(document, booked.amount, sign)))


def unfit(note: SalesInvoice, shown: Decimal, sign: CreditSign) -> tuple[Difference, ...]:
    """Why an open one that shows this total must not be printed: it was sent under another reading."""
    meant = -note.total_incl_vat if sign is CreditSign.TURNED_BY_PRINTING else note.total_incl_vat
    return () if shown == meant else (("amount", money(meant), money(shown)),)
