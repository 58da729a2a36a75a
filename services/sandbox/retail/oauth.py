"""Clients, consents and tokens (chapter 1): JWT access tokens, refresh tokens that rotate.

The old refresh token dies when the new access token is first used; until then a refresh can be
repeated with it, which is what saves a client that lost the answer.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from services.sandbox.switches import Switches

ISSUER = "https://cloud.lightspeedapp.com"
KEY_ID = "RT_OAUTH2_2024_07_08"
IDLE_DAYS = 30
_SCOPES = """
all register register_read register_refund register_layaway admin_void_sale inventory inventory_read
product_edit product_cost categories manufacturers tags vendors vendor_returns inventory_counts
inventory_counts_reconcile customers customers_read customers_view_gift_card_numbers purchase_orders
special_orders transfers workbench reports admin admin_employees admin_inventory admin_purchases
admin_shops
"""
SCOPES = frozenset(_SCOPES.split())


class OAuthError(Exception):
    """What the authorization server answers instead of tokens."""

    def __init__(self, status: int, error: str, description: str, hint: str = "") -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description} | ({"hint": hint} if hint else {})


@dataclass
class Client:
    client_id: str
    secret: str
    redirect_uri: str
    public: bool = False


@dataclass
class Code:
    client_id: str
    account_id: int
    scopes: tuple[str, ...]
    expires_at: datetime
    challenge: str = ""
    challenge_method: str = ""


@dataclass
class Access:
    token: str
    grant: "Grant"
    expires_at: datetime
    revoked: bool = False


@dataclass
class Grant:
    """One consent: an account, a client, and the tokens that are alive."""

    client_id: str
    account_id: int
    scopes: tuple[str, ...]
    refresh_token: str = ""
    previous_refresh_token: str = ""
    refreshed_at: datetime | None = None
    access: Access | None = None
    refreshes: list[datetime] = field(default_factory=list)
    revoked: bool = False

    def allows(self, wanted: tuple[str, ...]) -> bool:
        return not wanted or "all" in self.scopes or not set(wanted).isdisjoint(self.scopes)


@cache
def _key() -> rsa.RSAPrivateKey:
    """What signs tokens; made once a process, since it takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Grants:
    now: Callable[[], datetime]
    switches: Switches
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    by_refresh_token: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        redirect = "http://127.0.0.1:8080/oauth/lightspeed-retail/callback"
        self.clients["kassakoppeling"] = Client("kassakoppeling", "sandbox-secret", redirect)

    def check_authorization(self, query: dict[str, str]) -> Client:
        client = self.clients.get(query.get("client_id", ""))
        if client is None or query.get("redirect_uri", client.redirect_uri) != client.redirect_uri:
            raise OAuthError(400, "invalid_client", "Client authentication failed")
        if query.get("response_type") != "code":
            raise _invalid_request("response_type")
        scopes_of(query.get("scope", ""))
        if client.public and not query.get("code_challenge"):
            raise _invalid_request("code_challenge")
        return client

    def issue_code(self, query: dict[str, str], account_id: int) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(
            query["client_id"],
            account_id,
            scopes_of(query.get("scope", "")),
            self.now() + timedelta(seconds=self.switches.number("code_seconds")),
            query.get("code_challenge", ""),
            query.get("code_challenge_method", "plain"),
        )
        return code

    def exchange(self, form: dict[str, str]) -> dict[str, object]:
        client = self._client(form)
        kind = form.get("grant_type")
        if kind not in {"authorization_code", "refresh_token"}:
            raise _invalid_request("grant_type")
        if "scope" in form:
            raise OAuthError(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
        if kind == "authorization_code":
            return self._first_tokens(client, form)
        return self._refreshed_tokens(client, form)

    def revoke(self, form: dict[str, str]) -> None:
        client = self._client(form)
        grant = self.by_refresh_token.get(form.get("refresh_token", ""))
        if grant and grant.client_id == client.client_id:
            end(grant)

    def access_of(self, header: str) -> Access:
        """The live access behind an Authorization header; its first use kills the old refresh token."""
        scheme, _, token = header.partition(" ")
        access = self.accesses.get(token) if scheme.lower() == "bearer" else None
        if access is None or access.revoked or access.grant.revoked:
            raise _denied("Access token has been revoked" if access else "Access token could not be verified")
        if access.expires_at <= self.now():
            raise _denied("Access token could not be verified")
        self._forget_previous(access.grant)
        return access

    def claims_of(self, access: Access) -> dict[str, object]:
        return _decoded(access.token)

    def _client(self, form: dict[str, str]) -> Client:
        for name in ("client_id", "client_secret"):
            if not form.get(name):
                raise _invalid_request(name)
        client = self.clients.get(form["client_id"])
        if client is None or not secrets.compare_digest(client.secret, form["client_secret"]):
            raise OAuthError(401, "invalid_client", "Client authentication failed")
        return client

    def _first_tokens(self, client: Client, form: dict[str, str]) -> dict[str, object]:
        if not form.get("code"):
            raise _invalid_request("code")
        code = self.codes.pop(form["code"], None)
        if code is None or code.client_id != client.client_id or code.expires_at <= self.now():
            raise _invalid_grant("Authorization code has expired or was used")
        _check_verifier(code, form.get("code_verifier", ""))
        return self._issue(Grant(client.client_id, code.account_id, code.scopes))

    def _refreshed_tokens(self, client: Client, form: dict[str, str]) -> dict[str, object]:
        token = form.get("refresh_token")
        if not token:
            raise _invalid_request("refresh_token")
        grant = self.by_refresh_token.get(token)
        alive = grant and not grant.revoked and token in {grant.refresh_token, grant.previous_refresh_token}
        if grant is None or not alive or grant.client_id != client.client_id or self._is_idle(grant):
            raise _invalid_grant("Token has been revoked")
        self._count_refresh(grant)
        if token == grant.refresh_token:
            self._forget_previous(grant)
            if self.switches["old_refresh_token_dies"] == "first use":
                grant.previous_refresh_token = token
        return self._issue(grant)

    def _is_idle(self, grant: Grant) -> bool:
        return grant.refreshed_at is not None and self.now() - grant.refreshed_at > timedelta(days=IDLE_DAYS)

    def _forget_previous(self, grant: Grant) -> None:
        if grant.previous_refresh_token:
            self.by_refresh_token.pop(grant.previous_refresh_token, None)
            grant.previous_refresh_token = ""

    def _count_refresh(self, grant: Grant) -> None:
        now = self.now()
        grant.refreshes = [at for at in grant.refreshes if now - at < timedelta(minutes=1)]
        if len(grant.refreshes) >= self.switches.number("refreshes_per_minute"):
            raise OAuthError(429, "too_many_requests", "Too many refresh attempts for this connection")
        grant.refreshes.append(now)

    def _issue(self, grant: Grant) -> dict[str, object]:
        """New tokens; the access token before is revoked at once, an unused newer refresh token too."""
        if grant.access:
            grant.access.revoked = True
        if grant.refresh_token != grant.previous_refresh_token:
            self.by_refresh_token.pop(grant.refresh_token, None)
        seconds = int(self.switches.number("access_token_seconds"))
        grant.refresh_token = "def5020" + secrets.token_hex(40)
        grant.refreshed_at = self.now()
        grant.access = Access(self._jwt(grant, seconds), grant, self.now() + timedelta(seconds=seconds))
        self.by_refresh_token[grant.refresh_token] = grant
        self.accesses[grant.access.token] = grant.access
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "access_token": grant.access.token,
            "refresh_token": grant.refresh_token,
        }

    def _jwt(self, grant: Grant, seconds: int) -> str:
        issued = self.now().timestamp()
        claims = {
            "jti": secrets.token_hex(20),
            "iss": ISSUER,
            "aud": grant.client_id,
            "sub": "1",
            "acct": str(grant.account_id),
            "scope": " ".join(f"employee:{scope}" for scope in grant.scopes),
            "iat": issued,
            "nbf": issued,
            "exp": issued + seconds,
        }
        head = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}
        signed = f"{_base64(json.dumps(head).encode())}.{_base64(json.dumps(claims).encode())}"
        signature = _key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"

    def key_set(self) -> dict[str, object]:
        numbers = _key().public_key().public_numbers()
        modulus = _base64(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))
        return {
            "keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "n": modulus, "e": "AQAB"}]
        }


