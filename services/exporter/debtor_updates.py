"""What the till knows of a customer that Exact doesn't: told once for each change, and no more than that.

The accountant owns the accounts. By default only an address and an e-mail that are empty there are filled
in; where the merchant chose so, a changed address is overwritten too. Name, code, payment condition and
ledgers are never touched, nor the numbers that accounts are recognised by: one that is filled in here may be
another account's already. The default debtor isn't anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from libs.common.domain.sale import Customer
from libs.common.exact import entities
from libs.common.exact.errors import BadRequest, NoRight, OutcomeUnknown, Refused
from services.exporter import links, store
from services.exporter.matching import ACCOUNT_FIELDS, TERMS, Row, any_of
from services.exporter.office import Office

log = structlog.get_logger()

PLACE = ("AddressLine1", "Postcode", "City")


async def keep_up(
    office: Office, customers: Mapping[str, Customer], accounts: Mapping[str, str], seen: Mapping[str, Row]
) -> None:
    """`accounts` by customer; `seen` are accounts that were read just now, by id."""
    default = office.connection.rules.debtor.default_account
    mine = {key: account for key, account in accounts.items() if account != default}
    if not mine:
        return
    async with office.database.reading() as transaction:
        told = await links.contents(transaction, store.debtor_links, office.place, mine)
    changed = [key for key, content in told.items() if content != content_of(customers[key])]
    unread = {mine[key] for key in changed if told[key] is not None} - seen.keys()
    rows = {**seen, **await _read(office, sorted(unread))}
    done = [key for key in changed if await _keep_up_one(office, customers[key], mine[key], rows)]
    if done:
        contents = {key: content_of(customers[key]) for key in done}
        await office.database.run(
            lambda transaction: links.remember(transaction, store.debtor_links, office.place, contents)
        )


def content_of(customer: Customer) -> str:
    """All that may be told of a customer, in a form that tells nothing."""
    address = customer.address
    fields = (address.street, address.postcode, address.city, address.country, customer.email)
    return hashlib.sha256("\n".join(field.strip() for field in fields).encode()).hexdigest()


def changes_of(customer: Customer, account: Row, *, overwrite: bool) -> dict[str, str]:
    """An address is one thing: it is never put together of the till's and the accountant's."""
    body = entities.account_body(customer, "")
    fields = [] if account.get("Email") else ["Email"]
    is_placed = any(account.get(name) for name in PLACE)
    if any(name in body for name in PLACE) and (overwrite or not is_placed):
        fields += [*PLACE, "Country"]
    wanted = {name: str(body[name]) for name in fields if name in body}
    return {name: value for name, value in wanted.items() if value != str(account.get(name) or "").strip()}


async def _read(office: Office, accounts: Sequence[str]) -> dict[str, Row]:
    rows: list[dict[str, Any]] = []
    for start in range(0, len(accounts), TERMS):
        terms = [f"ID eq guid'{account}'" for account in accounts[start : start + TERMS]]
        rows += await office.exact.rows(
            entities.ACCOUNTS, select=list(ACCOUNT_FIELDS), filter=any_of(terms), lane=office.lane
        )
    return {str(row["ID"]): row for row in rows}


async def _keep_up_one(office: Office, customer: Customer, account: str, rows: dict[str, Row]) -> bool:
    """False where it must be told again. A sale never waits for what an account may not become."""
    overwrite = office.connection.rules.debtor.update
    changes = changes_of(customer, rows[account], overwrite=overwrite) if account in rows else {}
    if not changes:
        return True
    try:
        await office.exact.put(entities.ACCOUNTS, account, changes, lane=office.lane)
    except OutcomeUnknown:
        return False
    except (Refused, BadRequest, NoRight) as no:
        log.warning(
            "an account keeps what it has", account=account, fields=list(changes), why=type(no).__name__
        )
        return True
    rows[account] = {**rows[account], **changes}
    return True
