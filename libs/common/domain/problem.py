"""Why a sale can't be booked now, and what would mend it: a value, not an exception.

Every code has a sentence and a remedy in Dutch and English; `facts` fill them in. Problems with the
same `cause` are one row to mend.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from libs.common.domain.fact_words import in_words
from libs.common.domain.problem_texts import TEXTS


class ProblemCode(StrEnum):
    SALE_UNREADABLE = "sale-unreadable"
    RECEIPT_DOES_NOT_ADD_UP = "receipt-does-not-add-up"
    VAT_DOES_NOT_ADD_UP = "vat-does-not-add-up"
    VAT_RATE_DIFFERS = "vat-rate-differs"
    PAYMENTS_DO_NOT_ADD_UP = "payments-do-not-add-up"
    VAT_RATE_UNMAPPED = "vat-rate-unmapped"
    PAYMENT_TYPE_UNMAPPED = "payment-type-unmapped"
    LEDGER_MISSING = "ledger-missing"
    RULE_MISSING = "rule-missing"
    TILL_MOVEMENT_UNEXPLAINED = "till-movement-unexplained"
    TILL_CLOSE_UNREADABLE = "till-close-unreadable"
    CUSTOMER_MISSING = "customer-missing"
    CURRENCY_DIFFERS = "currency-differs"
    EDITED_AFTER_BOOKING = "edited-after-booking"
    DEBTOR_AMBIGUOUS = "debtor-ambiguous"
    DEBTOR_REFUSED = "debtor-refused"
    DEBTOR_NOT_FOUND = "debtor-not-found"
    ITEM_NOT_FOUND = "item-not-found"
    ITEM_REFUSED = "item-refused"
    ITEM_OF_ANOTHER = "item-of-another"
    DAY_NOT_WHOLE = "day-not-whole"
    PERIOD_CLOSED = "period-closed"
    LEDGER_REFUSED = "ledger-refused"
    SETTLEMENT_REFUSED = "settlement-refused"
    VAT_CODE_REFUSED = "vat-code-refused"
    JOURNAL_REFUSED = "journal-refused"
    REFERENCE_REFUSED = "reference-refused"
    EXACT_REFUSED = "exact-refused"
    NO_RIGHT_IN_EXACT = "no-right-in-exact"
    BOOKED_DIFFERENTLY = "booked-differently"
    BOOKED_TWICE = "booked-twice"
    EDITED_IN_EXACT = "edited-in-exact"
    DELETED_IN_EXACT = "deleted-in-exact"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Problem:
    """`facts` fill the sentence.

    `per_sale` names those that differ from sale to sale and so don't make the cause.
    """

    code: ProblemCode
    facts: tuple[tuple[str, str], ...] = ()
    per_sale: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """One row to mend: the code with the facts that all its sales share."""
        shared = [f"{name}={value}" for name, value in sorted(self.facts) if name not in self.per_sale]
        return ":".join([self.code.value, *shared])


def other_currency(till: str, books: str) -> Problem | None:
    """Amounts are booked as the till has them, so in its own currency; one that is empty isn't known."""
    if not till or not books or till == books:
        return None
    return Problem(ProblemCode.CURRENCY_DIFFERS, (("currency", till), ("division_currency", books)))


def describe(problem: Problem, language: str = "nl") -> tuple[str, str]:
    """The sentence and the remedy, in Dutch ("nl") or English ("en"); "?" stands for a missing fact."""
    words = {name: in_words(name, value, language) for name, value in problem.facts}
    return TEXTS[problem.code.value].told(words, language)