def end(grant: Grant) -> None:
    grant.revoked = True
    if grant.access:
        grant.access.revoked = True


def scopes_of(text: str) -> tuple[str, ...]:
    names = text.split()
    scopes = tuple(name.removeprefix("employee:") for name in names)
    malformed = not names or any(not name.startswith("employee:") for name in names)
    if malformed or not SCOPES.issuperset(scopes):
        raise OAuthError(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
    return scopes


def _check_verifier(code: Code, verifier: str) -> None:
    if not code.challenge:
        return
    made = (
        _base64(hashlib.sha256(verifier.encode()).digest()) if code.challenge_method == "S256" else verifier
    )
    if not 43 <= len(verifier) <= 128 or made != code.challenge:
        raise _invalid_grant("Failed to verify `code_verifier`.")


def _invalid_request(name: str) -> OAuthError:
    description = "The request is missing a required parameter, or has an invalid parameter value"
    return OAuthError(400, "invalid_request", description, f"Check the `{name}` parameter")


def _invalid_grant(hint: str) -> OAuthError:
    return OAuthError(
        400, "invalid_grant", "The provided authorization grant or refresh token is invalid", hint
    )


def _denied(hint: str) -> OAuthError:
    return OAuthError(
        401, "access_denied", "The resource owner or authorization server denied the request.", hint
    )


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
