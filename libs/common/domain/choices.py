"""What the rules choose for a sale line: VAT code, ledger, article and cost centre, each with its reason.

The most specific rule wins. What no rule covers is a problem, never a default (the world is closed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from libs.common.domain.document import ItemWanted
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Mode, OutletRules, Rules, rate_key
from libs.common.domain.sale import ZERO, LineKind, Sale, SaleLine

NO_ITEM = "0"
NO_VAT = "vat[none]"
OF_CLASS, OF_CATEGORY = "vat[class:", "vat[category:"
NO_OUTLET_RULES = OutletRules()
OF_CENTER = "center:"
"""Before a revenue centre's id in `outlets`, where it may have a cost centre of its own."""


class ItemKind(StrEnum):
    """What `items.kinds` can say of an article that is no turnover."""

    PURCHASE = "purchase"
    BOTTLE_DEPOSIT = "bottle-deposit"
    TAX_REFUND = "tax-refund"
    GIFT_CARD = "gift-card"


WITHOUT_VAT = (ItemKind.PURCHASE, ItemKind.BOTTLE_DEPOSIT)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    because: str


def missing(field: str) -> Problem:
    return Problem(ProblemCode.RULE_MISSING, (("field", field),))


def item_key(line: SaleLine) -> str:
    """The key of a line in `by_item` and `kinds`: "fee:ID" for a fee, else the article's id or "0"."""
    if line.fee:
        return f"fee:{line.fee}"
    return line.item or NO_ITEM


def item_kind(line: SaleLine, rules: Rules) -> ItemKind | Problem | None:
    """As the merchant chose, else as the till says; None is ordinary turnover."""
    chosen = rules.items.kinds.get(item_key(line))
    if chosen is None:
        return ItemKind.GIFT_CARD if line.kind is LineKind.GIFT_CARD else None
    if chosen not in list(ItemKind):
        return missing(f"items.kinds.{item_key(line)}")
    return ItemKind(chosen)


def vat_code_without_vat(rules: Rules) -> Choice | Problem:
    code = rules.vat.get("none")
    return Choice(code, NO_VAT) if code else missing("vat.none")


def vat_code_of(line: SaleLine, rules: Rules) -> Choice | Problem:
    kind = item_kind(line, rules)
    if isinstance(kind, Problem):
        return kind
    is_liability = kind is ItemKind.GIFT_CARD and rules.gift_cards == "liability"
    if rules.small_business_scheme or is_liability or kind in WITHOUT_VAT:
        return vat_code_without_vat(rules)
    if line.kind is LineKind.SERVICE_CHARGE and not line.vat_rate:
        return vat_code_without_vat(rules)
    if kind is ItemKind.GIFT_CARD and not line.vat_rate:
        vat = voucher_vat(rules)
        return vat if isinstance(vat, Problem) else vat[0]
    for key in _vat_keys(line):
        if key in rules.vat:
            return _unless_of_another_rate(line, Choice(rules.vat[key], f"vat[{key}]"), rules)
    return Problem(
        ProblemCode.VAT_RATE_UNMAPPED,
        (
            ("rate", rate_key(line.vat_rate)),
            ("tax_class", line.tax_class),
            ("tax_category", line.tax_category),
        ),
        per_sale=("tax_class", "tax_category"),
    )


def voucher_vat(rules: Rules) -> tuple[Choice, Decimal] | Problem:
    """The code and rate of gift cards whose VAT is due when they are sold."""
    if rules.gift_card_vat is None:
        return missing("gift_card_vat")
    return vat_code_of_rate(rules.gift_card_vat, rules)


def vat_code_of_rate(rate: str, rules: Rules) -> tuple[Choice, Decimal] | Problem:
    """The code of a rate that the rules name, with the rate; without any VAT at all there is none."""
    if rules.small_business_scheme:
        none = vat_code_without_vat(rules)
        return none if isinstance(none, Problem) else (none, ZERO)
    if rate not in rules.vat or _rate(rate) is None:
        return Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", rate),))
    return Choice(rules.vat[rate], f"vat[{rate}]"), Decimal(rate)


def rates_of(rules: Rules) -> dict[Decimal, Choice]:
    """The codes that the rules choose by rate alone."""
    rates = {_rate(key): Choice(code, f"vat[{key}]") for key, code in rules.vat.items()}
    return {rate: choice for rate, choice in rates.items() if rate is not None}


def _vat_keys(line: SaleLine) -> list[str]:
    of_class = f"class:{line.tax_class}" if line.tax_class else ""
    of_category = f"category:{line.tax_category}/{of_class}" if line.tax_category and of_class else ""
    return [key for key in (of_category, of_class, rate_key(line.vat_rate)) if key]


def _unless_of_another_rate(line: SaleLine, choice: Choice, rules: Rules) -> Choice | Problem:
    """A class may not lead to a code that the rules use for other rates: so a change of rates shows."""
    rates = {_rate(key) for key, code in rules.vat.items() if code == choice.value} - {None}
    if not rates or line.vat_rate in rates:
        return choice
    return _rate_differs(line, choice)


def other_rate(line: SaleLine, rules: Rules, vat_rates: Mapping[str, Decimal]) -> Problem | None:
    """Where a class or category leads to a code that bears another rate in the books than the till charged.

    A rate's own code was held against its percentage when it was chosen.
    """
    choice = vat_code_of(line, rules)
    if isinstance(choice, Problem) or not choice.because.startswith((OF_CLASS, OF_CATEGORY)):
        return None
    if vat_rates.get(choice.value, line.vat_rate) == line.vat_rate:
        return None
    return _rate_differs(line, choice)


def _rate_differs(line: SaleLine, choice: Choice) -> Problem:
    facts = (("rate", rate_key(line.vat_rate)), ("vat_code", choice.value))
    return Problem(ProblemCode.VAT_RATE_DIFFERS, facts)


def _rate(key: str) -> Decimal | None:
    try:
        return Decimal(key)
    except InvalidOperation:
        return None


def ledger_of(line: SaleLine, vat_code: str, rules: Rules) -> Choice | Problem:
    """Item, category, VAT code, default; a bottle deposit has its own, a purchase is never turnover."""
    key, revenue = item_key(line), rules.revenue
    if key in revenue.by_item:
        return Choice(revenue.by_item[key], f"revenue.by_item[{key}]")
    kind = item_kind(line, rules)
    if kind is ItemKind.BOTTLE_DEPOSIT:
        deposits = rules.ledgers.bottle_deposit
        return Choice(deposits, "ledgers.bottle_deposit") if deposits else missing("ledgers.bottle_deposit")
    if kind is ItemKind.PURCHASE:
        return missing(f"revenue.by_item.{key}")
    return turnover_ledger(line.category, vat_code, rules)


def gift_card_ledger(line: SaleLine, rules: Rules) -> Choice | Problem:
    key, revenue = item_key(line), rules.revenue
    if key in revenue.by_item:
        return Choice(revenue.by_item[key], f"revenue.by_item[{key}]")
    ledger = rules.ledgers.gift_cards
    return Choice(ledger, "ledgers.gift_cards") if ledger else missing("ledgers.gift_cards")


def turnover_ledger(category: str, vat_code: str, rules: Rules) -> Choice | Problem:
    revenue = rules.revenue
    of_rate = f"{category}/{vat_code}"
    if of_rate in revenue.by_category:
        return Choice(revenue.by_category[of_rate], f"revenue.by_category[{of_rate}]")
    if category in revenue.by_category:
        return Choice(revenue.by_category[category], f"revenue.by_category[{category}]")
    if vat_code in revenue.by_vat_code:
        return Choice(revenue.by_vat_code[vat_code], f"revenue.by_vat_code[{vat_code}]")
    if revenue.default_ledger:
        return Choice(revenue.default_ledger, "revenue.default_ledger")
    return Problem(ProblemCode.LEDGER_MISSING, (("vat_code", vat_code),))


def item_of(line: SaleLine, rules: Rules) -> ItemWanted | Problem:
    """The article itself; the fallback where there is none, or none that could be found or made."""
    has_article = line.item not in ("", NO_ITEM) and line.kind is not LineKind.ITEM_FEE
    if has_article and (rules.items.create or line.item_code):
        return ItemWanted(
            code=line.item_code,
            description=line.description,
            till_item=line.item,
            is_stocked=line.is_stocked and rules.products.keeps_stock,
        )
    if not rules.items.fallback_item:
        return missing("items.fallback_item")
    return ItemWanted(id=rules.items.fallback_item)


def outlet_rules(outlet: str, rules: Rules) -> OutletRules:
    return rules.outlets.get(outlet, NO_OUTLET_RULES)


def cost_center_of(line: SaleLine, sale: Sale, rules: Rules) -> str | None:
    """That of the revenue centre, where it has one, else of the outlet."""
    center, _ = sale.revenue_center
    own = outlet_rules(f"{OF_CENTER}{center}", rules).cost_center if center else None
    return own or outlet_rules(line.outlet or sale.outlet, rules).cost_center


def sales_journal(outlet: str, rules: Rules) -> str | Problem:
    """An outlet's own journal stands for that of the mode's document: of its day, where days are booked."""
    own = None if rules.mode is Mode.DAILY_TOTALS else outlet_rules(outlet, rules).journal
    return own or rules.journals.sales or missing("journals.sales")
