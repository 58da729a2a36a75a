"""Consents: sends a browser to a vendor and takes it back, bound by its state alone.

What a consent may do to a connection: the till's account is pinned when it first consents, the division
when it is chosen. A login that is known already is the same grant, for every connection that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from libs.common.database.registry import Connection, ConnectionState
from libs.common.service import Now
from libs.common.vault import TokenError, TokenSet, Vault, grants_of_partner
from libs.common.vault.consent import Consent, NoIdentity, Subject
from services.portal import attention, states, tenants
from services.portal.divisions import Divisions
from services.portal.problems_http import Refusal
from services.portal.states import StateTrouble
from services.portal.vendors import EXACT

log = structlog.get_logger()


class Landed(StrEnum):
    """How a consent ended; the landing page has words for each."""

    CONNECTED = "connected"
    NO_STATE = "no-state"
    USED = "used"
    EXPIRED = "expired"
    DENIED = "denied"
    NO_CODE = "no-code"
    NOT_EXCHANGED = "not-exchanged"
    OTHER_ACCOUNT = "other-account"
    OTHER_DIVISION = "other-division"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Landing:
    outcome: Landed
    system: str
    language: str = "nl"
    subject: str = ""
    connection: Connection | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser brought back; `more` is for the vendor to read."""

    state: str
    code: str
    error: str
    more: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Consents:
    database: Database
    vault: Vault
    vendors: Mapping[str, Consent]
    divisions: Divisions
    public_url: str
    key: bytes
    now: Now

    def redirect_uri(self, system: str) -> str:
        return f"{self.public_url}/oauth/{system}/callback"

    async def start(self, partner_id: str, connection_id: str, wanted: str) -> str:
        """The address to send a browser to."""

        async def keep(transaction: AsyncConnection) -> tuple[Connection, str, str]:
            connection = await tenants.owned_connection(transaction, partner_id, connection_id)
            system = EXACT if wanted == EXACT else connection.source
            state = await states.new_state(
                transaction,
                connection_id=connection_id,
                partner_id=partner_id,
                system=system,
                at=self.now(),
            )
            return connection, system, state

        connection, system, state = await self.database.run(keep)
        vendor = self.vendors[system]
        return vendor.authorize_url(
            country=connection.country,
            redirect_uri=self.redirect_uri(system),
            state=state,
            challenge=states.challenge_of(states.verifier_of(state, self.key)),
        )

    async def land(self, system: str, asked: Asked) -> Landing:
        """Takes the browser back; every way it can end has a page."""
        found = await self.database.run(partial(self._use_state, system, asked.state))
        if isinstance(found, StateTrouble):
            return Landing(_TROUBLES[found], system)
        connection, language = found
        if connection is None:
            return Landing(Landed.ENDED, system)
        landing = Landing(Landed.CONNECTED, system, language, connection=connection)
        if asked.error or not asked.code:
            return _other(landing, Landed.DENIED if asked.error else Landed.NO_CODE)
        return await self._exchange(landing, connection, asked)

    async def _use_state(
        self, system: str, state: str, transaction: AsyncConnection
    ) -> tuple[Connection | None, str] | StateTrouble:
        used = await states.use_state(transaction, state, system=system, at=self.now())
        if isinstance(used, StateTrouble):
            return used
        try:
            connection = await tenants.owned_connection(transaction, *used)
            merchant = await tenants.owned_merchant(transaction, used[0], connection.merchant_id)
        except Refusal:
            return None, "nl"
        return connection, merchant.language

    async def _exchange(self, landing: Landing, connection: Connection, asked: Asked) -> Landing:
        vendor = self.vendors[landing.system]
        redirect_uri = self.redirect_uri(landing.system)
        try:
            site = vendor.site(connection.country, asked.more)
            if vendor.wants_verifier:
                verifier = states.verifier_of(asked.state, self.key)
                tokens = await vendor.endpoint.exchange(
                    asked.code, redirect_uri, site, code_verifier=verifier
                )
            else:
                tokens = await vendor.endpoint.exchange(asked.code, redirect_uri, site)
            subject = await vendor.who(tokens, site)
        except (TokenError, NoIdentity) as error:
            log.warning("consent not exchanged", connection=connection.id, error=type(error).__name__)
            return _other(landing, Landed.NOT_EXCHANGED)
        return await self._keep(landing, connection, site, subject, tokens)

    async def _keep(
        self, landing: Landing, connection: Connection, site: str, subject: Subject, tokens: TokenSet
    ) -> Landing:
        if _is_other_account(connection, landing.system, subject):
            await self._let_go(connection, landing.system, site, subject, tokens)
            return _other(landing, Landed.OTHER_ACCOUNT)
        keep = partial(self._keep_tokens, connection, landing.system, site, subject, tokens)
        grant_id = await self.database.run(keep)
        if landing.system == EXACT and not await self._sees_division(connection, grant_id, site):
            return _other(landing, Landed.OTHER_DIVISION)
        attach = partial(self._attach, connection, landing.system, subject, grant_id)
        connected = await self.database.run(attach)
        return Landing(Landed.CONNECTED, landing.system, landing.language, subject.name, connected)

    async def _keep_tokens(
        self,
        connection: Connection,
        system: str,
        site: str,
        subject: Subject,
        tokens: TokenSet,
        transaction: AsyncConnection,
    ) -> str:
        grant_id = await self.vault.keep_consent(
            transaction,
            partner_id=connection.partner_id,
            merchant_id=connection.merchant_id,
            system=system,
            site=site,
            subject=subject.id,
            subject_name=subject.name,
            tokens=tokens,
        )
        await attention.repair(transaction, connection.partner_id, grant_id, self.now())
        return grant_id

    async def _let_go(
        self, connection: Connection, system: str, site: str, subject: Subject, tokens: TokenSet
    ) -> None:
        """Of a consent that doesn't fit; a login in use elsewhere keeps it: its old tokens died by it."""
        async with self.database.reading() as transaction:
            grants = await grants_of_partner(transaction, connection.partner_id)
        is_known = any(
            (grant.system, grant.site, grant.subject) == (system, site, subject.id) for grant in grants
        )
        if is_known:
            keep = partial(self._keep_tokens, connection, system, site, subject, tokens)
            await self.database.run(keep)
            return
        try:
            await self.vendors[system].endpoint.revoke(tokens.refresh_token, site)
        except TokenError as error:
            log.warning("consent not revoked", system=system, error=type(error).__name__)

    async def _sees_division(self, connection: Connection, grant_id: str, site: str) -> bool:
        """A login new to the connection must see the division that was chosen, under the same name."""
        if connection.division is None or connection.exact_grant_id == grant_id:
            return True
        seen = {division.id: division.name for division in await self.divisions.read(grant_id, site)}
        return seen.get(connection.division) == connection.division_name

    async def _attach(
        self,
        connection: Connection,
        system: str,
        subject: Subject,
        grant_id: str,
        transaction: AsyncConnection,
    ) -> Connection:
        owner, at = connection.partner_id, self.now()
        current = await tenants.owned_connection(transaction, owner, connection.id, for_change=True)
        if system == EXACT:
            fields: dict[str, str | None] = {"exact_grant_id": grant_id}
        else:
            fields = {"lightspeed_grant_id": grant_id, "lightspeed_account": subject.id}
        other = current.lightspeed_grant_id if system == EXACT else current.exact_grant_id
        if current.state is ConnectionState.AUTHORIZING and other is not None:
            fields["state"] = ConnectionState.CHOOSING.value
        await tenants.change_connection(transaction, connection.id, **fields)
        await attention.repair(transaction, owner, grant_id, at)
        await tenants.note(
            transaction,
            at,
            "consent given",
            actor="browser",
            partner_id=owner,
            connection_id=connection.id,
            system=system,
        )
        return await tenants.owned_connection(transaction, owner, connection.id)


_TROUBLES: dict[StateTrouble, Landed] = {
    StateTrouble.UNKNOWN: Landed.NO_STATE,
    StateTrouble.USED: Landed.USED,
    StateTrouble.EXPIRED: Landed.EXPIRED,
}


def _other(landing: Landing, outcome: Landed) -> Landing:
    return Landing(outcome, landing.system, landing.language, connection=landing.connection)


def _is_other_account(connection: Connection, system: str, subject: Subject) -> bool:
    if system == EXACT or connection.lightspeed_account is None:
        return False
    return connection.lightspeed_account != subject.id
