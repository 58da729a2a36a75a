"""The authorization code flow: consent, codes, and tokens with Exact's rules on age and reuse."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sandbox.exact.limits import COUNTED_ERRORS
from services.sandbox.exact.world import AccessToken, App, Chain, Code, RefreshToken, World

REFRESH_WINDOW = timedelta(seconds=30)
"""Before an access token's end: earlier than this it can't be refreshed."""
CODE_SECONDS = 180
REFRESH_DAYS = 30
TOO_EARLY = "Rate limit exceeded: access_token not expired"
ENDPOINT = "oauth2/token"
NOT_IN_CHAIN = "Token is not allowed, because of invalid or empty chainId"


@dataclass(frozen=True)
class TokenAnswer:
    """An empty `body` is no JSON at all."""

    status: int
    body: dict[str, str]
    reason: str = ""


def refused(status: int, error: str, description: str = "", reason: str = "") -> TokenAnswer:
    body = {"error": error, "error_description": description} if description else {"error": error}
    return TokenAnswer(status, body, reason)


def grant(world: World, app: App, user: str, redirect_uri: str) -> str:
    """The user allows the app: a new chain begins, and the code for it."""
    chain = Chain(app.client_id, user)
    previous = world.chains.get((app.client_id, user))
    if previous is not None:
        previous.is_alive = False
    world.chains[(app.client_id, user)] = chain
    code = "stampNL001." + opaque(world, 3) + "!/+=" + opaque(world, 1)
    world.codes[code] = Code(chain, redirect_uri, world.clock.now())
    return code


def opaque(world: World, parts: int) -> str:
    return "".join(f"{world.random.getrandbits(256):064x}" for _ in range(parts))


def answer_token(world: World, form: dict[str, str]) -> TokenAnswer:
    app = world.apps.get(form.get("client_id", ""))
    if app is None or form.get("client_secret") != app.secret:
        return refused(400, "invalid_request")
    chain, now = chain_of(world, form), world.clock.now()
    if chain is None:
        return granted(world, app, form)
    key = (app.client_id, chain.user, 0, ENDPOINT)
    if world.switches["error_budget"] and world.limits.is_blocked(key, now):
        world.limits.count_error(key, now)
        return TokenAnswer(429, {})
    answer = granted(world, app, form)
    if answer.status in COUNTED_ERRORS:
        world.limits.count_error(key, now)
    return answer


def chain_of(world: World, form: dict[str, str]) -> Chain | None:
    """Whose code or refresh token is handed in, good or not."""
    code = world.codes.get(form.get("code", ""))
    token = world.refresh_tokens.get(form.get("refresh_token", ""))
    found = code or token
    return found.chain if found else None


def granted(world: World, app: App, form: dict[str, str]) -> TokenAnswer:
    if form.get("grant_type") == "authorization_code":
        return redeem(world, app, form)
    if form.get("grant_type") == "refresh_token":
        return refresh(world, app, form.get("refresh_token", ""))
    return refused(400, "invalid_request")


def redeem(world: World, app: App, form: dict[str, str]) -> TokenAnswer:
    code = world.codes.get(form.get("code", ""))
    now = world.clock.now()
    if code is None or code.chain.client_id != app.client_id:
        return refused(400, "invalid_grant")
    if form.get("redirect_uri") != code.redirect_uri:
        return refused(400, "invalid_request")
    if not world.limits.take_token_call(app.client_id, code.chain.user, now):
        return too_many(world)
    if code.is_used or now - code.given_at > timedelta(seconds=CODE_SECONDS):
        return refused(400, "invalid_grant")
    code.is_used = True
    if not code.chain.is_alive or code.chain.is_revoked:
        return refused(400, "invalid_grant", NOT_IN_CHAIN)
    return issue(world, code.chain)


def issue(world: World, chain: Chain) -> TokenAnswer:
    now = world.clock.now()
    access, renewal = "stampNL001." + opaque(world, 8), "stampNL001.R." + opaque(world, 6)
    world.access_tokens[access] = AccessToken(chain, now)
    world.refresh_tokens[renewal] = RefreshToken(chain, now)
    chain.last_issued, chain.latest_refresh_token = now, renewal
    return TokenAnswer(
        200,
        {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": str(world.switches["access_token_seconds"]),
            "refresh_token": renewal,
        },
    )


def refresh(world: World, app: App, text: str) -> TokenAnswer:
    now = world.clock.now()
    token = world.refresh_tokens.get(text)
    if token is None or token.chain.client_id != app.client_id:
        return refused(400, "invalid_grant", NOT_IN_CHAIN)
    if not world.limits.take_token_call(app.client_id, token.chain.user, now):
        return too_many(world)
    refusal = refusal_of(world, token, now)
    if refusal is not None:
        return refusal
    answer = issue(world, token.chain)
    token.spent_at, token.successor = token.spent_at or now, answer.body["refresh_token"]
    return answer


def refusal_of(world: World, token: RefreshToken, now: datetime) -> TokenAnswer | None:
    chain = token.chain
    if not chain.is_alive or chain.is_revoked:
        return refused(400, "invalid_grant", NOT_IN_CHAIN)
    if token.spent_at is not None and not is_still_good(world, token, now):
        return refused(401, "unauthorized_client", "Old refresh token used.")
    expires = token.issued_at + timedelta(days=REFRESH_DAYS)
    if now > expires:
        text = f"The refresh token expired at {us_time(expires)} and it is now {us_time(now)}."
        return refused(400, "invalid_request", text)
    if chain.last_issued and now - chain.last_issued < access_life(world) - REFRESH_WINDOW:
        return refused(400, "access_denied", TOO_EARLY, f"TooEarlyToRefreshTokens: {TOO_EARLY}")
    return None


def is_still_good(world: World, token: RefreshToken, now: datetime) -> bool:
    """Lenient mode: a spent token works until its successor is used or some minutes have passed."""
    if world.switches["old_refresh_token"] == "strict" or token.spent_at is None:
        return False
    successor = world.refresh_tokens[token.successor]
    grace = timedelta(seconds=world.switches["old_refresh_grace_seconds"])
    return successor.spent_at is None and now - token.spent_at <= grace


def too_many(world: World) -> TokenAnswer:
    reason = "Rate limit exceeded: too many token requests today"
    return refused(world.switches["token_day_limit_status"], "access_denied", reason, reason)


def us_time(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S %p}"


def bearer_of(world: World, header: str) -> AccessToken | None:
    """The token of an Authorization header if it was ever handed out."""
    kind, _, text = header.partition(" ")
    return world.access_tokens.get(text.strip()) if kind.lower() == "bearer" else None


def is_valid(world: World, token: AccessToken) -> bool:
    age = world.clock.now() - token.issued_at
    return age < access_life(world) and token.chain.is_alive and not token.chain.is_revoked


def access_life(world: World) -> timedelta:
    return timedelta(seconds=world.switches["access_token_seconds"])
