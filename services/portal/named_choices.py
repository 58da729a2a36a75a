"""Checks the accounts and articles that rules name: too many to list, so Exact is asked for the others."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from libs.common.domain.rule_error import RuleError, unknown
from libs.common.domain.rules import Rules
from libs.common.exact.client import ExactDivision
from services.portal.choices import Choice, DivisionChoices
from services.portal.reading import DEBTORS, ITEMS, Listing, read_by_id

CUSTOMER = "C"
DEFAULT = "debtor.default_account"


async def named_errors(rules: Rules, books: DivisionChoices, division: ExactDivision) -> list[RuleError]:
    """One call for each that isn't among those that options list."""
    errors: list[RuleError] = []
    account = rules.debtor.default_account
    if account is not None:
        debtor = _listed(account, books.debtors) or await _asked(division, DEBTORS, account)
        errors += [unknown(DEFAULT, account)] if debtor is None else unfit_for_the_till(debtor)
    for name in ("fallback_item", "rounding_item"):
        item = getattr(rules.items, name)
        if item and not (_listed(item, books.items) or await _asked(division, ITEMS, item)):
            errors.append(unknown(f"items.{name}", item))
    return errors


def _listed(id_: str, choices: tuple[Choice, ...]) -> Choice | None:
    return next((choice for choice in choices if choice.id == id_), None)


async def _asked(division: ExactDivision, wanted: Listing, id_: str) -> Choice | None:
    try:
        key = UUID(id_)
    except ValueError:
        return None
    return await read_by_id(division, wanted, key)


def unfit_for_the_till(debtor: Choice) -> Iterator[RuleError]:
    """Why an account can't be the default debtor, if it can't (domain.md 8)."""
    if debtor.is_blocked:
        yield RuleError(
            DEFAULT,
            f"Relatie {debtor.name} is geblokkeerd of beëindigd.",
            f"Account {debtor.name} is blocked or has ended.",
        )
    elif debtor.type != CUSTOMER:
        yield RuleError(
            DEFAULT,
            f"Relatie {debtor.name} is in Exact Online geen klant.",
            f"Account {debtor.name} is no customer in Exact Online.",
        )
    elif debtor.usage:
        yield RuleError(
            DEFAULT,
            f"Relatie {debtor.name} heeft een btw-nummer; de standaarddebiteur mag er geen hebben.",
            f"Account {debtor.name} has a VAT number; the default debtor may not have one.",
        )
