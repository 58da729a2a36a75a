"""Literals, dates and codes in Exact's own dialect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.exact import odata

KEY = "5e9f0f4e-5bd9-4f31-8c1c-02120829e05a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Brien", "'O''Brien'"),
        ("'", "''''"),
        (True, "true"),
        (12, "12"),
        (Decimal("1E+2"), "100"),
        (UUID(KEY), f"guid'{KEY}'"),
        (date(2025, 1, 31), "datetime'2025-01-31'"),
        (datetime(2025, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))), "datetime'2025-01-30T23:00:00'"),
    ],
)
def test_literals(value: odata.Value, expected: str) -> None:
    assert odata.literal(value) == expected


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        odata.literal(datetime(2025, 1, 1))  # noqa: DTZ001 - the naive one is what is tested


@given(st.text())
def test_no_text_ends_its_own_literal(text: str) -> None:
    quoted = odata.literal(text)
    assert quoted[0] == quoted[-1] == "'"
    assert quoted[1:-1].replace("''", "").count("'") == 0
    assert quoted[1:-1].replace("''", "'") == text


def test_guids_are_checked() -> None:
    assert odata.guid(KEY.upper()) == f"guid'{KEY}'"
    with pytest.raises(ValueError):
        odata.guid("x' or 1 eq 1")
    assert odata.key("123456") == "123456"


def test_filters() -> None:
    assert odata.all_of(odata.equals("YourRef", "LSR-1"), "") == "YourRef eq 'LSR-1'"
    assert odata.any_of("Code", ["a", "b"]) == "(Code eq 'a' or Code eq 'b')"
    with pytest.raises(ValueError):
        odata.any_of("Code", [str(number) for number in range(41)])


def test_account_codes_are_padded_on_the_left() -> None:
    assert odata.account_code("1068") == "              1068"
    assert odata.account_code("              1068") == "              1068"


def test_dates_are_read_in_utc() -> None:
    assert odata.date_of("/Date(1756684800000)/") == date(2025, 9, 1)
    assert odata.date_of("/Date(-86400000)/") == date(1969, 12, 31)
    assert odata.moment_of("/Date(1537503584193)/").tzinfo is UTC
    with pytest.raises(ValueError):
        odata.date_of("2025-09-01")


def test_an_int64_comes_as_text_or_number() -> None:
    assert odata.integer_of("7059372036854775807") == odata.integer_of(7059372036854775807)
