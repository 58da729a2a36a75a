"""Looks through the sandbox's books for what a right turnover would hide: doubled documents, money astray.

Pure: the books and the tills' sales in, a sentence for each thing that is wrong out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)
Plain = Mapping[str, Any]


def findings(books: Plain, rules: Plain, booked: Sequence[Plain]) -> list[str]:
    """`booked` are the tills' sales that the product says it booked."""
    found = [*_doubled(books), *_unprinted(books, rules)]
    if rules["settlement"] != "none":
        found += [*_money_astray(books, rules, booked), *_debts(books, rules, booked)]
    return found


def _doubled(books: Plain) -> Iterator[str]:
    """A receipt's entry and its journal may share a reference; two of one kind may not."""
    for kind in ("sales_entries", "sales_invoices", "sales_orders"):
        made = [document for document in books[kind] if not document.get("from_invoice")]
        yield from _repeated(kind, [document["your_ref"] for document in made])
    yield from _repeated(
        "general_journal_entries", [_head(journal) for journal in books["general_journal_entries"]]
    )


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


def _money_astray(books: Plain, rules: Plain, booked: Sequence[Plain]) -> Iterator[str]:
    """Each ledger of money holds what was paid on it; those that hold something else too are left out."""
    special = {ledger for ledger in rules["ledgers"].values() if ledger}
    paid: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in booked:
        for kind, amount in sale["payments"].items():
            if not _is_on_account(kind, rules):
                paid[rules["payments"][kind]["ledger"]] += Decimal(amount)
    stands = _by_ledger(books)
    for ledger in paid.keys() - special:
        if stands[ledger] != paid[ledger]:
            yield f"ledger {ledger} holds {stands[ledger]}, and {paid[ledger]} was paid on it"


def _by_ledger(books: Plain) -> defaultdict[str, Decimal]:
    """Debits less credits; in a sales entry money stands as negative turnover."""
    stands: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in books["sales_entries"]:
        for line in entry["lines"]:
            stands[line["ledger_id"]] -= Decimal(line["gross"])
    for journal in books["general_journal_entries"]:
        for line in journal["lines"]:
            if not line["debtor"]:
                stands[line["ledger_id"]] += Decimal(line["amount"])
    return stands


def _debts(books: Plain, rules: Plain, booked: Sequence[Plain]) -> Iterator[str]:
    """What debtors owe is what was sold on account; without such sales nobody owes or is owed a cent."""
    on_account = sum(
        (
            Decimal(amount)
            for sale in booked
            for kind, amount in sale["payments"].items()
            if _is_on_account(kind, rules)
        ),
        ZERO,
    )
    debts = {name: debt for name, debt in _by_debtor(books).items() if debt}
    if sum(debts.values(), ZERO) != on_account:
        yield f"debtors owe {sum(debts.values(), ZERO)}, and {on_account} was sold on account"
    elif debts and not on_account:
        yield f"debtors are left with {', '.join(f'{name} {debt}' for name, debt in sorted(debts.items()))}"


def _by_debtor(books: Plain) -> defaultdict[str, Decimal]:
    """Entries, invoices and orders less what journals settled; an order is owed as soon as it is made."""
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for document in [*books["sales_entries"], *books["sales_invoices"], *books["sales_orders"]]:
        if not document.get("from_invoice"):
            lines = (Decimal(line["gross"]) for line in document["lines"])
            owed[_name(document["debtor"])] += sum(lines, ZERO)
    for journal in books["general_journal_entries"]:
        for line in journal["lines"]:
            if line["debtor"]:
                owed[_name(line["debtor"])] += Decimal(line["amount"])
    return owed


def _name(debtor: Plain | None) -> str:
    return f"{debtor['code']} {debtor['name']}" if debtor else "nobody"


def _is_on_account(kind: str, rules: Plain) -> bool:
    rule = rules["payments"].get(kind)
    return rule is not None and rule["kind"] == "on-account"
