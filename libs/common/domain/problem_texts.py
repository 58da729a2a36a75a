"""The sentence and the remedy of every problem, in Dutch and English, by the code's value.

`{facts}` are filled in by `problem.describe`; the names that a code may use stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    nl: tuple[str, str]
    """What is the matter, and what mends it."""
    en: tuple[str, str]
    facts: tuple[str, ...] = ()

    def told(self, facts: Mapping[str, str], language: str) -> tuple[str, str]:
        """With the facts filled in, of which "?" stands for one that is missing."""
        message, remedy = self.nl if language == "nl" else self.en
        known = dict.fromkeys(self.facts, "?") | dict(facts)
        return _ended(message.format(**known)), _ended(remedy.format(**known))


def _ended(sentence: str) -> str:
    """A vendor's own words often lack the full stop, and would run into what follows."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


RETRY_NL = "Verwerk de bon daarna opnieuw."
RETRY_EN = "Then retry the sale."
ITSELF_NL = "De bon wordt daarna vanzelf geboekt."
ITSELF_EN = "The sale is then booked by itself."

TEXTS: dict[str, Texts] = {
    "sale-unreadable": Texts(
        ("Deze bon is niet te lezen: {what}.", "Meld dit bij ons; de bon wacht en gaat niet verloren."),
        ("This sale can't be read: {what}.", "Tell us; the sale waits and is not lost."),
        ("what",),
    ),
    "receipt-does-not-add-up": Texts(
        (
            "De regels van de bon tellen op tot {lines_total}, het totaal is {total}.",
            f"Herstel de bon in de kassa, of boek hem met de hand en negeer hem hier. {RETRY_NL}",
        ),
        (
            "The lines of the sale add up to {lines_total}, its total is {total}.",
            f"Correct the sale at the till, or book it by hand and ignore it here. {RETRY_EN}",
        ),
        ("lines_total", "total"),
    ),
    "vat-does-not-add-up": Texts(
        (
            "De btw van de regels is samen {lines_vat}, de bon noemt {vat}.",
            f"Controleer de btw van deze bon in de kassa. {RETRY_NL}",
        ),
        (
            "The VAT of the lines is {lines_vat} together, the sale says {vat}.",
            f"Check the VAT of this sale at the till. {RETRY_EN}",
        ),
        ("lines_vat", "vat"),
    ),
    "vat-rate-differs": Texts(
        (
            "De btw op de bon past niet bij het tarief ({rate} %) en de btw-code {vat_code}.",
            f"Controleer het tarief in de kassa en de btw-code onder Instellingen, Btw. {RETRY_NL}",
        ),
        (
            "The VAT on the sale doesn't fit the rate ({rate} %) and VAT code {vat_code}.",
            f"Check the rate at the till and the VAT code under Settings, VAT. {RETRY_EN}",
        ),
        ("rate", "vat_code"),
    ),
    "payments-do-not-add-up": Texts(
        (
            "Er is {paid} betaald voor een bon van {total}.",
            f"Herstel de betalingen in de kassa, of boek de bon met de hand en negeer hem hier. {RETRY_NL}",
        ),
        (
            "{paid} was paid for a sale of {total}.",
            f"Correct the payments at the till, or book the sale by hand and ignore it here. {RETRY_EN}",
        ),
        ("paid", "total"),
    ),
    "vat-rate-unmapped": Texts(
        (
            "Voor {rate} % is geen btw-code gekozen.",
            f"Kies een btw-code onder Instellingen, Btw. {ITSELF_NL}",
        ),
        ("No VAT code is chosen for {rate} %.", f"Choose one under Settings, VAT. {ITSELF_EN}"),
        ("rate", "tax_class", "tax_category"),
    ),
    "payment-type-unmapped": Texts(
        (
            "Voor de betaalwijze {name} is geen grootboekrekening gekozen.",
            f"Kies er een onder Instellingen, Betaalwijzen. {ITSELF_NL}",
        ),
        (
            "No ledger account is chosen for the payment type {name}.",
            f"Choose one under Settings, Payment types. {ITSELF_EN}",
        ),
        ("payment_type", "name"),
    ),
    "ledger-missing": Texts(
        (
            "Voor omzet met btw-code {vat_code} is geen grootboekrekening gekozen.",
            f"Kies er een onder Instellingen, Omzet. {ITSELF_NL}",
        ),
        (
            "No ledger account is chosen for turnover with VAT code {vat_code}.",
            f"Choose one under Settings, Revenue. {ITSELF_EN}",
        ),
        ("vat_code",),
    ),
    "rule-missing": Texts(
        ("Er is nog niet gekozen: {field}.", f"Kies dit onder Instellingen. {ITSELF_NL}"),
        ("Not chosen yet: {field}.", f"Choose it under Settings. {ITSELF_EN}"),
        ("field",),
    ),
    "till-movement-unexplained": Texts(
        (
            "Bij kassa {register} is {amount} contant bewogen zonder te zeggen waarvoor ({note}).",
            "Boek deze kasbeweging met de hand. Zet voortaan bij elke beweging een omschrijving, zoals "
            "wisselgeld, afstorting, fooi, inleg of wat er is gekocht.",
        ),
        (
            "At register {register} cash of {amount} was moved without saying what for ({note}).",
            "Book this cash movement by hand. From now on note at each movement what it is, as "
            "float, bank, tip, owner or what was bought.",
        ),
        ("register", "amount", "note"),
    ),
    "till-close-unreadable": Texts(
        (
            "Kassasluiting {number} is niet te lezen: {what}.",
            "Boek haar kasverschil met de hand, negeer haar hier en meld dit bij ons. De andere sluitingen "
            "gaan door; wat er contant in en uit ging, staat bij de volgende sluiting van deze kassa.",
        ),
        (
            "Closing {number} of a register can't be read: {what}.",
            "Book its cash difference by hand, ignore it here, and tell us. The other closings go on; cash "
            "that went in and out stands with the next closing of this register.",
        ),
        ("number", "what"),
    ),
    "customer-missing": Texts(
        (
            "Deze bon raakt een klantrekening (op rekening, aanbetaling of tegoed), maar {why}.",
            "Zet de klant op de bon in de kassa, of geef klanten op rekening een eigen debiteur onder "
            f"Instellingen, Debiteuren. {RETRY_NL}",
        ),
        (
            "This sale moves a customer's account (on account, a deposit or credit), but {why}.",
            "Put the customer on the sale at the till, or give customers on account a debtor of their own "
            f"under Settings, Debtors. {RETRY_EN}",
        ),
        ("why",),
    ),
    "currency-differs": Texts(
        (
            "De kassa rekent in {currency}, de administratie in {division_currency}.",
            "Koppel een administratie in de munt van de kassa.",
        ),
        (
            "The till sells in {currency}, the division's books are in {division_currency}.",
            "Connect a division in the currency of the till.",
        ),
        ("currency", "division_currency"),
    ),
    "edited-after-booking": Texts(
        (
            "De bon is gewijzigd, en wat er onder {reference} geboekt is, is bij ons niet meer bekend.",
            "Boek het verschil met de hand in Exact Online en negeer de bon hier met een reden.",
        ),
        (
            "The sale was edited, and what was booked under {reference} is no longer known to us.",
            "Book the difference by hand in Exact Online and ignore the sale here with a reason.",
        ),
        ("reference",),
    ),
    "debtor-ambiguous": Texts(
        (
            "Klant {customer} past op meer dan één relatie in Exact Online ({match_on}).",
            f"Laat in Exact Online één relatie met dit gegeven over. {RETRY_NL}",
        ),
        (
            "Customer {customer} matches more than one account in Exact Online ({match_on}).",
            f"Leave one account with this value in Exact Online. {RETRY_EN}",
        ),
        ("customer", "match_on"),
    ),
    "debtor-refused": Texts(
        (
            "Exact Online weigert klant {customer} als relatie: {answer}",
            f"Verbeter de klant in de kassa of maak de relatie zelf aan in Exact Online. {RETRY_NL}",
        ),
        (
            "Exact Online refuses customer {customer} as an account: {answer}",
            f"Correct the customer at the till, or make the account in Exact Online. {RETRY_EN}",
        ),
        ("customer", "answer"),
    ),
    "debtor-not-found": Texts(
        (
            "Klant {customer} heeft geen relatie in Exact Online, en relaties worden niet aangemaakt.",
            "Maak de relatie aan in Exact Online, of sta aanmaken toe onder Instellingen, Debiteuren. "
            f"{RETRY_NL}",
        ),
        (
            "Customer {customer} has no account in Exact Online, and accounts aren't made.",
            f"Make the account in Exact Online, or allow making them under Settings, Debtors. {RETRY_EN}",
        ),
        ("customer",),
    ),
    "item-not-found": Texts(
        (
            "Artikel {item} bestaat niet in Exact Online, en artikelen worden niet aangemaakt.",
            "Maak het artikel aan in Exact Online, of sta aanmaken toe onder Instellingen, Artikelen. "
            f"{RETRY_NL}",
        ),
        (
            "Item {item} doesn't exist in Exact Online, and items aren't made.",
            f"Make the item in Exact Online, or allow making them under Settings, Items. {RETRY_EN}",
        ),
        ("item",),
    ),
    "item-refused": Texts(
        (
            "Exact Online weigert artikel {item}: {answer}",
            f"Verbeter het artikel in de kassa of in Exact Online. {RETRY_NL}",
        ),
        (
            "Exact Online refuses item {item}: {answer}",
            f"Correct the item at the till or in Exact Online. {RETRY_EN}",
        ),
        ("item", "answer"),
    ),
    "item-of-another": Texts(
        (
            "Artikel {item} heeft de code van een artikel in Exact Online dat bij een ander artikel van de "
            "kassa hoort ({other}).",
            f"Geef een van beide een eigen code, of koppel ze onder Artikelen met de hand. {RETRY_NL}",
        ),
        (
            "Item {item} has the code of an item in Exact Online that belongs to another article of the till "
            "({other}).",
            f"Give one of them a code of its own, or link them by hand under Articles. {RETRY_EN}",
        ),
        ("item", "other"),
    ),
    "day-not-whole": Texts(
        (
            "De kassa van {outlet} noemt {day} nog niet compleet: een apparaat kan nog bonnen vasthouden.",
            "Zet alle kassa's en tablets van deze vestiging aan, met internet: is de dag compleet, dan wordt "
            "hij vanzelf geboekt. Komt een apparaat niet terug, verwerk dan een bon van die dag opnieuw: de "
            "dag wordt geboekt zoals hij is, en wat later nog komt volgt als aanvulling.",
        ),
        (
            "The till of {outlet} doesn't call {day} complete yet: a device may still hold sales.",
            "Switch on all tills and tablets of this location, with internet: once the day is complete it is "
            "booked by itself. If a device won't come back, retry a sale of that day: the day is booked "
            "as it is, and what comes later follows as a supplement.",
        ),
        ("outlet", "day"),
    ),
    "period-closed": Texts(
        (
            "De periode van {day} is in Exact Online gesloten.",
            f"Open de periode in Exact Online, of vraag uw boekhouder om een andere datum. {RETRY_NL}",
        ),
        (
            "The period of {day} is closed in Exact Online.",
            f"Open the period in Exact Online, or ask your accountant for another date. {RETRY_EN}",
        ),
        ("day", "answer"),
    ),
    "ledger-refused": Texts(
        (
            "Exact Online weigert een grootboekrekening: {answer}",
            f"Kies een andere rekening onder Instellingen, of pas haar aan in Exact Online. {RETRY_NL}",
        ),
        (
            "Exact Online refuses a ledger account: {answer}",
            f"Choose another under Settings, or change it in Exact Online. {RETRY_EN}",
        ),
        ("answer",),
    ),
    "settlement-refused": Texts(
        (
            "Exact Online neemt geen betalingen op in een verkoopboeking: {answer}",
            "Kies onder Instellingen een andere verrekening (per bon of per dag), of een tussenrekening die "
            "wel in een verkoopboeking mag. De bonnen worden daarna vanzelf geboekt.",
        ),
        (
            "Exact Online takes no payments inside a sales entry: {answer}",
            "Choose another settlement under Settings (per receipt or per day), or a clearing account that a "
            "sales entry may hold. The sales are then booked by themselves.",
        ),
        ("answer",),
    ),
    "vat-code-refused": Texts(
        (
            "Exact Online weigert een btw-code: {answer}",
            f"Kies een andere btw-code onder Instellingen, Btw. {RETRY_NL}",
        ),
        (
            "Exact Online refuses a VAT code: {answer}",
            f"Choose another VAT code under Settings, VAT. {RETRY_EN}",
        ),
        ("answer",),
    ),
    "journal-refused": Texts(
        (
            "Exact Online weigert het dagboek: {answer}",
            f"Kies een ander dagboek onder Instellingen, Dagboeken. {RETRY_NL}",
        ),
        (
            "Exact Online refuses the journal: {answer}",
            f"Choose another journal under Settings, Journals. {RETRY_EN}",
        ),
        ("answer",),
    ),
    "reference-refused": Texts(
        (
            "Exact Online weigert het kenmerk {reference}: {answer}",
            f"Kies een ander voorvoegsel onder Instellingen. {RETRY_NL}",
        ),
        (
            "Exact Online refuses the reference {reference}: {answer}",
            f"Choose another prefix under Settings. {RETRY_EN}",
        ),
        ("reference", "answer"),
    ),
    "exact-refused": Texts(
        (
            "Exact Online weigert deze boeking: {answer}",
            f"Herstel in Exact Online of onder Instellingen wat het antwoord noemt. {RETRY_NL}",
        ),
        (
            "Exact Online refuses this document: {answer}",
            f"Mend in Exact Online or under Settings what the answer names. {RETRY_EN}",
        ),
        ("answer",),
    ),
    "no-right-in-exact": Texts(
        (
            "De gebruiker van de koppeling heeft in Exact Online geen recht voor deze boeking: {answer}",
            f"Geef de gebruiker in Exact Online het recht, of koppel met een andere gebruiker. {RETRY_NL}",
        ),
        (
            "The connection's user has no right to book this in Exact Online: {answer}",
            f"Give the user the right in Exact Online, or connect as another user. {RETRY_EN}",
        ),
        ("answer",),
    ),
    "booked-differently": Texts(
        (
            "In Exact Online staat onder {reference} een boeking die van de bon afwijkt.",
            "Vergelijk haar met de bon en herstel haar in Exact Online: deze melding verdwijnt dan vanzelf. "
            "Kan dat niet, zoals bij een afgedrukte factuur, boek daar dan het verschil en negeer de bon "
            "hier met een reden.",
        ),
        (
            "In Exact Online a document with reference {reference} differs from the sale.",
            "Compare it with the sale and correct it in Exact Online: this problem is then gone by itself. "
            "Where that can't be done, as with a printed invoice, book the difference there and ignore the "
            "sale here with a reason.",
        ),
        ("reference",),
    ),
    "edited-in-exact": Texts(
        (
            "De boeking {reference} is na het boeken in Exact Online gewijzigd.",
            "Zet haar in Exact Online terug: bij de volgende nachtcontrole verdwijnt deze melding vanzelf. "
            "Moet zij zo blijven, negeer de bon hier dan met een reden.",
        ),
        (
            "The document {reference} was edited in Exact Online after it was booked.",
            "Put it back in Exact Online: at the next look, every night, this problem is gone by itself. "
            "If it is to stay so, ignore the sale here with a reason.",
        ),
        ("reference",),
    ),
    "deleted-in-exact": Texts(
        (
            "De boeking {reference} is na het boeken uit Exact Online verwijderd.",
            "Boek haar met de hand onder hetzelfde kenmerk: daarna verdwijnt deze melding vanzelf. "
            "Moet zij weg blijven, negeer de bon hier dan met een reden.",
        ),
        (
            "The document {reference} was deleted from Exact Online after it was booked.",
            "Book it in Exact Online by hand with the same reference: this problem is then gone by itself. "
            "If it is to stay away, ignore the sale here with a reason.",
        ),
        ("reference",),
    ),
    "booked-twice": Texts(
        (
            "In Exact Online staat {reference} meer dan eens.",
            "Verwijder in Exact Online de dubbele boeking: daarna verdwijnt deze melding vanzelf.",
        ),
        (
            "{reference} stands in Exact Online more than once.",
            "Remove the double booking in Exact Online: this problem is then gone by itself.",
        ),
        ("reference",),
    ),
    "defect": Texts(
        (
            "Er ging iets mis in de koppeling zelf.",
            "Wij zijn gewaarschuwd; de bon wacht en gaat niet verloren.",
        ),
        (
            "Something went wrong in the connection itself.",
            "We have been told; the sale waits and is not lost.",
        ),
    ),
}
