"""The vault against the sandbox's token rules: by the clock, once, stored before used, never a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select, update

from libs.common.database.engine import Database, Transaction
from libs.common.lightspeed.restaurant_oauth import POLICY as RESTAURANT
from libs.common.lightspeed.retail_oauth import RETAIL
from libs.common.lightspeed.x_oauth import POLICY as X_SERIES
from libs.common.vault import (
    GrantBusy,
    GrantLost,
    Keyring,
    RefreshUncertain,
    TokenSet,
    TokenUnavailable,
    Undecryptable,
    Vault,
    grant,
    grants_of_partner,
)
from libs.common.vault.grants import Grant, grants
from libs.common.vault.policy import Policy
from libs.common.vault.refresh import ANSWER_LOST
from libs.common.vault.rotate import rotate
from services.sandbox.clock import Clock
from services.sandbox.exact import oauth as sandbox_oauth
from tests.clients.exact_world import KEY, SITE, START, ExactWorld

OTHER_KEY = bytes(reversed(range(32)))
TOKEN = "/oauth2/token"


@pytest.fixture
async def exact(database: Database) -> AsyncIterator[ExactWorld]:
    world = ExactWorld(database)
    yield world
    await world.vault.close()
    await world.http.aclose()


async def row(exact: ExactWorld, grant_id: str) -> Grant:
    async with exact.database.reading() as transaction:
        found = await grant(transaction, grant_id)
    assert found is not None
    return found


async def test_a_token_is_refreshed_by_its_clock(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    first = await exact.vault.access_token(grant_id)
    exact.clock.advance(569)
    assert (await exact.vault.access_token(grant_id)).value == first.value
    exact.clock.advance(2)
    second = await exact.vault.access_token(grant_id)
    assert second.value != first.value
    assert (second.generation, exact.wire.count(TOKEN)) == (2, 2)
    assert sandbox_oauth.is_valid(exact.world, exact.world.access_tokens[second.value])
    assert (await row(exact, grant_id)).state == "live"


@pytest.mark.parametrize("mode", ["strict", "lenient"])
async def test_eight_at_the_same_moment_refresh_once(exact: ExactWorld, mode: str) -> None:
    exact.world.switches.change({"old_refresh_token": mode})
    grant_id = await exact.connect()
    exact.clock.advance(575)
    vaults = [exact.new_vault() for _ in range(8)]
    tokens = await asyncio.gather(*(each.access_token(grant_id) for each in vaults for _ in range(3)))
    assert {token.generation for token in tokens} == {2}
    assert exact.wire.count(TOKEN) == 2  # the consent, and one refresh


async def test_two_connections_of_one_login_share_a_grant(exact: ExactWorld) -> None:
    first = await exact.connect()
    second = await exact.connect()
    assert first == second
    async with exact.database.reading() as transaction:
        assert len(await grants_of_partner(transaction, "direct")) == 1
    assert (await exact.vault.access_token(first)).generation == 2


async def test_asked_too_early_the_present_tokens_stay(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(560)
    before = await exact.vault.access_token(grant_id)
    async with exact.database.transaction() as transaction:  # our clock runs ahead of Exact's
        early = (await row_in(transaction, grant_id)).issued_at - timedelta(seconds=15)
        expires = early + timedelta(seconds=600)
        await transaction.execute(update(grants).values(issued_at=early, expires_at=expires))
    vault = exact.new_vault()
    for _ in range(5):
        assert (await vault.access_token(grant_id)).value == before.value
    assert exact.wire.count(TOKEN) == 2  # the consent, and one that came too early
    exact.clock.advance(70)
    assert (await vault.access_token(grant_id)).generation == 2


async def row_in(transaction: Transaction, grant_id: str) -> Grant:
    found = await grant(transaction, grant_id)
    assert found is not None
    return found


async def test_lost_answer_strict_ends_in_one_more_try(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(580)
    exact.wire.lose_answer_of = TOKEN
    alive = await exact.vault.access_token(grant_id)  # the old access token still runs
    assert alive.generation == 1
    exact.clock.advance(30)
    with pytest.raises(GrantBusy) as busy:
        await exact.vault.access_token(grant_id)
    assert busy.value.until > exact.clock.now() + timedelta(seconds=500)
    assert exact.wire.count(TOKEN) == 2
    exact.clock.advance(600)
    with pytest.raises(GrantLost) as lost:
        await exact.vault.access_token(grant_id)
    assert ANSWER_LOST in lost.value.reason
    assert exact.wire.count(TOKEN) == 3
    for _ in range(3):
        with pytest.raises(GrantLost):
            await exact.vault.access_token(grant_id)
    assert exact.wire.count(TOKEN) == 3


async def test_lost_answer_lenient_is_mended_by_the_second_try(exact: ExactWorld) -> None:
    exact.world.switches.change({"old_refresh_token": "lenient"})
    grant_id = await exact.connect()
    exact.clock.advance(575)
    exact.wire.lose_answer_of = TOKEN
    await exact.vault.access_token(grant_id)
    exact.clock.advance(601)
    token = await exact.vault.access_token(grant_id)
    assert token.generation == 2
    assert sandbox_oauth.is_valid(exact.world, exact.world.access_tokens[token.value])


async def test_after_a_lost_answer_a_short_life_is_waited_out_and_no_longer(exact: ExactWorld) -> None:
    """Ten minutes are the life of Exact's tokens; where they live a minute, a minute settles it."""
    exact.world.switches.change({"access_token_seconds": 60})
    grant_id = await exact.connect()
    exact.clock.advance(61)
    exact.wire.lose_answer_of = TOKEN
    with pytest.raises(GrantBusy) as busy:
        await exact.vault.access_token(grant_id)
    assert busy.value.until == exact.clock.now() + timedelta(seconds=60)
    exact.clock.advance(61)
    with pytest.raises(GrantLost):
        await exact.vault.access_token(grant_id)
    assert exact.wire.count(TOKEN) == 3


