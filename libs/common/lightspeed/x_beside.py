"""Articles and customers that sales only name by id, laid beside them before they are parsed.

What this process has seen it remembers, bounded, so that a shop's passer-by and its best sellers cost one
call. Only a memory: whoever has forgotten asks again. Customers are read where a booking can need them: on
account always, else where the rules keep debtors (12.7). One that is refused stands in no sale's way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from libs.common.budget import Budget, Lane
from libs.common.lightspeed.errors import BadRequest, NoRight
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.source import Row
from libs.common.lightspeed.x import LONG_PAGE, XAccount
from libs.common.lightspeed.x_customer import BESIDE as CUSTOMER
from libs.common.lightspeed.x_lines import BESIDE as ARTICLE
from libs.common.lightspeed.x_lines import LINES
from libs.common.lightspeed.x_state import standing_of
from libs.common.lightspeed.x_values import identity, listed, text

MOST_ARTICLES, MOST_CUSTOMERS = 50_000, 2_000
ONE_BY_ONE = 10
"""Articles asked for by id; of more the list is read on, which brings a thousand a call."""
MOST_PAGES = 20
OF_ARTICLE = ("id", "sku", "name", "product_type_id", "has_inventory", "is_composite")
OF_CUSTOMER = (
    *("id", "customer_code", "name", "first_name", "last_name", "company_name", "email"),
    *("physical_address_1", "physical_address_2", "physical_postcode", "physical_suburb", "physical_city"),
    "physical_country_id",
)
NOBODY: Row = {}


@dataclass(slots=True)
class Memory:
    """Of one store."""

    articles: OrderedDict[str, Row] = field(default_factory=OrderedDict)
    customers: OrderedDict[str, Row] = field(default_factory=OrderedDict)
    listed_until: int = 0
    """The version up to which the list of articles was read."""
    lists: dict[tuple[str, bool], list[Row]] = field(default_factory=dict)
    """Of a reference that is being read: those that came already."""


_memories: WeakKeyDictionary[Budget, dict[str, Memory]] = WeakKeyDictionary()


def memory_of(budget: Budget, domain_prefix: str) -> Memory:
    """A process has one budget; its memory ends with it."""
    return _memories.setdefault(budget, {}).setdefault(domain_prefix, Memory())


async def lay_beside(
    rows: Sequence[Row], account: XAccount, memory: Memory, *, with_customers: bool
) -> list[Row]:
    await _know_articles(_articles_in(rows), account, memory)
    wanted = [_customer_wanted(row, with_customers=with_customers) for row in rows]
    await _know_customers(dict.fromkeys(filter(None, wanted)), account, memory)
    return [_completed(row, customer, memory) for row, customer in zip(rows, wanted, strict=True)]


def _completed(row: Row, customer: str, memory: Memory) -> Row:
    found = {**row}
    if memory.customers.get(customer):
        found[CUSTOMER] = memory.customers[customer]
    for name in LINES:
        if isinstance(row.get(name), list):
            found[name] = [_with_article(line, memory) for line in row[name]]
    return found


def _with_article(line: Any, memory: Memory) -> Any:
    if not isinstance(line, Mapping):
        return line
    article = memory.articles.get(_article_of(line))
    held = line.get(ARTICLE)
    return {**line, ARTICLE: {**(held if isinstance(held, Mapping) else {}), **article}} if article else line


# Articles


async def _know_articles(wanted: Iterable[str], account: XAccount, memory: Memory) -> None:
    unknown = [each for each in wanted if each not in memory.articles]
    try:
        if len(unknown) > ONE_BY_ONE:
            await _read_on(set(unknown), account, memory)
            unknown = [each for each in unknown if each not in memory.articles]
        for each in unknown[:LONG_PAGE]:
            await _read_article(each, account, memory)
    except NoRight:
        return
    while len(memory.articles) > MOST_ARTICLES:
        memory.articles.popitem(last=False)


async def _read_on(wanted: set[str], account: XAccount, memory: Memory) -> None:
    """From where the list was left; deleted ones too, which old sales still name."""
    for _ in range(MOST_PAGES):
        page = await account.page("products", memory.listed_until, Lane.SALES, size=LONG_PAGE, deleted=True)
        if page.version is None:
            return
        for row in page.rows:
            memory.articles[text(row, "id")] = _only(OF_ARTICLE, row)
        memory.listed_until = page.version
        if wanted <= memory.articles.keys():
            return


async def _read_article(article: str, account: XAccount, memory: Memory) -> None:
    try:
        row = await account.one(f"products/{article}", Lane.SALES)
    except BadRequest:
        row = NOBODY
    memory.articles[article] = _only(OF_ARTICLE, row)


def _articles_in(rows: Sequence[Row]) -> dict[str, None]:
    found: dict[str, None] = {}
    for row in rows:
        try:
            lines = listed(row, *LINES)
        except Unreadable:
            continue
        found |= dict.fromkeys(filter(None, map(_article_of, lines)))
    return found


def _article_of(line: Mapping[str, Any]) -> str:
    return _path_part(line, "product.id", "product_id")


# Customers


async def _know_customers(wanted: Iterable[str], account: XAccount, memory: Memory) -> None:
    for customer in wanted:
        if customer in memory.customers:
            memory.customers.move_to_end(customer)
            continue
        try:
            row = await account.one(f"customers/{customer}", Lane.SALES)
        except BadRequest:
            row = NOBODY
        except NoRight:
            return
        memory.customers[customer] = _only(OF_CUSTOMER, row)
    while len(memory.customers) > MOST_CUSTOMERS:
        memory.customers.popitem(last=False)


def _customer_wanted(row: Row, *, with_customers: bool) -> str:
    try:
        is_owed = standing_of(row).runs_on_account
    except Unreadable:
        return ""
    return _path_part(row, "customer_id") if with_customers or is_owed else ""


def _only(names: Iterable[str], row: Row) -> Row:
    return {name: row[name] for name in names if row.get(name) not in (None, "")}


def _path_part(row: Mapping[str, Any], *paths: str) -> str:
    """An id that may stand in an address."""
    try:
        found = identity(row, *paths)
    except Unreadable:
        return ""
    return found if all(each.isascii() and (each.isalnum() or each in "-_") for each in found) else ""
