"""Reads the vectors of domain.md: their sales, the rules that they suppose, and what they expect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    JournalEntry,
    JournalLine,
    SalesEntry,
)
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
CASH_LEDGER = "2001"
KINDS = {"1": PaymentKind.CASH, "4": PaymentKind.ON_ACCOUNT, "5": PaymentKind.GIFT_CARD}
Posted = dict[tuple[str, str, str], tuple[Decimal, Decimal]]
"""Debit positive, net and VAT, by ledger, debtor and VAT code; what bears no VAT has no code."""
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


def vectors(mode: str | None = None) -> Iterator[Vector]:
    """R-Series vectors of one sale, for each mode that they say something of."""
    for vector in _file()["vectors"]:
        if vector["input"].get("source") != "retail-r" or len(vector["input"].get("sales", ())) != 1:
            continue
        for name in [mode] if mode else [*MODES, *DAILY]:
            if name in vector["expect"]:
                yield _vector(vector, name)


def vector_of(id_: str, mode: str) -> Vector:
    """For this mode, also where the vector says one thing of all modes."""
    found = _found(id_)
    return replace(_vector(found, mode if mode in found["expect"] else "all_modes"), mode=mode)


def modes_of(id_: str) -> list[str]:
    expect = _found(id_)["expect"]
    return [*MODES, *DAILY] if "all_modes" in expect else list(expect)


def _vector(vector: dict[str, Any], mode: str) -> Vector:
    payloads = tuple(vector["input"].get("sales", ()))
    settings = {**vector["settings"], **vector["input"].get("settings", {})}
    return Vector(vector["id"], mode, payloads, settings, vector["expect"][mode])


def _found(id_: str) -> dict[str, Any]:
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
    first = sale_of(_found("V01")["input"]["sales"][0])
    vector = _found(id_)["input"]
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
    return parsed_sale_of({**_found("V01")["input"]["sales"][0], **_found("V38")["input"]["sales"][0]})


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


def facts_of(id_: str) -> list[Posted]:
    """What each document of a vector must post that doesn't depend on the mode."""
    facts = _found(id_)["expect"]["all_modes"]
    return [_sums(_expected_posting(line) for line in one["lines"]) for one in facts]


def expected_postings(vector: Vector) -> Posted:
    """A daily vector's lines; of a cash entry those that its own ledger doesn't take."""
    lines = [line for document in vector.expected for line in document["lines"]]
    return _sums(_expected_posting(line) for line in lines)


def postings_of(documents: Iterable[Document], day_lines: Iterable[JournalLine] = ()) -> Posted:
    """What documents of entries and journals, and lines of a day, post together; debtors under 1300.

    What a cash journal's own ledger takes stands under the till's cash, as in the other forms.
    """
    postings = [_journal_posting(line) for line in day_lines]
    for document in documents:
        if isinstance(document, JournalEntry | CashEntry):
            postings += [_journal_posting(line) for line in document.lines]
        if isinstance(document, CashEntry):
            postings.append((CASH_LEDGER, "", "", document.balance_change, ZERO))
        if isinstance(document, SalesEntry):
            postings += [
                (line.ledger, "", line.vat_code, -line.amount_excl_vat, -line.vat_amount)
                for line in document.lines
            ]
            postings.append(("1300", _debtor(document.debtor) or "", "", document.open_amount, ZERO))
    return _sums(postings)


Posting = tuple[str, str, str, Decimal, Decimal]


def _sums(postings: Iterable[Posting]) -> Posted:
    sums: Posted = {}
    for ledger, debtor, code, net, vat in postings:
        key = (ledger, debtor, "" if code == "NONE" else code)
        before = sums.get(key, (ZERO, ZERO))
        sums[key] = (before[0] + net, before[1] + vat)
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


def _journal_posting(line: JournalLine) -> Posting:
    ledger = line.ledger or "1300"
    debtor = _debtor(line.debtor) if line.debtor else None
    return ledger, debtor or "", line.vat_code or "", line.amount, line.vat_amount


def _expected_posting(line: dict[str, Any]) -> Posting:
    if "amount" in line:
        net, vat = -Decimal(line["amount"]), -Decimal(line.get("vat_amount", 0))
    else:
        net = Decimal(line["debit"]) - Decimal(line["credit"])
        vat = Decimal(line.get("vat_debit", 0)) - Decimal(line.get("vat_credit", 0))
    return line["gl"], line.get("account", ""), line.get("vat_code", ""), net, vat


