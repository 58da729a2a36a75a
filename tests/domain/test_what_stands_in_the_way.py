"""What keeps a sale from being booked: problems that name what mends them."""

from __future__ import annotations

import pytest

from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import (
    DebtorRules,
    ItemRules,
    Journals,
    Mode,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    SpecialLedgers,
)
from libs.common.domain.sale import LineKind, Sale, SaleState, TenderKind
from tests.builders import CASH, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale, some_rules


def _problem(sale: Sale, rules: Rules | None = None) -> Problem:
    problem = map_sale(sale, rules or some_rules())
    assert isinstance(problem, Problem), problem
    return problem


def _missing(sale: Sale, rules: Rules) -> str:
    problem = _problem(sale, rules)
    assert problem.code is ProblemCode.RULE_MISSING
    return dict(problem.facts)["field"]


def test_a_purchase_without_a_ledger_of_its_own_is_asked_for() -> None:
    rules = some_rules(items=ItemRules(kinds={"431": "purchase"}))

    assert _missing(a_sale([a_line("-5", "0", item="431"), a_line("10")]), rules) == "revenue.by_item.431"


def test_bottle_deposits_without_a_ledger_are_asked_for() -> None:
    rules = some_rules(items=ItemRules(kinds={"411": "bottle-deposit"}), ledgers=SpecialLedgers())

    assert _missing(a_sale([a_line("0.15", "0", item="411")]), rules) == "ledgers.bottle_deposit"


def test_vat_on_a_receipt_under_the_small_business_scheme_is_a_problem() -> None:
    assert _problem(a_sale(), some_rules(small_business_scheme=True)).code is ProblemCode.VAT_RATE_DIFFERS


@pytest.mark.parametrize(
    ("customer", "own_when", "why"),
    [(None, "business", "no-customer"), (a_customer(), "never", "no-own-debtors")],
)
def test_money_on_account_never_ends_on_the_default_debtor(customer: object, own_when: str, why: str) -> None:
    rules = some_rules(debtor=DebtorRules(default_account="KASSA", own_when=own_when))
    sale = a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=customer)

    problem = _problem(sale, rules)

    assert (problem.code, dict(problem.facts)) == (ProblemCode.CUSTOMER_MISSING, {"why": why})


def test_an_unknown_rate_is_a_problem_and_never_defaulted() -> None:
    problem = _problem(a_sale([a_line("10.55", "5.5")]))

    assert (problem.code, problem.cause) == (
        ProblemCode.VAT_RATE_UNMAPPED,
        "vat-rate-unmapped:rate=5.5",
    )


def test_an_unknown_payment_type_is_a_problem_and_never_defaulted() -> None:
    problem = _problem(a_sale(payments=[a_payment("12.10", "42", type_name="Tikkie")]))

    assert problem.cause == "payment-type-unmapped:payment_type=42"
    assert dict(problem.facts)["name"] == "Tikkie"


def test_a_payment_type_without_a_ledger_is_a_problem_too() -> None:
    rules = some_rules(payments={"6": PaymentRule(PaymentKind.CARD)})

    assert _problem(a_sale(), rules).cause == "payment-type-unmapped:payment_type=6"


def test_turnover_without_a_ledger_is_a_problem() -> None:
    assert _problem(a_sale(), some_rules(revenue=RevenueRules())).cause == "ledger-missing:vat_code=VH"


def test_a_class_that_leads_to_a_code_of_another_rate_is_a_problem() -> None:
    rules = some_rules(vat={"21": "VH", "9": "VL", "class:2": "VL", "none": "NONE"})

    problem = _problem(a_sale([a_line(tax_class="2")]), rules)

    assert problem.cause == "vat-rate-differs:rate=21:vat_code=VL"


def test_lines_that_miss_the_total_by_more_than_rounding_are_a_problem() -> None:
    problem = _problem(a_sale(total="12.13", vat_amount="2.10"))

    assert problem.code is ProblemCode.RECEIPT_DOES_NOT_ADD_UP
    assert dict(problem.facts) == {"total": "12.13", "lines_total": "12.10"}


def test_a_total_without_lines_that_bear_it_is_a_problem() -> None:
    assert _problem(a_sale([a_line("0")], total="0.02")).code is ProblemCode.RECEIPT_DOES_NOT_ADD_UP


def test_vat_that_misses_the_headers_is_a_problem() -> None:
    assert _problem(a_sale(vat_amount="2.12")).code is ProblemCode.VAT_DOES_NOT_ADD_UP


def test_vat_that_the_rate_does_not_explain_is_a_problem() -> None:
    # 12.10 with the VAT of 9 % on it, under 21 %
    assert _problem(a_sale([a_line("12.10", "21", vat_amount="1.00")])).code is ProblemCode.VAT_RATE_DIFFERS


def test_vat_on_a_line_that_bears_none_is_a_problem() -> None:
    rules = some_rules(items=ItemRules(kinds={"77": "bottle-deposit"}))

    assert _problem(a_sale(), rules).code is ProblemCode.VAT_RATE_DIFFERS


