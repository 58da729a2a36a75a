"""Suggestions of what the books use lately and what the till sold lately."""

from __future__ import annotations

from datetime import date
from typing import Any

from libs.common.domain.product import Direction
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rules import Mode, PaymentKind, PaymentRule
from libs.common.domain.sale import LineKind, Sale, TenderKind
from services.portal.choices import Choice, Choices, DivisionChoices, PastUse, TillChoices
from services.portal.reasons import Reasons
from services.portal.suggested_ledgers import suggest_payments
from services.portal.suggestions import Suggestion, suggest
from services.portal.till_usage import usage_of
from tests.builders import GIFT_CARD, D, a_line, a_payment, a_sale

LEDGERS = (
    Choice("L8000", "Omzet 21%", "8000", "110"),
    Choice("L8001", "Omzet winkel", "8001", "110"),
    Choice("L2000", "Kruisposten PIN", "2000", "90"),
    Choice("L2130", "Door te betalen fooien", "2130", "90"),
)
CODES = (
    Choice("2", "Hoog", "2", "E", D("21"), usage="B"),
    Choice("22", "Hoog winkel", "22", "E", D("21"), usage="B"),
    Choice("0", "Geen btw", "0", "N", D("0"), usage="B"),
)
LOW = Choice("1", "Laag", "1", "E", D("9"), usage="B")
JOURNALS = (
    Choice("10", "Kas", "10", "10"),
    Choice("70", "Verkoop", "70", "20"),
    Choice("71", "Verkoop buiten", "71", "20"),
    Choice("90", "Memoriaal", "90", "90"),
    Choice("92", "Memoriaal met btw", "92", "90", allows_vat=True),
)
PIN = Choice("6", "PIN", "PIN", "user defined")


def a_suggestion(
    sales: list[Sale] | None = None,
    *,
    mode: Mode = Mode.DAILY_TOTALS,
    payment_types: tuple[Choice, ...] = (PIN,),
    **books: Any,
) -> Suggestion:
    fields: dict[str, Any] = {"journals": JOURNALS, "ledger_accounts": LEDGERS, "vat_codes": CODES}
    till = TillChoices(
        payment_types=payment_types,
        tax_rates=(Choice("21", "21 %", type="rate", percentage=D("21")),),
        **{name: books.pop(name) for name in ("outlets", "categories") if name in books},
    )
    return suggest(
        Choices(division="1", books=DivisionChoices(**(fields | books)), till=till),
        usage_of(sales or []),
        mode=mode,
        today=date(2026, 3, 14),
        prefix="K-",
        language="en",
        division_is_chosen=True,
        articles=TillArticles(),
    )


def test_day_totals_go_to_a_general_journal_that_allows_vat() -> None:
    rules = a_suggestion().rules
    assert (rules.mode, rules.daily_totals.document) == (Mode.DAILY_TOTALS, "general-journal")
    assert (rules.journals.general, rules.journals.sales) == ("92", "70")


def test_without_such_a_journal_they_are_cash_entries_and_without_a_cash_journal_sales_entries() -> None:
    without_vat = tuple(each for each in JOURNALS if each.id != "92")
    assert a_suggestion(journals=without_vat).rules.daily_totals.document == "cash-entry"
    assert a_suggestion(journals=without_vat[1:]).rules.daily_totals.document == "sales-entry"


def test_cash_without_a_ledger_of_its_own_is_in_no_cash_entry() -> None:
    """A cash entry takes all that is on the ledger of cash as cash."""
    without_vat = tuple(each for each in JOURNALS if each.id != "92")
    cash = Choice("1", "Contant", "CASH", "cash", tender=TenderKind.CASH)
    transit, drawer = Choice("L2009", "Kruisposten", "2009", "90"), Choice("L2001", "Contant", "2001", "90")

    def form(*ledgers: Choice) -> str:
        books = {"journals": without_vat, "ledger_accounts": (*LEDGERS[:2], *ledgers)}
        return a_suggestion(payment_types=(PIN, cash), **books).rules.daily_totals.document

    assert form(transit) == "sales-entry"
    assert form(transit, drawer) == "cash-entry"


def test_what_the_sales_journals_use_lately_goes_before_names() -> None:
    past = (PastUse("71", "L8001", "22", 40), PastUse("70", "L8000", "2", 3))
    found = a_suggestion(past=past)
    assert found.rules.vat["21"] == "22"
    assert found.rules.revenue.by_vat_code == {"22": "L8001"}
    assert found.rules.journals.sales == "71"
    assert found.reasons["revenue.by_vat_code.22"].startswith("8001 Omzet winkel: so turnover is booked now")