def as_expected(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """The documents in the vectors' own words, as far as they say something."""
    return [_document(document) for document in documents]


def of_days(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the references, which are our own for days, and with lines in one order."""
    return [
        {
            **{key: value for key, value in document.items() if key != "yourRef"},
            "lines": sorted(document["lines"], key=lambda line: (line["gl"], line.get("vat_code", ""))),
        }
        for document in documents
    ]


def expected_documents(vector: Vector) -> list[dict[str, Any]]:
    return [_trimmed(document) for document in vector.expected if document.get("lines") != []]


def _trimmed(document: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in document.items()
        if not key.startswith("vat_if") and key not in ("purpose", "own_gl", "register")
    }
    kept["lines"] = [
        {key: value for key, value in line.items() if key != "vat_gl"} for line in document["lines"]
    ]
    if document["type"] in ("sales_invoice", "sales_order"):
        kept["lines"] = [
            {
                **{key: value for key, value in line.items() if key != "gl"},
                "unit_price_incl": Decimal(line["unit_price_incl"]),
                "quantity": Decimal(line["quantity"]),
            }
            for line in document["lines"]
        ]
    return kept


def _debtor(debtor: Debtor) -> str | None:
    return debtor.customer.id if debtor.customer else debtor.account


def _document(document: Document) -> dict[str, Any]:
    if isinstance(document, SalesEntry):
        return _entry(document)
    if isinstance(document, JournalEntry):
        return _journal_entry(document)
    if isinstance(document, CashEntry):
        return _cash_entry(document)
    words = {
        "type": document.kind.value.replace("-", "_"),
        "ordered_by": _debtor(document.debtor),
        "date": document.day.isoformat(),
        "yourRef": document.reference,
        "lines": [
            {
                "item": line.item.id or line.item.till_item,
                "quantity": line.quantity,
                "unit_price_incl": line.unit_price_incl_vat,
                "vat_code": line.vat_code,
                "line_amount_incl": f"{line.amount_incl_vat:.2f}",
            }
            for line in document.lines
        ],
        "total_incl": f"{document.total_incl_vat:.2f}",
    }
    if document.kind == "sales-invoice":
        words |= {"journal": document.journal, "exact_type": 8021 if document.is_credit else 8020}
    return words


def _entry(entry: SalesEntry) -> dict[str, Any]:
    return {
        "type": "sales_entry",
        "exact_type": 21 if entry.is_credit else 20,
        "journal": entry.journal,
        "customer": _debtor(entry.debtor),
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "description": entry.description,
        "lines": [
            {
                "gl": line.ledger,
                "vat_code": line.vat_code,
                "amount_net": str(line.amount_excl_vat),
                "vat_amount": str(line.vat_amount),
            }
            for line in entry.lines
        ],
        "debtor_amount": str(entry.open_amount),
    }


def _journal_entry(entry: JournalEntry) -> dict[str, Any]:
    return {
        "type": "general_journal",
        "journal": entry.journal,
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "lines": [
            {
                "gl": line.ledger or "1300",
                **_sides("", line.amount),
                **({"account": _debtor(line.debtor)} if line.debtor else {}),
                **({"vat_code": line.vat_code, **_sides("vat_", line.vat_amount)} if line.vat_code else {}),
            }
            for line in entry.lines
        ],
    }


def _sides(name: str, amount: Decimal) -> dict[str, str]:
    return {f"{name}debit": f"{max(amount, ZERO):.2f}", f"{name}credit": f"{max(-amount, ZERO):.2f}"}


def _cash_entry(entry: CashEntry) -> dict[str, Any]:
    return {
        "type": "cash_entry",
        "journal": entry.journal,
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "lines": [
            {
                "gl": line.ledger or "1300",
                "amount": f"{-line.amount:.2f}",
                **({"account": _debtor(line.debtor)} if line.debtor else {}),
                **(
                    {"vat_code": line.vat_code, "vat_amount": f"{-line.vat_amount:.2f}"}
                    if line.vat_code
                    else {}
                ),
            }
            for line in entry.lines
        ],
        "balance_change": f"{entry.balance_change:.2f}",
    }
