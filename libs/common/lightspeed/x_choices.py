"""What can be chosen of an X-Series store in the rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.domain.rules import rate_key
from libs.common.lightspeed.source import Row, TillChoice, TillChoices
from libs.common.lightspeed.x_reference import XReference
from libs.common.lightspeed.x_values import text


def choices_of(reference: XReference, categories: Sequence[Row]) -> TillChoices:
    return TillChoices(
        outlets=tuple(
            TillChoice(each.id, each.name) for each in reference.outlets.values() if not each.is_deleted
        ),
        payment_types=tuple(
            TillChoice(each.id, each.name, type=each.kind, tender=each.tender)
            for each in reference.payment_types.values()
            if not each.is_deleted
        ),
        tax_rates=(*_rates(reference), *_classes(reference)),
        categories=tuple(TillChoice(text(row, "id"), text(row, "name")) for row in categories),
        currency=reference.currency,
    )


def _rates(reference: XReference) -> list[TillChoice]:
    rates = {tax.rate for tax in reference.taxes.values() if not tax.is_deleted}
    return [
        TillChoice(rate_key(rate), f"{rate_key(rate)} %", type="rate", percentage=rate)
        for rate in sorted(rates, reverse=True)
    ]


def _classes(reference: XReference) -> list[TillChoice]:
    """A tax without VAT may be 0 %, exempt, export or intra-EU: only its own code can tell (12.4)."""
    return [
        TillChoice(f"class:{tax.id}", tax.name, type="class")
        for tax in reference.taxes.values()
        if not tax.is_deleted
    ]
