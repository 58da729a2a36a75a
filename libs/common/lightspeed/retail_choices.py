"""What can be chosen of an account of Lightspeed Retail: shops, payment types, taxes and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from libs.common.budget import Lane
from libs.common.domain.rules import rate_key
from libs.common.lightspeed.retail import RetailAccount
from libs.common.lightspeed.retail_reference import PaymentType, RetailReference, TaxRates, reference_of
from libs.common.lightspeed.retail_sale import tender_of
from libs.common.lightspeed.retail_values import text
from libs.common.lightspeed.source import TillChoice, TillChoices


async def read_choices(account: RetailAccount) -> TillChoices:
    """Archived ones are no choice; what old sales still name is found by the parsers."""
    reference = reference_of(
        shops=await account.rows("Shop", lane=Lane.SET_UP),
        payment_types=await account.rows("PaymentType", lane=Lane.SET_UP),
        tax_categories=await account.rows("TaxCategory", relations=["TaxCategoryClasses"], lane=Lane.SET_UP),
        tax_classes=await account.rows("TaxClass", lane=Lane.SET_UP),
        account=await account.itself(Lane.SET_UP),
    )
    categories = await account.rows("Category", lane=Lane.SET_UP)
    return choices_of(reference, categories)


def choices_of(reference: RetailReference, categories: Sequence[Mapping[str, Any]]) -> TillChoices:
    return TillChoices(
        outlets=tuple(
            TillChoice(each.id, each.name) for each in reference.shops.values() if not each.is_archived
        ),
        payment_types=tuple(
            _payment_type(each) for each in reference.payment_types.values() if not each.is_archived
        ),
        tax_rates=(*_rates(reference), *_classes(reference)),
        categories=tuple(
            TillChoice(text(row, "categoryID"), text(row, "fullPathName") or text(row, "name"))
            for row in categories
        ),
        currency=reference.currency,
    )


def _payment_type(kind: PaymentType) -> TillChoice:
    return TillChoice(kind.id, kind.name, kind.code, kind.type, tender=tender_of(kind))


def _rates(reference: RetailReference) -> list[TillChoice]:
    """Every rate of every category and class once, the highest first."""
    rates = {_percentage(rates) for rates in reference.known_rates()}
    return [
        TillChoice(rate_key(rate), f"{rate_key(rate)} %", type="rate", percentage=rate)
        for rate in sorted(rates, reverse=True)
    ]


def _classes(reference: RetailReference) -> list[TillChoice]:
    return [
        TillChoice(f"class:{class_id}", name, type="class")
        for class_id, name in reference.tax_classes.items()
    ]


def _percentage(rates: TaxRates) -> Decimal:
    return (rates.tax1 + rates.tax2) * 100
