"""The realm k-series of the authorization server (chapter 3): codes, access tokens, refresh tokens used once.

The answers to a failure are Keycloak's; an access token stays good until its end, whatever is refreshed.
"""

import base64
import json
import secrets
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox.switches import Switches

SCOPES = frozenset(
    {
        "financial-api",
        "items",
        "orders-api",
        "staff-api",
        "propertymanagement",
        "id-cards",
        "reservations-api",
        "offline_access",
        "openid",
        "profile",
        "email",
    }
)
ISSUER = "https://auth.lsk-prod.app/realms/k-series"


class OAuthError(Exception):
    """What the realm answers instead of tokens."""

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
class Grant:
    """One consent: a client, the businesses it may read, and the one refresh token that is alive."""

    client_id: str
    businesses: tuple[int, ...]
    scopes: tuple[str, ...]
    refresh_token: str = ""
    refresh_until: datetime | None = None
    revoked: bool = False

    @property
    def is_offline(self) -> bool:
        return "offline_access" in self.scopes


@dataclass
class Code:
    grant: Grant
    redirect_uri: str
    until: datetime


@dataclass
class Access:
    grant: Grant
    until: datetime


@dataclass
class Grants:
    now: Callable[[], datetime]
    switches: Switches
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    by_refresh_token: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        redirect = "http://127.0.0.1:8080/oauth/lightspeed-restaurant/callback"
        client = Client("devp-v2-demo-kassakoppeling", "sandbox-secret", redirect)
        self.clients[client.client_id] = client

    def client_asking(self, query: Mapping[str, str]) -> Client:
        """Who may be sent back; anyone else sees an error page."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthError(400, "invalid_client", "Client not found.")
        if query.get("redirect_uri") != client.redirect_uri:
            raise OAuthError(400, "invalid_request", "Invalid parameter: redirect_uri")
        return client

    def check_wish(self, query: Mapping[str, str]) -> None:
        """What is wrong here is told to the client."""
        if query.get("response_type") != "code":
            raise OAuthError(400, "unsupported_response_type", "Unsupported response_type")
        if not SCOPES.issuperset(_scopes(query)):
            raise OAuthError(400, "invalid_scope", f"Invalid scopes: {query.get('scope', '')}")

    def issue_code(self, query: Mapping[str, str], businesses: tuple[int, ...]) -> str:
        code = secrets.token_urlsafe(48)
        until = self.now() + timedelta(seconds=self.switches.number("code_seconds"))
        grant = Grant(query["client_id"], businesses, _scopes(query))
        self.codes[code] = Code(grant, query["redirect_uri"], until)
        return code

    def exchange(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        client = self._client(form, authorization)
        kind = form.get("grant_type")
        if kind is None:
            raise OAuthError(400, "invalid_request", "Missing form parameter: grant_type")
        if kind == "authorization_code":
            return self._first_tokens(client, form)
        if kind == "refresh_token":
            return self._refreshed_tokens(client, form)
        raise OAuthError(400, "unsupported_grant_type", "Unsupported grant_type")

    def revoke(self, form: Mapping[str, str], authorization: str) -> None:
        client = self._client(form, authorization)
        token = form.get("token") or form.get("refresh_token", "")
        grant = self.by_refresh_token.get(token)
        if grant is None and token in self.accesses:
            grant = self.accesses[token].grant
        if grant and grant.client_id == client.client_id:
            grant.revoked = True

    def access_of(self, header: str) -> Access | None:
        scheme, _, token = header.partition(" ")
        access = self.accesses.get(token.strip()) if scheme.lower() == "bearer" else None
        if access is None or access.grant.revoked or access.until <= self.now():
            return None
        return access

    def _client(self, form: Mapping[str, str], authorization: str) -> Client:
        where = self.switches["client_authentication"]
        given = _basic(authorization) if where != "body" else None
        if given is None and where != "basic" and form.get("client_id"):
            given = form["client_id"], form.get("client_secret", "")
        client = self.clients.get(given[0]) if given else None
        if given is None or client is None or not secrets.compare_digest(client.secret, given[1]):
            raise OAuthError(401, "unauthorized_client", "Invalid client or Invalid client credentials")
        return client

    def _first_tokens(self, client: Client, form: Mapping[str, str]) -> dict[str, object]:
        if not form.get("code"):
            raise OAuthError(400, "invalid_request", "Missing parameter: code")
        code = self.codes.pop(form["code"], None)
        if code is None or code.grant.client_id != client.client_id or code.until <= self.now():
            raise OAuthError(400, "invalid_grant", "Code not valid")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError(400, "invalid_grant", "Incorrect redirect_uri")
        return self._issue(code.grant)

    def _refreshed_tokens(self, client: Client, form: Mapping[str, str]) -> dict[str, object]:
        token = form.get("refresh_token")
        if not token:
            raise OAuthError(400, "invalid_request", "No refresh token")
        grant = self.by_refresh_token.get(token)
        if grant is None or grant.client_id != client.client_id:
            raise OAuthError(400, "invalid_grant", "Invalid refresh token")
        if token != grant.refresh_token and self.switches.is_on("reuse_ends_session"):
            grant.revoked = True
        is_over = grant.refresh_until is None or grant.refresh_until <= self.now()
        if token != grant.refresh_token or grant.revoked or is_over:
            raise OAuthError(400, "invalid_grant", "Token is not active")
        return self._issue(grant)

    def _issue(self, grant: Grant) -> dict[str, object]:
        name = "refresh_token_seconds" if grant.is_offline else "online_refresh_seconds"
        lives, refreshable = (
            int(self.switches.number("access_token_seconds")),
            int(self.switches.number(name)),
        )
        access = self._token(grant, lives)
        self.accesses[access] = Access(grant, self.now() + timedelta(seconds=lives))
        grant.refresh_token = self._token(grant, refreshable)
        grant.refresh_until = self.now() + timedelta(seconds=refreshable)
        self.by_refresh_token[grant.refresh_token] = grant
        return {
            "access_token": access,
            "expires_in": lives,
            "refresh_expires_in": refreshable,
            "refresh_token": grant.refresh_token,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "session_state": secrets.token_hex(16),
            "scope": " ".join(dict.fromkeys((*grant.scopes, "profile", "email"))),
        }

    def _token(self, grant: Grant, lives: int) -> str:
        """Looks like the realm's; nobody but this realm can tell whether it is good."""
        head = {"alg": "RS256", "typ": "JWT"}
        claims = {
            "exp": int(self.now().timestamp()) + lives,
            "jti": secrets.token_hex(16),
            "iss": ISSUER,
            "azp": grant.client_id,
        }
        parts = [json.dumps(head).encode(), json.dumps(claims).encode(), secrets.token_bytes(64)]
        return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _scopes(query: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(query.get("scope", "").split())


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return None
    return name, secret
