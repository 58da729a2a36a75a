"""Finds or makes the debtors and items that documents need, many at a time, and remembers them.

Looking ahead over all that waits fills the searches, so that one first seen costs a part of a search and,
where the rules allow it, one creation. A creation whose answer is lost is settled like a document's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from libs.common.database.engine import Transaction
from libs.common.domain.document import Debtor, Document, ItemWanted, SalesInvoice, SalesOrder
from libs.common.domain.problem import Problem
from libs.common.exact.entities import Journaled, Related
from libs.common.exact.errors import OutcomeUnknown, Refused
from services.exporter import links, own_items
from services.exporter.debtor_updates import keep_up
from services.exporter.kin import Kin, Wanted, debtors, items
from services.exporter.links import Link
from services.exporter.matching import TERMS, article_key
from services.exporter.office import Office
from services.exporter.trouble import CERTAINLY_NOT

if TYPE_CHECKING:
    pass

Answer = str | Problem | datetime
"""The id in Exact, or why there is none, or when a creation in doubt is looked for again."""

SEARCHES = 2


@dataclass(slots=True)
class Relations:
    accounts: dict[str, Answer] = field(default_factory=dict)
    items: dict[str, Answer] = field(default_factory=dict)

    def of(self, document: Document) -> Related | Problem | datetime:
        """All that the document needs; else the first problem, else when to come back."""
        answers: list[Answer] = []
        accounts: dict[Debtor, str] = {}
        articles: dict[ItemWanted, str] = {}
        for debtor in debtors_of(document):
            if debtor.customer is not None:
                answers.append(found := self.accounts[debtor.customer.id])
                accounts[debtor] = str(found)
        for wanted in items_of(document):
            answers.append(found := self.items[till_item_key(wanted)])
            articles[wanted] = str(found)
        problems = [each for each in answers if isinstance(each, Problem)]
        if problems:
            return problems[0]
        later = [each for each in answers if isinstance(each, datetime)]
        return max(later) if later else Related(accounts, articles)


def debtors_of(document: Document) -> list[Debtor]:
    if isinstance(document, Journaled):
        found = [line.debtor for line in document.lines if line.debtor is not None]
    else:
        found = [document.debtor]
    return [debtor for debtor in found if debtor.account is None]


def items_of(document: Document) -> list[ItemWanted]:
    if not isinstance(document, SalesInvoice | SalesOrder):
        return []
    return [line.item for line in document.lines if line.item.id is None]


def till_item_key(wanted: ItemWanted) -> str:
    return article_key(wanted.code, wanted.till_item)


async def relate(office: Office, documents: Sequence[Document]) -> Relations:
    """Raises what stops all work on a division, as a limit does; the rest is in the answers."""
    customers = {
        debtor.customer.id: debtor.customer
        for document in documents
        for debtor in debtors_of(document)
        if debtor.customer is not None
    }
    wanted_items: dict[str, tuple[ItemWanted, str]] = {}
    for document in documents:
        if not isinstance(document, SalesInvoice | SalesOrder):
            continue
        for line in document.lines:
            if line.item.id is None:
                wanted_items.setdefault(till_item_key(line.item), (line.item, line.vat_code))
    account_kin = debtors(office.connection, customers)
    accounts = await _relate(office, account_kin)
    linked = {key: answer for key, answer in accounts.items() if isinstance(answer, str)}
    await keep_up(office, customers, linked, account_kin.seen)
    return Relations(accounts=accounts, items=await _relate_items(office, wanted_items))


async def _relate_items(office: Office, wanted: Mapping[str, tuple[ItemWanted, str]]) -> dict[str, Answer]:
    if not wanted:
        return {}
    articles = {key: item for key, (item, _) in wanted.items()}
    told = await own_items.told(office, articles)
    kin = items(office.connection, {key: wanted[key] for key in wanted if key not in told}, office.facts)
    answers = await _relate(office, kin)
    found = {key: each for key, each in answers.items() if isinstance(each, str) and each != kin.default}
    return {**told, **answers, **await own_items.withheld(office, articles, found)}


async def _relate(office: Office, kin: Kin) -> dict[str, Answer]:
    if not kin.wanted:
        return {}
    now = office.now()
    async with office.database.reading() as transaction:
        known = await links.known(transaction, kin.table, office.place, list(kin.wanted), now)
    known, answers = await _settle(office, kin, known)
    for key, link in known.items():
        answers[key] = kin.instead(kin.wanted[key]) if link.exact_id == links.NONE else str(link.exact_id)
    missing = [wanted for key, wanted in kin.wanted.items() if key not in answers]
    for start in range(0, len(missing), TERMS):  # what one search covers is made before the next
        answers |= await _find_or_make(office, kin, missing[start : start + TERMS])
    return answers


async def _find_or_make(office: Office, kin: Kin, missing: Sequence[Wanted]) -> dict[str, Answer]:
    """A failure later on loses nothing of it: what was found or made is remembered."""
    answers = await _search(office, kin, missing)
    absent = [wanted for wanted in missing if wanted.till_key not in answers]
    if absent and not kin.may_create:
        answers |= await _do_without(office, kin, absent)
    elif absent:
        answers |= await _create(office, kin, absent)
    return answers


async def _settle(
    office: Office, kin: Kin, known: dict[str, Link]
) -> tuple[dict[str, Link], dict[str, Answer]]:
    """Creations in doubt: found by their search key, or after spaced searches known not to be there."""
    now = office.now()
    clear = {key: link for key, link in known.items() if not link.is_in_doubt}
    doubts = {key: link for key, link in known.items() if link.is_in_doubt}
    answers: dict[str, Answer] = {
        key: link.due_at for key, link in doubts.items() if link.due_at is not None and link.due_at > now
    }
    due = [link for key, link in doubts.items() if key not in answers]
    found = await kin.find_made(office.exact, [(link.till_key, link.search_key) for link in due])
    answers |= await _adopt(office, kin, found)
    gone = [link for link in due if link.till_key not in found]
    again = [link.till_key for link in gone if link.searches + 1 < SEARCHES]
    given_up = [link.till_key for link in gone if link.searches + 1 >= SEARCHES]
    later = now + office.settle
    if again or given_up:
        async with office.database.transaction() as transaction:
            await links.count_search(transaction, kin.table, office.place, again, later)
            await links.drop(transaction, kin.table, office.place, given_up)
    return clear, answers | dict.fromkeys(again, later)


async def _search(office: Office, kin: Kin, missing: Sequence[Wanted]) -> dict[str, Answer]:
    return await _adopt(office, kin, await kin.find(office, missing))


async def _adopt(office: Office, kin: Kin, found: dict[str, str | Problem]) -> dict[str, Answer]:
    made = [
        (key, kin.wanted[key].search_key, answer) for key, answer in found.items() if isinstance(answer, str)
    ]
    if made:
        now = office.now()
        await office.database.run(
            lambda transaction: links.keep(transaction, kin.table, office.place, made, now)
        )
    return dict(found)


async def _do_without(office: Office, kin: Kin, absent: Sequence[Wanted]) -> dict[str, Answer]:
    now = office.now()
    none = [(wanted.till_key, wanted.search_key, links.NONE) for wanted in absent]
    await office.database.run(
        lambda transaction: links.keep(
            transaction, kin.table, office.place, none, now, now + links.NONE_HOLDS
        )
    )
    return {wanted.till_key: kin.instead(wanted) for wanted in absent}


async def _create(office: Office, kin: Kin, absent: Sequence[Wanted]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    made: dict[str, str] = {}
    for wanted in absent:
        twin = next((made[same] for same in wanted.same_as if same in made), None)
        if twin is not None:  # another customer of the till that is the same company
            answers |= await _adopt(office, kin, {wanted.till_key: twin})
            continue
        answer = await _create_one(office, kin, wanted)
        answers[wanted.till_key] = answer
        if isinstance(answer, str):
            made |= dict.fromkeys(wanted.same_as, answer)
    return answers


async def _create_one(office: Office, kin: Kin, wanted: Wanted) -> Answer:
    await _doubt(office, kin, wanted, office.in_flight)
    try:
        row: dict[str, Any] = await office.exact.post(kin.path, wanted.body, lane=office.lane)
    except OutcomeUnknown:
        return await _doubt(office, kin, wanted, office.settle)
    except Refused as refused:
        return await _refused(office, kin, wanted, refused)
    except CERTAINLY_NOT:
        await _forget(office, kin, [wanted.till_key])
        raise
    return (await _adopt(office, kin, {wanted.till_key: str(row["ID"])}))[wanted.till_key]


async def _doubt(office: Office, kin: Kin, wanted: Wanted, wait: timedelta) -> datetime:
    """It may be there: when to look for it."""
    now = office.now()
    doubt: list[tuple[str, str, str | None]] = [(wanted.till_key, wanted.search_key, None)]

    async def step(transaction: Transaction) -> None:
        await office.hold(transaction)
        await links.keep(transaction, kin.table, office.place, doubt, now, now + wait)

    await office.database.run(step)
    return now + wait


async def _refused(office: Office, kin: Kin, wanted: Wanted, refused: Refused) -> Answer:
    """A refusal because it is there already is an answer: search, and take it as ours."""
    if kin.is_there_already(refused):
        found = await kin.find_made(office.exact, [(wanted.till_key, wanted.search_key)])
        if wanted.till_key in found:
            return (await _adopt(office, kin, found))[wanted.till_key]
    await _forget(office, kin, [wanted.till_key])
    return kin.problem(wanted, refused.message)


async def _forget(office: Office, kin: Kin, till_keys: Iterable[str]) -> None:
    keys = list(till_keys)
    await office.database.run(lambda transaction: links.drop(transaction, kin.table, office.place, keys))
