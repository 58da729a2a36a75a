"""The sentence and the remedy of every conflict about an article, in Dutch and English, by its code."""

from __future__ import annotations

from libs.common.domain.problem_texts import Texts

ITSELF_NL = "Daarna gaat het artikel vanzelf mee."
ITSELF_EN = "The article then follows by itself."

FIELD_WORDS: dict[str, tuple[str, str]] = {
    "code": ("de artikelcode", "the article code"),
    "description": ("de omschrijving", "the description"),
    "barcode": ("de barcode", "the barcode"),
    "price": ("de verkoopprijs", "the sales price"),
    "cost": ("de kostprijs", "the cost price"),
    "vat": ("de btw", "the VAT"),
    "category": ("de artikelgroep", "the item group"),
    "unit": ("de eenheid", "the unit"),
    "active": ("actief of gearchiveerd", "active or archived"),
    "stocked": ("het voorraad houden", "being kept in stock"),
}

TEXTS: dict[str, Texts] = {
    "code-missing": Texts(
        ("Het artikel {name} heeft geen code.", f"Geef het een artikelcode. {ITSELF_NL}"),
        ("The article {name} has no code.", f"Give it an article code. {ITSELF_EN}"),
        ("name",),
    ),
    "code-double": Texts(
        (
            "Meer dan één artikel heeft de code {code}: {names}.",
            "Geef elk artikel een eigen code; archiveren helpt alleen bij wat nog nooit meeging. "
            f"{ITSELF_NL}",
        ),
        (
            "More than one article has the code {code}: {names}.",
            f"Give each article a code of its own; archiving helps with what never went along. {ITSELF_EN}",
        ),
        ("code", "names"),
    ),
    "code-too-long": Texts(
        (
            "De code {code} is te lang voor Exact Online, dat er {length} tekens voor heeft.",
            f"Kort de code in. {ITSELF_NL}",
        ),
        (
            "The code {code} is too long for Exact Online, which has {length} characters for it.",
            f"Shorten the code. {ITSELF_EN}",
        ),
        ("code", "length"),
    ),
    "code-taken": Texts(
        (
            "De code {code} is aan de andere kant al van een artikel dat bij een ander hoort.",
            "Geef een van beide een andere code, of kies met de hand wat bij elkaar hoort.",
        ),
        (
            "On the other side the code {code} is of an article that belongs to another already.",
            "Give either another code, or choose by hand what belongs together.",
        ),
        ("code",),
    ),
    "several-matches": Texts(
        (
            "Bij {name} passen aan de andere kant meer artikelen: {matches}.",
            "Kies met de hand welk ervan het is, of laat een nieuw artikel maken.",
        ),
        (
            "Several articles on the other side match {name}: {matches}.",
            "Choose by hand which of them it is, or let a new one be made.",
        ),
        ("name", "matches"),
    ),
    "barcode-double": Texts(
        (
            "De barcode {barcode} staat bij meer dan één artikel.",
            "Haal hem weg waar hij niet hoort, of kies met de hand wat bij elkaar hoort.",
        ),
        (
            "The barcode {barcode} stands with more than one article.",
            "Remove it where it doesn't belong, or choose by hand what belongs together.",
        ),
        ("barcode",),
    ),
    "barcode-unfit": Texts(
        (
            "De kassa neemt de barcode {barcode} niet: ze kent er alleen van zoveel cijfers: {lengths}.",
            f"Verbeter de barcode in Exact Online of haal hem daar weg. {ITSELF_NL}",
        ),
        (
            "The till doesn't take the barcode {barcode}: it knows those of so many digits alone: {lengths}.",
            f"Correct the barcode in Exact Online or remove it there. {ITSELF_EN}",
        ),
        ("barcode", "lengths"),
    ),
    "vat-code-missing": Texts(
        (
            "Voor de btw-klasse {tax_class} ({rate} %) is geen btw-code gekozen.",
            f"Kies een btw-code onder Instellingen, Btw. {ITSELF_NL}",
        ),
        (
            "No VAT code is chosen for the tax class {tax_class} ({rate} %).",
            f"Choose one under Settings, VAT. {ITSELF_EN}",
        ),
        ("tax_class", "rate"),
    ),
    "category-without-vat": Texts(
        (
            "Voor artikelen van {category} is geen btw-code gekozen; aan de kassa hebben ze zelf geen btw.",
            f"Kies er een onder Instellingen, Artikelen. {ITSELF_NL}",
        ),
        (
            "No VAT code is chosen for articles of {category}; at the till they bear no VAT themselves.",
            f"Choose one under Settings, Articles. {ITSELF_EN}",
        ),
        ("category",),
    ),
    "tax-class-missing": Texts(
        (
            "Bij de btw-code {vat_code} ({rate} %) hoort geen btw-klasse van de kassa.",
            "Maak in de kassa een btw-klasse met dit tarief, of verbeter de btw-code van het artikel. "
            f"{ITSELF_NL}",
        ),
        (
            "No tax class of the till goes with VAT code {vat_code} ({rate} %).",
            f"Make a tax class with this rate at the till, or correct the article's VAT code. {ITSELF_EN}",
        ),
        ("vat_code", "rate"),
    ),
    "outlets-differ": Texts(
        (
            "Van {name} is {field} niet in elke vestiging gelijk, en Exact Online kent er één.",
            f"Maak het aan de kassa overal gelijk. {ITSELF_NL}",
        ),
        (
            "Of {name}, {field} isn't the same at every outlet, and Exact Online knows one.",
            f"Make it the same everywhere at the till. {ITSELF_EN}",
        ),
        ("name", "field"),
    ),
    "price-zero": Texts(
        (
            "De prijs van {name} is 0 en wordt niet overgenomen.",
            "Geef het artikel een prijs; is hij aan de kassa vrij, dan is er niets te doen.",
        ),
        (
            "The price of {name} is 0 and is not taken over.",
            "Give the article a price; if it is open at the till there is nothing to do.",
        ),
        ("name",),
    ),
    "price-without-vat": Texts(
        (
            "De prijs van {name} gaat niet mee: welke btw erbij hoort is niet aan beide kanten bekend.",
            f"Geef het aan beide kanten een bekende btw, of laat ook de btw meegaan. {ITSELF_NL}",
        ),
        (
            "The price of {name} stays behind: its VAT isn't known on both sides.",
            f"Give it a VAT that is known on both sides, or let VAT travel too. {ITSELF_EN}",
        ),
        ("name",),
    ),
    "group-without-ledgers": Texts(
        (
            "De artikelgroep {group} heeft in Exact Online geen grootboekrekening voor omzet.",
            f"Kies haar rekeningen in Exact Online, of koppel de categorie aan een andere groep. {ITSELF_NL}",
        ),
        (
            "The item group {group} has no revenue ledger in Exact Online.",
            f"Choose its ledgers in Exact Online, or map the category to another group. {ITSELF_EN}",
        ),
        ("group",),
    ),
    "unit-unknown": Texts(
        (
            "De eenheid {unit} is er in Exact Online niet.",
            f"Maak haar daar aan, of verander de eenheid van het artikel. {ITSELF_NL}",
        ),
        (
            "The unit {unit} isn't in Exact Online.",
            f"Make it there, or change the article's unit. {ITSELF_EN}",
        ),
        ("unit",),
    ),
    "changed-on-wrong-side": Texts(
        (
            "Van {name} is {field} veranderd waar dat niet volgt: van {was} in {now}.",
            "Zet het terug, verander het aan de kant die de baas is, of laat het overschrijven.",
        ),
        (
            "Of {name}, {field} was changed on the side that follows: from {was} to {now}.",
            "Put it back, change it on the side that leads, or let it be overwritten.",
        ),
        ("name", "field", "was", "now"),
    ),
    "archived-in-exact": Texts(
        (
            "{name} is in Exact Online beëindigd, en aan de kassa nog te koop.",
            "Archiveer het zelf aan de kassa; dat zet de voorraad op nul en kan niet terug. "
            "Of haal in Exact Online de einddatum weg.",
        ),
        (
            "{name} has ended in Exact Online, and is still for sale at the till.",
            "Archive it at the till yourself; that sets its stock to zero and can't be undone. "
            "Or remove the end date in Exact Online.",
        ),
        ("name",),
    ),
    "gone": Texts(
        (
            "Het artikel waaraan {name} gekoppeld was, is aan de andere kant weg.",
            "Kies een ander, laat een nieuw maken, of laat dit artikel met rust.",
        ),
        (
            "The article that {name} was linked to is gone on the other side.",
            "Choose another, let a new one be made, or leave this article alone.",
        ),
        ("name",),
    ),
    "merged": Texts(
        (
            "Het artikel van {name} is aan de kassa samengevoegd met {other}; in Exact Online staan er twee.",
            "Beëindig in Exact Online wat overbodig is, of kies met de hand wat bij elkaar hoort.",
        ),
        (
            "The article of {name} was merged into {other} at the till; in Exact Online there are two.",
            "End in Exact Online what is no longer needed, or choose by hand what belongs together.",
        ),
        ("name", "other"),
    ),
    "master-gone": Texts(
        (
            "{name} is verwijderd; aan de andere kant staat het nog.",
            "Verwijderen gaat nooit vanzelf: archiveer het daar zelf, of laat het staan.",
        ),
        (
            "{name} was deleted; on the other side it still stands.",
            "Nothing is deleted by itself: archive it there yourself, or let it stand.",
        ),
        ("name",),
    ),
    "refused": Texts(
        (
            "{name} is aan de andere kant geweigerd: {answer}",
            "Verbeter wat het antwoord noemt en probeer het opnieuw.",
        ),
        (
            "{name} was refused on the other side: {answer}",
            "Correct what the answer names and try again.",
        ),
        ("name", "answer"),
    ),
    "stock-negative": Texts(
        (
            "De voorraad van {name} is {quantity}; Exact Online kent geen negatieve telling en krijgt 0.",
            "Tel het artikel aan de kassa.",
        ),
        (
            "The stock of {name} is {quantity}; Exact Online knows no negative count, so 0 stands there.",
            "Count the article at the till.",
        ),
        ("name", "quantity"),
    ),
    "stock-count-waits": Texts(
        (
            "De voorraadtelling {reference} wacht in Exact Online als concept.",
            "Verwerk haar in Exact Online onder Voorraad, Voorraadtellingen.",
        ),
        (
            "The stock count {reference} waits in Exact Online as a draft.",
            "Process it in Exact Online under Stock, Stock counts.",
        ),
        ("reference",),
    ),
    "stock-unreadable": Texts(
        (
            "De voorraad van {name} is in {system} niet te lezen: {what}.",
            "Tel het artikel daar opnieuw, of meld het bij ons. Zodra zij te lezen is, gaat zij vanzelf mee.",
        ),
        (
            "The stock of {name} can't be read in {system}: {what}.",
            "Count the article anew there, or tell us. Once its stock can be read it follows by itself.",
        ),
        ("name", "system", "what"),
    ),
    "unreadable": Texts(
        (
            "Het artikel {name} is niet te lezen: {what}.",
            f"Herstel dit gegeven van het artikel. {ITSELF_NL}",
        ),
        (
            "The article {name} can't be read: {what}.",
            f"Correct this of the article. {ITSELF_EN}",
        ),
        ("name", "what"),
    ),
}
