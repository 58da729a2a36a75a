"""Clients, consents and tokens (chapter 3): a refresh kills both tokens of before, at once."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox.switches import Switches

LEAST_STATE = 8
_SCOPES = """
sales:read sales:write payments:read payment_types:read products:read products:write products:read:price_books
inventory:read inventory:write taxes:read taxes:write outlets:read registers:read register:open register:close
retailer:read customers:read customers:write users:read suppliers:read suppliers:write gift_cards:read
gift_cards:write:issue gift_cards:write:redeem store_credits:read store_credits:write:issue webhooks
audit:read consignments:read consignments:write promotions:read promotions:write
"""
SCOPES = frozenset(_SCOPES.split())


class OAuthError(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass
class Client:
    client_id: str
    secret: str
    redirect_uri: str


@dataclass
class Code:
    client_id: str
    domain_prefix: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime


@dataclass
class Access:
    """A personal token has no client and no end (3.3)."""

    token: str
    domain_prefix: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool = False

    def allows(self, wanted: tuple[str, ...]) -> bool:
        """A grant from before scopes lists none and may do all."""
        return not self.scopes or set(wanted) <= set(self.scopes)


@dataclass
class Grant:
    client_id: str
    domain_prefix: str
    scopes: tuple[str, ...]
    refresh_token: str = ""
    refreshed_at: datetime | None = None
    access: Access | None = None


@dataclass
class Grants:
    now: Callable[[], datetime]
    switches: Switches
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    by_refresh_token: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        redirect = "http://127.0.0.1:8080/oauth/lightspeed-x/callback"
        self.clients["kassakoppeling"] = Client("kassakoppeling", "sandbox-secret", redirect)

    def check_authorization(self, asked: Mapping[str, str]) -> Client:
        client = self.clients.get(asked.get("client_id", ""))
        if client is None:
            raise OAuthError(400, "invalid_client", "There is no such application")
        if asked.get("redirect_uri") != client.redirect_uri:
            raise OAuthError(400, "invalid_request", "redirect_uri is not the registered one")
        if asked.get("response_type") != "code":
            raise OAuthError(400, "invalid_request", "response_type is code")
        if len(asked.get("state", "")) < LEAST_STATE:
            raise OAuthError(400, "invalid_request", f"state has at least {LEAST_STATE} characters")
        self._scopes(asked.get("scope", ""))
        return client

    def _scopes(self, text: str) -> tuple[str, ...]:
        scopes = tuple(text.split())
        if not scopes and self.switches.is_on("scope_mandatory"):
            raise OAuthError(400, "invalid_scope", "scope is mandatory")
        unknown = sorted(set(scopes) - SCOPES)
        if unknown:
            raise OAuthError(400, "invalid_scope", f"there is no scope {', '.join(unknown)}")
        return scopes

    def issue_code(self, asked: Mapping[str, str], domain_prefix: str) -> str:
        code = secrets.token_urlsafe(32)
        ends = self.now() + timedelta(seconds=self.switches.number("code_seconds"))
        scopes = self._scopes(asked.get("scope", ""))
        self.codes[code] = Code(asked["client_id"], domain_prefix, scopes, asked["redirect_uri"], ends)
        return code

    def exchange(self, form: Mapping[str, str], host_prefix: str | None) -> dict[str, object]:
        """`host_prefix` is the merchant whose host was called, None where the host serves all of them."""
        client = self._client(form)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._issue(self._from_code(client, form, host_prefix))
        if kind == "refresh_token":
            return self._issue(self._from_refresh_token(client, form, host_prefix))
        raise OAuthError(400, "unsupported_grant_type", "grant_type is authorization_code or refresh_token")

    def access_of(self, header: str) -> Access:
        scheme, _, token = header.partition(" ")
        access = self.accesses.get(token.strip()) if scheme.lower() == "bearer" else None
        if access is None or access.revoked:
            raise OAuthError(401, "Unauthorized", "Token is missing, unknown or revoked")
        if access.expires_at is not None and access.expires_at <= self.now():
            raise OAuthError(401, "Unauthorized", "Token has expired")
        return access

    def personal(self, domain_prefix: str, scopes: tuple[str, ...] = ()) -> Access:
        token = f"lsxs_pt_{secrets.token_urlsafe(24)}"
        access = Access(token, domain_prefix, "", scopes, None)
        self.accesses[access.token] = access
        return access

    def end(self, access: Access) -> bool:
        """The consent of this token is withdrawn; answers whether it still stood."""
        was_alive = not access.revoked
        access.revoked = True
        for token, grant in list(self.by_refresh_token.items()):
            if grant.access is access:
                del self.by_refresh_token[token]
        return was_alive

    def end_all(self, domain_prefix: str) -> int:
        own = [grant for grant in self.by_refresh_token.values() if grant.domain_prefix == domain_prefix]
        return sum(self.end(grant.access) for grant in own if grant.access)

    def _client(self, form: Mapping[str, str]) -> Client:
        client = self.clients.get(form.get("client_id", ""))
        if client is None or not secrets.compare_digest(client.secret, form.get("client_secret", "")):
            raise OAuthError(401, "invalid_client", "client_id or client_secret is wrong")
        return client

    def _from_code(self, client: Client, form: Mapping[str, str], host_prefix: str | None) -> Grant:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.client_id != client.client_id or code.expires_at <= self.now():
            raise OAuthError(400, "invalid_grant", "The code has expired, was used or is another's")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError(400, "invalid_grant", "redirect_uri is not the one of the authorization")
        if host_prefix not in {None, code.domain_prefix}:
            raise OAuthError(400, "invalid_grant", f"the code is not of {host_prefix}")
        return Grant(client.client_id, code.domain_prefix, code.scopes)

    def _from_refresh_token(self, client: Client, form: Mapping[str, str], host_prefix: str | None) -> Grant:
        grant = self.by_refresh_token.get(form.get("refresh_token", ""))
        if grant is None or grant.client_id != client.client_id or self._has_ended(grant):
            raise OAuthError(400, "invalid_grant", "The refresh token is unknown, was used or has ended")
        if host_prefix not in {None, grant.domain_prefix}:
            raise OAuthError(400, "invalid_grant", f"the refresh token is not of {host_prefix}")
        return grant

    def _has_ended(self, grant: Grant) -> bool:
        days = self.switches.number("refresh_token_days")
        return bool(days and grant.refreshed_at and self.now() - grant.refreshed_at > timedelta(days=days))

    def _issue(self, grant: Grant) -> dict[str, object]:
        """New tokens; the old pair is dead from here on (3.2)."""
        if grant.access:
            grant.access.revoked = True
        self.by_refresh_token.pop(grant.refresh_token, None)
        seconds = int(self.switches.number("access_token_seconds"))
        ends = self.now() + timedelta(seconds=seconds)
        grant.refreshed_at = self.now()
        grant.refresh_token = f"RT-{secrets.token_urlsafe(32)}"
        token = f"AT-{secrets.token_urlsafe(32)}"
        grant.access = Access(token, grant.domain_prefix, grant.client_id, grant.scopes, ends)
        self.by_refresh_token[grant.refresh_token] = grant
        self.accesses[token] = grant.access
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires": int(ends.timestamp()),
            "expires_in": seconds,
            "refresh_token": grant.refresh_token,
            "domain_prefix": grant.domain_prefix,
            "scope": " ".join(grant.scopes),
        }
