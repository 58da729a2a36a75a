"""Looks through the sandbox's books for what a right turnover would hide: doubled documents, money astray.

Pure: the books and the tills' sales in, a sentence for each thing that is wrong out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from libs.common.domain.business_day import business_day, day_closes_at

ZERO = Decimal(0)
ZONE = "Europe/Amsterdam"
NO_PAYMENT = "on-account"
"""The type of what is on account at a till that has no payment for it."""
JOURNALS = ("general_journal_entries", "cash_entries")
Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paid:
    """The money of the sales that are booked, by where it must be found."""

    by_ledger: Mapping[str, Decimal]
    on_account: Decimal = ZERO
    not_yet_settled: Decimal = ZERO
    """Of days that are not over."""


def audit(
    books: Plain,
    days: Sequence[Plain],
    rules: Plain,
    receipts: Sequence[Plain],
    sales: Sequence[Plain],
    since: datetime,
) -> tuple[str, ...]:
    """The tills' `receipts` against books and reconciliation, by what the product made of its `sales`.

    What waits isn't in the books yet, and is among what was sold.
    """
    sold = {sale["number"] for sale in sales if sale["state"] != "ignored"}
    booked = {sale["number"] for sale in sales if sale["state"] == "booked"}
    return (
        *findings(books, rules, [each for each in receipts if each["number"] in booked], since),
        *disagreements(days, [each for each in receipts if each["number"] in sold], rules),
    )


def findings(books: Plain, rules: Plain, booked: Sequence[Plain], since: datetime) -> list[str]:
    """`booked` are the tills' sales that the product says it booked, `since` when it began to."""
    found = [*_doubled(books), *_unprinted(books, rules)]
    if rules["settlement"] != "none":
        paid = _paid(books, rules, booked, since)
        found += [*_money_astray(books, rules, paid), *_debts(books, paid)]
    return found


def disagreements(days: Sequence[Plain], sold: Sequence[Plain], rules: Plain) -> Iterator[str]:
    """What the product's own reconciliation says of the days of these sales, against the tills.

    `sold` are those that are booked, and those that wait. What is on account is one sum: a till may show it
    as a payment of a type of its own, or as none.
    """
    taken = {kind for sale in sold for kind in sale["payments"]}
    told: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in days:
        for part in (row, *row["by_vat"], *row["by_payment"]):
            what = part.get("vat_code", part.get("payment_type", "all"))
            if Decimal(part["difference"]):
                yield f"{row['day']} differs by {part['difference']} in {what}"
        for part in row["by_payment"]:
            told[_type_of(part["payment_type"], rules, taken)] += Decimal(part["sold"])
    paid: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sold:
        owed = {NO_PAYMENT: sale["on_account"]} if "on_account" in sale else {}
        for kind, amount in {**sale["payments"], **owed}.items():
            paid[_type_of(kind, rules, taken)] += Decimal(amount)
    for kind in sorted({*told, *paid}):
        if told[kind] != paid[kind]:
            yield f"{told[kind]} is told to be paid by {kind}, and the tills took {paid[kind]}"


def _type_of(payment_type: str, rules: Plain, taken: Collection[str]) -> str:
    """A type that no rule knows, and by which the tills took nothing, is what a till shows on account."""
    rule = rules["payments"].get(payment_type)
    is_internal = rule is None and payment_type not in taken
    is_on_account = is_internal or (rule is not None and rule.get("kind") == "on-account")
    return NO_PAYMENT if is_on_account else payment_type


def _paid(books: Plain, rules: Plain, booked: Sequence[Plain], since: datetime) -> Paid:
    by_ledger: defaultdict[str, Decimal] = defaultdict(Decimal)
    on_account = not_yet_settled = ZERO
    settled_days = {journal["date"] for journal, _ in _journals(books)}
    for sale in booked:
        is_settled = _is_settled(sale, rules, settled_days, since)
        on_account += Decimal(sale.get("on_account", "0"))  # where no payment says so
        for kind, amount in sale["payments"].items():
            rule = rules["payments"].get(kind, {})
            if rule.get("kind") == "on-account":
                on_account += Decimal(amount)
            elif is_settled:
                by_ledger[_ledger_of(rule, rules)] += Decimal(amount)
            else:
                not_yet_settled += Decimal(amount)
    return Paid(by_ledger, on_account, not_yet_settled)


def _ledger_of(rule: Plain, rules: Plain) -> str:
    """A gift card or store credit without a ledger of its own goes to that of all of them."""
    of_all = {"gift-card": "gift_cards", "store-credit": "store_credit"}.get(rule.get("kind", ""), "")
    return str(rule.get("ledger") or rules["ledgers"].get(of_all))


def _is_settled(sale: Plain, rules: Plain, settled_days: set[str], since: datetime) -> bool:
    """A day that was over at the beginning must be settled; one that ended meanwhile may be."""
    in_entry = rules["settlement"] == "in-entry" and rules["mode"] not in ("invoices", "orders")
    if rules["mode"] == "daily-totals" or in_entry or rules["settlement"] == "per-receipt":
        return True
    day, ends_at = _day_of(sale, rules["day_end"])
    is_over = since >= ends_at + timedelta(minutes=rules["day_close_wait_minutes"])
    return is_over or day in settled_days


