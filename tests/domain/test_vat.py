"""VAT from the till's own amounts (domain.md 4.2, steps 1 and 4 to 7)."""

from __future__ import annotations

import pytest

from libs.common.domain.vat import (
    Taxed,
    rate_explains_vat,
    receipt_adds_up,
    share_vat,
    vat_adds_up,
    vat_by_code,
)
from tests.builders import D


def _taxed(code: str, rate: str, gross: str, vat: str) -> Taxed:
    return Taxed(code, D(rate), D(gross), D(vat))


def test_vat_is_rounded_once_over_all_lines_of_a_code() -> None:
    # three lines of 0.99: 0.17 each, yet 0.5154546 together
    lines = [_taxed("VH", "21", "0.99", "0.1718182")] * 3

    assert vat_by_code(lines) == {"VH": D("0.52")}


def test_every_code_is_rounded_on_its_own() -> None:
    lines = [_taxed("VH", "21", "85", "14.7520661"), _taxed("VL", "9", "17", "1.4036697")]

    assert vat_by_code(lines) == {"VH": D("14.75"), "VL": D("1.40")}


def test_vat_that_the_header_gives_for_each_rate_is_taken_from_there() -> None:
    lines = [_taxed("VH", "21", "24.95", "4.3301"), _taxed("VL", "9", "25.00", "2.0642")]

    vat = vat_by_code(lines, [(D("21"), D("4.34")), (D("9"), D("2.06"))])

    assert vat == {"VH": D("4.34"), "VL": D("2.06")}


def test_header_vat_of_a_rate_is_shared_over_its_codes() -> None:
    # 21 % under two codes: down to 1.73 and 0.86, and the larger fraction, of 0.868, takes the missing cent
    lines = [_taxed("VH", "21", "10", "1.735"), _taxed("VX", "21", "5", "0.868")]

    assert vat_by_code(lines, [(D("21"), D("2.60"))]) == {"VH": D("1.73"), "VX": D("0.87")}


def test_vat_of_a_code_is_shared_over_its_ledgers_by_largest_remainder() -> None:
    # V34: 8.4086777 and 0.2603306, together 8.67
    shares = share_vat({"VH": D("8.67")}, [("VH", D("8.4086777")), ("VH", D("0.2603306"))])

    assert shares == [D("8.41"), D("0.26")]


@pytest.mark.parametrize(("total", "adds_up"), [("10.02", True), ("9.98", True), ("10.03", False)])
def test_a_receipt_may_miss_its_lines_by_two_cents(total: str, adds_up: bool) -> None:
    assert receipt_adds_up(D(total), [D("4"), D("6")]) is adds_up


def test_a_long_receipt_may_miss_its_lines_by_a_hundredth_of_a_cent_a_line_more() -> None:
    lines = [D("1")] * 200

    assert receipt_adds_up(D("200.04"), lines)
    assert not receipt_adds_up(D("200.05"), lines)


@pytest.mark.parametrize(
    ("codes", "header", "adds_up"),
    [
        (["4.20"], "4.21", True),
        (["4.20"], "4.22", False),
        (["14.75", "1.40"], "16.16", True),
        (["14.75", "1.40"], "16.17", False),
        (["2.57", "3.12", "0.51"], "6.22", True),
        (["2.57", "3.12", "0.51"], "6.23", False),
        ([], "0.00", True),
    ],
)
def test_codes_may_miss_the_header_by_a_cent_each_but_one(
    codes: list[str], header: str, adds_up: bool
) -> None:
    assert vat_adds_up([D(code) for code in codes], D(header)) is adds_up


@pytest.mark.parametrize(
    ("vat", "right"), [("2.10", True), ("2.115", True), ("2.12", False), ("1.00", False)]
)
def test_vat_must_be_what_the_rate_gives_but_for_rounding(vat: str, right: bool) -> None:
    # 12.10 at 21 % is 2.10; one line may be off by 0.015
    assert rate_explains_vat(D(vat), [_taxed("VH", "21", "12.10", "2.10")]) is right


def test_a_return_turns_the_sign_of_all_vat() -> None:
    sold = vat_by_code([_taxed("VH", "21", "44.955", "7.805")])
    returned = vat_by_code([_taxed("VH", "21", "-44.955", "-7.805")])

    assert sold == {"VH": D("7.81")}
    assert returned == {"VH": D("-7.81")}
