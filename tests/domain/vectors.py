"""Reads the vectors of domain.md: their sales, the rules that they suppose, and what they expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from libs.common.domain.problem import Problem
from libs.common.domain.rules import (
    DebtorRules,
    ItemRules,
    Journals,
    Mode,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    Settlement,
    SpecialLedgers,
    rate_key,
)
from libs.common.domain.sale import ZERO, Customer, LineKind, Payment, Sale, SaleLine, SaleState, TenderKind
from libs.common.lightspeed.retail_reference import RetailReference, Shop
from libs.common.lightspeed.retail_sale import parse_sale
from tests.shared import SHARED

REFERENCE = RetailReference(shops={"1": Shop("1", "1", "Europe/Amsterdam")})
FILE = SHARED / "reference" / "domain-vectors.json"

MODES = {
    "transactions": (Mode.TRANSACTIONS, Settlement.PER_RECEIPT),
    "transactions_settled_in_entry": (Mode.TRANSACTIONS, Settlement.IN_ENTRY),
    "invoices": (Mode.INVOICES, Settlement.PER_RECEIPT),
    "orders": (Mode.ORDERS, Settlement.PER_RECEIPT),
}
DAILY = {
    "daily_general_journal": (Mode.DAILY_TOTALS, Settlement.IN_ENTRY),
    "daily_cash_entry": (Mode.DAILY_TOTALS, Settlement.IN_ENTRY),
}
LEDGERS = SpecialLedgers(
    cash_rounding="4490",
    cash_difference="4495",
    gift_cards="2100",
    store_credit="2110",
    tips="2130",
    deposits="2120",
    open_payments="2006",
    bottle_deposit="2140",
    discounts="8090",
    cash_drops="2010",
    petty_cash="4590",
)
KINDS = {"1": PaymentKind.CASH, "4": PaymentKind.ON_ACCOUNT, "5": PaymentKind.GIFT_CARD}
INCLUDING_VAT = {"VH": "VHI", "VL": "VLI", "B12": "B12I", "B6": "B6I"}
TENDERS = {
    "cash": TenderKind.CASH,
    "gift card": TenderKind.GIFT_CARD,
    "credit account": TenderKind.CREDIT_ACCOUNT,
    "user defined": TenderKind.CARD,
}
ITEM_KINDS = {"2140": "bottle-deposit", "7050": "purchase"}


@dataclass(frozen=True)
class Vector:
    """What a vector says of one mode; `all_modes` where it is the same in each."""

    id: str
    mode: str
    payloads: tuple[dict[str, Any], ...]
    settings: dict[str, Any]
    expected: list[dict[str, Any]]

    @property
    def payload(self) -> dict[str, Any]:
        (only,) = self.payloads
        return only


@cache
def _file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def vector_ids() -> list[str]:
    return [vector["id"] for vector in _file()["vectors"]]


def ledger_names() -> dict[str, str]:
    names: dict[str, str] = _file()["ledgers"]
    return names


def vat_ledgers() -> dict[str, str | None]:
    """Where Exact books the VAT of each code."""
    return {code: chosen["vat_ledger"] for code, chosen in _file()["vat_codes"].items()}


def vectors(mode: str | None = None, *, source: str = "retail-r") -> Iterator[Vector]:
    """A till's vectors of one sale, for each mode that they say something of."""
    for vector in _file()["vectors"]:
        if vector["input"].get("source") != source or len(vector["input"].get("sales", ())) != 1:
            continue
        for name in [mode] if mode else [*MODES, *DAILY]:
            if name in vector["expect"]:
                yield _vector(vector, name)


def vector_of(id_: str, mode: str) -> Vector:
    """For this mode, also where the vector says one thing of all modes."""
    found = raw(id_)
    return replace(_vector(found, mode if mode in found["expect"] else "all_modes"), mode=mode)


def modes_of(id_: str) -> list[str]:
    expect = raw(id_)["expect"]
    return [*MODES, *DAILY] if "all_modes" in expect else list(expect)


def _vector(vector: dict[str, Any], mode: str) -> Vector:
    payloads = tuple(vector["input"].get("sales", ()))
    settings = {**vector["settings"], **vector["input"].get("settings", {})}
    return Vector(vector["id"], mode, payloads, settings, vector["expect"][mode])


def raw(id_: str) -> dict[str, Any]:
    found: dict[str, Any] = next(vector for vector in _file()["vectors"] if vector["id"] == id_)
    return found


def _listed(holder: dict[str, Any], plural: str, singular: str) -> list[dict[str, Any]]:
    found = holder.get(plural, {}).get(singular, [])
    return found if isinstance(found, list) else [found]


def sale_of(payload: dict[str, Any]) -> Sale:
    customer = payload["customerID"]
    return Sale(
        source="lightspeed-retail",
        id=payload["saleID"],
        number=payload["saleID"],
        state=SaleState.COMPLETED,
        outlet=payload["shopID"],
        outlet_name=payload["shopID"],
        register=payload["registerID"],
        time_zone="Europe/Amsterdam",
        completed_at=datetime.fromisoformat(payload["completeTime"]),
        changed_at=datetime.fromisoformat(payload["completeTime"]),
        total_incl_vat=Decimal(payload["total"]),
        vat_amount=Decimal(payload["calcTax1"]) + Decimal(payload["calcTax2"]),
        lines=tuple(_line(line) for line in _listed(payload, "SaleLines", "SaleLine")),
        payments=tuple(
            _payment(payment, payload) for payment in _listed(payload, "SalePayments", "SalePayment")
        ),
        customer=None if customer == "0" else Customer(id=customer, name=f"Klant {customer}"),
        cash_rounding=-Decimal(payload["cashRoundingDelta"]) if "cashRoundingDelta" in payload else None,
    )


