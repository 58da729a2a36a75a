"""The sentence and the remedy of every notice, in Dutch and English; its facts fill them in."""

from __future__ import annotations

from services.portal.balance_texts import TEXTS as OF_BALANCES
from services.portal.notice_codes import NoticeCode

TEXTS = {
    **OF_BALANCES,
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
    NoticeCode.ALCOHOL_AT_LOW_RATE: {
        "nl": (
            "Categorie {category} is op {day} met {rate} % btw verkocht (bonnen: {sales}), terwijl alcohol "
            "21 % draagt; het wordt geboekt zoals het op de bon staat.",
            "Zet de artikelen met alcohol in de kassa op het hoge tarief, en deel een menu met wijn over "
            "beide tarieven. Vraag de accountant naar de bonnen die al geboekt zijn. Is er geen alcohol in, "
            "noem de categorie dan alcoholvrij.",
        ),
        "en": (
            "Category {category} was sold at {rate} % VAT on {day} (sales: {sales}), though alcohol bears "
            "21 %; it is booked as it stands on the receipt.",
            "Put the articles with alcohol under the high rate at the till, and share a menu with wine over "
            "both rates. Ask the accountant about the sales that are booked already. If there is no alcohol "
            "in it, name the category alcohol-free.",
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
    NoticeCode.BOOKED_BY_ANOTHER_LINK: {
        "nl": (
            "Een andere boekhoudkoppeling van de kassa van {outlet} staat ook aan (bonnen: {sales}).",
            "Zet de andere koppeling in de kassa uit, als die naar dezelfde boekhouding gaat: anders staat "
            "de omzet er dubbel in.",
        ),
        "en": (
            "Another bookkeeping link of the till of {outlet} is switched on too (sales: {sales}).",
            "Switch the other link off at the till, if it goes to the same books: else the turnover "
            "stands there twice.",
        ),
    },
    NoticeCode.ORDERS_NOT_INVOICED: {
        "nl": (
            "Verkooporders die na een week nog niet gefactureerd zijn: {count}, de oudste van {since}. Een "
            "order boekt niets, dus hun omzet ontbreekt in de btw-aangifte.",
            "Lever en factureer ze in Exact Online; doe dat liefst elke dag voor alle orders tegelijk.",
        ),
        "en": (
            "Sales orders that weren't invoiced within a week: {count}, the oldest of {since}. An order "
            "books nothing, so their turnover is missing from the VAT return.",
            "Deliver and invoice them in Exact Online, best every day for all orders at once.",
        ),
    },
    NoticeCode.MUCH_CASH: {
        "nl": (
            "In {outlet} is op een bon 3.000 euro of meer contant betaald (bonnen: {sales}); het wordt "
            "geboekt zoals het is ontvangen.",
            "Handelaren in Nederland mogen sinds 1 januari 2026 voor goederen geen 3.000 euro of meer "
            "contant aannemen, ook niet in delen. Laat zulke bedragen voortaan anders betalen, en bespreek "
            "deze bonnen met de accountant.",
        ),
        "en": (
            "{outlet} took 3,000 euro or more in cash for one sale (sales: {sales}); it is booked as it was "
            "received.",
            "Since 1 January 2026 traders in the Netherlands may not take 3,000 euro or more in cash for "
            "goods, not in parts either. Have such amounts paid otherwise from now on, and talk to the "
            "accountant about these sales.",
        ),
    },
    NoticeCode.DAY_DIFFERS: {
        "nl": (
            "Van {day} is iets anders geboekt dan er is verkocht, zonder dat er nog iets wacht: in totaal "
            "{difference}, en apart {where}.",
            "Laat de dag opnieuw boeken; dan staat zij zoals de bonnen en de instellingen zeggen. Blijft "
            "het verschil, meld het ons en boek zelf niets bij: het is een fout van de koppeling.",
        ),
        "en": (
            "What is booked of {day} isn't what was sold, though nothing waits: {difference} in all, "
            "and of each {where}.",
            "Rebook the day, so that it stands as the receipts and the settings say. If the difference "
            "stays, tell us and book nothing yourself: it is an error of the link.",
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
    NoticeCode.NUMBERS_MISSING: {
        "nl": (
            "De nummering van de kassa slaat bonnen over: {numbers} ({count} in totaal). Ze liggen na een "
            "bon van {day} in {outlet}; de kassa geeft er geen bon bij, ook geen open, geannuleerde of "
            "vervallen bon.",
            "Zoek de nummers op in de kassa. Staat er een bon, meld het ons dan: hij wordt elke nacht "
            "opnieuw gevraagd, en deze melding verdwijnt vanzelf als hij er is. Staat er geen, bewaar dan "
            "bij de administratie waarom; na honderd dagen wordt er niet meer naar gevraagd.",
        ),
        "en": (
            "The till's numbers leave out receipts: {numbers} ({count} in all). They come after a receipt of "
            "{day} in {outlet}; the till has none by these numbers, not an open, cancelled or voided one "
            "either.",
            "Look the numbers up at the till. If there is a receipt, tell us: it is asked for again every "
            "night, and this problem is gone by itself once it is there. If there is none, keep with the "
            "books why; after a hundred days they are no longer asked for.",
        ),
    },
    NoticeCode.RECEIPT_BOOKED_BY_ANOTHER: {
        "nl": (
            "In dagboek {journal} staan bonnen van de kassa nog eens, niet door deze koppeling geboekt: "
            "{count} van {days}, samen {amount} (bon {what}; boekstuk {numbers}).",
            "Boekt een ander systeem deze kassa ook, zet dat dan uit. Verwijder van elke bon een van beide "
            "boekingen in Exact Online; deze melding verdwijnt dan vanzelf.",
        ),
        "en": (
            "Receipts of the till stand in journal {journal} once more, not booked by this connection: "
            "{count} of {days}, {amount} together (receipt {what}; entry {numbers}).",
            "If another system books this till too, switch it off. Remove one of the two entries of each "
            "receipt in Exact Online; this problem is then gone by itself.",
        ),
    },
    NoticeCode.DAY_BOOKED_BY_ANOTHER: {
        "nl": (
            "In dagboek {journal} staat de omzet van hele dagen nog eens, precies hun bedrag, niet door deze "
            "koppeling geboekt: {count} van {days}, samen {amount} (boekstuk {numbers}).",
            "Boekt iemand het dagrapport nog met de hand, of doet een ander systeem dat, stop daar dan mee. "
            "Verwijder van elke dag een van beide boekingen in Exact Online; deze melding verdwijnt dan "
            "vanzelf.",
        ),
        "en": (
            "The takings of whole days stand in journal {journal} once more, to the cent, not booked by this "
            "connection: {count} of {days}, {amount} together (entry {numbers}).",
            "If somebody still books the day's report by hand, or another system does, stop that. Remove one "
            "of the two entries of each day in Exact Online; this problem is then gone by itself.",
        ),
    },
    NoticeCode.TAKINGS_BOOKED_BY_ANOTHER: {
        "nl": (
            "In dagboek {journal} is omzet geboekt tegen een betaalwijze van de kassa, buiten deze koppeling "
            "om: {count} van {days}, samen {amount} (boekstuk {numbers}).",
            "Is dit omzet van de kassa, dan staat zij twee keer in de boeken: verwijder de boekstukken in "
            "Exact Online. Is het andere omzet, zoals van een webwinkel, boek haar dan op een eigen "
            "tussenrekening.",
        ),
        "en": (
            "Turnover was booked in journal {journal} against a payment type of the till, beside this "
            "connection: {count} of {days}, {amount} together (entry {numbers}).",
            "If this is turnover of the till, it stands in the books twice: remove the entries in Exact "
            "Online. If it is other turnover, as of a web shop, book it on a clearing account of its own.",
        ),
    },
    NoticeCode.REFERENCE_TWICE: {
        "nl": (
            "In dagboek {journal} staat {what} meer dan eens: boekstuk {numbers} is te veel.",
            "Verwijder het overtollige boekstuk in Exact Online; deze melding verdwijnt dan vanzelf.",
        ),
        "en": (
            "{what} stands in journal {journal} more than once: entry {numbers} is too many.",
            "Remove the superfluous entry in Exact Online; this problem is then gone by itself.",
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
