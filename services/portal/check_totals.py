"""Whether the journals of daily totals allow VAT, which only the journal in Exact says. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from libs.common.domain.rule_error import RuleError
from libs.common.domain.rules import Mode, Rules
from services.portal.choices import Choices

GENERAL = "90"


def totals_errors(rules: Rules, choices: Choices) -> Iterator[RuleError]:
    """A general journal without VAT refuses every day's document."""
    if rules.mode is not Mode.DAILY_TOTALS or rules.daily_totals.document != "general-journal":
        return
    without_vat = {each.id for each in choices.books.journals if each.type == GENERAL and not each.allows_vat}
    chosen = {"journals.general": rules.journals.general}
    chosen |= {f"outlets.{id_}.journal": outlet.journal for id_, outlet in rules.outlets.items()}
    for field, code in chosen.items():
        if code in without_vat:
            yield RuleError(
                field,
                f"Memoriaal {code} staat geen btw toe. Zet dat in Exact Online bij het dagboek aan, of kies "
                "een ander memoriaal of een andere vorm voor dagomzetten.",
                f"General journal {code} doesn't allow VAT. Allow it with the journal in Exact Online, or "
                "choose another general journal or another form for daily totals.",
            )
