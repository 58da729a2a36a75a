"""Checks the VAT codes of the rules: that they exist, bear the rate they stand for and suit the mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from libs.common.domain.options import Options, VatCodeOption
from libs.common.domain.rule_error import RuleError, missing, unknown
from libs.common.domain.rules import Mode, Rules, rate_key

NONE = "none"
ANY = "category"
"""The key of a code that may bear any rate."""
RATE = re.compile(r"\d{1,2}(\.\d+)?")
CLASS = re.compile(r"(category:[^/]+/)?class:[^/]+")
IN_ENTRIES = ("E", "B", "N")
ON_ITEMS = ("I", "B", "N")


def vat_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    codes = {option.code: option for option in options.vat_codes}
    for key, code in rules.vat.items():
        yield from _key_errors(f"vat.{key}", key)
        yield from _code_errors(f"vat.{key}", key, code, codes.get(code), rules.mode)
    kept = rules.products.vat_codes if rules.products.direction != "off" else {}
    for category, code in kept.items():
        yield from _code_errors(f"products.vat_codes.{category}", ANY, code, codes.get(code), rules.mode)
    for code in rules.revenue.by_vat_code:
        if code not in codes:
            yield unknown(f"revenue.by_vat_code.{code}", code)
    if rules.petty_cash_vat is not None and rules.petty_cash_vat not in codes:
        yield unknown("petty_cash_vat", rules.petty_cash_vat)
    yield from _missing_rates(rules)


def _missing_rates(rules: Rules) -> Iterator[RuleError]:
    if NONE not in rules.vat:
        yield missing("vat.none")
    if not rules.small_business_scheme and not rules.vat.keys() - {NONE}:
        yield missing("vat")
    for field, rate in (("gift_card_vat", rules.gift_card_vat), ("deposit_vat", rules.deposit_vat)):
        if rate is not None and not (RATE.fullmatch(rate) and rate in rules.vat):
            yield RuleError(
                field, f"Voor {rate} % is geen btw-code gekozen.", f"No VAT code is chosen for {rate} %."
            )


def _key_errors(field: str, key: str) -> Iterator[RuleError]:
    is_rate = RATE.fullmatch(key) is not None
    if is_rate and rate_key(Decimal(key)) != key:
        proper = rate_key(Decimal(key))
        yield RuleError(field, f'Schrijf dit tarief als "{proper}".', f'Write this rate as "{proper}".')
    elif not (is_rate or key == NONE or CLASS.fullmatch(key)):
        yield RuleError(
            field,
            'Een tarief is "21", "class:ID", "category:ID/class:ID" of "none".',
            'A rate is "21", "class:ID", "category:ID/class:ID" or "none".',
        )


def _code_errors(
    field: str, key: str, code: str, found: VatCodeOption | None, mode: Mode
) -> Iterator[RuleError]:
    if found is None:
        yield unknown(field, code)
        return
    if found.is_blocked:
        yield RuleError(field, f"Btw-code {code} is geblokkeerd.", f"VAT code {code} is blocked.")
    if found.is_for_purchases:
        yield RuleError(
            field,
            f"Btw-code {code} is er een voor inkoop; kies er een voor verkoop.",
            f"VAT code {code} is one for purchases; choose one for sales.",
        )
    if RATE.fullmatch(key) and found.percentage != Decimal(key):
        percentage = rate_key(found.percentage)
        yield RuleError(
            field,
            f"Btw-code {code} is {percentage} %, niet {key} %.",
            f"VAT code {code} is {percentage} %, not {key} %.",
        )
    yield from _type_errors(field, key, found, mode)


def _type_errors(field: str, key: str, found: VatCodeOption, mode: Mode) -> Iterator[RuleError]:
    on_items = mode in (Mode.INVOICES, Mode.ORDERS)
    if key == NONE and found.type != "N":
        yield RuleError(
            field,
            f"Btw-code {found.code} is er een met btw; kies er een van het soort zonder btw.",
            f"VAT code {found.code} bears VAT; choose one of the type without VAT.",
        )
    elif on_items and found.type not in ON_ITEMS:
        yield RuleError(
            field,
            f"Btw-code {found.code} is exclusief; facturen en orders vragen er een inclusief.",
            f"VAT code {found.code} excludes VAT; invoices and orders need one that includes it.",
        )
    elif not on_items and found.type not in IN_ENTRIES:
        yield RuleError(
            field,
            f"Btw-code {found.code} is inclusief; boekingen vragen er een exclusief.",
            f"VAT code {found.code} includes VAT; entries need one that excludes it.",
        )
