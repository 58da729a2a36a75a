"""The parts of a sale by VAT code and payment type, where the document's amount alone wouldn't show it."""

from __future__ import annotations

from dataclasses import replace

from libs.common.contracts.documents import DocumentReady, TurnoverPart, WantedSums
from libs.common.contracts.sales import SaleMapped
from libs.common.domain.payments import PaymentPart
from libs.common.domain.reconcile import Standing
from libs.common.domain.sale import Sale
from services.portal.learning import learn_document, learn_mapped, learn_recorded, learn_wanted
from services.portal.sale_facts import SaleFacts
from services.portal.sale_parts import Parts, parts_of
from tests.builders import (
    CARD,
    CREDIT_CARD,
    GIFT_CARD,
    ON_ACCOUNT,
    D,
    a_customer,
    a_payment,
    a_sale,
    some_rules,
)
from tests.services.portal.messages import ON_MONDAY, SATURDAY, booked, ready, recorded

RULES = some_rules()
SOLD = (TurnoverPart("VH", D("12.10"), D("2.10")),)


def told(
    sale: Sale,
    wanted: WantedSums,
    *,
    later: Sale | None = None,
    then: WantedSums | None = None,
    as_booked: Sale | None = None,
) -> Parts:
    """The sale decided so and booked; changed later, and decided to stand as it should."""
    facts = SaleFacts()
    learn_recorded(facts, recorded(sale), RULES)
    document = replace(ready(as_booked or sale), wanted=wanted)
    _learn(facts, document)
    if later is not None:
        learn_recorded(facts, recorded(later, 2), RULES)
        learn_mapped(facts, SaleMapped(sale.id, 2, 2, SATURDAY, then))
    return parts_of(facts)


def _learn(facts: SaleFacts, document: DocumentReady) -> None:
    sale_id = document.sales[0].sale_id
    learn_document(facts.document(document.document_id), document, RULES, sale_id)
    learn_wanted(facts, document, sale_id)
    learn_document(facts.document(document.document_id), booked(document), RULES, sale_id)


def paid(amount: str, payment_type: str = CARD, ledger: str = "2000") -> tuple[PaymentPart, ...]:
    return (PaymentPart(payment_type, D(amount), ledger),)


def by_standing(parts: Parts) -> dict[tuple[Standing, str], int]:
    """What was paid, in cents."""
    sums: dict[tuple[Standing, str], int] = {}
    for part in parts.values():
        for type_id, (_, cents) in part.paid.items():
            sums[part.standing, type_id] = sums.get((part.standing, type_id), 0) + cents
    return {key: cents for key, cents in sums.items() if cents}


def test_what_is_booked_as_decided_has_no_rest() -> None:
    (part,) = told(a_sale(), WantedSums(SOLD, paid("12.10"))).values()

    assert (part.standing, part.cents, part.vat) == (Standing.BOOKED, 1210, {"VH": (1210, 210)})
    assert part.paid == {CARD: ("PIN", 1210)}


def test_a_document_under_another_code_than_the_rules_chose_is_a_difference_of_both() -> None:
    under_low = (TurnoverPart("VL", D("12.10"), D("1.00")),)
    parts = told(a_sale(), WantedSums(under_low, paid("12.10")))

    rests = [part for part in parts.values() if part.standing is Standing.DIFFERENCE]
    assert [(part.cents, part.vat) for part in rests] == [(0, {"VL": (1210, None), "VH": (-1210, None)})]


def test_another_payment_type_on_the_same_ledger_is_booked_without_a_document() -> None:
    other = a_sale(payments=[a_payment("12.10", CREDIT_CARD)], changed_at=ON_MONDAY)
    then = WantedSums(SOLD, paid("12.10", CREDIT_CARD))
    parts = told(a_sale(), WantedSums(SOLD, paid("12.10")), later=other, then=then)

    assert by_standing(parts) == {(Standing.BOOKED, CREDIT_CARD): 1210}


def test_another_payment_type_on_another_ledger_waits_for_its_document() -> None:
    other = a_sale(payments=[a_payment("12.10", CREDIT_CARD)], changed_at=ON_MONDAY)
    then = WantedSums(SOLD, paid("12.10", CREDIT_CARD, "2002"))
    parts = told(a_sale(), WantedSums(SOLD, paid("12.10")), later=other, then=then)

    assert by_standing(parts) == {
        (Standing.BOOKED, CARD): 1210,
        (Standing.WAITING, CARD): -1210,
        (Standing.WAITING, CREDIT_CARD): 1210,
    }


def test_what_stays_on_account_is_booked_with_the_turnover() -> None:
    sale = a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=a_customer())
    parts = told(sale, WantedSums(SOLD, (), paid("12.10", ON_ACCOUNT, "")))

    assert by_standing(parts) == {(Standing.BOOKED, ON_ACCOUNT): 1210}


def test_a_payment_that_no_document_is_to_hold_is_a_difference() -> None:
    sale = a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=a_customer())
    parts = told(sale, WantedSums(SOLD))

    assert by_standing(parts) == {(Standing.DIFFERENCE, ON_ACCOUNT): 1210}


def test_what_comes_to_nothing_on_its_ledger_is_booked_with_the_turnover() -> None:
    """A gift card bought with another: neither moves a cent on the ledger of both."""
    sale = a_sale(payments=[a_payment("12.10"), a_payment("50.00", GIFT_CARD)])
    parts = told(sale, WantedSums(SOLD, paid("12.10"), paid("50.00", GIFT_CARD, "")), as_booked=a_sale())

    assert by_standing(parts) == {(Standing.BOOKED, CARD): 1210, (Standing.BOOKED, GIFT_CARD): 5000}


def test_what_comes_to_nothing_after_a_change_without_a_document_is_booked() -> None:
    later = a_sale(payments=[a_payment("12.10"), a_payment("50.00", GIFT_CARD)], changed_at=ON_MONDAY)
    then = WantedSums(SOLD, paid("12.10"), paid("50.00", GIFT_CARD, ""))
    parts = told(a_sale(), WantedSums(SOLD, paid("12.10")), later=later, then=then)

    assert by_standing(parts) == {(Standing.BOOKED, CARD): 1210, (Standing.BOOKED, GIFT_CARD): 5000}