def test_each_suggestion_says_how_much_hangs_on_it() -> None:
    sales = [a_sale(id=str(number)) for number in range(3)]
    reasons = a_suggestion(sales).reasons
    assert reasons["payments.6.ledger"] == "2000 Kruisposten PIN: fits PIN. Last 30 days: 3 receipts, €36.30."
    assert reasons["vat.21"].endswith("Last 30 days: 3 receipts, €36.30.")
    assert reasons["mode"].endswith("their own. Last 30 days: 3 receipts, €36.30.")
    assert reasons["outlets.1"] == "Last 30 days: 3 receipts, €36.30."


def test_what_the_till_does_without_a_ledger_for_it_is_said() -> None:
    card = a_line("25", "0", kind=LineKind.GIFT_CARD)
    paid = a_sale(payments=[a_payment("2.10", tip="0"), a_payment("10", GIFT_CARD)], id="2")
    tipped = a_sale(payments=[a_payment("14.10", tip="2")], id="3")
    found = a_suggestion([a_sale([card]), paid, tipped])
    assert found.rules.ledgers.gift_cards is None
    assert found.reasons["ledgers.gift_cards"] == (
        "Nothing found: choose one yourself. Last 30 days: 2 receipts, €35.00."
    )
    assert found.rules.ledgers.tips == "L2130"
    assert found.reasons["ledgers.tips"].endswith("Last 30 days: 1 receipt, €2.00.")
    assert "ledgers.deposits" not in found.reasons


def test_articles_that_are_a_deposit_or_a_card_by_name_are_no_turnover() -> None:
    """Where they bear no VAT and there is a ledger for them; a line without an article says nothing."""
    sales = [
        a_sale([a_line("0.30", "0", item="900", description="Statiegeld blik", quantity=2)], id="1"),
        a_sale([a_line("-0.15", "0", item="900", description="Statiegeld blik")], id="2"),
        a_sale([a_line("25", "0", item="901", description="Cadeaubon 25 euro")], id="3"),
        a_sale([a_line("25", "0", item="902", description="VVV cadeaubon")], id="4"),
        a_sale([a_line("2.42", "21", item="903", description="Doosje voor cadeaubon")], id="5"),
        a_sale([a_line("25", "0", item="0", description="Cadeaubon")], id="6"),
        a_sale([a_line("0.25", "0", fee="7", description="Statiegeld", kind=LineKind.ITEM_FEE)], id="7"),
    ]
    owed = (Choice("L2140", "Statiegeld", "2140", "90"), Choice("L2100", "Cadeaubonnen", "2100", "90"))
    found = a_suggestion(sales, ledger_accounts=(*LEDGERS, *owed))
    assert found.rules.items.kinds == {
        "900": "bottle-deposit",
        "901": "gift-card",
        "fee:7": "bottle-deposit",
    }
    assert found.reasons["items.kinds.900"] == (
        "Statiegeld blik: sold without VAT, and named for it: on ledgers.bottle_deposit, no turnover. "
        "Last 30 days: 2 receipts, €0.45."
    )
    assert a_suggestion(sales).rules.items.kinds == {}, "without a ledger it is left to a person"


def test_a_rate_that_was_sold_and_the_till_lists_no_more_is_asked_for() -> None:
    found = a_suggestion([a_sale([a_line("10.90", "9")])])
    assert "9" not in found.rules.vat
    assert found.reasons["vat.9"] == "Nothing found: choose one yourself. Last 30 days: 1 receipt, €10.90."


MENU = TillArticles(directions=(Direction.TO_EXACT,), have_stock=False, bear_vat=False)


def a_restaurant(sales: list[Sale] | None = None, **till: Any) -> Suggestion:
    known = TillChoices(day_end="till", **till)
    return suggest(
        Choices(
            division="1",
            books=DivisionChoices(journals=JOURNALS, ledger_accounts=LEDGERS, vat_codes=(*CODES, LOW)),
            till=known,
        ),
        usage_of(sales or []),
        mode=Mode.DAILY_TOTALS,
        today=date(2026, 3, 14),
        prefix="K-",
        language="en",
        division_is_chosen=True,
        articles=MENU,
    )


def test_a_restaurant_books_each_revenue_centre_by_the_day_of_its_till() -> None:
    suggestion = a_restaurant()
    rules = suggestion.rules
    assert (rules.day_end, rules.daily_totals.per) == ("till", "revenue-center")
    assert {"day_end", "daily_totals.per"} <= suggestion.reasons.keys()
    shop = a_suggestion().rules
    assert (shop.day_end, shop.daily_totals.per) == ("00:00", "outlet")


