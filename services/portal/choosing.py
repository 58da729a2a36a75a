"""Takes a merchant's choices: checks them against what there is, keeps them, switches the connection on.

Every change counts the version up and tells the other services in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import RulesChanged, SyncRequested
from libs.common.contracts.envelope import Message
from libs.common.database.registry import Connection, ConnectionState, rules_text, vat_rates_text
from libs.common.domain.check_product_rules import till_errors
from libs.common.domain.check_rules import RuleError, check_rules
from libs.common.domain.product import Direction
from libs.common.domain.rules import OutletRules, Rules
from libs.common.domain.stock import places_of
from libs.common.exact.client import ExactDivision
from libs.common.lightspeed.sources import SOURCES
from libs.common.messaging import outbox
from services.portal import claims, defaults, tenants
from services.portal.choices import Choices, to_check
from services.portal.context import Portal
from services.portal.named_choices import named_errors
from services.portal.options import missing_consents
from services.portal.prefix_guard import bears_prefix
from services.portal.problems_http import FieldError, Refusal, field_errors, invalid, wrong_field
from services.portal.start_guard import guard_start

RULES: TypeAdapter[Rules] = TypeAdapter(Rules)


def rules_in(body: bytes) -> Rules:
    """A 422 that names every field that is unknown or of the wrong kind."""
    try:
        return RULES.validate_json(body, strict=True)
    except ValidationError as error:
        raise invalid(field_errors(error.errors(include_url=False, include_context=False))) from error


@dataclass(frozen=True, slots=True)
class Chooser:
    """One change of one connection's rules, by one partner."""

    portal: Portal
    partner_id: str
    connection_id: str
    language: str

    async def put(self, rules: Rules) -> Connection:
        """Keeps the rules where nothing in them is wrong; what is missing may come later."""
        connection, choices = await self._choices(rules.division)
        _check(connection.source, rules, choices, self.language, may_be_incomplete=True)
        await self._check_named(connection, rules, choices)
        await self._guard_prefix(connection, rules)
        rules = await self._with_defaults(connection, rules)
        await self._guard_earlier_start(connection, rules)
        return await self.portal.database.run(partial(self._keep, rules, choices))

    async def activate(self) -> Connection:
        """Switches on; a 422 names every consent that is missing, or rule that is or is no longer right."""
        await self._require_consents()
        connection, choices = await self._choices(None)
        _check(connection.source, connection.rules, choices, self.language, may_be_incomplete=False)
        if connection.state is not ConnectionState.ACTIVE:
            await guard_start(self.portal, connection, connection.rules, self.language)
        return await self.portal.database.run(partial(self._switch_on, choices))

    async def _require_consents(self) -> None:
        """What can be chosen is only known by both."""
        async with self.portal.database.reading() as transaction:
            connection = await tenants.owned_connection(transaction, self.partner_id, self.connection_id)
        missing = missing_consents(connection)
        message = _in(self.language, "Geef eerst toestemming.", "Authorize it first.")
        if missing:
            raise invalid([FieldError(f"{system}.authorized", message) for system in missing])

    async def _guard_earlier_start(self, connection: Connection, rules: Rules) -> None:
        """Of one that books already, what lies before its start so far."""
        before, start = connection.rules.start_date, rules.start_date
        if connection.activated_at is not None and before and start and start < before:
            await guard_start(self.portal, connection, rules, self.language, before)

    async def _choices(self, division: str | None) -> tuple[Connection, Choices]:
        async with self.portal.database.reading() as transaction:
            connection = await tenants.owned_connection(transaction, self.partner_id, self.connection_id)
        return connection, await self.portal.options.choices(connection, division)

    async def _with_defaults(self, connection: Connection, rules: Rules) -> Rules:
        if rules.division is None or not defaults.missing_in(rules).any:
            return rules
        division = self._division(connection, rules.division)
        filled = await self.portal.options.asked(partial(defaults.with_defaults, rules, division))
        await self.portal.options.forget(connection.id)
        return filled

    async def _check_named(self, connection: Connection, rules: Rules, choices: Choices) -> None:
        if rules.division is None:
            return
        division = self._division(connection, rules.division)
        wrong = await self.portal.options.asked(partial(named_errors, rules, choices.books, division))
        if wrong:
            raise invalid([_shown(error, self.language) for error in wrong])

    async def _guard_prefix(self, connection: Connection, rules: Rules) -> None:
        """Asked when it is chosen: from then on what bears it is the connection's own."""
        if rules.division is None or not rules.reference_prefix:
            return
        key = division_key(self.portal, connection, rules.division)
        async with self.portal.database.reading() as transaction:
            own = await claims.prefixes_of(transaction, key, connection.id)
        division = self._division(connection, rules.division)
        if rules.reference_prefix not in own and await self.portal.options.asked(
            partial(bears_prefix, division, rules)
        ):
            raise wrong_field(
                "reference_prefix",
                _in(
                    self.language,
                    "In deze administratie staan al boekingen waarvan het kenmerk zo begint.",
                    "Documents of this division have references that begin so already.",
                ),
            )

    def _division(self, connection: Connection, number: str) -> ExactDivision:
        site = self.portal.settings.exact_site(connection.country)
        return self.portal.exact.division(connection.exact_grant_id or "", site, number)

    async def _keep(self, rules: Rules, choices: Choices, transaction: AsyncConnection) -> Connection:
        connection = await tenants.owned_connection(
            transaction, self.partner_id, self.connection_id, for_change=True
        )
        _refuse_other_division(connection, rules, self.language)
        await self._claim_prefix(transaction, connection, rules)
        if connection.state is ConnectionState.ACTIVE:
            await self._claim_outlets(transaction, connection, rules, sorted(rules.outlets))
        version = connection.rules_version + 1
        await tenants.change_connection(
            transaction,
            connection.id,
            rules=rules_text(rules),
            rules_version=version,
            division=rules.division,
            division_name=next((each.name for each in choices.divisions if each.id == rules.division), None),
            division_currency=choices.currency,
            division_vat_rates=vat_rates_text(choices.vat_rates),
        )
        at = self.portal.now()
        await outbox.add(transaction, RulesChanged(version), connection_id=connection.id, at=at)
        await self._note(transaction, "rules changed", at, version=version)
        return await tenants.owned_connection(transaction, self.partner_id, connection.id)

    async def _switch_on(self, choices: Choices, transaction: AsyncConnection) -> Connection:
        connection = await tenants.owned_connection(
            transaction, self.partner_id, self.connection_id, for_change=True
        )
        if connection.state is ConnectionState.TRIAL_ENDED:
            raise Refusal(409, "The trial has ended.")
        if connection.state is ConnectionState.ACTIVE:
            return connection
        outlets = [outlet.id for outlet in choices.till.outlets]
        await self._claim_prefix(transaction, connection, connection.rules)
        await self._claim_outlets(transaction, connection, connection.rules, outlets)
        at = self.portal.now()
        await tenants.change_connection(
            transaction,
            connection.id,
            state=ConnectionState.ACTIVE.value,
            reason=None,
            attention_grant_id=None,
            activated_at=connection.activated_at or at,
        )
        messages: list[Message] = [RulesChanged(connection.rules_version), SyncRequested()]
        await outbox.add_all(transaction, messages, connection_id=connection.id, at=at)
        await self._note(transaction, "connection switched on", at)
        return await tenants.owned_connection(transaction, self.partner_id, connection.id)

    async def _claim_prefix(self, transaction: AsyncConnection, connection: Connection, rules: Rules) -> None:
        if rules.division is None:
            return
        division = division_key(self.portal, connection, rules.division)
        if not await claims.claim_prefix(transaction, division, connection, rules.reference_prefix):
            raise wrong_field(
                "reference_prefix",
                _in(
                    self.language,
                    "Dit voorvoegsel botst met dat van een andere koppeling op deze administratie.",
                    "This prefix collides with that of another connection of this division.",
                ),
            )

    async def _claim_outlets(
        self, transaction: AsyncConnection, connection: Connection, rules: Rules, outlets: Sequence[str]
    ) -> None:
        if rules.division is None:
            return
        enabled = [outlet for outlet in outlets if rules.outlets.get(outlet, OutletRules()).enabled]
        division = division_key(self.portal, connection, rules.division)
        taken = await claims.claim_outlets(transaction, division, connection, enabled)
        if taken:
            message = _in(
                self.language,
                "Een andere koppeling boekt deze winkel al in deze administratie.",
                "Another connection books this outlet into this division already.",
            )
            raise invalid([FieldError(f"outlets.{outlet}", message) for outlet in taken])
        await self._claim_warehouses(transaction, connection, division, _counted(rules, enabled))

    async def _claim_warehouses(
        self, transaction: AsyncConnection, connection: Connection, division: str, counted: dict[str, str]
    ) -> None:
        taken = await claims.claim_warehouses(transaction, division, connection, counted)
        if taken:
            message = _in(
                self.language,
                "Een andere koppeling houdt de voorraad van dit magazijn al gelijk; kies een ander.",
                "Another connection keeps the stock of this warehouse in step already; choose another.",
            )
            raise invalid([FieldError(f"outlets.{outlet}.warehouse", message) for outlet in taken])

    async def _note(self, transaction: AsyncConnection, action: str, at: datetime, **details: Any) -> None:
        await tenants.note(
            transaction,
            at,
            action,
            actor=f"partner {self.partner_id}",
            partner_id=self.partner_id,
            connection_id=self.connection_id,
            **details,
        )


