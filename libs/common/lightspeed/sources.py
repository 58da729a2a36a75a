"""The registry: the sources there are, and the way to each. Nothing else lists them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from libs.common.budget import Budget
from libs.common.lightspeed import restaurant_source, retail_source, x_source
from libs.common.lightspeed.product_source import ProductTill
from libs.common.lightspeed.source import Access, Source, Till
from libs.common.service import Now
from libs.common.settings import Settings
from libs.common.vault import Vault
from libs.common.vault.consent import Consent

SOURCES: Mapping[str, Source] = {
    source.name: source for source in (retail_source.SOURCE, restaurant_source.SOURCE, x_source.SOURCE)
}
USUAL = retail_source.SOURCE.name
"""Where nobody says which."""


def consents(settings: Settings, http: httpx.AsyncClient) -> dict[str, Consent]:
    """By the source's name."""
    return {name: source.consent(settings.app_of(name), http) for name, source in SOURCES.items()}


@dataclass(frozen=True, slots=True)
class Tills:
    """Opens the account of a connection, whatever its source."""

    settings: Settings
    http: httpx.AsyncClient
    vault: Vault
    budget: Budget
    now: Now

    def of(self, source: str, grant_id: str, account: str, *, with_customers: bool = False) -> Till:
        return SOURCES[source].till(self._access(source), grant_id, account, with_customers)

    def products_of(
        self, source: str, grant_id: str, account: str, closed: Collection[str]
    ) -> ProductTill | None:
        """None where the source's articles are kept in step with nothing; `closed` outlets are left out."""
        products = SOURCES[source].products
        return None if products is None else products(self._access(source), grant_id, account, closed)

    def _access(self, source: str) -> Access:
        return Access(self.http, self.vault, self.budget, self.now, self.settings.app_of(source))
