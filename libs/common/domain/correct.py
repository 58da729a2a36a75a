"""What must still be booked of a sale that stands in the books already (domain.md 1.8 and 9).

Nothing that stands is changed or deleted: a correction is the difference between what is wanted and what
stands, or its reversal and a repetition. Both are counted from the documents that stand, corrections
included, so whatever happened before, the books afterwards hold what is wanted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import count

from libs.common.domain.choices import missing, vat_code_without_vat
from libs.common.domain.day_total import added_up, taken_back
from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    DocumentKind,
    EntryLine,
    ItemLine,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.item_document import rounding_line
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO


@dataclass(frozen=True, slots=True)
class Family:
    """The documents of one part of a sale, its turnover or its settlement: what stands and what is wanted."""

    standing: tuple[Document, ...]
    wanted: tuple[Document, ...]


@dataclass(slots=True)
class Correcting:
    """How the documents of one correction are named and dated; `used` are the sale's references so far."""

    reference: str
    """The sale's own, which its first document has."""
    day: date
    used: set[tuple[str, str]]
    is_void: bool = False
    is_repeated: bool = False
    """Whether what stands is reversed as a whole, and what is wanted booked anew."""
    first_day: date | None = None
    """Of a sale that is rebooked: the rules changed and not the sale, so it is reversed on its first day."""

    def suffix(self, kind: str) -> str:
        """`-V` for a void, else `-C`, `-C2`: the first that no document of the sale has on the same shelf.

        A printed invoice shows among the sales entries, so these share their references; journals don't.
        """
        taken = {reference for other, reference in self.used if _shelf(other) == _shelf(kind)}
        for suffix in self._suffixes():
            if self.reference + suffix not in taken:
                self.used.add((kind, self.reference + suffix))
                return suffix
        raise AssertionError("there is always a next number")

    def _suffixes(self) -> Iterable[str]:
        if self.is_void:
            yield "-V"
        yield "-C"
        yield from (f"-C{number}" for number in count(2))


def _shelf(kind: str) -> str:
    return "journal" if kind in (DocumentKind.GENERAL_JOURNAL, DocumentKind.CASH_ENTRY) else "sales"


