"""Checks that the bookkeeping makes on every document: journal, customer, period, ledger, cost centre."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.sandbox.exact import refusals
from services.sandbox.exact.refusals import Text
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write, is_past

LEDGERS = "financial/GLAccounts"
CASH, BANK, RECEIVABLE, PAYABLE, VAT, GENERAL = 10, 12, 20, 22, 24, 90
UNFIT_FOR_SALES = frozenset({CASH, BANK, RECEIVABLE, PAYABLE, VAT})


@dataclass(frozen=True)
class Period:
    year: int
    period: int


def find_journal(write: Write, code: str | None, name: str, wanted_type: int, wrong: Text) -> Row | None:
    if not code:
        write.refuse(refusals.mandatory(name))
        return None
    journal = write.division.by_code("financial/Journals", code)
    if journal is None:
        write.refuse(refusals.invalid_reference(name))
    elif journal["Type"] != wanted_type:
        write.refuse(wrong)
    elif journal["IsBlocked"]:
        write.refuse(refusals.blocked(name))
    return journal


def find_customer(write: Write, key: str | None, name: str) -> Row | None:
    """An account that may be sold to: Status C, not blocked, not past its end date."""
    if key is None:
        write.refuse(refusals.mandatory(name))
        return None
    account = write.division.table("crm/Accounts").get(key)
    if account is None:
        write.refuse(refusals.invalid_reference(name))
        return None
    if account.get("Status") != "C":
        write.refuse(refusals.wrong_customer_type(name))
    if account.get("Blocked"):
        write.refuse(refusals.blocked(name))
    if is_past(account.get("EndDate"), write.division.now()):
        write.refuse(refusals.NOT_ACTIVE_ACCOUNT)
    return account


def check_receivable_ledger(write: Write, account: Row | None, journal: Row | None) -> None:
    own = account.get("GLAR") if account else None
    if own and journal and own != journal.get("GLAccount"):
        write.refuse(refusals.OTHER_RECEIVABLE_LEDGER)


def find_period(
    write: Write, journal: Row | None, date: datetime, year: int | None, period: int | None
) -> Period | None:
    """The period as sent, else that of the date; an unknown one, or closed for the journal, is refused."""
    if year is not None and period is not None:
        found = (year, period) if write.division.has_period(year, period) else None
    else:
        found = write.division.period_of(date)
    if found is None:
        write.refuse(refusals.invalid_reference("Period"))
        return None
    if write.division.is_closed(journal["Code"] if journal else "", *found):
        write.refuse(refusals.period_closed(*found))
    return Period(*found)


def find_ledger(write: Write, key: str | None, unfit: Collection[int] = ()) -> Row | None:
    if key is None:
        write.refuse(refusals.mandatory("GLAccount"))
        return None
    ledger = write.division.table(LEDGERS).get(key)
    if ledger is None:
        write.refuse(refusals.invalid_reference("GLAccount"))
        return None
    if ledger["Type"] in unfit:
        write.refuse(refusals.WRONG_LEDGER_TYPE)
    if ledger["IsBlocked"]:
        write.refuse(refusals.blocked("GLAccount"))
    return ledger


def is_clearing(ledger: Row) -> bool:
    """Kruisposten: general ledgers on the debit side of the balance sheet."""
    return bool(ledger["Type"] == GENERAL and ledger.get("BalanceSide") == "D")


def find_cost(write: Write, line: Row, ledger: Row | None, name: str, path: str) -> Row | None:
    """Cost centre or cost unit of a line, as the ledger demands (1) or forbids (2) it."""
    code = line.get(name)
    rule = (ledger or {}).get("UseCostcenter" if name == "CostCenter" else "UseCostunit") or 0
    if not code:
        if rule == 1:
            write.refuse(refusals.mandatory(name))
        return None
    found = write.division.by_code(path, code)
    if found is None or is_past(found.get("EndDate"), write.division.now()):
        write.refuse(refusals.invalid_reference(name))
    elif rule == 2:
        write.refuse(refusals.not_allowed(name))
    return found


def find_cost_center(write: Write, line: Row, ledger: Row | None) -> Row | None:
    return find_cost(write, line, ledger, "CostCenter", "hrm/Costcenters")


def find_cost_unit(write: Write, line: Row, ledger: Row | None) -> Row | None:
    return find_cost(write, line, ledger, "CostUnit", "hrm/Costunits")


def find_payment_condition(write: Write, sent: str | None, account: Row | None) -> Row | None:
    """As sent, else the account's, else the company's."""
    code = sent or (account or {}).get("PaymentConditionSales") or write.division.default_payment_condition
    if not code:
        write.refuse(refusals.mandatory("PaymentCondition"))
        return None
    found = write.division.by_code("cashflow/PaymentConditions", code)
    if found is None:
        write.refuse(refusals.invalid_reference("PaymentCondition"))
    return found


def choose_entry_number(write: Write, journal: Row, year: int, wanted: int | None) -> int:
    """The number as sent, which must be free, else the journal's next; call when all else is settled."""
    if wanted and write.switches["entry_number_as_sent"] == "keep":
        if (journal["Code"], wanted) in write.division.entry_numbers:
            write.refuse(refusals.ENTRY_NUMBER_IN_USE)
            write.settle()
        return wanted
    return write.division.next_number(journal["Code"], year)


def cost_values(name: str, center: Row | None) -> Row:
    if center is None:
        return {}
    return {name: center["Code"], f"{name}Description": center["Description"]}