async def test_two_lost_answers_lose_the_grant(exact: ExactWorld) -> None:
    exact.world.switches.change({"old_refresh_token": "lenient"})
    grant_id = await exact.connect()
    for _ in range(2):
        exact.clock.advance(601)
        exact.wire.lose_answer_of = TOKEN
        with pytest.raises((GrantBusy, GrantLost)):
            await exact.vault.access_token(grant_id)
    assert (await row(exact, grant_id)).state == "lost"
    assert exact.wire.count(TOKEN) == 3


async def test_killed_between_answer_and_store(exact: ExactWorld) -> None:
    """The row says that a refresh was under way: who comes next waits, and tries once."""
    exact.world.switches.change({"old_refresh_token": "lenient"})
    grant_id = await exact.connect()
    exact.clock.advance(601)
    killed = exact.new_vault()
    seen = await row(exact, grant_id)
    leased = await killed._refresher._lease(seen)  # the lease stands, the call is made, nothing is stored
    assert leased is not None
    old = Keyring([KEY]).decrypt(seen.refresh_token, f"vault_grant {grant_id} refresh_token")
    await exact.endpoint.refresh(old, SITE)
    exact.clock.advance(200)  # its lease is over
    with pytest.raises(GrantBusy):
        await exact.vault.access_token(grant_id)
    exact.clock.advance(401)
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_a_consent_that_was_withdrawn_is_lost_at_once_and_for_all(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.world.revoke(exact.user.name)
    exact.clock.advance(600)
    for _ in range(3):
        with pytest.raises(GrantLost):
            await exact.vault.access_token(grant_id)
    assert exact.wire.count(TOKEN) == 2
    repaired = await exact.connect()
    assert repaired == grant_id
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_a_new_consent_wins_over_a_refresh_under_way(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)
    began, go_on = asyncio.Event(), asyncio.Event()
    refresh = exact.endpoint.refresh

    async def slow(refresh_token: str, site: str) -> TokenSet:
        tokens = await refresh(refresh_token, site)
        began.set()
        await go_on.wait()
        return tokens

    exact.endpoint.refresh = slow  # type: ignore[method-assign]
    waiting = asyncio.create_task(exact.vault.access_token(grant_id))
    await began.wait()
    await exact.connect()
    go_on.set()
    token = await waiting
    assert token.generation == 2
    assert sandbox_oauth.is_valid(exact.world, exact.world.access_tokens[token.value])
    assert (await row(exact, grant_id)).state == "live"


async def test_a_refused_refresh_does_not_lose_a_newer_consent(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)
    refresh = exact.endpoint.refresh

    async def overtaken(refresh_token: str, site: str) -> TokenSet:
        exact.endpoint.refresh = refresh  # type: ignore[method-assign]
        await exact.connect()
        return await refresh(refresh_token, site)

    exact.endpoint.refresh = overtaken  # type: ignore[method-assign]
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_whoever_asked_may_be_cancelled_the_refresh_may_not(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)
    refresh, began = exact.endpoint.refresh, asyncio.Event()

    async def slow(refresh_token: str, site: str) -> TokenSet:
        tokens = await refresh(refresh_token, site)
        began.set()
        await asyncio.sleep(0.05)
        return tokens

    exact.endpoint.refresh = slow  # type: ignore[method-assign]
    asking = asyncio.create_task(exact.vault.access_token(grant_id))
    await began.wait()
    asking.cancel()
    await asyncio.wait([asking])
    await exact.vault.close()
    assert (await row(exact, grant_id)).generation == 2


async def test_a_database_that_cannot_be_written_spends_no_token(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)

    async def refuse(*_: object) -> None:
        raise OSError("disk full")

    broken = exact.new_vault()
    object.__setattr__(broken._refresher, "database", type("Full", (), {"run": refuse})())
    with pytest.raises(OSError, match="disk full"):
        await broken.access_token(grant_id)
    assert exact.wire.count(TOKEN) == 1
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_an_endpoint_out_of_order_changes_nothing(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)
    exact.wire.refuse_connection = True
    for _ in range(5):
        with pytest.raises(GrantBusy):
            await exact.vault.access_token(grant_id)
    exact.wire.refuse_connection = False
    exact.clock.advance(61)
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_an_hour_out_of_order_loses_nothing(exact: ExactWorld) -> None:
    """A wrong client secret is our own fault, and no reason to send a customer through the consent."""
    grant_id = await exact.connect()
    exact.world.apps["kassakoppeling"].secret = "changed"
    exact.clock.advance(301)
    for _ in range(12):
        exact.clock.advance(300)
        with pytest.raises(GrantBusy):
            await exact.vault.access_token(grant_id)
    assert exact.wire.count(TOKEN) <= 1 + 5
    exact.world.apps["kassakoppeling"].secret = "sandbox-secret"
    exact.clock.advance(900)
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_a_young_token_that_is_refused_is_not_hammered(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    token = await exact.vault.access_token(grant_id)
    again = await exact.vault.access_token(grant_id, rejected_generation=token.generation)
    assert again.generation == token.generation
    with pytest.raises(GrantBusy) as busy:
        await exact.vault.access_token(grant_id, rejected_generation=token.generation)
    assert busy.value.until == (await row(exact, grant_id)).issued_at + timedelta(seconds=570)
    with pytest.raises(GrantBusy):
        await exact.vault.access_token(grant_id)
    assert exact.wire.count(TOKEN) == 1


async def test_the_day_has_two_hundred_token_calls(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    async with exact.database.transaction() as transaction:
        await transaction.execute(update(grants).values(token_calls=200))
    exact.clock.advance(601)
    with pytest.raises(GrantBusy) as busy:
        await exact.vault.access_token(grant_id)
    assert busy.value.until.hour == 0
    assert exact.wire.count(TOKEN) == 1


async def test_an_idle_grant_is_kept_alive(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    for _ in range(6):  # 48 days, longer than a refresh token lives
        exact.clock.advance(8 * 24 * 3600)
        assert await exact.vault.refresh_idle(exact.clock.now()) == 1
        assert await exact.vault.refresh_idle(exact.clock.now()) == 0
    assert (await exact.vault.access_token(grant_id)).generation == 7


async def test_unused_for_forty_days_is_lost(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(40 * 24 * 3600)
    with pytest.raises(GrantLost) as lost:
        await exact.vault.access_token(grant_id)
    assert "expired at" in lost.value.reason


async def test_keys_rotate_while_tokens_are_used(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    token = await exact.vault.access_token(grant_id)
    both = exact.new_vault(OTHER_KEY, KEY)
    assert (await both.access_token(grant_id)).value == token.value
    assert await rotate(exact.database, Keyring([OTHER_KEY, KEY])) == 1
    assert await rotate(exact.database, Keyring([OTHER_KEY, KEY])) == 0
    assert (await exact.new_vault(OTHER_KEY).access_token(grant_id)).value == token.value


async def test_a_missing_key_is_not_a_lost_consent(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    exact.clock.advance(601)
    with pytest.raises(Undecryptable):
        await exact.new_vault(OTHER_KEY).access_token(grant_id)
    found = await row(exact, grant_id)
    assert (found.state, found.attempted_at, exact.wire.count(TOKEN)) == ("live", None, 1)
    assert (await exact.vault.access_token(grant_id)).generation == 2


async def test_a_ciphertext_moved_to_another_row_or_column_is_refused(exact: ExactWorld) -> None:
    users = list(exact.world.users)
    mine = await exact.connect(user=users[0])
    other = await exact.connect(user=users[1])
    async with exact.database.transaction() as transaction:
        stolen = (await transaction.execute(select(grants).where(grants.c.id == other))).one()
        await transaction.execute(
            update(grants).where(grants.c.id == mine).values(access_token=stolen.access_token)
        )
    with pytest.raises(Undecryptable):
        await exact.new_vault().access_token(mine)
    async with exact.database.transaction() as transaction:
        await transaction.execute(
            update(grants).where(grants.c.id == other).values(access_token=stolen.refresh_token)
        )
    with pytest.raises(Undecryptable):
        await exact.new_vault().access_token(other)


async def test_withdrawing_forgets_the_tokens(exact: ExactWorld) -> None:
    grant_id = await exact.connect()
    await exact.vault.revoke(grant_id)
    found = await row(exact, grant_id)
    assert (found.state, found.access_token, found.refresh_token) == ("lost", "", "")
    with pytest.raises(GrantLost):
        await exact.vault.access_token(grant_id)


async def test_no_token_is_ever_seen(exact: ExactWorld) -> None:
    """Canaries: logs, reprs, errors and the database's own rows."""
    seen: list[str] = []
    with structlog.testing.capture_logs() as logs:
        tokens = await exact.consent()
        grant_id = await exact.connect()
        token = await exact.vault.access_token(grant_id)
        seen += [repr(tokens), repr(token), repr(exact.vault), repr(Keyring([KEY])), repr(exact.endpoint)]
        exact.clock.advance(601)
        exact.wire.lose_answer_of = TOKEN
        with pytest.raises(GrantBusy) as busy:
            await exact.vault.access_token(grant_id)
        exact.clock.advance(601)
        with pytest.raises(GrantLost) as lost:
            await exact.vault.access_token(grant_id)
        seen += [
            repr(busy.value),
            str(lost.value),
            repr(lost.value.__context__),
            repr(await row(exact, grant_id)),
        ]
    seen.append(repr(logs))
    async with exact.database.reading() as transaction:
        seen.append(repr((await transaction.execute(select(grants))).all()))
    secrets = [*exact.world.access_tokens, *exact.world.refresh_tokens, "sandbox-secret", repr(KEY)]
    assert len(secrets) > 6
    assert not [secret[:20] for secret in secrets if any(secret in text for text in seen)]


class LightspeedTokens:
    """An endpoint that loses the first answers, as many as asked for."""

    def __init__(self, lost: int = 0, policy: Policy = RETAIL) -> None:
        self.lost = lost
        self.policy = policy
        self.calls: list[str] = []

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        raise AssertionError

    async def revoke(self, refresh_token: str, site: str) -> None:
        raise TokenUnavailable("out of order")

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        self.calls.append(refresh_token)
        if len(self.calls) <= self.lost:
            raise RefreshUncertain("ReadTimeout")
        number = len(self.calls) + 1
        return TokenSet(f"a{number}", f"r{number}", 1800)


async def lightspeed(database: Database, clock: Clock, endpoint: LightspeedTokens) -> tuple[Vault, str]:
    vault = Vault(database, Keyring([KEY]), {"lightspeed-retail": endpoint}, clock.now)
    async with database.transaction() as transaction:
        grant_id = await vault.keep_consent(
            transaction,
            partner_id="direct",
            merchant_id="m1",
            system="lightspeed-retail",
            site="https://cloud.lightspeedapp.com",
            subject="4711",
            subject_name="Demo",
            tokens=TokenSet("a1", "r1", 1800),
        )
    return vault, grant_id


@pytest.mark.parametrize("policy", [RETAIL, X_SERIES], ids=["retail", "x"])
async def test_an_outage_of_lightspeeds_token_endpoint_costs_no_consent(
    database: Database, policy: Policy
) -> None:
    """Only its own no ends one: a lost answer may have spent the old token, and asking again tells."""
    clock, endpoint = Clock(START), LightspeedTokens(lost=3, policy=policy)
    vault, grant_id = await lightspeed(database, clock, endpoint)
    clock.advance(1801)
    for tried in range(3):
        with pytest.raises(GrantBusy):
            await vault.access_token(grant_id)
        clock.advance(policy.repeat_seconds * (2**tried if policy.waits_longer else 1) + 1)
    assert (await vault.access_token(grant_id)).value == "a5"
    assert endpoint.calls == ["r1"] * 4
    await vault.revoke(grant_id)
    with pytest.raises(GrantLost):
        await vault.access_token(grant_id)


async def test_a_restaurants_old_token_is_tried_once_more_and_then_a_person_is_asked(
    database: Database,
) -> None:
    """Rule 3 of its tokens: it may be dead."""
    clock, endpoint = Clock(START), LightspeedTokens(lost=100, policy=RESTAURANT)
    vault, grant_id = await lightspeed(database, clock, endpoint)
    clock.advance(1801)
    for expected in (GrantBusy, GrantLost):
        with pytest.raises(expected):
            await vault.access_token(grant_id)
        clock.advance(RESTAURANT.repeat_seconds + 1)
    assert endpoint.calls == ["r1"] * 2


async def test_a_stores_old_token_is_tried_once_more_and_then_ever_more_seldom(database: Database) -> None:
    """Asked each half minute for an hour: at 0, 30, 90, 210, 450, 930 s, then each quarter of an hour."""
    clock, endpoint = Clock(START), LightspeedTokens(lost=100, policy=X_SERIES)
    vault, grant_id = await lightspeed(database, clock, endpoint)
    clock.advance(1801)
    tried_at = []
    for seconds in range(0, 3_600, 30):
        known = len(endpoint.calls)
        with pytest.raises(GrantBusy):
            await vault.access_token(grant_id)
        tried_at += [seconds] * (len(endpoint.calls) - known)
        clock.advance(30)

    assert tried_at == [0, 30, 90, 210, 450, 930, *range(1_830, 3_600, 900)]


async def test_lightspeed_refreshes_once_for_a_token_that_was_refused(database: Database) -> None:
    clock, endpoint = Clock(START), LightspeedTokens()
    vault, grant_id = await lightspeed(database, clock, endpoint)
    clock.advance(60)
    tokens = [await vault.access_token(grant_id, rejected_generation=1) for _ in range(3)]
    assert [token.value for token in tokens] == ["a2"] * 3
    again = await vault.access_token(grant_id, rejected_generation=2)  # a fresh one that is refused as well
    assert (again.generation, endpoint.calls) == (2, ["r1"])
