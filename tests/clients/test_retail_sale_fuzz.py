"""Whatever comes in, a `Sale` or a `Problem` comes out, and a `Sale` can be kept and sent."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.envelope import envelope_of, message_in
from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.problem import Problem, describe
from libs.common.domain.sale import Sale
from libs.common.lightspeed.retail_sale import lacks_parts, parse_sale
from libs.common.lightspeed.retail_values import Unreadable
from tests.clients.retail_payloads import (
    CUSTOMER,
    RECORDED,
    a_line_row,
    a_payment_row,
    a_sale_row,
    dutch_reference,
    recorded_sales,
)

REFERENCE = dutch_reference()
GIFT = a_line_row(itemID="0", tax="false", unitPrice="0", calcTotal="0", calcTax1="0")
PAYLOADS = [
    *(recorded_sales() if RECORDED.exists() else ()),  # test_retail_sale says where they are missing
    a_sale_row(customerID="88", Customer=CUSTOMER, cashRoundingDelta="-0.02"),
    a_sale_row(
        [GIFT, a_line_row(tax1Rate="0", isLayaway="true")], [a_payment_row("-50", "5"), a_payment_row("74.2")]
    ),
]

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.text(max_size=50),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just({"@attributes": {"readonly": "true"}}),
    st.sampled_from(
        ["-0", "1.0E-8", "9" * 39, "1e99", "0x10", "١٢", "1_000", "\ud800", "\x00", "NaN", "2026-13-45"]
    ),
    st.recursive(
        st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [place for key, each in inner for place in places(each, (*path, key))]
    return [*found, *([path] if path else [])]


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
            holder[path[-1]] = copy.deepcopy(draw(STRANGE))
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
    assert all(line.vat_rate >= 0 for line in parsed.lines)
    assert parsed.total_incl_vat == parsed.total_incl_vat.quantize(Decimal("0.01"))


@given(
    st.recursive(
        STRANGE, lambda inner: st.dictionaries(st.sampled_from(["saleID", "SaleLines", "shopID"]), inner)
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_anything_at_all_is_a_sale_or_a_problem(payload):
    assert isinstance(parse_sale(payload, REFERENCE), Sale | Problem)


@given(mutated())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_asking_for_missing_parts_says_yes_no_or_unreadable(payload):
    with suppress(Unreadable):
        assert lacks_parts(payload) in (True, False)
