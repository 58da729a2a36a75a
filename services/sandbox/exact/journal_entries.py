"""GeneralJournalEntries, CashEntries and BankEntries: lines with a sign, and balances that must fit."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.sandbox.exact import checks, receivables, refusals
from services.sandbox.exact.ledger import STATUSES, TYPES, EntryHead, EntryLine, post, unpost
from services.sandbox.exact.refusals import BusinessRefusal, Text
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING, VatSplit, find_vat_code, vat_of_line
from services.sandbox.exact.writing import Write


@dataclass(frozen=True)
class Kind:
    """What sets the three kinds apart."""

    path: str
    lines: str
    collection: str
    journal_type: int
    wrong_journal: Text
    entry_type: int
    unfit: frozenset[int]

    @property
    def has_own_ledger(self) -> bool:
        return self.journal_type != checks.GENERAL


GENERAL = Kind(
    "generaljournalentry/GeneralJournalEntries",
    "generaljournalentry/GeneralJournalEntryLines",
    "GeneralJournalEntryLines",
    90,
    refusals.WRONG_JOURNAL,
    90,
    frozenset({checks.CASH, checks.BANK}),
)
CASH = Kind(
    "financialtransaction/CashEntries",
    "financialtransaction/CashEntryLines",
    "CashEntryLines",
    10,
    refusals.WRONG_CASH_JOURNAL,
    40,
    frozenset({checks.CASH, checks.BANK}),
)
BANK = Kind(
    "financialtransaction/BankEntries",
    "financialtransaction/BankEntryLines",
    "BankEntryLines",
    12,
    refusals.WRONG_BANK_JOURNAL,
    40,
    frozenset({checks.CASH, checks.BANK}),
)
KINDS = {kind.path: kind for kind in (GENERAL, CASH, BANK)}


@dataclass(frozen=True)
class Checked:
    sent: Row
    ledger: Row
    split: VatSplit
    account: Row | None
    cost_center: Row | None
    cost_unit: Row | None
    date: datetime


def create(write: Write, body: Row, kind: Kind) -> Row:
    sent = body.get(kind.collection) or []
    if not sent:
        write.refuse(refusals.mandatory(kind.collection))
    journal = checks.find_journal(
        write, body.get("JournalCode"), "JournalCode", kind.journal_type, kind.wrong_journal
    )
    date = next((line["Date"] for line in sent if line.get("Date")), None) or write.division.today()
    period = checks.find_period(write, journal, date, body.get("FinancialYear"), body.get("FinancialPeriod"))
    turned = kind.has_own_ledger and write.switches["cash_line_sign"] == "debit"
    found = [check_line(write, kind, turn(line) if turned else line, journal, date) for line in sent]
    lines = [line for line in found if line is not None]
    total = sum((line.split.gross for line in lines), NOTHING)
    if kind is GENERAL and total and not write.problems:
        write.refuse(refusals.NOT_BALANCED)
    write.settle()
    assert journal
    assert period
    balances = cash_balances(write, body, journal, total) if kind.has_own_ledger else {}
    number = checks.choose_entry_number(write, journal, period.year, body.get("EntryNumber"))
    entry = store(write, kind, body, journal, period, number, balances)
    store_lines(write, kind, entry, lines)
    book(write, kind, entry, journal, lines, date, total)
    return entry


def turn(line: Row) -> Row:
    """A line of a cash or bank entry where positive means debit, as money in."""
    signed = {name: -line[name] for name in ("AmountFC", "AmountVATFC") if line.get(name) is not None}
    return line | signed


def check_line(write: Write, kind: Kind, line: Row, journal: Row | None, date: datetime) -> Checked | None:
    unfit = kind.unfit
    if kind is GENERAL and write.switches["cash_ledger_in_journal_entry"] == "accept":
        unfit = frozenset()
    ledger = checks.find_ledger(write, line.get("GLAccount"), unfit)
    amount = line.get("AmountFC")
    if amount is None and kind is not GENERAL:
        write.refuse(refusals.mandatory("AmountFC"))
    code = find_vat_code(write, line, ledger)
    if code is not None and kind is GENERAL and journal is not None and not journal["AllowVAT"]:
        write.refuse(refusals.not_allowed("VATCode"))
    on = line.get("Date") or date
    split = vat_of_line(write, amount or NOTHING, code, line.get("AmountVATFC"), on)
    account = find_account(write, line, ledger)
    center = checks.find_cost_center(write, line, ledger)
    unit = checks.find_cost_unit(write, line, ledger)
    return None if ledger is None else Checked(line, ledger, split, account, center, unit, on)


def find_account(write: Write, line: Row, ledger: Row | None) -> Row | None:
    """Receivable and payable ledgers need to know whose they are."""
    key = line.get("Account")
    if key is None:
        if ledger is not None and ledger["Type"] in (checks.RECEIVABLE, checks.PAYABLE):
            write.refuse(refusals.mandatory("Account"))
        return None
    account = write.division.table("crm/Accounts").get(key)
    if account is None:
        write.refuse(refusals.invalid_reference("Account"))
    return account


def cash_balances(write: Write, body: Row, journal: Row, total: Decimal) -> Row:
    """Opening plus lines is closing, and opening is where the journal's last entry closed.

    What is not sent follows from that; a journal's first entry opens with what it says.
    """
    opening, closing = body.get("OpeningBalanceFC"), body.get("ClosingBalanceFC")
    running = write.division.cash_balances.get(journal["Code"])
    if opening is None:
        unsent = NOTHING if closing is None else closing - total
        opening = unsent if running is None else running
    if running is not None and opening != running and write.switches["cash_opening_balance"] == "chained":
        raise BusinessRefusal(refusals.WRONG_OPENING_BALANCE)
    if closing is not None and opening + total != closing:
        raise BusinessRefusal(refusals.WRONG_CLOSING_BALANCE)
    return {"OpeningBalanceFC": opening, "ClosingBalanceFC": opening + total}


def store(
    write: Write, kind: Kind, body: Row, journal: Row, period: checks.Period, number: int, balances: Row
) -> Row:
    row = {name: value for name, value in body.items() if name != kind.collection}
    row |= balances | {
        "EntryID": write.division.new_id(),
        "Currency": body.get("Currency") or "EUR",
        "EntryNumber": number,
        "FinancialPeriod": period.period,
        "FinancialYear": period.year,
        "JournalCode": journal["Code"],
        "JournalDescription": journal["Description"],
        "Status": 20,
        "StatusDescription": STATUSES[20],
        "Type": kind.entry_type,
        "TypeDescription": TYPES[kind.entry_type][0],
    }
    if kind is GENERAL:
        row |= {"ExchangeRate": Decimal(1), "Reversal": bool(body.get("Reversal"))}
    if balances:
        write.division.cash_balances[journal["Code"]] = balances["ClosingBalanceFC"]
    return write.division.add(kind.path, row, write.author)


def store_lines(write: Write, kind: Kind, entry: Row, lines: list[Checked]) -> None:
    for number, line in enumerate(lines, start=1):
        split, account = line.split, line.account or {}
        amount = split.gross if split.code and split.code["Type"] == "I" else split.base
        row = line.sent | {
            "EntryID": entry["EntryID"],
            "EntryNumber": entry["EntryNumber"],
            "LineNumber": number,
            "Date": line.date,
            "AccountCode": account.get("Code"),
            "AccountName": account.get("Name"),
            "AmountFC": amount,
            "AmountDC": amount,
            "AmountVATFC": split.vat,
            "AmountVATDC": split.vat,
            "GLAccountCode": line.ledger["Code"],
            "GLAccountDescription": line.ledger["Description"],
            "VATBaseAmountFC": split.base if split.code else None,
            "VATBaseAmountDC": split.base if split.code else None,
            "VATCode": split.code["Code"] if split.code else None,
            "VATCodeDescription": split.code["Description"] if split.code else None,
            "VATPercentage": split.percentage if split.code else None,
            "VATType": split.code["Type"] if split.code else None,
        }
        row |= checks.cost_values("CostCenter", line.cost_center)
        row |= checks.cost_values("CostUnit", line.cost_unit)
        write.division.add(kind.lines, row, write.author)


def book(
    write: Write, kind: Kind, entry: Row, journal: Row, lines: list[Checked], date: datetime, total: Decimal
) -> None:
    """Positive is debit in a general journal; in the cash book it is money in, so its line is credit."""
    head = EntryHead(
        entry_id=entry["EntryID"],
        journal=journal,
        number=entry["EntryNumber"],
        date=date,
        year=entry["FinancialYear"],
        period=entry["FinancialPeriod"],
        type=kind.entry_type,
    )
    sign = -1 if kind.has_own_ledger else 1
    post(write, head, [entry_line(line, sign) for line in lines], total if kind.has_own_ledger else None)
    for line in lines:
        if line.account is not None and line.ledger["Type"] == checks.RECEIVABLE:
            amount = sign * line.split.gross
            receivables.settle(write, head, line.account, amount, line.sent.get("OurRef"), line.ledger)


def entry_line(line: Checked, sign: int) -> EntryLine:
    return EntryLine(
        ledger=line.ledger,
        split=line.split,
        sign=sign,
        description=line.sent.get("Description"),
        account=line.account,
        quantity=line.sent.get("Quantity"),
        notes=line.sent.get("Notes"),
        cost_center=line.cost_center,
        cost_unit=line.cost_unit,
        date=line.date,
    )


def delete(write: Write, entry: Row, kind: Kind) -> None:
    year, period = entry["FinancialYear"], entry["FinancialPeriod"]
    if write.division.is_closed(entry["JournalCode"], year, period):
        raise BusinessRefusal(refusals.period_closed(year, period))
    if kind.has_own_ledger:
        moved = entry["ClosingBalanceFC"] - entry["OpeningBalanceFC"]
        write.division.cash_balances[entry["JournalCode"]] -= moved
    unpost(write, entry["EntryID"])
    receivables.drop(write, entry["EntryID"])
    for line in write.division.table(kind.lines).find("EntryID", entry["EntryID"]):
        write.division.remove(kind.lines, line, write.author)
    write.division.remove(kind.path, entry, write.author)