def _day_of(sale: Plain, day_end: str) -> tuple[str, datetime]:
    """The sale's business day and its end; the till's own where the rules leave it to the till."""
    if day_end == "till" and "day_ends_at" in sale:
        return sale["business_day"], datetime.fromisoformat(sale["day_ends_at"])
    day = business_day(datetime.fromisoformat(sale["completed_at"]), ZONE, day_end)
    return day.isoformat(), day_closes_at(day, ZONE, day_end)


def _doubled(books: Plain) -> Iterator[str]:
    """A receipt's entry and its journal may share a reference; two of one kind may not."""
    for kind in ("sales_entries", "sales_invoices", "sales_orders"):
        made = [document for document in books[kind] if not document.get("from_invoice")]
        yield from _repeated(kind, [document["your_ref"] for document in made])
    for kind in JOURNALS:
        yield from _repeated(kind, [_head(journal) for journal in books[kind]])


def _repeated(kind: str, references: Iterable[str | None]) -> Iterator[str]:
    for reference, count in Counter(references).items():
        if not reference:
            yield f"{count} of {kind} stand in the books without a reference"
        elif count > 1:
            yield f"{reference} stands {count} times in {kind}"


def _head(journal: Plain) -> str:
    return next((str(line["description"] or "").split(" ")[0] for line in journal["lines"]), "")


def _unprinted(books: Plain, rules: Plain) -> Iterator[str]:
    """Printing is what books an invoice, and books it once."""
    printed = Counter(entry["from_invoice"] for entry in books["sales_entries"] if entry["from_invoice"])
    wanted = 1 if rules["invoices"]["print"] else 0
    for invoice in books["sales_invoices"]:
        if printed[invoice["id"]] != wanted:
            yield f"{invoice['your_ref']} was printed {printed[invoice['id']]} times instead of {wanted}"


def _money_astray(books: Plain, rules: Plain, paid: Paid) -> Iterator[str]:
    """Each ledger of money holds what was paid on it; those that hold something else too are left out."""
    special = {ledger for ledger in rules["ledgers"].values() if ledger}
    stands, wanted = _by_ledger(books), dict(paid.by_ledger)
    if books["cash_entries"]:  # their cash is on their journals' own ledgers, which none of their lines name
        cash = [rule["ledger"] for rule in rules["payments"].values() if rule["kind"] == "cash"]
        stands["of cash"] = _in_drawers(books) + sum((stands[ledger] for ledger in {*cash}), ZERO)
        wanted["of cash"] = sum((wanted.pop(ledger, ZERO) for ledger in cash), ZERO)
    for ledger, amount in wanted.items():
        if ledger not in special and stands[ledger] != amount:
            yield f"ledger {ledger} holds {stands[ledger]}, and {amount} was paid on it"


def _in_drawers(books: Plain) -> Decimal:
    """What the cash books' receipts leave."""
    lines = (line for entry in books["cash_entries"] for line in entry["lines"])
    return sum((Decimal(line["amount"]) for line in lines), ZERO)


def _by_ledger(books: Plain) -> defaultdict[str, Decimal]:
    """Debits less credits; in a sales entry money stands as negative turnover."""
    stands: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in books["sales_entries"]:
        for line in entry["lines"]:
            stands[line["ledger_id"]] -= Decimal(line["gross"])
    for journal, sign in _journals(books):
        for line in journal["lines"]:
            if not line["debtor"]:
                stands[line["ledger_id"]] += sign * Decimal(line["amount"])
    return stands


def _journals(books: Plain) -> Iterator[tuple[Plain, int]]:
    """With the sign that makes their debits positive: a cash book's receipts are."""
    for kind, sign in zip(JOURNALS, (1, -1), strict=True):
        yield from ((journal, sign) for journal in books[kind])


def _debts(books: Plain, paid: Paid) -> Iterator[str]:
    """What debtors owe was sold on account or is not yet settled; else nobody owes or is owed a cent."""
    debts = {name: debt for name, debt in _by_debtor(books).items() if debt}
    owed, expected = sum(debts.values(), ZERO), paid.on_account + paid.not_yet_settled
    if owed != expected:
        yield (
            f"debtors owe {owed}, and {paid.on_account} was sold on account,"
            f" {paid.not_yet_settled} on days that are not over"
        )
    elif debts and not expected:
        yield f"debtors are left with {', '.join(f'{name} {debt}' for name, debt in sorted(debts.items()))}"


def _by_debtor(books: Plain) -> defaultdict[str, Decimal]:
    """Entries, invoices and orders less what journals settled; an order is owed as soon as it is made."""
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for document in [*books["sales_entries"], *books["sales_invoices"], *books["sales_orders"]]:
        if not document.get("from_invoice"):
            lines = (Decimal(line["gross"]) for line in document["lines"])
            owed[_name(document["debtor"])] += sum(lines, ZERO)
    for journal, sign in _journals(books):
        for line in journal["lines"]:
            if line["debtor"]:
                owed[_name(line["debtor"])] += sign * Decimal(line["amount"])
    return owed


def _name(debtor: Plain | None) -> str:
    return f"{debtor['code']} {debtor['name']}" if debtor else "nobody"
