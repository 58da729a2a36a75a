"""The vendors when somebody consents: where to send a browser, and who came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from libs.common.exact import oauth as exact_oauth
from libs.common.lightspeed import retail_oauth
from libs.common.settings import Settings
from libs.common.vault import TokenEndpoint, TokenSet

EXACT = "exact"
RETAIL = "lightspeed-retail"


class NoIdentity(Exception):
    """The vendor didn't say whose consent this is."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who consented: Exact's login, or Lightspeed's account."""

    id: str
    name: str


class Vendor(Protocol):
    endpoint: TokenEndpoint
    wants_verifier: bool

    def site(self, country: str) -> str: ...

    def authorize_url(self, *, site: str, redirect_uri: str, state: str, challenge: str) -> str: ...

    async def who(self, tokens: TokenSet, site: str) -> Subject: ...


class ExactVendor:
    wants_verifier = False

    def __init__(self, settings: Settings, endpoint: TokenEndpoint, http: httpx.AsyncClient) -> None:
        self.endpoint = endpoint
        self._settings = settings
        self._http = http

    def site(self, country: str) -> str:
        return self._settings.exact_site(country)

    def authorize_url(self, *, site: str, redirect_uri: str, state: str, challenge: str) -> str:
        return exact_oauth.authorize_url(site, self._settings.exact_client_id, redirect_uri, state)

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """A token that isn't kept yet belongs to no grant, so this one call goes beside the client."""
        address = f"{site}/api/v1/current/Me?$select=UserID,FullName,CurrentDivision"
        body = await _ask(self._http, address, tokens)
        try:
            me = body["d"]["results"][0]
            return Subject(str(me["UserID"]), str(me.get("FullName") or ""))
        except (KeyError, IndexError, TypeError) as error:
            raise NoIdentity("Exact Online doesn't say who this is") from error


class RetailVendor:
    wants_verifier = True

    def __init__(self, settings: Settings, endpoint: TokenEndpoint, http: httpx.AsyncClient) -> None:
        self.endpoint = endpoint
        self._settings = settings
        self._http = http

    def site(self, country: str) -> str:
        return self._settings.lightspeed_retail_auth_url

    def authorize_url(self, *, site: str, redirect_uri: str, state: str, challenge: str) -> str:
        return retail_oauth.authorize_url(
            site,
            self._settings.lightspeed_retail_client_id,
            state=state,
            challenge=challenge,
            redirect_uri=redirect_uri,
        )

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """The account of the token's own claims, and its name from the API: both must agree."""
        address = f"{self._settings.lightspeed_retail_api_url}/API/V3/Account.json"
        body = await _ask(self._http, address, tokens)
        try:
            account = body["Account"]
            account = account[0] if isinstance(account, list) else account
            subject = Subject(str(account["accountID"]), str(account.get("name") or ""))
        except (KeyError, IndexError, TypeError) as error:
            raise NoIdentity("Lightspeed doesn't say which account this is") from error
        claimed = retail_oauth.account_in(tokens.access_token)
        if claimed is not None and claimed != subject.id:
            raise NoIdentity("Lightspeed's token is of another account")
        return subject


async def _ask(http: httpx.AsyncClient, address: str, tokens: TokenSet) -> Any:
    headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
    try:
        answer = await http.get(address, headers=headers)
        answer.raise_for_status()
        return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NoIdentity("there was no usable answer") from error


VendorOf = Callable[[str], Vendor]