def test_what_is_noted_at_the_till_for_the_books_goes_before_everything_else() -> None:
    suggestion = a_restaurant(
        categories=(Choice("310", "Keuken", in_books="8001"), Choice("320", "Bar", in_books="nothing")),
        tax_rates=(Choice("21", "21 %", type="rate", percentage=D("21"), in_books="22"),),
        payment_types=(Choice("6", "Pinnen", in_books="2130"),),
    )
    rules = suggestion.rules
    assert rules.revenue.by_category == {"310": "L8001"}
    assert rules.vat["21"] == "22"
    assert rules.payments["6"].ledger == "L2130"
    assert suggestion.reasons["revenue.by_category.310"] == "8001 Omzet winkel: so it is noted at the till."


def test_the_cash_of_a_drawer_goes_to_the_transit_ledger_that_names_it() -> None:
    ledgers = (
        Choice("L1999", "Kleine kas", "1999", "90"),
        *LEDGERS,
        Choice("L2001", "Kas in de winkel (kruisposten)", "2001", "90"),
    )
    cash = Choice("1", "Contant", "Cash", "cash", tender=TenderKind.CASH)
    reasons = Reasons("nl")
    assert suggest_payments((cash, PIN), ledgers, usage_of([]), reasons) == {
        "1": PaymentRule(PaymentKind.CASH, "L2001"),
        "6": PaymentRule(PaymentKind.CARD, "L2000"),
    }


def test_who_leads_articles_is_asked_and_never_suggested() -> None:
    shop, restaurant = a_suggestion(), a_restaurant()
    for found in (shop, restaurant):
        assert (found.rules.products.direction, found.rules.products.stock) == ("off", False)
    assert "to-lightspeed if you keep them in Exact Online" in shop.reasons["products.direction"]
    assert "to-exact alone" in restaurant.reasons["products.direction"]


def test_all_that_both_know_of_an_article_travels_but_its_cost() -> None:
    found = a_suggestion()
    assert found.rules.products.fields == (
        *("code", "description", "barcode", "price", "vat", "category", "active"),
    )
    assert "but the cost" in found.reasons["products.fields"]


def test_stock_says_what_it_lacks() -> None:
    outlets, warehouses = (Choice("1", "Centrum"), Choice("2", "Station")), (Choice("w1", "Magazijn"),)
    lacking = a_suggestion(outlets=outlets, warehouses=warehouses).reasons["products.stock"]
    assert lacking == "Off: each outlet needs a warehouse of its own; there are 1 for 2."
    enough = a_suggestion(outlets=outlets[:1], warehouses=warehouses).reasons["products.stock"]
    assert enough.startswith("Off: first choose each outlet's warehouse")
    assert "orders take stock out" in a_suggestion(mode=Mode.ORDERS).reasons["products.stock"]
    assert a_restaurant().reasons["products.stock"] == "Off: the till doesn't say how much there is."


def test_a_category_goes_to_the_item_group_of_its_name_if_that_has_a_ledger() -> None:
    groups = (
        Choice("G1", "Fietsen", "FIETS", in_books="L8000"),
        Choice("G2", "Helmen", "HELM"),
        Choice("G3", "Overig", "OV", in_books="L8000"),
    )
    categories = (Choice("7", "fietsen"), Choice("8", "Helmen"), Choice("9", "Sloten"))
    sold = [a_sale([a_line("12.10", category="7")])]

    found = a_suggestion(sold, categories=categories, item_groups=groups)

    assert found.rules.products.item_groups == {"7": "G1"}
    assert found.reasons["products.item_groups.7"] == (
        "FIETS Fietsen: bears the category's name. Last 30 days: 1 receipt, €12.10."
    )
    assert found.reasons["products.item_groups"].startswith("1 of 3 categories bear the name")


def test_an_accounting_group_bears_the_vat_under_which_most_of_it_was_sold() -> None:
    categories = (Choice("310", "Keuken"), Choice("320", "Bar"), Choice("330", "Winkel"))
    rates = tuple(Choice(rate, f"{rate} %", type="rate", percentage=D(rate)) for rate in ("21", "9"))
    sales = [
        a_sale([a_line("10.90", "9", category="310"), a_line("2.42", "21", category="310")]),
        a_sale([a_line("5.45", "9", category="310"), a_line("6.05", "21", category="320")], id="2"),
    ]

    found = a_restaurant(sales, categories=categories, tax_rates=rates)

    assert found.rules.products.vat_codes == {"310": "1", "320": "2"}
    assert found.reasons["products.vat_codes.310"] == (
        "1 Laag: Keuken was sold with 9 %, sometimes with 21 %. Last 30 days: 2 receipts, €16.35."
    )
    assert found.reasons["products.vat_codes.330"] == "Nothing found: choose one yourself."
    assert a_suggestion(sales, categories=categories).rules.products.vat_codes == {}