def test_payments_must_meet_the_total() -> None:
    problem = _problem(a_sale(payments=[a_payment("12.00")]))

    assert problem.code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP
    assert dict(problem.facts) == {"total": "12.10", "paid": "12.00"}


def test_cash_that_misses_the_total_by_more_than_rounding_is_a_problem() -> None:
    assert _problem(a_sale(payments=[a_payment("12.07", CASH)])).code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP


def test_a_payment_of_half_a_cent_is_a_problem() -> None:
    payments = [a_payment("6.045"), a_payment("6.055", CASH)]

    assert _problem(a_sale(payments=payments)).code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (some_rules(journals=Journals(general="90")), "journals.sales"),
        (some_rules(debtor=DebtorRules()), "debtor.default_account"),
        (some_rules(vat={"21": "VH"}), "vat.none"),
        (some_rules(settlement="per-day", journals=Journals(sales="70")), "journals.general"),
        (some_rules(settlement="per-receipt", journals=Journals(sales="70")), "journals.general"),
        (some_rules(items=ItemRules(kinds={"77": "surprise"})), "items.kinds.77"),
    ],
)
def test_a_rule_that_is_missing_is_named(rules: Rules, field: str) -> None:
    assert _missing(a_sale(), rules) == field


def test_a_completed_sale_without_a_moment_cannot_be_read() -> None:
    assert _problem(a_sale(completed_at=None)).code is ProblemCode.SALE_UNREADABLE


# events whose ledgers or choices are missing


@pytest.mark.parametrize(
    ("sale", "changes", "field"),
    [
        (a_sale(payments=[a_payment("15.00", tip="2.90")]), {}, "ledgers.tips"),
        (a_sale([a_line("12.48")], [a_payment("12.50", CASH)]), {}, "ledgers.cash_rounding"),
        (a_sale(payments=[a_payment("12.10", "8", kind=TenderKind.GIFT_CARD)]), {}, "ledgers.gift_cards"),
        (a_sale([a_line("50", "0", kind=LineKind.GIFT_CARD)]), {}, "ledgers.gift_cards"),
        (
            a_sale(payments=[a_payment("12.10", "9", kind=TenderKind.STORE_CREDIT)]),
            {},
            "ledgers.store_credit",
        ),
        (
            a_sale(payments=[a_payment("12.10", "8", kind=TenderKind.GIFT_CARD)]),
            {"gift_cards": "turnover-at-sale"},
            "gift_card_vat",
        ),
        (
            a_sale([], [a_payment("50"), a_payment("-50", ON_ACCOUNT)]),
            {"deposit_vat": "21"},
            "ledgers.deposits",
        ),
        (a_sale([a_line(discount="1.00")]), {"discounts_apart": True}, "ledgers.discounts"),
    ],
)
@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_what_an_event_needs_is_asked_for_when_it_happens(
    sale: Sale, changes: dict[str, object], field: str, mode: Mode
) -> None:
    rules = some_rules(ledgers=SpecialLedgers(), mode=mode, **changes)

    assert _missing(sale, rules) == field


def test_payments_on_open_sales_need_their_ledger() -> None:
    rules = some_rules(open_payments=True)

    assert _missing(a_sale(state=SaleState.OPEN, completed_at=None), rules) == "ledgers.open_payments"


def test_a_rate_that_deposits_bear_must_have_a_code() -> None:
    rules = some_rules(deposit_vat="6", ledgers=SpecialLedgers(deposits="2120"))
    sale = a_sale([], [a_payment("50"), a_payment("-50", ON_ACCOUNT)], customer=a_customer())

    assert _problem(sale, rules).cause == "vat-rate-unmapped:rate=6"


def test_money_that_only_moves_needs_a_general_journal() -> None:
    rules = some_rules(journals=Journals(sales="70"))
    sale = a_sale([], [a_payment("5"), a_payment("-5", CASH)])

    assert _missing(sale, rules) == "journals.general"


def test_vat_on_a_gift_card_that_is_a_liability_is_a_problem() -> None:
    sale = a_sale([a_line("109", "9", kind=LineKind.GIFT_CARD)])

    assert _problem(sale, some_rules(vat={"21": "VH", "9": "VL", "none": "NONE"})).code is (
        ProblemCode.VAT_RATE_DIFFERS
    )


def test_a_tax_refund_that_bears_vat_itself_is_a_problem() -> None:
    rules = some_rules(items=ItemRules(kinds={"77": "tax-refund"}))

    assert _problem(a_sale([a_line("-42")]), rules).code is ProblemCode.VAT_RATE_DIFFERS


def test_rounding_other_than_the_till_tells_is_no_cash_rounding() -> None:
    sale = a_sale([a_line("12.48")], [a_payment("12.50", CASH)], cash_rounding=D("0.01"))

    assert _problem(sale).code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP


def test_rounding_without_cash_is_a_problem() -> None:
    sale = a_sale([a_line("12.48")], [a_payment("12.50")])

    assert _problem(sale).code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP
