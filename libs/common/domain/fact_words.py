"""Words, in Dutch and English, for facts of problems that are codes of ours."""

from __future__ import annotations

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "why": {
        "no-customer": ("er staat geen klant op", "it has no customer"),
        "no-own-debtors": (
            "alle bonnen gaan naar de standaarddebiteur",
            "all sales go to the default debtor",
        ),
    },
    "match_on": {
        "code": ("klantcode", "customer code"),
        "vat_number": ("btw-nummer", "VAT number"),
        "chamber_of_commerce": ("KvK-nummer", "chamber of commerce number"),
        "email": ("e-mailadres", "e-mail address"),
    },
    "field": {
        "journals.sales": ("het verkoopdagboek", "the sales journal"),
        "journals.general": ("het memoriaal", "the general journal"),
        "debtor.default_account": ("de standaarddebiteur", "the default debtor"),
        "vat.none": ("de btw-code zonder btw", "the VAT code without VAT"),
        "items.fallback_item": (
            "het artikel voor regels zonder artikel",
            "the item for lines without an article",
        ),
        "items.rounding_item": ("het artikel voor afrondingen", "the item for rounding"),
        "ledgers.bottle_deposit": ("de rekening voor statiegeld", "the ledger for bottle deposits"),
        "ledgers.cash_rounding": ("de rekening voor afrondingen", "the ledger for cash rounding"),
        "ledgers.cash_difference": ("de rekening voor kasverschillen", "the ledger for cash differences"),
        "ledgers.gift_cards": ("de rekening voor cadeaukaarten", "the ledger for gift cards"),
        "ledgers.store_credit": ("de rekening voor tegoeden", "the ledger for store credit"),
        "ledgers.tips": ("de rekening voor fooien", "the ledger for tips"),
        "ledgers.deposits": ("de rekening voor aanbetalingen", "the ledger for deposits"),
        "ledgers.open_payments": (
            "de rekening voor betalingen op open bonnen",
            "the ledger for payments on open sales",
        ),
        "ledgers.discounts": ("de rekening voor kortingen", "the ledger for discounts"),
        "ledgers.cash_drops": ("de rekening voor afstortingen", "the ledger for cash taken to the bank"),
        "ledgers.petty_cash": ("de rekening voor kasuitgaven", "the ledger for petty cash"),
        "gift_card_vat": ("het btw-tarief van cadeaukaarten", "the VAT rate of gift cards"),
        "payments.cash": ("de betaalwijze voor contant geld", "the payment type for cash"),
    },
}

FIELDS_OF_ONE: dict[str, tuple[str, str]] = {
    "revenue.by_item.": ("de rekening voor artikel {}", "the ledger for item {}"),
    "items.kinds.": ("het soort van artikel {}", "the kind of item {}"),
}


def in_words(name: str, value: str, language: str) -> str:
    """The fact in words, or as it is where it needs none."""
    dutch, english = WORDS.get(name, {}).get(value) or _field_of_one(value)
    return dutch if language == "nl" else english


def _field_of_one(value: str) -> tuple[str, str]:
    for prefix, (dutch, english) in FIELDS_OF_ONE.items():
        if value.startswith(prefix):
            one = value.removeprefix(prefix)
            return dutch.format(one), english.format(one)
    return value, value
