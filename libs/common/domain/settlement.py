"""How the money of a sale meets its turnover: in the entry, in a journal of its own, or in its day's.

Of a sale on account only what was paid is settled; the rest stays open on the customer's own debtor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from libs.common.domain.choices import Choice, missing, sales_journal, vat_code_without_vat
from libs.common.domain.debtor import ChosenDebtor
from libs.common.domain.document import EntryLine, JournalEntry, JournalLine
from libs.common.domain.money import to_cents
from libs.common.domain.payments import PaymentPart, Payments, payments_together
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules, Settlement
from libs.common.domain.sale import Payment, Sale
from libs.common.domain.takings import Takings, Tender, takings_of, tender_of
from libs.common.domain.till_events import is_on_account, is_voucher


def tenders_in_entry(takings: Takings, rules: Rules) -> tuple[Tender, ...]:
    """The money that a sales entry holds itself.

    All of it where the rules settle inside the entry. Elsewhere deposits, which move VAT as turnover does;
    and, where payments aren't booked because the bank's feed matches them, what no bank will tell:
    liabilities, costs and rounding.
    """
    settled_inside = rules.settles in (Settlement.IN_ENTRY, Settlement.NONE)
    return tuple(
        tender for tender in booked_tenders(takings, rules) if settled_inside or tender.vat_code is not None
    )


def booked_tenders(takings: Takings, rules: Rules) -> tuple[Tender, ...]:
    without_payments = rules.settles is Settlement.NONE
    return tuple(tender for tender in takings.tenders if not (without_payments and tender.is_payment))


def payments_without_line(sale: Sale, rules: Rules, held: Payments) -> Payments:
    """What of the payments stands on no money line for a reason; `held` is what the sale's lines hold.

    It stays open on the customer's account, is turnover taken back (a voucher), is left to the bank's feed,
    or comes to nothing with what else the sale brings to its ledger.
    """
    on_lines = {part.payment_type for part in held}
    open_ = [
        PaymentPart(payment.type_id, payment.amount)
        for payment in sale.payments
        if payment.amount and payment.type_id not in on_lines and _may_have_no_line(payment, rules)
    ]
    takings = takings_of(sale, rules)
    netted = () if isinstance(takings, Problem) else takings.netted
    is_open = {part.payment_type for part in open_}
    return payments_together((*open_, *(part for part in netted if part.payment_type not in is_open)))


def _may_have_no_line(payment: Payment, rules: Rules) -> bool:
    if is_on_account(payment, rules) or is_voucher(payment, rules):
        return True
    tender = tender_of(payment, rules)
    return rules.settlement is Settlement.NONE and not isinstance(tender, Problem) and tender.is_payment


def lines_in_entry(tenders: Sequence[Tender], rules: Rules) -> tuple[EntryLine, ...] | Problem:
    """Money as negative lines of the sales entry, without VAT but for deposits that bear it."""
    without_vat = vat_code_without_vat(rules)
    if isinstance(without_vat, Problem):
        return without_vat if tenders else ()
    return tuple(_line_in_entry(tender, without_vat) for tender in tenders)


def _line_in_entry(tender: Tender, without_vat: Choice) -> EntryLine:
    has_vat = tender.vat_code is not None
    return EntryLine(
        ledger=tender.ledger,
        vat_code=tender.vat_code or without_vat.value,
        amount_excl_vat=tender.vat_amount - tender.amount,
        vat_amount=to_cents(-tender.vat_amount),
        description=tender.names,
        because=tender.because if has_vat else f"{tender.because}, {without_vat.because}",
        sale_lines=tender.sale_lines,
        payments=tender.payments,
    )


def journal_lines(tenders: Sequence[Tender], sale_id: str) -> tuple[JournalLine, ...]:
    """Money as debits of its ledgers."""
    return tuple(
        JournalLine(
            amount=tender.amount - tender.vat_amount,
            ledger=tender.ledger,
            vat_code=tender.vat_code,
            vat_amount=tender.vat_amount,
            description=tender.names,
            because=tender.because,
            sales=(sale_id,),
            payments=tender.payments,
        )
        for tender in tenders
    )


def debtor_line(amount: Decimal, chosen: ChosenDebtor, sale_id: str) -> tuple[JournalLine, ...]:
    """A debit of the debtor, where it isn't nothing."""
    line = JournalLine(amount=amount, debtor=chosen.debtor, because=chosen.because, sales=(sale_id,))
    return (line,) if amount else ()


def settle_receipt(
    reference: str,
    description: str,
    day: date,
    outlet: str,
    lines: Sequence[JournalLine],
    rules: Rules,
    *,
    currency: str,
) -> JournalEntry | Problem:
    """One receipt's journal; its reference stands at the head of every line."""
    receivables = sales_journal(outlet, rules)
    if isinstance(receivables, Problem):
        return receivables
    if not rules.journals.general:
        return missing("journals.general")
    return JournalEntry(
        reference=reference,
        journal=rules.journals.general,
        receivables_journal=receivables,
        day=day,
        description=f"{reference} {description}".strip(),
        lines=tuple(_headed(line, reference) for line in lines),
        currency=currency,
    )


def _headed(line: JournalLine, reference: str) -> JournalLine:
    return replace(line, description=f"{reference} {line.description}".strip())
