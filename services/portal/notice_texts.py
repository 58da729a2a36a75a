"""The sentence and the remedy of every notice, in Dutch and English; its facts fill them in."""

from __future__ import annotations

from enum import StrEnum


class NoticeCode(StrEnum):
    VAT_CODE_DIFFERS = "vat-code-differs"
    VAT_CODE_GONE = "vat-code-gone"
    SERVICE_CHARGE_WITHOUT_VAT = "service-charge-without-vat"
    TILL_TURNOVER_DIFFERS = "till-turnover-differs"
    TILL_PAYMENTS_DIFFER = "till-payments-differ"
    TILL_REPORTS_UNREADABLE = "till-reports-unreadable"


TEXTS = {
    NoticeCode.VAT_CODE_DIFFERS: {
        "nl": (
            "De kassa rekent {rate} % btw, maar btw-code {vat_code} is in Exact Online {percentage} %.",
            "Kies onder Instellingen, Btw, een code met het juiste percentage, of pas het tarief in de kassa "
            "of het percentage in Exact Online aan.",
        ),
        "en": (
            "The till charges {rate} % VAT, but VAT code {vat_code} is {percentage} % in Exact Online.",
            "Choose a code with the right percentage under Settings, VAT, or correct the rate at the till or "
            "the percentage in Exact Online.",
        ),
    },
    NoticeCode.VAT_CODE_GONE: {
        "nl": (
            "Btw-code {vat_code}, gekozen voor {rate} %, is in Exact Online vervallen of geblokkeerd.",
            "Kies een andere code onder Instellingen, Btw, of geef haar in Exact Online weer vrij.",
        ),
        "en": (
            "VAT code {vat_code}, chosen for {rate} %, is gone or blocked in Exact Online.",
            "Choose another under Settings, VAT, or free it in Exact Online.",
        ),
    },
    NoticeCode.SERVICE_CHARGE_WITHOUT_VAT: {
        "nl": (
            "De kassa van {outlet} rekent servicekosten zonder btw (bonnen: {sales}); ze worden geboekt "
            "zoals ze op de bon staan.",
            "Verplichte servicekosten horen bij de prijs, met de btw van wat is verkocht. Laat ze in de "
            "kassa over de gerechten verdelen, en vraag de accountant naar de bonnen die al geboekt zijn.",
        ),
        "en": (
            "The till of {outlet} charges for service without VAT (sales: {sales}); it is booked as it "
            "stands on the receipt.",
            "A compulsory service charge is part of the price, with the VAT of what was sold. Let the "
            "till apportion it, and ask the accountant about the sales that are booked already.",
        ),
    },
    NoticeCode.TILL_TURNOVER_DIFFERS: {
        "nl": (
            "Het dagrapport van de kassa noemt voor {day} in {outlet} een omzet van {till}, de bonnen die "
            "gelezen zijn tellen op tot {read}: verschil {difference}.",
            "Elke nacht worden de bonnen van twee weken opnieuw gelezen; meestal verdwijnt dit dan vanzelf. "
            "Staat het er na twee nachten nog, meld het ons: er ontbreekt een bon, of een bon is in de "
            "kassa gewijzigd zonder dat zij dat meldt.",
        ),
        "en": (
            "The till's report of {day} says that {outlet} sold {till}, the receipts that were read add up "
            "to {read}: a difference of {difference}.",
            "The receipts of two weeks are read again every night, which mostly ends this by itself. "
            "If it still stands after two nights, tell us: a receipt is missing, or was changed without "
            "the till saying so.",
        ),
    },
    NoticeCode.TILL_PAYMENTS_DIFFER: {
        "nl": (
            "Het dagrapport van de kassa noemt voor {day} in {outlet} {till} aan {name}, de bonnen die "
            "gelezen zijn {read}: verschil {difference}.",
            "Elke nacht worden de bonnen van twee weken opnieuw gelezen; meestal verdwijnt dit dan vanzelf. "
            "Staat het er na twee nachten nog, meld het ons dan: een betaling ontbreekt, of is in de kassa "
            "op een andere betaalwijze gezet.",
        ),
        "en": (
            "The till's report of {day} says that {outlet} took {till} by {name}, the receipts that were "
            "read say {read}: a difference of {difference}.",
            "The receipts of two weeks are read again every night, which mostly ends this by itself. "
            "If it still stands after two nights, tell us: a payment is missing, or was moved to another "
            "payment type at the till.",
        ),
    },
    NoticeCode.TILL_REPORTS_UNREADABLE: {
        "nl": (
            "De dagrapporten en tegoeden van de kassa mogen niet gelezen worden, zodat de dagtotalen niet "
            "met de kassa zelf vergeleken zijn.",
            "Geef de gebruiker van de koppeling in de kassa het recht op rapporten en klanten, en geef de "
            "toestemming opnieuw.",
        ),
        "en": (
            "The till's reports and balances may not be read, so that the days weren't compared with the "
            "till itself.",
            "Give the connection's user the right to reports and customers at the till, and consent again.",
        ),
    },
}
