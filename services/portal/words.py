"""The words by which ledgers, debtors and items are usually known in Dutch and Belgian books: hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.portal.choices import Choice

LEDGERS = {
    "cash_rounding": ("afrondingsverschil", "betalingsverschil", "afronding", "rounding"),
    "cash_difference": ("kasverschil", "cash difference"),
    "gift_cards": (
        *("cadeaukaart", "cadeaubon", "geschenkbon", "cadeaucheque", "kadobon", "kadokaart", "waardebon"),
        *("gift card", "gift", "voucher"),
    ),
    "store_credit": ("tegoedbon", "store credit", "klanttegoed"),
    "tips": ("fooi", "drinkgeld", "tips"),
    "deposits": (
        *("vooruitontvangen", "ontvangen vooruitbetaling", "aanbetaling", "ontvangen voorschot"),
        "deposit",
    ),
    "open_payments": ("open bonnen", "open bestellingen"),
    "bottle_deposit": ("statiegeld", "leeggoed"),
    "cash_drops": ("afstorting", "storting bank"),
    "petty_cash": ("kleine kas", "petty cash"),
}
TRANSIT = ("kruispost", "interne overboeking", "tussenrekening", "nog te ontvangen", "clearing")
CASH = ("contant", "lade", "kasgeld", "cash", "kas ", " kas")
NOT_THE_DRAWER = (*LEDGERS["petty_cash"], *LEDGERS["cash_difference"], *LEDGERS["cash_drops"])
CREDIT_CARD = ("creditcard", "credit card", "kredietkaart", "visa", "mastercard", "amex")
DEBIT_CARD = ("pin", "bancontact", "maestro", "debit", "v pay", "betaalkaart", "bankkaart")
LATER = ("klarna", "in3", "riverty", "afterpay", "billink")
ONLINE = ("ideal", "online", "paypal", "mollie", "adyen", "stripe", "webshop", "ecom", "bancontact mobile")
CARDS = ((LATER, "online"), (ONLINE, "online"), (CREDIT_CARD, "card"), (DEBIT_CARD, "card"))
GIFT_CARDS = ("cadeau", "kado", "vvv", "gift", "boekenbon", "geschenk")
ON_ACCOUNT = ("op rekening", "on account", "factuur")
STAFF = ("personeel", "representatie")
STAFF_COST = ("personeelsverstrekking", "representatie", "personeel")
OLD = ("niet meer gebruiken", "vervallen", "oud (")
BY_RATE = {"21": ("hoog", "high"), "9": ("laag", "low"), "0": ("nul", "zero")}
NOT_TURNOVER_OF_GOODS = (
    "logies",
    "export",
    "marge",
    "vrijgesteld",
    "groep",
    "t/m",
    "privégebruik",
    "verlegd",
)
DEBTORS = ("kassaverkopen", "kassaverkoop", "kassaklant", "contante verkoop", "baliekla", "balieverkoop")
FALLBACK_ITEMS = ("KASSA", "DIVERS", "DIVERSEN", "OVERIG", "ALGEMEEN")
ROUNDING_ITEMS = ("AFRONDING", "AFRONDINGEN", "ROUNDING")


def speaks_of(text: str, words: Iterable[str]) -> bool:
    lower = text.lower()
    return any(word in lower for word in words)


def first_named(choices: Sequence[Choice], words: Sequence[str]) -> Choice | None:
    """The earlier word wins, then the lower code."""
    for word in words:
        for choice in sorted(choices, key=lambda each: each.code):
            if word in choice.name.lower():
                return choice
    return None