def _counted(rules: Rules, outlets: Sequence[str]) -> dict[str, str]:
    """The warehouse of each outlet whose stock is kept in step."""
    products = rules.products
    if not products.stock or Direction(products.direction) is Direction.OFF:
        return {}
    return {outlet: place for outlet, place in places_of(rules).items() if outlet in outlets}


def division_key(portal: Portal, connection: Connection, division: str) -> str:
    return f"{portal.settings.exact_site(connection.country)}/{division}"


def _check(source: str, rules: Rules, choices: Choices, language: str, *, may_be_incomplete: bool) -> None:
    till = SOURCES[source]
    found = [
        *check_rules(rules, to_check(choices)),
        *till_errors(rules, till.title, till.articles),
    ]
    wrong = [error for error in found if not (may_be_incomplete and error.is_missing)]
    if wrong:
        raise invalid([_shown(error, language) for error in wrong])


def _shown(error: RuleError, language: str) -> FieldError:
    return FieldError(error.field, _in(language, error.message_nl, error.message_en))


def _refuse_other_division(connection: Connection, rules: Rules, language: str) -> None:
    """Once switched on, a connection books into one division for good: the other needs one of its own."""
    if connection.activated_at is None or rules.division == connection.division:
        return
    raise wrong_field(
        "division",
        _in(
            language,
            "De koppeling boekt al; maak voor een andere administratie een nieuwe koppeling.",
            "The connection books already; make a new connection for another division.",
        ),
    )


def _in(language: str, dutch: str, english: str) -> str:
    return dutch if language == "nl" else english
