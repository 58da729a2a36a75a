"""The state of the simulator: apps, users, consents, tokens, divisions, switches and limits."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.sandbox.exact.division import Division
from services.sandbox.exact.hook_deliveries import HookDeliveries
from services.sandbox.exact.limits import Limits
from services.sandbox.exact.switches import Switches

LOCAL_REDIRECT = "http://127.0.0.1:8080/oauth/exact/callback"


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@dataclass
class App:
    client_id: str
    secret: str
    redirect_uri: str
    webhook_secret: str = "sandbox-webhook-secret"
    scopes: dict[str, str] | None = None  # service -> read|manage; None: everything
    switches: dict[str, bool] = field(default_factory=dict)  # its own of OF_APPS, before the world's

    def may(self, scope: str, writing: bool) -> bool:
        if self.scopes is None or not scope:
            return True
        granted = self.scopes.get(scope)
        return granted == "manage" or (granted == "read" and not writing)


@dataclass
class User:
    name: str  # the login, as the consent page lists it
    id: str
    full_name: str
    language: str
    divisions: list[int]
    current_division: int
    email: str = ""


@dataclass
class Chain:
    """One consent of a user for an app and all tokens that follow from it."""

    client_id: str
    user: str
    is_alive: bool = True
    is_revoked: bool = False
    last_issued: datetime | None = None
    latest_refresh_token: str = ""


@dataclass
class Code:
    chain: Chain
    redirect_uri: str
    given_at: datetime
    is_used: bool = False


@dataclass
class AccessToken:
    chain: Chain
    issued_at: datetime


@dataclass
class RefreshToken:
    chain: Chain
    issued_at: datetime
    spent_at: datetime | None = None
    successor: str = ""


@dataclass
class Calls:
    total: int = 0
    api: int = 0
    token: int = 0
    refused: int = 0
    errors: int = 0


@dataclass
class World:
    """Everything there is: nothing, until `seed.plant` fills it.

    `base_url` is only for links that are made outside a request.
    """

    clock: Clock
    seed: int = 1
    base_url: str = "https://start.exactonline.nl"
    apps: dict[str, App] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    divisions: dict[int, Division] = field(default_factory=dict)
    chains: dict[tuple[str, str], Chain] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    limits: Limits = field(default_factory=Limits)
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.hooks = HookDeliveries(self.base_url, self.switches, self._webhook_secret, self.seed)

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add_division(self, division: Division) -> Division:
        self.divisions[division.number] = division
        division.heard = self.hooks.hear
        return division

    def _webhook_secret(self, client_id: str) -> str:
        return self.apps[client_id].webhook_secret

    def revoke(self, user: str) -> int:
        """Withdraws every consent of a user; answers how many there were."""
        chains = [chain for chain in self.chains.values() if chain.user == user and not chain.is_revoked]
        for chain in chains:
            chain.is_revoked = True
        return len(chains)
