"""Charts of accounts as shops in the Netherlands and Belgium keep them: what is suggested fits them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rules import Mode
from libs.common.domain.sale import TenderKind
from services.portal.choices import Choice, Choices, DivisionChoices, TillChoices
from services.portal.suggestions import Suggestion, suggest
from services.portal.till_usage import usage_of
from tests.builders import D
from tests.services.portal.test_balances import kept
from tests.services.portal.test_books_watch import DIVISION, yesterday
from tests.services.portal.test_till_watch import portal_of
from tests.services.portal.world import World

NL_SHOP = """
0150 30 Inventaris
1000 10 Kas
1010 10 Kleine kas
1100 12 Rabobank
1190 90 Kruisposten vreemde valuta
1200 90 Kruisposten
1210 90 Tussenrekening pinbetalingen
1220 90 Tussenrekening creditcards
1230 90 Tussenrekening salarissen
1240 90 Tussenrekening nog te ontvangen facturen
1300 20 Debiteuren
1350 26 Vooruitbetaalde kosten
1360 26 Nog te ontvangen bonussen
1500 24 Btw af te dragen hoog
1501 24 Btw af te dragen laag
1600 22 Crediteuren
1650 25 Netto lonen
1700 27 Vooruitontvangen bedragen
1720 90 Cadeaubonnen in omloop
1730 90 Tegoedbonnen
3000 40 Voorraad shopping bags
4510 121 Giften en donaties
4515 121 Relatiegeschenken en cadeaubonnen personeel
4520 121 Kosten aanbetalingen
4900 121 Afrondingsverschillen
4910 121 Kasverschillen
7000 111 Inkoopwaarde omzet hoog
8000 110 Omzet hoog
8010 110 Omzet laag
8020 110 Omzet nultarief
8030 110 Omzet export
8900 110 Verleende kortingen
"""
NL_RGS = """
1000 10 Kas
1010 12 Bank
1050 90 Tussenrekening lonen
1060 90 Tussenrekening tegenrekening balans
1070 90 Betalingen onderweg
1300 20 Handelsdebiteuren
1600 22 Handelscrediteuren
1700 27 Vooruitontvangen op bestellingen
1750 90 Verplichtingen uit hoofde van cadeaubonnen
4990 121 Betalingsverschillen
7900 110 Annuleringskosten
8000 110 Netto-omzet uit leveringen belast met hoog tarief
8010 110 Netto-omzet uit leveringen belast met laag tarief
8020 110 Netto-omzet uit leveringen belast met 0% of niet bij u belast
8030 110 Netto-omzet vrijgesteld
"""
NL_HORECA = """
1000 10 Kas
1100 12 Bank
1680 90 Fooienpot
1685 90 Uitgegeven dinerbonnen
1700 27 Aanbetalingen reserveringen
2000 90 Kruisposten pin
2010 90 Kruisposten Thuisbezorgd
2020 90 Kruisposten creditcards
2030 90 Kruisposten kas
4500 121 Representatiekosten
4990 121 Kas- en afrondingsverschillen
8000 110 Omzet keuken (9%)
8010 110 Omzet frisdrank (9%)
8020 110 Omzet bier en wijn (21%)
8030 110 Omzet sterke drank (21%)
8040 110 Omzet logies 21%
"""
BE_MAR = """
340000 40 Handelsgoederen
360000 32 Vooruitbetalingen op voorraadinkopen
400000 20 Handelsdebiteuren
411000 24 Terug te vorderen btw
440000 22 Leveranciers
451000 24 Te betalen btw
455000 25 Bezoldigingen
460000 90 Ontvangen vooruitbetalingen
489000 90 Andere diverse schulden
489100 90 Geschenkbonnen
489200 90 Tegoedbonnen klanten
499000 90 Wachtrekeningen
550000 12 KBC
570000 10 Kas
580000 90 Interne overboekingen
580100 90 Interne overboekingen Bancontact
580200 90 Interne overboekingen kredietkaarten
613000 121 Reclame en spaarkaarten
614000 121 Geschenken en giften
657000 121 Betalingsverschillen
700000 110 Verkopen handelsgoederen normaal tarief
700100 110 Verkopen handelsgoederen tussentarief
700200 110 Verkopen handelsgoederen verlaagd tarief
700300 110 Verkopen handelsgoederen nultarief
702000 110 Verkopen export
708000 110 Toegekende kortingen
"""
BE_FRENCH = """
400000 20 Clients
440000 22 Fournisseurs
451000 24 TVA à payer
460000 90 Acomptes reçus
489100 90 Chèques-cadeaux
489200 90 Pourboires à verser
550000 12 Banque
570000 10 Caisse
580000 90 Virements internes
580100 90 Virements internes Bancontact
580200 90 Virements internes cartes de crédit
657000 121 Différences d'arrondi
658000 121 Différences de caisse
700000 110 Ventes 21 %
700100 110 Ventes 12 %
700200 110 Ventes 6 %
700300 110 Ventes 0 %
"""
BE_ONE_LEDGER = """
400000 20 Handelsdebiteuren
570000 10 Kas
580000 90 Interne overboekingen
700000 110 Verkopen handelsgoederen
701000 110 Verkopen intracommunautair
702000 110 Verkopen export
708000 110 Toegekende kortingen
"""
RETAIL = (
    Choice("1", "Cash", "Cash", "cash", tender=TenderKind.CASH),
    Choice("2", "Check", "Check", "user defined"),
    Choice("3", "Credit Card", "CC", "credit card", tender=TenderKind.CARD),
    Choice("4", "Debit Card", "DC", "user defined"),
    Choice("5", "Gift Card", "SGC", "gift card", tender=TenderKind.GIFT_CARD),
    Choice("6", "Credit Account", "SCA", "credit account", tender=TenderKind.CREDIT_ACCOUNT),
    Choice("7", "eCom", "EC", "ecom", tender=TenderKind.WEB_SHOP),
    Choice("8", "Lightspeed Payments", "LP", "user defined"),
)
X_SERIES = (
    Choice("cash", "Cash", type="1", tender=TenderKind.CASH),
    Choice("bancontact", "Bancontact", type="4"),
    Choice("kaart", "Kredietkaart", type="3"),
    Choice("payconiq", "Payconiq", type="9"),
    Choice("bon", "Cadeaukaart", type="118", tender=TenderKind.GIFT_CARD),
    Choice("tegoed", "Winkeltegoed", type="107"),
    Choice("credit", "Store Credit", type="107"),
    Choice("eigen bon", "Geschenkbon", type="9"),
    Choice("punten", "Loyalty", type="106"),
)
RESTAURANT = (
    Choice("c", "Contant", "CASH", tender=TenderKind.CASH),
    Choice("p", "Pin", "PIN"),
    Choice("k", "Kaart", "CARD"),
    Choice("v", "VISA", "VISA"),
    Choice("t", "Thuisbezorgd", "TB"),
    Choice("g", "Cadeaubon", "IKGIFT", tender=TenderKind.GIFT_CARD),
    Choice("s", "Shoppingbon centrum", "SHOP"),
)


def ledgers_of(chart: str) -> tuple[Choice, ...]:
    found = []
    for line in chart.strip().splitlines():
        code, type_, name = line.split(" ", 2)
        found.append(Choice(code, name, code, type_))
    return tuple(found)


def codes_of(*rates: str) -> tuple[Choice, ...]:
    """Of each rate one that excludes VAT; one of nought, one without VAT, and those that no shop wants."""
    return (
        *(Choice(f"V{rate}", f"Btw {rate} %", f"V{rate}", "E", D(rate), usage="B") for rate in rates),
        Choice("A21", "Btw 21 % medecontractant", "A21", "E", D(21), usage="B", is_reverse_charge=True),
        Choice("2E", "Export", "2E", "B", D(0), usage="S"),
        Choice("3I", "Intracommunautair", "3I", "B", D(0), usage="S"),
        Choice("V0", "Nultarief nieuw", "V0", "B", D(0), usage="S"),
        Choice("G", "Geen btw", "G", "N", D(0), usage="B"),
    )


def suggested(chart: str, payments: tuple[Choice, ...], *rates: str, language: str = "nl") -> Suggestion:
    known = [Choice(rate, f"{rate} %", type="rate", percentage=D(rate)) for rate in (*rates, "0")]
    books = DivisionChoices(ledger_accounts=ledgers_of(chart), vat_codes=codes_of(*rates))
    return suggest(
        Choices(division="1", books=books, till=TillChoices(payment_types=payments, tax_rates=tuple(known))),
        usage_of([]),
        mode=Mode.TRANSACTIONS,
        today=date(2026, 3, 14),
        prefix="K-",
        language=language,
        division_is_chosen=True,
        articles=TillArticles(),
    )


def paid(found: Suggestion) -> dict[str, tuple[str, str | None]]:
    return {key: (rule.kind.value, rule.ledger) for key, rule in found.rules.payments.items()}


def special(found: Suggestion) -> dict[str, Any]:
    return {name: ledger for name, ledger in asdict(found.rules.ledgers).items() if ledger}


def test_a_dutch_shop() -> None:
    found = suggested(NL_SHOP, RETAIL, "21", "9")
    assert found.rules.revenue.by_vat_code == {"V21": "8000", "V9": "8010", "V0": "8020"}
    assert found.rules.vat == {"21": "V21", "9": "V9", "0": "V0", "none": "G"}
    assert paid(found) == {
        "1": ("cash", "1200"),
        "2": ("clearing", "1200"),
        "3": ("card", "1220"),
        "4": ("card", "1210"),
        "5": ("gift-card", None),
        "6": ("on-account", None),
        "7": ("online", "1200"),
        "8": ("card", "1210"),
    }
    assert special(found) == {
        "cash_rounding": "4900",
        "cash_difference": "4910",
        "gift_cards": "1720",
        "store_credit": "1730",
        "deposits": "1700",
    }


def test_a_chart_by_the_dutch_taxonomy() -> None:
    found = suggested(NL_RGS, RETAIL, "21", "9")
    assert found.rules.revenue.by_vat_code == {"V21": "8000", "V9": "8010", "V0": "8020"}
    assert {ledger for _, ledger in paid(found).values()} == {"1070", None}
    assert special(found) == {"cash_rounding": "4990", "gift_cards": "1750", "deposits": "1700"}


def test_a_dutch_restaurant() -> None:
    found = suggested(NL_HORECA, RESTAURANT, "21", "9")
    assert found.rules.revenue.by_vat_code == {"V21": "8020", "V9": "8000"}
    assert paid(found) == {
        "c": ("cash", "2030"),
        "p": ("card", "2000"),
        "k": ("card", "2000"),
        "v": ("card", "2020"),
        "t": ("clearing", "2010"),
        "g": ("gift-card", None),
        "s": ("clearing", "2000"),
    }
    assert special(found) == {
        "cash_rounding": "4990",
        "gift_cards": "1685",
        "tips": "1680",
        "deposits": "1700",
    }


BELGIAN_REVENUE = {"V21": "700000", "V12": "700100", "V6": "700200", "V0": "700300"}


def test_a_belgian_shop() -> None:
    found = suggested(BE_MAR, X_SERIES, "21", "12", "6")
    assert found.rules.revenue.by_vat_code == BELGIAN_REVENUE
    assert paid(found) == {
        "cash": ("cash", "580000"),
        "bancontact": ("card", "580100"),
        "kaart": ("card", "580200"),
        "payconiq": ("card", "580100"),
        "bon": ("gift-card", None),
        "tegoed": ("store-credit", None),
        "credit": ("store-credit", None),
        "eigen bon": ("gift-card", None),
        "punten": ("cost", "613000"),
    }
    assert special(found) == {
        "cash_rounding": "657000",
        "gift_cards": "489100",
        "store_credit": "489200",
        "deposits": "460000",
    }


def test_a_belgian_shop_that_keeps_its_books_in_french() -> None:
    found = suggested(BE_FRENCH, X_SERIES, "21", "12", "6", language="en")
    assert found.rules.revenue.by_vat_code == BELGIAN_REVENUE
    assert paid(found)["cash"] == ("cash", "580000")
    assert paid(found)["bancontact"] == ("card", "580100")
    assert paid(found)["kaart"] == ("card", "580200")
    assert special(found) == {
        "cash_rounding": "657000",
        "cash_difference": "658000",
        "gift_cards": "489100",
        "tips": "489200",
        "deposits": "460000",
    }


def test_one_ledger_for_all_turnover() -> None:
    found = suggested(BE_ONE_LEDGER, X_SERIES, "21", "6")
    assert found.rules.revenue.default_ledger == "700000"
    assert found.rules.revenue.by_vat_code == {}
    assert "de eerste omzetrekening" in found.reasons["revenue.default_ledger"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_ledger_that_is_shared_for_want_of_its_own_says_so(language: str) -> None:
    reasons = suggested(NL_SHOP, RETAIL, "21", "9", language=language).reasons
    said = {"nl": "geen eigen tussenrekening", "en": "no clearing ledger of its own"}[language]
    assert said in reasons["payments.1.ledger"]
    assert said not in reasons["payments.4.ledger"]


async def test_what_a_shop_booked_by_hand_until_now_goes_before_names(one_world: World) -> None:
    """Its Z reports stand in the general journal, and its sales journal was never used."""
    world = one_world
    first = await world.active()
    connection = await kept(world, first)
    other = {row["Code"].strip(): row["ID"] for row in ledgers_in(world)}
    lines: list[dict[str, Any]] = [
        {"GLAccount": other["8001"], "AmountFC": -100.00, "VATCode": "2", "AmountVATFC": -21.00},
        {"GLAccount": other["2000"], "AmountFC": 121.00, "VATCode": "0"},
    ]
    for line in lines:
        line |= {"Description": "Z-rapport", "Date": f"{yesterday(world).date()}"}
    division = portal_of(world).division_of(connection)
    body = {"JournalCode": "90", "GeneralJournalEntryLines": lines}
    await division.post("generaljournalentry/GeneralJournalEntries", body)
    world.sandbox.clock.advance(timedelta(days=2).total_seconds())
    options = (await world.partner.get(f"/v1/connections/{first}/options?mode=transactions")).json()
    assert options["suggested_rules"]["revenue"]["by_vat_code"]["2"] == other["8001"]
    assert "zo wordt omzet nu geboekt" in options["reasons"]["revenue.by_vat_code.2"]


def ledgers_in(world: World) -> list[dict[str, Any]]:
    return list(world.sandbox.exact.divisions[DIVISION].table("financial/GLAccounts"))
