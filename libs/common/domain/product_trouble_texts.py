"""The sentence and the remedy of every trouble with articles, in Dutch and English, by its code."""

from __future__ import annotations

from libs.common.domain.problem_texts import Texts

ITSELF_NL = "Daarna gaat het vanzelf verder."
ITSELF_EN = "It then goes on by itself."

RIGHT_WORDS: dict[str, tuple[str, str]] = {
    "salesitemprices": ("verkoopprijzen", "sales prices"),
    "stockcount": ("voorraadtellingen", "stock counts"),
    "inventory/": ("voorraad", "stock"),
    "itemgroups": ("artikelgroepen", "item groups"),
    "sync/deleted": ("wat verwijderd is", "what was deleted"),
    "logistics/": ("artikelen", "items"),
    "vat/": ("btw-codes", "VAT codes"),
}
"""By a part of what was asked for; the first that fits (exact-online 8)."""

TEXTS: dict[str, Texts] = {
    "no-right-in-exact": Texts(
        (
            "De gebruiker van de koppeling heeft in Exact Online geen recht op {right}: {answer}",
            "Geef die gebruiker dit recht in Exact Online, of koppel Exact Online opnieuw met een gebruiker "
            f"die het heeft. {ITSELF_NL}",
        ),
        (
            "The connection's user has no right to {right} in Exact Online: {answer}",
            "Give that user this right in Exact Online, or connect Exact Online again as a user who has it. "
            f"{ITSELF_EN}",
        ),
        ("right", "answer"),
    ),
    "no-module-in-exact": Texts(
        (
            "De administratie heeft in Exact Online geen {right}: haar licentie mist wellicht die module.",
            f"Neem de module af in Exact Online, of kies onder Instellingen wat zonder kan. {ITSELF_NL}",
        ),
        (
            "The company has no {right} in Exact Online: its licence may lack that module.",
            f"Add the module in Exact Online, or choose under Settings what can do without. {ITSELF_EN}",
        ),
        ("right",),
    ),
    "no-right-at-till": Texts(
        (
            "De gebruiker van de koppeling mist in Lightspeed een recht op artikelen of voorraad: {answer}",
            "Geef die gebruiker dit recht in Lightspeed, of koppel Lightspeed opnieuw met een gebruiker die "
            f"het heeft. {ITSELF_NL}",
        ),
        (
            "The connection's user lacks a right to articles or stock in Lightspeed: {answer}",
            "Give that user this right in Lightspeed, or connect Lightspeed again as a user who has it. "
            f"{ITSELF_EN}",
        ),
        ("answer",),
    ),
    "consent-lost": Texts(
        (
            "De toestemming van {system} geldt niet meer.",
            f"Koppel {{system}} opnieuw. {ITSELF_NL}",
        ),
        (
            "The consent of {system} no longer holds.",
            f"Connect {{system}} again. {ITSELF_EN}",
        ),
        ("system",),
    ),
    "wrong-account": Texts(
        (
            "Lightspeed antwoordt voor een ander account dan dat van deze koppeling.",
            f"Koppel Lightspeed opnieuw, met een gebruiker van het account van deze koppeling. {ITSELF_NL}",
        ),
        (
            "Lightspeed answers for another account than this connection's.",
            f"Connect Lightspeed again, as a user of this connection's account. {ITSELF_EN}",
        ),
    ),
    "prices-not-shown": Texts(
        (
            "Exact Online toont deze gebruiker geen verkoopprijzen; artikelen gaan mee zonder prijs.",
            "Geef de gebruiker in Exact Online het recht op verkoopprijzen en werk de artikelen bij, of laat "
            "de prijs niet meegaan (Instellingen, Artikelen).",
        ),
        (
            "Exact Online shows this user no sales prices; articles go along without their price.",
            "Give the user the right to sales prices in Exact Online and update the articles, or let prices "
            "stay behind (Settings, Articles).",
        ),
    ),
    "prices-not-written": Texts(
        (
            "De gebruiker van de koppeling mag in Exact Online geen verkoopprijzen wijzigen; artikelen gaan "
            "mee zonder prijs.",
            "Geef de gebruiker in Exact Online het recht verkoopprijzen te beheren en werk de artikelen bij, "
            "of laat de prijs niet meegaan (Instellingen, Artikelen).",
        ),
        (
            "The connection's user may not change sales prices in Exact Online; articles go along without "
            "their price.",
            "Give the user the right to manage sales prices in Exact Online and update the articles, or let "
            "prices stay behind (Settings, Articles).",
        ),
    ),
    "prices-of-no-item": Texts(
        (
            "Van verkoopprijzen in Exact Online is niet te lezen bij welk artikel ze horen: {prices}.",
            "Verwijder deze prijzen in Exact Online, of meld het bij ons. De andere artikelen gaan verder.",
        ),
        (
            "Of sales prices in Exact Online it can't be read which item they are of: {prices}.",
            "Delete these prices in Exact Online, or tell us. The other articles go on.",
        ),
        ("prices",),
    ),
    "stock-of-no-item": Texts(
        (
            "In {system} staat voorraad waarvan niet te lezen is van welk artikel of op welke plaats; daarom "
            "wordt geen voorraad geteld.",
            f"Meld het bij ons. De artikelen zelf gaan verder. {ITSELF_NL}",
        ),
        (
            "In {system} there is stock of which it can't be read of which article or where; so no stock is "
            "counted.",
            f"Tell us. The articles themselves go on. {ITSELF_EN}",
        ),
        ("system",),
    ),
}
