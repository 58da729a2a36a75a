"""Words, in Dutch and English, for facts of problems that are codes of ours."""

from __future__ import annotations

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "event": {
        "gift-card-sold": ("de verkoop van een cadeaukaart", "the sale of a gift card"),
        "gift-card-used": ("een betaling met een cadeaukaart", "a payment by gift card"),
        "gift-card-refund": ("een terugbetaling op een cadeaukaart", "a refund to a gift card"),
        "store-credit-given": ("een gegeven tegoed", "store credit given"),
        "store-credit-used": ("een betaling met tegoed", "a payment by store credit"),
        "tax-refund": ("een btw-teruggave", "a VAT refund"),
        "tip": ("een fooi", "a tip"),
        "deposit": (
            "een aanbetaling of een betaling op de klantrekening",
            "a deposit or a payment on the customer's account",
        ),
        "credit-paid-out": ("een uitbetaling van de klantrekening", "a payout from the customer's account"),
        "layaway-pick-up": ("een afgehaalde, aanbetaalde reservering", "a picked-up layaway paid in advance"),
        "payment-without-lines": ("een betaling zonder artikelen", "a payment without articles"),
        "cash-rounding": ("een afronding van contant geld", "cash rounding"),
    },
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
        "mode": ("een manier van boeken die al kan", "a way of booking that is possible already"),
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