def correct(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """The documents that bring the books from what stands to what is wanted; none where they agree.

    Invoices can't be corrected by orders, nor either by entries: what stands in each form is corrected in it.
    """
    found: list[Document] = []
    for part in _by_form(family):
        documents = _corrected(part, how, rules)
        if isinstance(documents, Problem):
            return documents
        found += documents
    return tuple(found)


def first_named(document: Document, how: Correcting) -> Document:
    """A family's first document: by its own reference, or a correction's where the sale has used that one."""
    is_used = (document.kind.value, document.reference) in how.used
    return _named(document, how) if is_used else document


def _by_form(family: Family) -> Iterable[Family]:
    forms = dict.fromkeys(_form(document) for document in (*family.standing, *family.wanted))
    for form in forms:
        yield Family(
            tuple(one for one in family.standing if _form(one) == form),
            tuple(one for one in family.wanted if _form(one) == form),
        )


def _form(document: Document) -> str:
    return "entry" if isinstance(document, SalesEntry | JournalEntry | CashEntry) else document.kind.value


def _corrected(part: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """Of one form."""
    if _is_same(part) and not _stands_elsewhere(part, how):
        return ()
    if part.standing and not how.is_repeated:
        return _difference(part, how, rules)
    reversals = _reversals(part, how, rules)
    repeated = tuple(_named(document, how) for document in part.wanted)
    return reversals if isinstance(reversals, Problem) else (*reversals, *repeated)


def _reversals(part: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """Of all that stands, corrections included."""
    if not part.standing:
        return ()
    return _difference(Family(part.standing, ()), replace(how, day=how.first_day or how.day), rules)


def _stands_elsewhere(part: Family, how: Correcting) -> bool:
    """Rebooked under rules that put it on another day."""
    return bool(part.standing and part.wanted) and how.first_day not in (None, how.day)


def _is_same(family: Family) -> bool:
    return not (_item_sums(family) or _postings(family) or _opens(family))


def _named(document: Document, how: Correcting) -> Document:
    """A document again under a reference of its own, on the day of the correction."""
    suffix = how.suffix(document.kind.value)
    reference = how.reference + suffix
    if isinstance(document, JournalEntry):
        lines = tuple(_headed(line, reference, how.reference) for line in document.lines)
        described = _described_journal(document, reference)
        return replace(document, reference=reference, day=how.day, description=described, lines=lines)
    described = _described(document, how.reference, suffix)
    return replace(document, reference=reference, day=how.day, description=described)


def _described(document: Document, reference: str, suffix: str) -> str:
    """The first document's words with the suffix behind the number: "Winkel / 5012-C"."""
    return document.description.removesuffix(document.reference.removeprefix(reference)) + suffix


def _described_journal(document: Document, reference: str) -> str:
    return f"{reference} {document.description.removeprefix(document.reference).strip()}".strip()


def _who(debtor: Debtor) -> str:
    """A customer whose address changed is the same debtor."""
    return debtor.account or f"customer:{debtor.customer.id if debtor.customer else ''}"


def _difference(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    model = (family.wanted or family.standing)[0]
    if isinstance(model, SalesInvoice | SalesOrder):
        return _item_documents(family, model, how, rules)
    turnover = [key for key in _postings(family) if key.is_turnover]
    if turnover:
        return _entries(family, how, rules)
    return _journal(_money_lines(family), family, how, rules)


# Entries and journals: as postings on ledgers, credit positive


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an amount stands: turnover with its debtor, VAT code and cost centre; money on a ledger alone."""

    ledger: str
    vat_code: str = ""
    cost_center: str | None = None
    debtor: str = ""
    is_turnover: bool = False


@dataclass(frozen=True, slots=True)
class _Posting:
    amount_excl_vat: Decimal
    vat_amount: Decimal
    line: EntryLine | JournalLine
    """The newest line there, for its words."""

    def plus(self, other: _Posting, sign: int) -> _Posting:
        return _Posting(
            self.amount_excl_vat + sign * other.amount_excl_vat,
            self.vat_amount + sign * other.vat_amount,
            other.line,
        )


def _postings(family: Family) -> dict[_Place, _Posting]:
    sums: dict[_Place, _Posting] = {}
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            for place, posting in _posted(document):
                before = sums.get(place, _Posting(ZERO, ZERO, posting.line))
                sums[place] = before.plus(posting, sign)
    return {place: one for place, one in sums.items() if one.amount_excl_vat or one.vat_amount}


def _posted(document: Document) -> Iterable[tuple[_Place, _Posting]]:
    if isinstance(document, SalesEntry):
        yield from (_of_entry(line, _who(document.debtor)) for line in document.lines)
    elif isinstance(document, JournalEntry):
        for line in document.lines:
            if line.ledger is not None:
                place = _Place(line.ledger, line.vat_code or "", line.cost_center)
                yield place, _Posting(ZERO - line.amount, ZERO - line.vat_amount, line)


def _of_entry(line: EntryLine, who: str) -> tuple[_Place, _Posting]:
    posting = _Posting(line.amount_excl_vat, line.vat_amount, line)
    if not line.sale_lines:
        return _Place(line.ledger), posting
    return _Place(line.ledger, line.vat_code, line.cost_center, who, is_turnover=True), posting


def _debtors(family: Family) -> dict[str, Debtor]:
    """The debtors by who they are, each as the newest document names it."""
    found: dict[str, Debtor] = {}
    for document in (*family.standing, *family.wanted):
        if isinstance(document, JournalEntry | CashEntry):
            named = [line.debtor for line in document.lines if line.debtor is not None]
        else:
            named = [document.debtor]
        found |= {_who(debtor): debtor for debtor in named}
    return found


def _opens(family: Family) -> dict[str, Decimal]:
    """What is left open on each debtor, debit positive."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if isinstance(document, SalesEntry):
                sums[_who(document.debtor)] += sign * document.open_amount
            elif isinstance(document, JournalEntry):
                for line in document.lines:
                    if line.ledger is None:
                        sums[_who(line.debtor or Debtor())] += sign * line.amount
    return {who: amount for who, amount in sums.items() if amount}


def _entries(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """One entry for each debtor whose turnover changes; what money is left over in a journal."""
    postings, known = _postings(family), _debtors(family)
    whose = list(dict.fromkeys(place.debtor for place in postings if place.is_turnover))
    money = {place: one for place, one in postings.items() if not place.is_turnover}
    none = vat_code_without_vat(rules)
    if money and isinstance(none, Problem):
        return none
    without_vat = "" if isinstance(none, Problem) else none.value
    bears_vat = any(place.vat_code for place in money)  # a deposit's, which only a journal can hold alone
    is_one = len(whose) == 1 and set(_opens(family)) <= set(whose) and not bears_vat
    entries: list[SalesEntry] = []
    for who in whose:
        turnover = {
            place: one for place, one in postings.items() if place.is_turnover and place.debtor == who
        }
        chosen = turnover | money if is_one else turnover
        lines = [_entry_line(place, one, without_vat) for place, one in chosen.items()]
        entries.append(_entry(family, known[who], lines, how))
    if is_one:
        return tuple(entries)
    journal = _journal(_money_lines(family, less=entries), family, how, rules)
    return journal if isinstance(journal, Problem) else (*entries, *journal)


def _entry_line(place: _Place, posting: _Posting, without_vat: str) -> EntryLine:
    line = posting.line
    return EntryLine(
        ledger=place.ledger,
        vat_code=place.vat_code or without_vat,
        amount_excl_vat=posting.amount_excl_vat,
        vat_amount=posting.vat_amount,
        description=line.description,
        cost_center=line.cost_center,
        because=line.because,
        sale_lines=line.sale_lines,
    )


def _entry(family: Family, debtor: Debtor, lines: Sequence[EntryLine], how: Correcting) -> SalesEntry:
    models = [one for one in (*family.standing, *family.wanted) if isinstance(one, SalesEntry)]
    model = next((one for one in reversed(models) if _who(one.debtor) == _who(debtor)), models[-1])
    suffix = how.suffix(model.kind.value)
    turnover = sum_of(line.amount_incl_vat for line in lines if line.sale_lines)
    return replace(
        model,
        reference=how.reference + suffix,
        debtor=debtor,
        day=how.day,
        description=_described(model, how.reference, suffix),
        total_incl_vat=turnover,
        open_amount=sum_of(line.amount_incl_vat for line in lines),
        lines=tuple(lines),
        is_credit=turnover < ZERO,
    )


def _money_lines(family: Family, less: Iterable[SalesEntry] = ()) -> tuple[JournalLine, ...]:
    """The change of money and of debtors as journal lines, without what these entries bring to debtors."""
    lines = [_journal_line(place, one) for place, one in _postings(family).items() if not place.is_turnover]
    known = _debtors(family)
    opens = [
        JournalLine(amount=amount, debtor=known[who], because="corrections.style")
        for who, amount in _opens(family).items()
    ]
    brought = [JournalLine(amount=-entry.open_amount, debtor=entry.debtor) for entry in less]
    return added_up([*lines, *opens, *brought])


def _journal_line(place: _Place, posting: _Posting) -> JournalLine:
    line = posting.line
    return JournalLine(
        amount=ZERO - posting.amount_excl_vat,
        ledger=place.ledger,
        vat_code=place.vat_code or None,
        vat_amount=ZERO - posting.vat_amount,
        description=line.description,
        cost_center=place.cost_center,
        because=line.because,
        sales=line.sales if isinstance(line, JournalLine) else (),
    )


def _journal(
    lines: Sequence[JournalLine], family: Family, how: Correcting, rules: Rules
) -> tuple[Document, ...] | Problem:
    if not lines:
        return ()
    models = (*family.standing, *family.wanted)
    model = next((one for one in reversed(models) if isinstance(one, JournalEntry)), None)
    journal = model.journal if model is not None else rules.journals.general
    receivables = next((_receivables(one) for one in reversed(models)), None)
    if not journal:
        return missing("journals.general")
    if not receivables:
        return missing("journals.sales")
    suffix = how.suffix("general-journal")
    reference = how.reference + suffix
    return (
        JournalEntry(
            reference=reference,
            journal=journal,
            receivables_journal=receivables,
            day=how.day,
            description=_described_journal(models[0], reference),
            lines=tuple(_headed(line, reference, how.reference) for line in lines),
        ),
    )


def _receivables(document: Document) -> str | None:
    if isinstance(document, JournalEntry | CashEntry):
        return document.receivables_journal
    return None if isinstance(document, SalesOrder) else document.journal


def _headed(line: JournalLine, reference: str, first: str) -> JournalLine:
    """The reference at the head, in place of the one that the line had when it was booked first."""
    head, _, words = line.description.partition(" ")
    plain = words if head.startswith(first) else line.description
    return replace(line, description=f"{reference} {plain}".strip())


# Invoices and orders: as articles at prices


@dataclass(frozen=True, slots=True)
class _Article:
    debtor: str
    item: str
    unit_price_incl_vat: Decimal
    vat_code: str
    cost_center: str | None


@dataclass(frozen=True, slots=True)
class _Pieces:
    quantity: Decimal
    line: ItemLine
    """The newest line of the article, for its words."""


def _item_sums(family: Family) -> dict[_Article, _Pieces]:
    sums: dict[_Article, _Pieces] = {}
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if not isinstance(document, SalesInvoice | SalesOrder):
                continue
            for line in document.lines:
                article = _article(document.debtor, line)
                before = sums[article].quantity if article in sums else ZERO
                sums[article] = _Pieces(before + sign * line.quantity, line)
    return {article: pieces for article, pieces in sums.items() if pieces.quantity}


def _article(debtor: Debtor, line: ItemLine) -> _Article:
    item = line.item.id or f"{line.item.code}/{line.item.till_item}"
    return _Article(_who(debtor), item, line.unit_price_incl_vat, line.vat_code, line.cost_center)


def _item_documents(
    family: Family, model: SalesInvoice | SalesOrder, how: Correcting, rules: Rules
) -> tuple[Document, ...] | Problem:
    """One document for each debtor, of the pieces that come and go; together exactly the change of totals."""
    sums = _item_sums(family)
    totals = _totals(family)
    found: list[Document] = []
    known = _debtors(family)
    for who in dict.fromkeys(article.debtor for article in sums):
        lines = [_item_line(article, one) for article, one in sums.items() if article.debtor == who]
        total = totals.get(who, ZERO)
        missed = total - sum_of(line.amount_incl_vat for line in lines)
        if missed:
            rounding = rounding_line(missed, rules)
            if isinstance(rounding, Problem):
                return rounding
            lines.append(rounding)
        found.append(_item_document(model, known[who], lines, total, how))
    return tuple(found)


def _totals(family: Family) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if isinstance(document, SalesInvoice | SalesOrder):
                sums[_who(document.debtor)] += sign * document.total_incl_vat
    return sums


def _item_line(article: _Article, pieces: _Pieces) -> ItemLine:
    amount = to_cents(pieces.quantity * article.unit_price_incl_vat)
    return replace(pieces.line, quantity=pieces.quantity, amount_incl_vat=amount)


def _item_document(
    model: SalesInvoice | SalesOrder,
    debtor: Debtor,
    lines: Sequence[ItemLine],
    total: Decimal,
    how: Correcting,
) -> Document:
    suffix = how.suffix(model.kind.value)
    changed = replace(
        model,
        reference=how.reference + suffix,
        debtor=debtor,
        day=how.day,
        description=_described(model, how.reference, suffix),
        total_incl_vat=total,
        lines=tuple(lines),
    )
    return replace(changed, is_credit=total < ZERO) if isinstance(changed, SalesInvoice) else changed


def day_difference(wanted: Iterable[JournalLine], settled: Iterable[JournalLine]) -> tuple[JournalLine, ...]:
    """What a sale still brings to a day: what it should bring, less what days' documents hold of it."""
    return added_up([*wanted, *taken_back(settled)])
