"""The sales and the closing of the vectors that state facts and no sale, by builders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from libs.common.domain.rules import PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import SaleState, TenderKind
from libs.common.domain.till_close import TillClose, TillCount, TillMovement
from tests.builders import CASH, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale

# V19: a deposit, and the layaway that it was left for

DEPOSIT = a_sale([], [a_payment("50"), a_payment("-50", ON_ACCOUNT, id="2")], customer=a_customer("140"))
PICK_UP = a_sale(
    [a_line("179", is_reservation=True)],
    [a_payment("50", ON_ACCOUNT), a_payment("129", id="2")],
    customer=a_customer("140"),
    number="5013",
    completed_at=datetime(2026, 3, 28, 13, tzinfo=UTC),
)

# V29: 42.00 paid back to a tourist

TAX_REFUND = a_sale(
    [a_line("-42.00", "0", item="600", tax_class="5", quantity=-1)], [a_payment("-42.00", CASH)]
)


def with_tax_refund(rules: Rules) -> Rules:
    """The till sells the refund as an article of a tax class of its own."""
    code = "VHI" if rules.books_items else "VH"
    return replace(
        rules,
        vat={"21": code, "9": "VL", "0": "V0", "class:5": "VE", "none": "NONE"},
        items=replace(rules.items, kinds={"600": "tax-refund"}),
    )


# V37: payments on an open sale

PAID_AHEAD = a_payment("100", id="1", paid_at=datetime(2026, 3, 14, 10, tzinfo=UTC))
COMPLETED_AT = datetime(2026, 3, 16, 10, tzinfo=UTC)
OPEN = a_sale([a_line("300")], [PAID_AHEAD], state=SaleState.OPEN, completed_at=None, number="5073")
COMPLETED = a_sale(
    [a_line("300")],
    [PAID_AHEAD, a_payment("200", id="2", paid_at=COMPLETED_AT)],
    completed_at=COMPLETED_AT,
    number="5073",
)


# V43: the closing of a till

OPENED = datetime(2026, 3, 14, 8, tzinfo=UTC)
CLOSING = TillClose(
    id="1",
    outlet="1",
    outlet_name="Winkel",
    register="1",
    register_name="Kassa 1",
    time_zone="Europe/Amsterdam",
    opened_at=OPENED,
    closed_at=OPENED + timedelta(hours=9),
    movements=(
        TillMovement("1", D("200"), "opening float", OPENED),
        TillMovement("2", D("-24.2"), "glazenwasser", OPENED + timedelta(hours=2)),
        TillMovement("3", D("-300"), "afstorting", OPENED + timedelta(hours=8)),
    ),
    counts=(TillCount(CASH, "Contant", TenderKind.CASH, D("375.8"), D("375.3")),),
)

# V47: a meal of the staff

STAFF = "20"
STAFF_MEAL = a_sale([a_line("12.00", "9")], [a_payment("12.00", STAFF, kind=TenderKind.OTHER)])


def with_staff_meals(rules: Rules) -> Rules:
    return replace(rules, payments={**rules.payments, STAFF: PaymentRule(PaymentKind.COST, "4650")})
