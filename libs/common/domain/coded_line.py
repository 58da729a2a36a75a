"""A sale line with what the rules choose for it."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.domain.choices import NO_VAT, Choice
from libs.common.domain.sale import ZERO, SaleLine
from libs.common.domain.vat import Taxed


@dataclass(frozen=True, slots=True)
class CodedLine:
    """A sale line with the VAT code and cost centre that the rules choose for it."""

    line: SaleLine
    vat: Choice
    cost_center: str | None
    ledger: Choice | None = None
    """Where it isn't the ledger of the line's article."""

    @property
    def bears_no_vat(self) -> bool:
        """By rule, whatever rate the till has on it."""
        return self.vat.because == NO_VAT

    @property
    def taxed(self) -> Taxed:
        rate = ZERO if self.bears_no_vat else self.line.vat_rate
        return Taxed(self.vat.value, rate, self.line.amount_incl_vat, self.line.vat_amount)
