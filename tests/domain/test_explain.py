"""Every line of a booking says which rules and which sale lines it comes from."""

from __future__ import annotations

from libs.common.domain.document import DocumentKind
from libs.common.domain.explain import ExplainedLine, explain
from libs.common.domain.sale import SaleState
from tests.builders import D, a_line, a_sale, some_invoice_rules, some_rules


def test_an_entry_line_names_its_rules_and_its_sale_lines() -> None:
    sale = a_sale([a_line(id="1"), a_line(id="2")])

    assert explain(sale, some_rules()) == (
        ExplainedLine(
            DocumentKind.SALES_ENTRY,
            1,
            "8000",
            "VH",
            D("24.20"),
            "vat[21], revenue.by_vat_code[VH]",
            ("1", "2"),
        ),
        ExplainedLine(DocumentKind.SALES_ENTRY, 2, "2000", "NONE", D("-24.20"), "payments[6], vat[none]", ()),
    )


def test_a_journals_lines_name_the_payment_type_and_the_choice_of_debtor() -> None:
    lines = explain(a_sale(), some_rules(settlement="per-receipt"))

    assert [(line.booked_on, line.because) for line in lines[1:]] == [
        ("2000", "payments[6]"),
        ("debtor", "debtor.default_account"),
    ]


def test_an_invoice_line_names_its_article() -> None:
    lines = explain(a_sale([a_line(), a_line(item="0", id="2")]), some_invoice_rules())

    assert [(line.booked_on, line.because, line.sale_lines) for line in lines] == [
        ("ART77", "vat[21], item[77]", ("501201",)),
        ("DIVERSEN", "vat[21], items.fallback_item", ("2",)),
    ]


def test_what_is_not_booked_has_nothing_to_explain() -> None:
    assert explain(a_sale(state=SaleState.OPEN), some_rules()) == ()
    assert explain(a_sale([a_line("1", "5.5")]), some_rules()) == ()
