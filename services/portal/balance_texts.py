"""What is said of balances that differ, as `notice_texts.py` says all else."""

from __future__ import annotations

from services.portal.notice_codes import NoticeCode

TEXTS = {
    NoticeCode.GIFT_CARDS_WITHOUT_OPENING: {
        "nl": (
            "Op de cadeaubonnen in de kassa staat {till}; op {ledger} staat {books}, en {waiting} wacht nog "
            "op boeking: verschil {difference}. De rekening heeft geen beginsaldo.",
            "Laat uw accountant {difference} als beginsaldo op {ledger} boeken: dat stond al op de bonnen "
            "toen de koppeling begon. Stond er toen niets op, dan is een bon in de kassa verlopen, "
            "ingetrokken of met de hand gewijzigd: boek dat. Deze melding verdwijnt dan vanzelf.",
        ),
        "en": (
            "The gift cards at the till hold {till}; {ledger} holds {books}, and {waiting} still waits to be "
            "booked: a difference of {difference}. The account has no opening balance.",
            "Let your accountant book {difference} on {ledger} as its opening balance: the cards held that "
            "when the connection began. If they held nothing, a card expired, was voided or was changed "
            "by hand at the till: book that. This problem is then gone by itself.",
        ),
    },
    NoticeCode.GIFT_CARDS_DIFFER: {
        "nl": (
            "Op de cadeaubonnen in de kassa staat {till}; op {ledger} staat {books}, en {waiting} wacht nog "
            "op boeking: verschil {difference}. Anderen dan de koppeling boekten {others} op de rekening.",
            "Vergelijk die boekingen met wat er op de bonnen stond toen de koppeling begon, en boek het "
            "verschil; is een bon in de kassa verlopen, ingetrokken of met de hand gewijzigd, boek dat dan "
            "ook.",
        ),
        "en": (
            "The gift cards at the till hold {till}; {ledger} holds {books}, and {waiting} still waits to be "
            "booked: a difference of {difference}. Others than the connection booked {others} on the "
            "account.",
            "Compare those entries with what the cards held when the connection began, and book the "
            "difference; if a card expired, was voided or was changed by hand at the till, book that too.",
        ),
    },
    NoticeCode.STORE_CREDIT_WITHOUT_OPENING: {
        "nl": (
            "Het winkeltegoed van klanten is in de kassa {till}; op {ledger} staat {books}, en {waiting} "
            "wacht nog op boeking: verschil {difference}. De rekening heeft geen beginsaldo.",
            "Laat uw accountant {difference} als beginsaldo op {ledger} boeken: dat was al tegoed toen de "
            "koppeling begon. Stond er toen niets open, dan is een tegoed in de kassa met de hand gewijzigd: "
            "boek dat. Deze melding verdwijnt dan vanzelf.",
        ),
        "en": (
            "Customers' store credit is {till} at the till; {ledger} holds {books}, and {waiting} still "
            "waits to be booked: a difference of {difference}. The account has no opening balance.",
            "Let your accountant book {difference} on {ledger} as its opening balance: it was owed when the "
            "connection began. If nothing was, a credit was changed by hand at the till: book that. This "
            "problem is then gone by itself.",
        ),
    },
    NoticeCode.STORE_CREDIT_DIFFERS: {
        "nl": (
            "Het winkeltegoed van klanten is in de kassa {till}; op {ledger} staat {books}, en {waiting} "
            "wacht nog op boeking: verschil {difference}. Anderen dan de koppeling boekten {others} op de "
            "rekening.",
            "Vergelijk die boekingen met wat er aan tegoed was toen de koppeling begon, en boek het "
            "verschil; is een tegoed in de kassa met de hand gegeven of teruggenomen, boek dat dan ook.",
        ),
        "en": (
            "Customers' store credit is {till} at the till; {ledger} holds {books}, and {waiting} still "
            "waits to be booked: a difference of {difference}. Others than the connection booked {others} "
            "on the account.",
            "Compare those entries with the credit that there was when the connection began, and book the "
            "difference; if a credit was given or taken back by hand at the till, book that too.",
        ),
    },
    NoticeCode.CUSTOMERS_WITHOUT_OPENING: {
        "nl": (
            "Klanten staan in de kassa voor {till} open, in Exact Online op {ledger} voor {books}, en "
            "{waiting} wacht nog op boeking: verschil {difference}. Op hun rekeningen staat geen beginsaldo.",
            "Laat uw accountant de standen van toen de koppeling begon op de debiteuren boeken, samen "
            "{difference}. Was er toen niets, dan is een tegoed in de kassa met de hand gewijzigd, of is een "
            "factuur van een order nog niet verwerkt. Deze melding verdwijnt dan vanzelf.",
        ),
        "en": (
            "Customers owe {till} at the till and {books} on {ledger} in Exact Online, and {waiting} still "
            "waits to be booked: a difference of {difference}. Their accounts have no opening balance.",
            "Let your accountant book what they owed when the connection began on the debtors, {difference} "
            "together. If that was nothing, an account was changed by hand at the till, or an order's "
            "invoice isn't processed yet. This problem is then gone by itself.",
        ),
    },
    NoticeCode.CUSTOMERS_DIFFER: {
        "nl": (
            "Klanten staan in de kassa voor {till} open, in Exact Online op {ledger} voor {books}, en "
            "{waiting} wacht nog op boeking: verschil {difference}. Buiten de kassa om is {others} op hun "
            "rekeningen geboekt.",
            "Betaalden klanten per bank, boek die betalingen dan ook in de kassa op hun rekening. Is er iets "
            "anders op hun rekening geboekt, vergelijk dat met de kassa en herstel een van beide.",
        ),
        "en": (
            "Customers owe {till} at the till and {books} on {ledger} in Exact Online, and {waiting} still "
            "waits to be booked: a difference of {difference}. Beside the till, {others} was booked on their "
            "accounts.",
            "If customers paid by bank, enter those payments on their accounts at the till too. If something "
            "else was booked on their accounts, compare it with the till and correct one of the two.",
        ),
    },
    NoticeCode.CLEARING_NOT_RECEIVED: {
        "nl": (
            "Op {ledger} staat {books} open die niet van de bank kwam, de oudste langer dan een maand.",
            "Kijk welke uitbetalingen ontbreken of op een andere rekening zijn geboekt, en boek ze op "
            "{ledger}. Boekt u de bank eens per kwartaal, doe dat dan eerst.",
        ),
        "en": (
            "On {ledger} {books} is open that didn't come from the bank, some of it for more than a month.",
            "See which payouts are missing or were booked on another account, and book them on {ledger}. If "
            "you book the bank once a quarter, do that first.",
        ),
    },
    NoticeCode.CLEARING_MORE_RECEIVED: {
        "nl": (
            "Op {ledger} staat {books}: er kwam meer van de bank dan de kassa daarop ontving.",
            "Kijk welke ontvangst hier niet hoort, of welke betaalwijze van de kassa op een andere rekening "
            "wordt geboekt. Uitbetalingen van vóór de startdatum horen bij het beginsaldo van de rekening.",
        ),
        "en": (
            "{ledger} stands at {books}: more came from the bank than the till took on it.",
            "See which receipt doesn't belong here, or which payment type of the till is booked on another "
            "account. Payouts of before the start date belong to the account's opening balance.",
        ),
    },
}
