"""Where every test starts: sales, lines, payments, customers and rules that state only what matters.

Amounts may be written as strings. A sale's total, VAT and payment follow from its lines unless given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.common.domain.rules import (
    DebtorRules,
    ItemRules,
    Journals,
    Mode,
    OutletRules,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    Settlement,
    SpecialLedgers,
)
from libs.common.domain.sale import (
    Customer,
    LineKind,
    Payment,
    Sale,
    SaleLine,
    SaleState,
    TenderKind,
)

D = Decimal
Amount = str | int | Decimal

A_MOMENT = datetime(2026, 3, 14, 13, 22, 41, tzinfo=UTC)
CARD, CASH, CREDIT_CARD, ON_ACCOUNT, GIFT_CARD = "6", "1", "3", "4", "5"
TENDERS = {CASH: TenderKind.CASH, ON_ACCOUNT: TenderKind.CREDIT_ACCOUNT, GIFT_CARD: TenderKind.GIFT_CARD}
NAMES = {
    CARD: "PIN",
    CASH: "Contant",
    CREDIT_CARD: "Creditcard",
    ON_ACCOUNT: "Op rekening",
    GIFT_CARD: "Cadeaukaart",
}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def a_line(
    amount: Amount | None = None,
    vat_rate: Amount = "21",
    *,
    id: str = "501201",
    description: str = "Fietsbel",
    quantity: Amount = 1,
    unit_price: Amount = "12.10",
    discount: Amount = 0,
    vat_amount: Amount | None = None,
    item: str = "77",
    item_code: str | None = None,
    kind: LineKind = LineKind.GOODS,
    **more: Any,
) -> SaleLine:
    """`amount` is the line's own, including VAT; without it: quantity times unit price, less the discount."""
    gross = D(quantity) * D(unit_price) - D(discount) if amount is None else D(amount)
    rate = D(vat_rate)
    vat = round(gross * rate / (100 + rate), 7) if vat_amount is None else D(vat_amount)
    if item_code is None:
        item_code = "" if item == "0" else f"ART{item}"
    return SaleLine(
        id=id,
        description=description,
        quantity=D(quantity),
        amount_incl_vat=gross,
        vat_amount=vat,
        vat_rate=rate,
        item=item,
        item_code=item_code,
        kind=kind,
        discount_incl_vat=D(discount),
        **more,
    )


def a_payment(
    amount: Amount = "12.10",
    type_id: str = CARD,
    *,
    id: str = "501290",
    kind: TenderKind | None = None,
    type_name: str | None = None,
    tip: Amount = 0,
    paid_at: datetime = A_MOMENT,
    credit_account: str = "",
) -> Payment:
    return Payment(
        id=id,
        type_id=type_id,
        type_name=NAMES.get(type_id, f"Betaalwijze {type_id}") if type_name is None else type_name,
        kind=kind or TENDERS.get(type_id, TenderKind.CARD),
        amount=D(amount),
        paid_at=paid_at,
        tip=D(tip),
        credit_account=credit_account,
    )


def a_customer(id: str = "88", name: str = "Jan Jansen", **more: Any) -> Customer:
    return Customer(id=id, name=name, **more)


def a_sale(
    lines: Sequence[SaleLine] | None = None,
    payments: Sequence[Payment] | None = None,
    *,
    total: Amount | None = None,
    vat_amount: Amount | None = None,
    id: str = "5012",
    number: str | None = None,
    state: SaleState = SaleState.COMPLETED,
    customer: Customer | None = None,
    completed_at: datetime | None = A_MOMENT,
    **more: Any,
) -> Sale:
    """One bicycle bell of 12.10 at 21 %, paid by card, unless told otherwise."""
    sold = (a_line(),) if lines is None else tuple(lines)
    header = _cents(sum((line.amount_incl_vat for line in sold), D(0))) if total is None else D(total)
    vat = _cents(sum((line.vat_amount for line in sold), D(0))) if vat_amount is None else D(vat_amount)
    if payments is None:
        payments = (a_payment(header),) if header else ()
    sale = Sale(
        source="lightspeed-retail",
        id=id,
        number=id if number is None else number,
        state=state,
        outlet="1",
        outlet_name="Winkel",
        register="1",
        time_zone="Europe/Amsterdam",
        completed_at=completed_at,
        changed_at=completed_at or A_MOMENT,
        total_incl_vat=header,
        vat_amount=vat,
        lines=sold,
        payments=tuple(payments),
        customer=customer,
    )
    return replace(sale, **more)


def some_rules(**changes: Any) -> Rules:
    """Complete rules in mode transactions; ledgers, journals and VAT codes as in the vectors of domain.md."""
    rules = Rules(
        division="1",
        start_date=date(2020, 1, 1),
        outlets={"1": OutletRules()},
        journals=Journals(sales="70", cash="10", general="90"),
        debtor=DebtorRules(default_account="KASSA"),
        revenue=RevenueRules(
            by_vat_code={
                "VH": "8000",
                "VL": "8010",
                "V0": "8020",
                "VHI": "8000",
                "VLI": "8010",
                "NONE": "8050",
            }
        ),
        vat={"21": "VH", "9": "VL", "0": "V0", "none": "NONE"},
        payments={
            CASH: PaymentRule(PaymentKind.CASH, "2001"),
            CREDIT_CARD: PaymentRule(PaymentKind.CARD, "2002"),
            ON_ACCOUNT: PaymentRule(PaymentKind.ON_ACCOUNT),
            GIFT_CARD: PaymentRule(PaymentKind.GIFT_CARD, "2100"),
            CARD: PaymentRule(PaymentKind.CARD, "2000"),
        },
        ledgers=SpecialLedgers(cash_rounding="4490", gift_cards="2100", tips="2130", bottle_deposit="2140"),
        items=ItemRules(fallback_item="DIVERSEN", rounding_item="AFRONDING"),
    )
    return replace(rules, **_as_enums(changes))


def some_invoice_rules(**changes: Any) -> Rules:
    """The same in mode invoices, whose VAT codes include the VAT."""
    return some_rules(
        **{"mode": Mode.INVOICES, "vat": {"21": "VHI", "9": "VLI", "0": "V0", "none": "NONE"}, **changes}
    )


def _as_enums(changes: dict[str, Any]) -> dict[str, Any]:
    enums = {"mode": Mode, "settlement": Settlement}
    return {name: enums[name](value) if name in enums else value for name, value in changes.items()}
