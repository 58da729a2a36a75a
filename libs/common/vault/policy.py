"""When to refresh, use, wait or give up: what each vendor allows, and one pure decision over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.common.vault.grants import Grant


@dataclass(frozen=True, slots=True)
class Policy:
    """How one vendor treats refreshing; a share of the life stands in where the life is short."""

    refresh_before_seconds: float
    """How long before its end an access token is refreshed."""
    refresh_before_share: float
    repeat_seconds: float
    """How long after an attempt without an answer the old refresh token may be tried again; no longer than
    an access token lives."""
    repeats: int | None
    """How often it may be tried again; None: until there is an answer."""
    may_refresh_on_rejection: bool
    """Whether a young access token that was refused may be refreshed before its time."""
    is_stored_if_late: bool
    """Whether tokens that arrive after the lease ran out are still the only good ones."""
    calls_a_day: int
    idle_days: int = 7
    """After how long a consent that nobody uses is renewed, so that it outlives its refresh token."""
    waits_longer: bool = False
    """Whether every further try comes twice as late as the one before, up to `LONGEST_REPEAT`."""


EXACT = Policy(
    # Nothing before 570 s of 600 (2.3); a lost answer: 600 s, once (2.5); 200 token calls a day (3.1).
    refresh_before_seconds=30,
    refresh_before_share=0.05,
    repeat_seconds=600,
    repeats=1,
    may_refresh_on_rejection=False,
    is_stored_if_late=True,
    calls_a_day=200,
)
LONGEST_REPEAT = timedelta(minutes=15)
REJECTED_AGE = timedelta(seconds=10)
"""An access token younger than this that is refused won't be mended by another."""
USED_WHILE_UNCERTAIN = timedelta(seconds=5)
"""How long before its end a token is no longer given out while no other can be had."""


class Step(StrEnum):
    USE = "use"
    REFRESH = "refresh"
    WAIT = "wait"
    """Somebody refreshes at this moment: look again soon."""
    BUSY = "busy"
    """Nothing can be done before `until`."""
    GIVE_UP = "give-up"


@dataclass(frozen=True, slots=True)
class Decision:
    step: Step
    until: datetime | None = None


def due_at(grant: Grant, policy: Policy) -> datetime:
    """From when on the access token is refreshed: 570 s after its issue where it lives 600 s."""
    before = min(policy.refresh_before_seconds, policy.refresh_before_share * grant.expires_in)
    return grant.issued_at + timedelta(seconds=grant.expires_in - before)


def repeat_after(grant: Grant, policy: Policy) -> timedelta:
    """After a whole life no refresh comes too early, even if the lost answer had renewed the tokens."""
    wait = timedelta(seconds=policy.repeat_seconds)
    if policy.waits_longer:
        wait = min(wait * 2 ** min(max(grant.attempts - 1, 0), 10), LONGEST_REPEAT)
    return min(wait, timedelta(seconds=grant.expires_in))


def decide(grant: Grant, policy: Policy, now: datetime, *, is_rejected: bool, is_forced: bool) -> Decision:
    """What to do for who asks now; `is_rejected`: the vendor refused this generation's access token.

    `is_forced` asks for a refresh of a token that still lives, to keep an idle grant alive.
    """
    if grant.is_leased(now):
        return Decision(Step.WAIT, grant.lease_until)
    if grant.attempted_at is not None:
        return _after_lost_answer(grant, policy, now)
    if grant.not_before is not None and now < grant.not_before:
        return _use_or_wait(grant, now, grant.not_before)
    due = due_at(grant, policy)
    if is_forced or now >= due:
        return Decision(Step.REFRESH)
    if is_rejected and policy.may_refresh_on_rejection and now - grant.issued_at > REJECTED_AGE:
        return Decision(Step.REFRESH)
    if grant.rejections > 1 and not policy.may_refresh_on_rejection:
        return Decision(Step.BUSY, due)  # each further try would be one more 401 in the error budget
    return Decision(Step.USE)


def _after_lost_answer(grant: Grant, policy: Policy, now: datetime) -> Decision:
    assert grant.attempted_at is not None
    again_at = grant.attempted_at + repeat_after(grant, policy)
    if now < again_at:
        return _use_or_wait(grant, now, again_at)
    if policy.repeats is not None and grant.attempts > policy.repeats:
        return Decision(Step.GIVE_UP)
    return Decision(Step.REFRESH)


def _use_or_wait(grant: Grant, now: datetime, until: datetime) -> Decision:
    if now < grant.expires_at - USED_WHILE_UNCERTAIN:
        return Decision(Step.USE)
    return Decision(Step.BUSY, until)
