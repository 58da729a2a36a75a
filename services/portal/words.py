"""The words by which ledgers, debtors and items are usually known in Dutch and Belgian books: hints.

Without accents, as names are compared. One of four letters or fewer must begin a word: "pin" isn't in
"shopping".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from services.portal.choices import Choice

LEDGERS = {
    "cash_rounding": ("afrondingsverschil", "betalingsverschil", "afronding", "arrondi", "rounding"),
    "cash_difference": ("kasverschil", "differences de caisse", "cash difference"),
    "gift_cards": (
        *("cadeaukaart", "cadeaubon", "geschenkbon", "cadeaucheque", "kadobon", "kadokaart", "waardebon"),
        *("dinerbon", "bonnen in omloop", "cheques-cadeau", "cheques cadeau", "bons cadeau", "bons d'achat"),
        *("gift card", "gift", "voucher"),
    ),
    "store_credit": ("tegoedbon", "store credit", "klanttegoed", "winkeltegoed", "tegoeden klant"),
    "tips": ("fooi", "drinkgeld", "pourboire", "tips"),
    "deposits": (
        *("vooruitontvangen", "ontvangen vooruitbetaling", "aanbetaling", "ontvangen voorschot"),
        *("acomptes recus", "deposit"),
    ),
    "open_payments": ("open bonnen", "open bestellingen"),
    "bottle_deposit": ("statiegeld", "leeggoed", "emballage", "vidanges"),
    "cash_drops": ("afstorting", "storting bank"),
    "petty_cash": ("kleine kas", "petty cash"),
}
OWED = ("gift_cards", "store_credit", "tips", "deposits", "bottle_deposit")
"""Of these, what is owed to somebody."""
BALANCE_SHEET = (*OWED, "open_payments", "cash_drops")
TO_SUPPLIERS = ("leverancier", "inkoop", "voorraad", "personeel", "betaald", "verses")
TRANSIT = (
    *("kruispost", "interne overboeking", "virements internes", "virement interne", "onderweg"),
    *("geldmiddelen", "tussenrekening", "nog te ontvangen", "clearing"),
)
NOT_TAKINGS = (
    *("lonen", "loon", "salaris", "voorraad", "inkoop", "btw", "tva", "balans", "facturen", "bonus", "rente"),
    *("crediteur", "intercompany", "personeel"),
)
CASH = ("contant", "lade", "kassalade", "kasgeld", "cash", "kas ", " kas")
NOT_THE_DRAWER = (*LEDGERS["petty_cash"], *LEDGERS["cash_difference"], *LEDGERS["cash_drops"])
CREDIT_CARD = (
    *("creditcard", "credit card", "kredietkaart", "visa", "mastercard", "amex", "cartes de credit"),
)
DEBIT_CARD = (
    *("pin", "bancontact", "maestro", "debit", "v pay", "betaalkaart", "bankkaart", "payconiq", "eftpos"),
    "lightspeed pay",
)
ANY_CARD = ("kaart", "card", "carte")
LATER = ("klarna", "in3", "riverty", "afterpay", "billink")
ONLINE = ("ideal", "online", "paypal", "mollie", "adyen", "stripe", "webshop", "ecom", "bancontact mobile")
CARDS = ((LATER, "online"), (ONLINE, "online"), (CREDIT_CARD, "card"), (DEBIT_CARD, "card"))
OF_ONE_TENDER = (*LATER, *ONLINE, *CREDIT_CARD, *DEBIT_CARD, *CASH, "valuta", "devises")
OWN_CARDS = (
    *("cadeaukaart", "cadeaubon", "geschenkbon", "cadeaucheque", "kadobon", "kadokaart", "waardebon"),
    *("dinerbon", "gift card", "giftcard", "cheque-cadeau", "cheque cadeau", "bon cadeau"),
)
"""Of the shop itself, where no other issuer is named."""
ISSUERS = (
    *("vvv", "boekenbon", "nationale", "fashion", "podium", "bioscoop", "sodexo", "edenred", "pluxee", "eco"),
    *("monizze", "bol.com", "irischeque", "stad", "centrum"),
)
STORE_CREDIT = ("winkeltegoed", "tegoedbon", "klanttegoed", "store credit")
ON_ACCOUNT = ("op rekening", "on account", "factuur")
STAFF = ("personeel", "representatie")
STAFF_COST = ("personeelsverstrekking", "representatie", "personeel")
LOYALTY = ("loyalty", "spaarpunten", "spaarkaart", "klantenkaart")
LOYALTY_COST = (*LOYALTY, "korting", "promotie", "reclame", "publici")
OLD = ("niet meer gebruiken", "vervallen", "oud (")
BY_RATE = {
    "21": ("hoog", "high", "normaal tarief"),
    "12": ("tussentarief", "tussen tarief", "middentarief"),
    "9": ("laag", "low"),
    "6": ("verlaagd", "laag", "reduit"),
    "0": ("nul", "zero"),
}
NOT_TURNOVER_OF_GOODS = (
    "logies",
    "export",
    "marge",
    "vrijgesteld",
    "groep",
    "t/m",
    "privégebruik",
    "verlegd",
    "korting",
    "annulering",
)
ABROAD = ("export", "buiten de eu", "eu", "intracom", "icp", "verlegd", "medecontractant", "cocontractant")
DEBTORS = (
    *("kassaverkopen", "kassaverkoop", "kassaklant", "contante verkoop", "baliekla", "balieverkoop"),
    *("contante klant", "winkelverkopen", "winkelverkoop", "diverse klanten", "diverse debiteuren"),
    *("particulieren", "passanten", "clients divers", "ventes comptoir"),
)
FALLBACK_ITEMS = ("KASSA", "DIVERS", "DIVERSEN", "OVERIG", "ALGEMEEN")
ROUNDING_ITEMS = ("AFRONDING", "AFRONDINGEN", "ROUNDING")
SHORT = 4


def speaks_of(text: str, words: Iterable[str]) -> bool:
    plain = _plain(text)
    return any(_says(plain, word) for word in words)


def first_named(choices: Sequence[Choice], words: Sequence[str]) -> Choice | None:
    """The earlier word wins, then the lower code."""
    for word in words:
        for choice in sorted(choices, key=lambda each: each.code):
            if _says(_plain(choice.name), word):
                return choice
    return None


def names_rate(text: str, rate: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(rate)}\s*%", text) is not None


@cache
def _plain(text: str) -> str:
    """Lower, without accents, and with a space at both ends."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    return f" {''.join(each for each in letters if not unicodedata.combining(each))} "


def _says(plain: str, word: str) -> bool:
    word = _plain(word)[1:-1]
    if len(word) > SHORT or word != word.strip():
        return word in plain
    return re.search(rf"(?<![a-z]){re.escape(word)}", plain) is not None
