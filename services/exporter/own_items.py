"""Sales go to the item that their article is: by its link, and by a code where that is no other article's.

Codes change hands at the till, and for a while the item of one article bears the code of another. Where
articles are kept in step, sales wait then until the link of their own is told; at last they are a problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from libs.common.database.engine import Transaction
from libs.common.domain.document import ItemWanted
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.product import Direction
from services.exporter import article_store, links, store
from services.exporter.article_store import Told
from services.exporter.matching import item_code
from services.exporter.office import Office

AGAIN = timedelta(minutes=2)
PATIENCE = timedelta(minutes=30)
"""By then both sides were read, and what changed was told."""

Articles = Mapping[str, ItemWanted]
"""What documents want, by the key under which it is found."""


async def told(office: Office, wanted: Articles) -> dict[str, str]:
    """The items of those that are linked, whatever their codes."""
    async with office.database.reading() as transaction:
        known = await _known(transaction, office, wanted)
    found = {key: known[item.till_item].exact_id for key, item in wanted.items() if item.till_item in known}
    return {key: exact_id for key, exact_id in found.items() if exact_id is not None}


async def withheld(
    office: Office, wanted: Articles, found: Mapping[str, str]
) -> dict[str, Problem | datetime]:
    """Of what was found by its code: what is another article's item, and is not to be sold on."""
    if Direction(office.connection.rules.products.direction) is Direction.OFF:
        return {}
    async with office.database.reading() as transaction:
        owners = await article_store.owners(transaction, office.place, found.values())
        known = await _known(transaction, office, {key: wanted[key] for key in found})
    now = office.now()
    answers: dict[str, Problem | datetime] = {}
    for key, exact_id in found.items():
        item = wanted[key]
        if (owner := owners.get(exact_id)) is not None and owner.till_item != item.till_item:
            answer = _answer(item, owner, known.get(item.till_item), now)
            answers |= {} if answer is None else {key: answer}
    waiting = [wanted[key].till_item for key, answer in answers.items() if isinstance(answer, datetime)]

    async def look_anew(transaction: Transaction) -> None:
        await links.drop(transaction, store.item_links, office.place, list(answers))
        await article_store.wait(transaction, office.place, waiting, now)

    if answers:
        await office.database.run(look_anew)
    return answers


async def _known(transaction: Transaction, office: Office, wanted: Articles) -> dict[str, Told]:
    articles = [item.till_item for item in wanted.values()]
    return await article_store.of_articles(transaction, office.place, articles)


def _answer(item: ItemWanted, owner: Told, own: Told | None, now: datetime) -> Problem | datetime | None:
    """None where two articles of the till share the code: then they share what was found by it."""
    code = item_code(item.code, item.till_item)
    is_shared = owner.bears(code)
    if is_shared and own is not None and own.bears(code):
        return None
    since = now if own is None or own.waits_since is None else own.waits_since
    if now - since < PATIENCE:
        return now + AGAIN
    if is_shared:
        return None
    facts = (("item", f"{item.code} {item.description}".strip()), ("other", owner.code))
    return Problem(ProblemCode.ITEM_OF_ANOTHER, facts)
