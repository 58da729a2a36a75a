"""Whatever comes in, a `Sale` or a `Problem` comes out, and never another amount than was told."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.envelope import envelope_of, message_in
from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import CENT, sum_of
from libs.common.domain.problem import Problem, describe
from libs.common.domain.rules import PaymentKind, PaymentRule
from libs.common.domain.sale import Sale
from libs.common.lightspeed import restaurant_parser
from libs.common.lightspeed.restaurant_sale import TAKING_BACK, TYPES, parse_sale
from libs.common.lightspeed.retail_values import text
from tests.builders import some_rules
from tests.clients.restaurant_payloads import (
    CASH,
    CONSUMER,
    GIFT_CARD,
    ON_ACCOUNT,
    PIN,
    a_line_row,
    a_payment_row,
    a_reference,
    a_row,
    the_sample,
)
from tests.clients.test_retail_sale_fuzz import STRANGE, places
from tests.shared import SHARED

REFERENCE = a_reference()
SPECIFICATION = SHARED / "reference" / "openapi" / "lightspeed-k-series.trimmed.json"
UNTAXED = a_line_row(serviceCharge="1.21", serviceChargeType="UNTAXED")
VOIDED = a_line_row(voidReason="Taste")
SOLD = a_row([a_line_row()], [a_payment_row()], source={"previousAccountId": "A81234.40"})
CARD = a_row([], [a_payment_row("50.00"), a_payment_row("50.00", GIFT_CARD)])
PAYLOADS = [
    the_sample(),
    a_row([UNTAXED, VOIDED], [a_payment_row("13.31")]),
    a_row([], [a_payment_row("50.00"), a_payment_row("-50.00", GIFT_CARD, externalReference="GC-000123")]),
    a_row(
        [a_line_row()], [a_payment_row("12.10", ON_ACCOUNT, type="ACCOUNTS_RECEIVABLE", consumer=CONSUMER)]
    ),
    a_row([a_line_row()], [a_payment_row("12.10", CASH, roundingAmount="-0.02", surcharge="0.25")]),
    a_row([a_line_row("-12.10", "-10.00")], [a_payment_row("-12.10")], type="REFUND"),
    a_row([], [a_payment_row("-25.00"), a_payment_row("25.00", CASH)], type="UPDATE"),
    {**SOLD, "type": "VOID", "previousAccount": SOLD},
    {**CARD, "type": "VOID", "previousAccount": CARD},
    a_row(
        [a_line_row("24.20", "20.00")], [a_payment_row("24.20", CASH)], type="RECALL", previousAccount=SOLD
    ),
]
AMOUNTS = st.one_of(
    st.decimals(min_value=-500, max_value=500, places=2).map(str),
    st.sampled_from(["0.00", "12.10", "-12.10", "10.00", "2.10", "1.21", "21.00", "0.02", "-0.02", "1e3"]),
)
RULES = some_rules(
    payments={
        PIN: PaymentRule(PaymentKind.CARD, "2000"),
        CASH: PaymentRule(PaymentKind.CASH, "2001"),
        GIFT_CARD: PaymentRule(PaymentKind.GIFT_CARD, "2100"),
        ON_ACCOUNT: PaymentRule(PaymentKind.ON_ACCOUNT),
    }
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    payload = copy.deepcopy(draw(st.sampled_from(PAYLOADS)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(payload)))
        holder = payload
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(draw(STRANGE | AMOUNTS | st.sampled_from(TYPES)))
        if not payload:
            break
    return payload


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_mangled_payload_is_a_sale_or_a_problem_never_an_exception(payload):
    parsed = parse_sale(payload, REFERENCE)

    if isinstance(parsed, Problem):
        assert all(describe(parsed, language)[0] for language in ("nl", "en"))
        json.dumps(dict(parsed.facts)).encode()
        return
    assert isinstance(parsed, Sale)
    recorded = SaleRecorded(sale=parsed, revision=1, content_hash="x", position=1)
    envelope = envelope_of(recorded, "c", parsed.changed_at)
    assert message_in(envelope, SaleRecorded) == recorded
    assert "\x00" not in envelope.body
    assert len(parsed.id) <= 64
    assert all(line.vat_rate >= 0 for line in parsed.lines)
    assert parsed.total_incl_vat == parsed.total_incl_vat.quantize(Decimal("0.01"))


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_booked_of_a_mangled_payload_is_what_its_lines_and_payments_say(payload):
    parsed = parse_sale(payload, REFERENCE)
    if isinstance(parsed, Problem):
        return
    if not isinstance(map_sale(parsed, RULES), Booking):
        return
    signs = (1, -1) if payload["type"] in TAKING_BACK else (1,)
    assert any(_is_as_told(payload, _beside_before(parsed, payload), sign) for sign in signs)


NOTHING = Decimal("1e-9")
"""Amounts of a hundred digits come in as well."""


@dataclass
class Amounts:
    total: Decimal
    vat: Decimal
    paid: Decimal
    tips: Decimal


def _beside_before(parsed: Sale, payload: dict[str, Any]) -> Amounts:
    """Of an account opened again what it is now; what takes one back must leave nothing of it."""
    found = Amounts(parsed.total_incl_vat, parsed.vat_amount, parsed.paid, parsed.tips)
    before = parse_sale(payload["previousAccount"], REFERENCE) if payload.get("previousAccount") else None
    if not isinstance(before, Sale):
        return found
    if payload["type"] in TAKING_BACK:
        assert parsed.total_incl_vat == -before.total_incl_vat
        assert parsed.total_incl_vat or _by_method(parsed) == {
            method: -amount for method, amount in _by_method(before).items()
        }
    if payload["type"] != "RECALL":
        return found
    return Amounts(
        found.total + before.total_incl_vat,
        found.vat + before.vat_amount,
        found.paid + before.paid,
        found.tips + before.tips,
    )


def _by_method(sale: Sale) -> dict[str, Decimal]:
    methods = {payment.type_id for payment in sale.payments}
    return {each: sum_of(one.amount for one in sale.payments if one.type_id == each) for each in methods}


def _is_as_told(payload: dict[str, Any], found: Amounts, sign: int) -> bool:
    surcharge = sum_of(_number(one, "surcharge") for one in payload["payments"])
    nets = sum_of(_number(one, "netAmountWithTax") for one in payload["payments"])
    tips = sum_of(_number(one, "tip") for one in payload["payments"])
    rounding = sum_of(_number(one, "roundingAmount") for one in payload["payments"])
    moved = {nets + tips + s + r for s in (0, surcharge) for r in (0, rounding)}
    if any(map(_is_owed, payload["payments"])):
        moved.add(Decimal(0) + tips)  # issued: what came in is owed
    return (
        any(abs(sign * found.paid - money) < NOTHING for money in moved)
        and abs(sign * found.tips - tips) < NOTHING
        and any(
            abs(sign * found.total - turnover - surcharge) < CENT
            and abs(sign * found.vat - vat) <= abs(surcharge) / 2 + CENT
            for turnover, vat in _sold(payload)
        )
    )


def _is_owed(payment: dict[str, Any]) -> bool:
    is_gift_card = payment.get("code") == "IKGIFT" or str(payment.get("paymentMethodId")) == GIFT_CARD
    return is_gift_card or payment.get("type") == "ACCOUNTS_RECEIVABLE"


def _sold(payload: dict[str, Any]) -> list[tuple[Decimal, Decimal]]:
    """Turnover and VAT of the lines, voided ones in or out, charges inside or on top."""
    if payload["type"] == "UPDATE":
        return [(Decimal(0), Decimal(0))]
    every = payload.get("salesLines") or []
    standing = [line for line in every if not text(line, "voidReason")]
    found = []
    for lines in (standing, every):
        gross = sum_of(_number(line, "totalNetAmountWithTax") for line in lines)
        vat = sum_of(_vat_of(line) for line in lines)
        charge = sum_of(
            _number(line, "serviceCharge") for line in lines if line.get("serviceChargeType") == "UNTAXED"
        )
        found += [(gross + charge, vat), (gross, vat - charge)]
    return found


def _vat_of(line: dict[str, Any]) -> Decimal:
    if line.get("totalNetAmountWithoutTax") not in (None, ""):
        return _number(line, "totalNetAmountWithTax") - _number(line, "totalNetAmountWithoutTax")
    taxes = line.get("taxLines") or [line]
    return sum_of(_number(tax, "taxAmount") for tax in taxes)


@given(
    st.recursive(
        STRANGE,
        lambda inner: st.dictionaries(
            st.sampled_from(["accountReference", "salesLines", "payments", "businessLocationId", "type"]),
            inner,
        ),
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_anything_at_all_is_a_sale_or_a_problem(payload):
    assert isinstance(parse_sale(payload, REFERENCE), Sale | Problem)


@given(mutated() | STRANGE.map(lambda value: {"payments": value, "source": value, "type": value}))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_ingest_asks_of_a_row_never_raises(payload):
    restaurant_parser.changed_at(payload)
    restaurant_parser.closing_time(payload)
    restaurant_parser.opened_at(payload)
    restaurant_parser.glimpse(payload)
    told = [
        restaurant_parser.sale_id(payload),
        restaurant_parser.customer_id(payload),
        restaurant_parser.reopens(payload),
        restaurant_parser.voided_by(payload),
        restaurant_parser.paid_back_by(payload),
        restaurant_parser.paid_otherwise_by(payload),
    ]
    assert all(isinstance(text, str) for text in told)
    assert restaurant_parser.is_ticket(payload) in (True, False)
    assert restaurant_parser.names_unknown(payload, REFERENCE) in (True, False)
    assert "consumer" not in json.dumps(restaurant_parser.without_people(payload), default=str)
    parsed = parse_sale(payload, REFERENCE)
    assert not isinstance(parsed, Sale) or parsed.id == restaurant_parser.sale_id(payload)


def _of_schema(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the specification allows, each member there or not."""
    if "$ref" in schema:
        return st.deferred(lambda: _of_schema(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            members = {name: _of_schema(each, schemas) for name, each in schema.get("properties", {}).items()}
            return st.fixed_dictionaries({}, optional=members)
        case "array":
            return st.lists(_of_schema(schema["items"], schemas), max_size=2)
        case "integer":
            return st.integers(0, 2**63 - 1)
        case "number":
            return st.decimals(0, 10, places=1)
        case "boolean":
            return st.booleans()
    if schema.get("format") == "date-time":
        return st.sampled_from(["2026-11-03T19:40:02.310Z", "2026-11-03T20:40:02.310+01:00"])
    if schema.get("x-kind") == "decimal string":
        return AMOUNTS
    return st.text(max_size=8)


def _sales_by_the_specification() -> st.SearchStrategy[dict[str, Any]]:
    if not SPECIFICATION.exists():  # test_vectors says that the shared folder is missing
        return st.sampled_from(PAYLOADS)
    schemas = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    both = _of_schema(schemas["Sale"], schemas) | _of_schema(schemas["SaleV1"], schemas)
    return st.builds(lambda sale, known: {**sale, **known}, both, st.sampled_from([_LOCATED, _ENOUGH]))


_LOCATED = {"businessLocationId": the_sample()["businessLocationId"]}
_ENOUGH = {**_LOCATED, "timeClosed": "2026-11-03T19:40:02.310Z", "payments": [], "type": "SALE"}


@given(_sales_by_the_specification())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_specification_allows_is_a_sale_or_a_problem(payload):
    assert isinstance(parse_sale(payload, REFERENCE), Sale | Problem)


def _number(row: dict[str, Any], name: str) -> Decimal:
    value = row.get(name)
    return Decimal(0) if value in (None, "") else Decimal(str(value))
