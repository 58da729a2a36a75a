"""Whatever comes in, a `Sale` or a `Problem` comes out, and never another amount than was told."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.envelope import envelope_of, message_in
from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import sum_of
from libs.common.domain.problem import Problem, describe
from libs.common.domain.rules import PaymentKind, PaymentRule
from libs.common.domain.sale import Sale
from libs.common.lightspeed import restaurant_parser
from libs.common.lightspeed.restaurant_sale import TYPES, parse_sale
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
    booking = map_sale(parsed, RULES)
    if not isinstance(booking, Booking):
        return
    surcharge = sum_of(_number(one, "surcharge") for one in payload["payments"])
    nets = sum_of(_number(one, "netAmountWithTax") for one in payload["payments"])
    tips = sum_of(_number(one, "tip") for one in payload["payments"])
    rounding = sum_of(_number(one, "roundingAmount") for one in payload["payments"])
    moved = {nets + tips + s + r for s in (0, surcharge) for r in (0, rounding)}
    if any(
        one.get("code") == "IKGIFT" or one.get("type") == "ACCOUNTS_RECEIVABLE" for one in payload["payments"]
    ):
        moved.add(Decimal(0) + tips)  # issued: what came in is owed
    assert parsed.paid in moved
    assert parsed.tips == tips


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
    restaurant_parser.opened_at(payload)
    restaurant_parser.glimpse(payload)
    told = [
        restaurant_parser.sale_id(payload),
        restaurant_parser.customer_id(payload),
        restaurant_parser.reopens(payload),
        restaurant_parser.voided_by(payload),
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
