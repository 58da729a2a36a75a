"""Whatever X-Series sends, a `Sale` or a `Problem` comes out, and no wrong amount."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.envelope import envelope_of, message_in
from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.document import Booking, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import to_cents
from libs.common.domain.problem import Problem, describe
from libs.common.domain.rules import PaymentKind, PaymentRule
from libs.common.domain.sale import Sale, TenderKind
from libs.common.lightspeed.x_parser import (
    changed_at,
    customer_id,
    glimpse,
    is_ticket,
    names_unknown,
    sale_id,
    without_people,
)
from libs.common.lightspeed.x_sale import parse_sale
from tests.builders import some_rules
from tests.clients.test_retail_sale_fuzz import STRANGE, places
from tests.clients.x_payloads import (
    CASH,
    CUSTOMER,
    DISCOUNT,
    GIFT_CARD,
    NO_TAX,
    PAGE,
    PIN,
    RATES,
    SPECS,
    TAX_9,
    TAX_21,
    a_line,
    a_payment,
    a_sale,
    as_nested,
    as_old,
    dutch_reference,
    sales_by_schema,
    samples,
)

REFERENCE = dutch_reference()
VAT_OF_2 = [{"rate_id": RATES[TAX_21][0], "total_tax": "0.42"}]
SHIPPING = {"total": "2.00", "total_tax": "0.42", "total_incl": "2.42", "tax_components": VAT_OF_2}
FLAT = [
    a_sale(
        [a_line("20.61983", "4.33017"), a_line("22.93578", "2.06422", TAX_9, quantity=2)],
        [a_payment("20.00", GIFT_CARD), a_payment("29.95")],
        customer=CUSTOMER,
    ),
    a_sale(
        [
            a_line("100.00", "21.00"),
            a_line("100.00", "9.00", TAX_9),
            a_line("-19.0083", "-3.9917", quantity=-1, product=DISCOUNT),
        ],
        [a_payment("207.00", CASH)],
        net="180.00",
        taxes={TAX_21: "18.90", TAX_9: "8.10"},
    ),
    a_sale(
        [a_line("100.00", "21.00"), a_line("25.00", "0", NO_TAX, gift_card_number="1")],
        [a_payment("21.00"), a_payment("125.00", at="2026-04-02T09:00:00Z")],
        status="ONACCOUNT_CLOSED",
        attributes=["onaccount"],
        customer=CUSTOMER,
    ),
    a_sale(
        None,
        [a_payment("131.00", surcharge={"rule": "x", "amount": "0"})],
        adjustments=[{"name": "Fooi", "adjustment_type": "TIP", "value": "10.00", "tax_components": []}],
    ),
    a_sale(
        None,
        [a_payment("20.00", CASH), a_payment("103.42")],
        adjustments=[
            {"name": "Toeslag", "adjustment_type": "SURCHARGE", "value": "2.42", "tax_components": VAT_OF_2}
        ],
    ),
    a_sale(
        None, [a_payment("123.42")], net="102.00", taxes={TAX_21: "21.42"}, ecom_custom_charges=[SHIPPING]
    ),
]
PAYLOADS = [
    *(samples() if PAGE.exists() else ()),  # test_x_sale says where they are missing
    *(sales_by_schema() if all(path.exists() for path in SPECS) else ()),
    *FLAT,
    *map(as_nested, FLAT),
    *map(as_old, FLAT),
]
RULES = some_rules(
    payments={
        CASH: PaymentRule(PaymentKind.CASH, "2001"),
        PIN: PaymentRule(PaymentKind.CARD, "2000"),
        GIFT_CARD: PaymentRule(PaymentKind.GIFT_CARD, "2100"),
    }
)
ODD = st.one_of(
    STRANGE,
    st.sampled_from(
        ["21.00", 21, -21, "0", 0.1, "CLOSED", "VOIDED", "closed", "pending", "layby", TAX_9, NO_TAX]
    ),
    st.decimals(-1000, 1000, places=2).map(str),
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    payload: Any = copy.deepcopy(draw(st.sampled_from(PAYLOADS)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(payload)))
        holder = payload
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(draw(ODD))
        if not payload:
            break
    return payload


def _told_payments(payload: dict[str, Any]) -> Decimal:
    told = payload.get("payments") or payload.get("register_sale_payments") or ()
    return sum(
        (Decimal(str(one.get("amount") or 0)) for one in told if not one.get("deleted_at")), Decimal(0)
    )


def _header_total(payload: dict[str, Any]) -> Decimal:
    totals = payload.get("totals") or {}
    net = totals["price"] if "price" in totals else payload["total_price"]
    tax = totals.get("tax", payload.get("total_tax"))
    if tax is not None:
        return to_cents(Decimal(str(net)) + Decimal(str(tax)))
    taxes = [tax.get("amount", tax.get("tax", 0)) for tax in payload.get("taxes") or ()]
    return to_cents(Decimal(str(net)) + sum((Decimal(str(one or 0)) for one in taxes), Decimal(0)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_sale_or_a_problem_comes_out_and_can_be_sent(payload: Any) -> None:
    read = parse_sale(payload, REFERENCE)

    assert isinstance(read, Sale | Problem)
    if isinstance(read, Problem):
        assert describe(read, "nl") and describe(read, "en")  # noqa: PT018
        return
    told = SaleRecorded(sale=read, revision=1, content_hash="x", position=1)
    assert message_in(envelope_of(told, "c", read.changed_at), SaleRecorded) == told


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_what_is_booked_is_what_was_sold_and_paid(payload: Any) -> None:
    """What was paid is in the books as turnover, tips and gift cards, whatever charges were read to mean.

    Without charges, the documents hold the header's total too, which lines and payments meet.
    """
    read = parse_sale(payload, REFERENCE)
    if isinstance(read, Problem):
        return
    booking = map_sale(read, RULES)
    if not isinstance(booking, Booking) or not isinstance(booking.documents[0], SalesEntry):
        return

    entry = booking.documents[0]

    cards = sum((line.amount_incl_vat for line in read.lines if line.kind == "gift-card"), Decimal(0))
    in_cash = sum(payment.kind is TenderKind.CASH for payment in read.payments)
    assert abs(entry.total_incl_vat + cards + read.tips - read.paid) <= Decimal("0.02") * in_cash
    if not read.runs_on_account:
        assert abs(read.paid - _told_payments(payload)) <= Decimal("0.02") * in_cash
    if payload.get("adjustments") or payload.get("ecom_custom_charges"):
        return
    rounding = read.cash_rounding or Decimal(0)
    assert abs(entry.total_incl_vat + rounding + cards - _header_total(payload)) <= Decimal("0.02")
    assert abs(
        sum((line.amount_incl_vat for line in read.lines), Decimal(0)) - read.total_incl_vat
    ) < Decimal("0.03")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_whoever_asks_about_a_row_gets_an_answer(payload: Any) -> None:
    if not isinstance(payload, dict):
        return
    for asked in (sale_id, changed_at, customer_id, is_ticket, glimpse):
        asked(payload)
    assert names_unknown(payload, REFERENCE) in (True, False)
    assert "customer" not in without_people(payload)
