"""Exact Online while somebody consents: where to send a browser, and whose login came back."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from libs.common.exact import oauth as exact_oauth
from libs.common.exact.oauth import ExactTokens
from libs.common.settings import Settings
from libs.common.vault import TokenSet
from libs.common.vault.consent import NoIdentity, Subject, ask

EXACT = "exact"


class ExactConsent:
    wants_verifier = False

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        secret = settings.exact_client_secret.get_secret_value()
        self.endpoint = ExactTokens(http, settings.exact_client_id, secret)
        self._settings = settings
        self._http = http

    def site(self, country: str, brought: Mapping[str, str]) -> str:
        return self._settings.exact_site(country)

    def authorize_url(self, *, country: str, redirect_uri: str, state: str, challenge: str) -> str:
        site = self._settings.exact_site(country)
        return exact_oauth.authorize_url(site, self._settings.exact_client_id, redirect_uri, state)

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        address = f"{site}/api/v1/current/Me?$select=UserID,FullName,CurrentDivision"
        body = await ask(self._http, address, tokens)
        try:
            found = body["d"]
            me = (found if isinstance(found, list) else found["results"])[0]  # both shapes occur (4.2)
            return Subject(str(me["UserID"]), str(me.get("FullName") or ""))
        except (KeyError, IndexError, TypeError) as error:
            raise NoIdentity("Exact Online doesn't say who this is") from error