def parsed_sale_of(payload: dict[str, Any]) -> Sale | Problem:
    """By the parser, with what its vendor always sends and the vectors leave out."""
    customer = {"Customer": {"customerID": payload["customerID"]}} if payload["customerID"] != "0" else {}
    return parse_sale({**payload, **customer, "updatetime": payload["completeTime"]}, REFERENCE)


def edited_sales(id_: str) -> tuple[Sale, Sale]:
    """The sale of V01 as it was booked and as a correction's vector leaves it, changed the day after."""
    first = sale_of(raw("V01")["input"]["sales"][0])
    vector = raw(id_)["input"]
    payload = vector["sales"][0] if "sales" in vector else vector
    if "SaleVoid" in payload:
        voided_at = datetime.fromisoformat(payload["SaleVoid"]["createTime"])
        return first, replace(first, state=SaleState.VOIDED, changed_at=voided_at)
    edited = replace(first, changed_at=first.changed_at + timedelta(days=1))
    (paid,), after = edited.payments, payload["after"]
    if "paymentTypeID" in after:
        other = replace(paid, type_id=after["paymentTypeID"], amount=Decimal(after["amount"]))
        return first, replace(edited, payments=(other,))
    total = Decimal(after["total"])
    kept = tuple(line for line in edited.lines if line.amount_incl_vat == total)
    vat = sum((line.vat_amount for line in kept), ZERO)
    back = replace(paid, id=f"{paid.id}-back", amount=total - edited.total_incl_vat)
    return first, replace(edited, total_incl_vat=total, vat_amount=vat, lines=kept, payments=(paid, back))


def parsed_void() -> Sale | Problem:
    """V38 by the parser: the sale of V01 with what its vector says of the void."""
    return parsed_sale_of({**raw("V01")["input"]["sales"][0], **raw("V38")["input"]["sales"][0]})


def _line(line: dict[str, Any]) -> SaleLine:
    return SaleLine(
        id=line["saleLineID"],
        description=f"Artikel {line['itemID']}",
        quantity=Decimal(line["unitQuantity"]),
        amount_incl_vat=Decimal(line["calcTotal"]),
        vat_amount=Decimal(line["calcTax1"]) + Decimal(line["calcTax2"]),
        vat_rate=Decimal(line["tax1Rate"]) * 100,
        item=line["itemID"],
        item_code="" if line["itemID"] == "0" else line["itemID"],
        kind=LineKind.ITEM_FEE if line.get("lineType") == "item_fee" else LineKind.GOODS,
    )


def _payment(payment: dict[str, Any], payload: dict[str, Any]) -> Payment:
    return Payment(
        id=payment["salePaymentID"],
        type_id=payment["paymentTypeID"],
        type_name=payment["PaymentType"]["name"],
        kind=TENDERS[payment["PaymentType"]["type"]],
        amount=Decimal(payment["amount"]),
        tip=Decimal(payment["tipAmount"]),
        paid_at=datetime.fromisoformat(payload["completeTime"]),
    )


def rules_of(vector: Vector) -> Rules:
    """The default mapping; own choices for single lines become rules by rate, article and kind."""
    mapping = _file()["default_mapping"]
    mode, settlement = (MODES | DAILY)[vector.mode]
    vat = {rate_key(Decimal(rate) * 100): code for rate, code in mapping["vat_code_by_rate"].items()}
    rules = Rules(
        mode=mode,
        business_receipts="as-mode",
        settlement=settlement,
        journals=Journals(sales="70", cash="10", general="90"),
        debtor=DebtorRules(default_account=mapping["default_debtor"], own_when="known"),
        revenue=RevenueRules(by_vat_code=mapping["ledger_by_vat_code"]),
        vat={**vat, "none": "NONE"},
        payments={
            id_: PaymentRule(KINDS.get(id_, PaymentKind.CLEARING), ledger)
            for id_, ledger in mapping["ledger_by_payment_type_id"].items()
        },
        ledgers=LEDGERS,
        items=ItemRules(fallback_item="0", rounding_item="AFRONDING"),
    )
    if vector.settings.get("group_by") == "register":
        rules = replace(rules, daily_totals=replace(rules.daily_totals, per="register"))
    if vector.mode == "daily_cash_entry":
        rules = replace(rules, daily_totals=replace(rules.daily_totals, document="cash-entry"))
    rules = _with_overrides(rules, vector)
    if not rules.books_items:
        return rules
    return replace(rules, vat={key: INCLUDING_VAT.get(code, code) for key, code in rules.vat.items()})


def _with_overrides(rules: Rules, vector: Vector) -> Rules:
    vat, by_item, kinds = dict(rules.vat), {}, {}
    overrides = vector.settings.get("line_overrides", {})
    if not overrides:
        return rules
    for line in [line for payload in vector.payloads for line in sale_of(payload).lines]:
        if line.id not in overrides:
            continue
        ledger, code = overrides[line.id]["gl"], overrides[line.id]["vat_code"]
        by_item[line.item] = ledger
        if code == "NONE":
            kinds[line.item] = ITEM_KINDS.get(ledger, "gift-card")
        else:
            vat[rate_key(line.vat_rate)] = code
    return replace(
        rules,
        vat=vat,
        revenue=replace(rules.revenue, by_item=by_item),
        items=replace(rules.items, kinds=kinds),
    )


def default_rules(mode: Mode, settlement: Settlement = Settlement.IN_ENTRY) -> Rules:
    """The default mapping alone, for vectors that state facts and no sale."""
    name = next(name for name, (chosen, _) in (MODES | DAILY).items() if chosen is mode)
    nobody = Vector("", name, (), {}, [])
    return replace(rules_of(nobody), settlement=settlement)
