"""A vendor while somebody consents: where to send a browser, and whose consent came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from libs.common.vault.endpoint import TokenEndpoint, TokenSet


class NoIdentity(Exception):
    """The vendor didn't say whose consent this is."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who consented: a Lightspeed account, or Exact's login."""

    id: str
    name: str


class Consent(Protocol):
    """One vendor's, with its token endpoint for the vault."""

    @property
    def endpoint(self) -> TokenEndpoint: ...

    @property
    def wants_verifier(self) -> bool:
        """Whether it takes PKCE."""
        ...

    def authorize_url(self, *, country: str, redirect_uri: str, state: str, challenge: str) -> str: ...

    def site(self, country: str, brought: Mapping[str, str]) -> str:
        """Where this consent's tokens are had, kept with the grant; raises `NoIdentity`.

        `brought` is what the browser brought back beside state and code.
        """
        ...

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """Of a till, `Subject.id` is the connection's account from now on."""
        ...


async def ask(http: httpx.AsyncClient, address: str, tokens: TokenSet) -> Any:
    """One call with a token that isn't kept yet: it belongs to no grant, so it goes beside the client."""
    headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
    try:
        answer = await http.get(address, headers=headers)
        answer.raise_for_status()
        return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NoIdentity("there was no usable answer") from error
