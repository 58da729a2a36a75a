"""Lightspeed Retail while somebody consents: where to send a browser, and whose account came back."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from libs.common.lightspeed import retail_oauth
from libs.common.lightspeed.retail_oauth import RetailTokens
from libs.common.settings import VendorApp
from libs.common.vault import TokenSet
from libs.common.vault.consent import NoIdentity, Subject, ask


class RetailConsent:
    wants_verifier = True

    def __init__(self, app: VendorApp, http: httpx.AsyncClient) -> None:
        self.endpoint = RetailTokens(http, app.client_id, app.client_secret.get_secret_value(), app.auth_url)
        self._app = app
        self._http = http

    def site(self, country: str, brought: Mapping[str, str]) -> str:
        return self._app.auth_url

    def authorize_url(self, *, country: str, redirect_uri: str, state: str, challenge: str) -> str:
        return retail_oauth.authorize_url(
            self._app.auth_url,
            self._app.client_id,
            state=state,
            challenge=challenge,
            redirect_uri=redirect_uri,
        )

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """The account of the token's own claims, and its name from the API: both must agree."""
        body = await ask(self._http, f"{self._app.api_url}/API/V3/Account.json", tokens)
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
