"""The two kinds of relations, debtors and items: how each is searched for, made, and done without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from libs.common.budget.lanes import Lane
from libs.common.database.registry import Connection
from libs.common.domain.document import ItemWanted
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.product import code_key
from libs.common.domain.sale import Customer
from libs.common.exact import entities
from libs.common.exact.entities import DivisionFacts
from libs.common.exact.errors import RefusalCategory, Refused
from services.exporter import links, matching, store
from services.exporter.matching import ACCOUNT_FIELDS, Row, any_of, equals
from services.exporter.office import Office

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

Found = dict[str, str | Problem]
THERE_ALREADY = (RefusalCategory.ALREADY_EXISTS, RefusalCategory.IN_USE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A customer or article of the till that documents need in Exact."""

    till_key: str
    search_key: str
    body: Mapping[str, Any]
    name: str
    same_as: tuple[str, ...] = ()
    """What another of the till must share to be the same one."""


@dataclass(frozen=True, slots=True)
class Kin:
    wanted: Mapping[str, Wanted]
    table: Table
    path: str
    search_field: str
    may_create: bool
    default: str | None
    not_found: ProblemCode
    refused: ProblemCode
    fact: str
    find: Callable[[Office, Sequence[Wanted]], Awaitable[Found]]
    seen: dict[str, Row] = field(default_factory=dict)
    """The rows that searches brought along, by id."""

    def instead(self, wanted: Wanted) -> str | Problem:
        """What serves where none was found and none may be made."""
        return self.default or Problem(self.not_found, ((self.fact, wanted.name),))

    def problem(self, wanted: Wanted, answer: str) -> Problem:
        return Problem(self.refused, ((self.fact, wanted.name), ("answer", answer)))

    def is_there_already(self, refused: Refused) -> bool:
        return refused.category in THERE_ALREADY

    async def find_made(self, exact: ExactDivision, keys: Sequence[tuple[str, str]]) -> Found:
        """By the key that we gave them when they were made."""
        found: Found = {}
        by_key = {search_key.strip().lower(): till_key for till_key, search_key in keys}
        for start in range(0, len(keys), matching.TERMS):
            terms = [equals(self.search_field, key) for _, key in keys[start : start + matching.TERMS]]
            rows = await exact.rows(
                self.path, select=["ID", self.search_field], filter=any_of(terms), lane=Lane.SETTLE
            )
            for row in rows:
                till_key = by_key.get(str(row[self.search_field]).strip().lower())
                if till_key is not None:
                    found.setdefault(till_key, str(row["ID"]))
        return found


def debtors(connection: Connection, customers: Mapping[str, Customer]) -> Kin:
    rules = connection.rules.debtor
    shared = matching.emails_of_several(customers.values())
    seen: dict[str, Row] = {}
    wanted = {
        key: _wanted_debtor(connection.id, key, customer, rules.match_on)
        for key, customer in customers.items()
    }

    async def find(office: Office, missing: Sequence[Wanted]) -> Found:
        asked = [
            (one.till_key, matching.terms_of(customers[one.till_key], rules.match_on, shared))
            for one in missing
        ]
        found: Found = {}
        for batch in matching.filled([each for each in asked if each[1]]):
            terms = dict.fromkeys(term for _, terms in batch for term in terms)
            rows = await office.exact.rows(
                entities.ACCOUNTS, select=list(ACCOUNT_FIELDS), filter=any_of(terms), lane=office.lane
            )
            accounts = {str(row["ID"]): row for row in rows}
            seen.update(accounts)
            async with office.database.reading() as transaction:
                owners = await links.owners(transaction, store.debtor_links, office.place, list(accounts))
            for key, _ in batch:
                of_others = {account for account, keys in owners.items() if keys - {key}}
                answer = matching.matched(customers[key], rows, rules.match_on, shared, of_others)
                if answer is not None:
                    found[key] = answer
        return found

    return Kin(
        wanted=wanted,
        table=store.debtor_links,
        path=entities.ACCOUNTS,
        search_field="SearchCode",
        may_create=rules.create,
        default=rules.default_account,
        not_found=ProblemCode.DEBTOR_NOT_FOUND,
        refused=ProblemCode.DEBTOR_REFUSED,
        fact="customer",
        find=find,
        seen=seen,
    )


def _wanted_debtor(connection_id: str, key: str, customer: Customer, match_on: Sequence[str]) -> Wanted:
    search_code = matching.search_code(connection_id, key)
    steps = [(step, matching.customer_key(customer, step)) for step in match_on if step != "email"]
    return Wanted(
        till_key=key,
        search_key=search_code,
        body=entities.account_body(customer, search_code),
        name=customer.booking_name,
        same_as=tuple(f"{step}:{value}" for step, value in steps if value),
    )


def items(
    connection: Connection, wanted_items: Mapping[str, tuple[ItemWanted, str]], facts: DivisionFacts
) -> Kin:
    rules = connection.rules.items
    wanted = {key: _wanted_item(key, item, vat, facts) for key, (item, vat) in wanted_items.items()}

    async def find(office: Office, missing: Sequence[Wanted]) -> Found:
        found: Found = {}
        codes = {key: item.code for key, (item, _) in wanted_items.items()}
        asked = [(one.till_key, matching.item_terms(one.search_key, codes[one.till_key])) for one in missing]
        by_code: defaultdict[str, list[str]] = defaultdict(list)
        for one in missing:
            by_code[code_key(one.search_key)].append(one.till_key)
        for batch in matching.filled(asked):
            terms = [term for _, terms in batch for term in terms]
            rows = await office.exact.rows(
                entities.ITEMS, select=["ID", "Code"], filter=any_of(terms), lane=office.lane
            )
            for row in rows:
                found |= dict.fromkeys(by_code[code_key(str(row["Code"]))], str(row["ID"]))
        return found

    return Kin(
        wanted=wanted,
        table=store.item_links,
        path=entities.ITEMS,
        search_field="Code",
        may_create=rules.create,
        default=rules.fallback_item,
        not_found=ProblemCode.ITEM_NOT_FOUND,
        refused=ProblemCode.ITEM_REFUSED,
        fact="item",
        find=find,
    )


def _wanted_item(key: str, item: ItemWanted, vat_code: str, facts: DivisionFacts) -> Wanted:
    code = matching.item_code(item.code, item.till_item)
    vat = facts.vat_codes.get(vat_code.strip())
    body = entities.item_body(code, item.description, vat, is_stocked=item.is_stocked)
    name = f"{code} {item.description}".strip()
    return Wanted(till_key=key, search_key=code, body=body, name=name, same_as=(code_key(code),))
