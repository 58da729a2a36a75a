"""What went wrong with a call, as the exporter acts on it: when to come back, or why a person must act.

Everything here certainly left nothing in Exact, but for `OutcomeUnknown`, which is never in these lists.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from libs.common.budget.lanes import Postponed
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.exact.errors import (
    BadRequest,
    LimitReached,
    NoRight,
    NotSent,
    RefusalCategory,
    Refused,
    Unavailable,
)
from libs.common.vault import GrantBusy, GrantLost

LATER = (NotSent, Unavailable, LimitReached, Postponed, GrantBusy)
LIMITS = (Postponed, LimitReached)
BLOCKED = (GrantLost, NoRight)
CERTAINLY_NOT = (*LATER, *BLOCKED, BadRequest, Refused)

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
OF_THE_MINUTE = timedelta(minutes=3)
"""What waits for the minute's calls waits no longer. The minute is everybody's; the day has shares, and an
endpoint its own errors, so that a longer wait is only for whom it met."""
BUSY_PAUSE = timedelta(seconds=10)
"""After which a consent that gave no token is asked again, whatever the time that was named."""
BLOCKED_PAUSE = timedelta(minutes=1)
"""How long a division whose consent or right is gone is left alone; its connection needs a person."""

CODES: dict[RefusalCategory, ProblemCode] = {
    RefusalCategory.PERIOD_CLOSED: ProblemCode.PERIOD_CLOSED,
    RefusalCategory.LEDGER_TYPE: ProblemCode.LEDGER_REFUSED,
    RefusalCategory.JOURNAL_TYPE: ProblemCode.JOURNAL_REFUSED,
    RefusalCategory.CUSTOMER_TYPE: ProblemCode.DEBTOR_REFUSED,
    RefusalCategory.OTHER_RECEIVABLE: ProblemCode.DEBTOR_REFUSED,
    RefusalCategory.VAT: ProblemCode.VAT_CODE_REFUSED,
}
WORDS: tuple[tuple[tuple[str, ...], ProblemCode], ...] = (
    (("btw", "vat"), ProblemCode.VAT_CODE_REFUSED),
    (("grootboekrekening", "general ledger account"), ProblemCode.LEDGER_REFUSED),
    (("dagboek", "journal", "diary"), ProblemCode.JOURNAL_REFUSED),
    (("artikel", "item"), ProblemCode.ITEM_REFUSED),
    (
        (
            "klant",
            "customer",
            "besteld door",
            "ordered by",
            "factuur voor",
            "invoice to",
            "relatie",
            "account",
        ),
        ProblemCode.DEBTOR_REFUSED,
    ),
)


def back_at(trouble: Exception, now: datetime, attempts: int) -> datetime:
    """When it is worth another try: as the vendor or the budget says, else later each time."""
    until = getattr(trouble, "until", None)
    if isinstance(trouble, GrantBusy):
        return max(now, min(trouble.until, now + BUSY_PAUSE))
    if isinstance(until, datetime):
        return max(until, now)
    pause = FIRST_PAUSE * (1 << min(attempts, 12))
    return now + min(LONGEST_PAUSE, pause)


def outlasts_the_minute(until: datetime, now: datetime) -> bool:
    return until - now > OF_THE_MINUTE


def refusal(refused: Refused, *, day: str, reference: str, holds_money: bool = False) -> Problem:
    """Exact's own text goes along; what differs from sale to sale doesn't make the cause.

    `holds_money` of a sales entry that settles itself: a division may take no clearing account there (5.2),
    or no entry that comes to nothing.
    """
    answer = " / ".join(refused.message.split("\r\n"))
    code = _code(refused)
    if holds_money and (refused.category is RefusalCategory.LEDGER_TYPE or _is_about_amount(refused)):
        code = ProblemCode.SETTLEMENT_REFUSED
    if code is ProblemCode.PERIOD_CLOSED:
        return Problem(code, (("day", day), ("answer", answer)), per_sale=("day",))
    facts = (("answer", answer), ("reference", reference))
    if code is ProblemCode.DEBTOR_REFUSED:
        return Problem(code, (*facts, ("customer", reference)), per_sale=("reference", "customer"))
    if code is ProblemCode.ITEM_REFUSED:
        return Problem(code, (*facts, ("item", reference)), per_sale=("reference", "item"))
    return Problem(code, facts, per_sale=("reference",))


def _is_about_amount(refused: Refused) -> bool:
    is_value = refused.category in (RefusalCategory.INVALID, RefusalCategory.MANDATORY)
    return is_value and refused.subject.lower() in ("bedrag", "amount", "amountfc")


def _code(refused: Refused) -> ProblemCode:
    if refused.category in CODES:
        return CODES[refused.category]
    text = refused.message.lower()
    for words, code in WORDS:
        if any(word in text for word in words):
            return code
    return ProblemCode.EXACT_REFUSED


def defect(bad: BadRequest, reference: str) -> Problem:
    facts = (("answer", str(bad)), ("reference", reference))
    return Problem(ProblemCode.DEFECT, facts, per_sale=("reference",))


def no_right(trouble: NoRight) -> Problem:
    return Problem(ProblemCode.NO_RIGHT_IN_EXACT, (("answer", trouble.reason),))
