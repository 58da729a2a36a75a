"""The vendor's side as a whole: stores, consents, limits, deliveries.

One address serves all stores. A store has a host of its own at the vendor (chapter 1); here a host whose
first label is a store's `domain_prefix` (`fietshuis.localhost`) is that store's, and any other host is the
store's of the token that calls it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.sandbox.clock import Clock
from services.sandbox.switches import Switches
from services.sandbox.x_series.deliveries import Deliveries
from services.sandbox.x_series.limits import Limits
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.oauth import Access, Grants, OAuthError
from services.sandbox.x_series.seed import Shop, bare_store, dutch_shop
from services.sandbox.x_series.switches import SWITCHES

SHOP, EMPTY = "fietshuis", "cadeauhuis"


@dataclass
class XWorld:
    clock: Clock
    seed: int = 1
    switches: Switches = field(default_factory=lambda: Switches(SWITCHES))
    merchants: dict[str, Merchant] = field(default_factory=dict)
    limits: Limits = field(init=False)
    grants: Grants = field(init=False)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock.now)
        self.grants = Grants(self.clock.now, self.switches)
        self.deliveries = Deliveries(self.clock.now, self.switches, self._secret_of)
        dutch_shop(self._new(SHOP, "Fietshuis Utrecht"))
        self.add_store(
            EMPTY, "Cadeauhuis", [Shop("Centrum", ("CEN1-", "CEN2-")), Shop("Station", ("STA1-",))]
        )

    def add_store(self, domain_prefix: str, name: str, shops: Sequence[Shop]) -> Merchant:
        if domain_prefix in self.merchants:
            raise ValueError(f"there is a store {domain_prefix} already")
        merchant = self._new(domain_prefix, name)
        bare_store(merchant, shops)
        return merchant

    def _new(self, domain_prefix: str, name: str) -> Merchant:
        merchant = Merchant(
            domain_prefix, name, self.clock.now, self.seed, self.switches, self.deliveries.hear
        )
        self.merchants[domain_prefix] = merchant
        return merchant

    def _secret_of(self, client_id: str) -> str:
        client = self.grants.clients.get(client_id)
        return client.secret if client else ""

    def prefix_of_host(self, host: str) -> str | None:
        label = host.partition(":")[0].partition(".")[0].lower()
        return label if label in self.merchants else None

    def merchant_called(self, host: str, access: Access) -> Merchant:
        if self.prefix_of_host(host) not in {None, access.domain_prefix}:
            raise OAuthError(401, "Unauthorized", "The token is of another store")
        return self.merchants[access.domain_prefix]
