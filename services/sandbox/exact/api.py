"""One API call: token, limits, path, then the read or write, and the answer with its headers."""

from dataclasses import dataclass
from datetime import datetime

from services.sandbox.exact import limits, oauth, refusals
from services.sandbox.exact.calls import Answer, Request, Target, error_answer, find_target
from services.sandbox.exact.division import Division
from services.sandbox.exact.reads import read
from services.sandbox.exact.refusals import ApiError, BusinessRefusal
from services.sandbox.exact.world import AccessToken, App, User, World
from services.sandbox.exact.writes import write
from services.sandbox.exact.writing import BadGuidSent


@dataclass(frozen=True)
class Caller:
    token: AccessToken
    app: App
    user: User


def answer_call(world: World, request: Request) -> Answer:
    """Answers one call and keeps all counts."""
    world.calls.total += 1
    world.calls.api += 1
    answer = limited(world, request)
    if answer.status == 429:
        world.calls.refused += 1
    elif answer.status >= 400:
        world.calls.errors += 1
    return answer


def limited(world: World, request: Request) -> Answer:
    token = oauth.bearer_of(world, request.headers.get("authorization", ""))
    if token is None:
        return Answer(401)
    caller = Caller(token, world.apps[token.chain.client_id], world.users[token.chain.user])
    target = find_target(request.path)
    now = world.clock.now()
    key = (caller.app.client_id, caller.user.name, target.division, target.endpoint)
    if world.switches["error_budget"] and world.limits.is_blocked(key, now):
        world.limits.count_error(key, now)
        return Answer(429)
    headers, refused = take_call(world, caller, target, now)
    if refused is not None:
        return refused
    answer = checked(world, request, caller, target)
    if answer.status in limits.COUNTED_ERRORS or (
        answer.status == 500 and world.switches["count_500_as_error"]
    ):
        world.limits.count_error(key, now)
    answer.headers |= headers
    return answer


def take_call(
    world: World, caller: Caller, target: Target, now: datetime
) -> tuple[dict[str, str], Answer | None]:
    """Counts the call against minute and day; the refusal if one of them is used up."""
    rolling = world.switches["minute_window"] == "rolling"
    budget = world.limits.budget(caller.app.client_id, target.division, now, rolling)
    by_others = world.switches["minute_eaten_by_others"]
    day_is_used = budget.day.used >= world.limits.day
    minute_is_used = budget.minute.used + by_others >= world.limits.minute
    if not day_is_used and not minute_is_used:
        budget.minute.used += 1
        budget.day.used += 1
    minute, day = limits.minute_headers(world.limits, budget), limits.day_headers(world.limits, budget)
    if not day_is_used and not minute_is_used:
        return day | minute, None
    exceeded = day if day_is_used else minute
    if minute_is_used and not day_is_used:
        exceeded = exceeded | {"X-RateLimit-Minutely-Remaining": "0"}
    choice = {"exceeded": exceeded, "both": day | minute | exceeded, "none": {}}
    return {}, Answer(429, headers=choice[world.switches["rate_headers_on_429"]])


def checked(world: World, request: Request, caller: Caller, target: Target) -> Answer:
    if not oauth.is_valid(world, caller.token):
        return Answer(401)
    try:
        return routed(world, request, caller, target)
    except ApiError as error:
        return error_answer(request, error.status, error.text, error.reason)
    except BadGuidSent:
        return error_answer(request, 400, in_language(world, caller.user, refusals.BAD_GUID))
    except BusinessRefusal as refusal:
        text = "\r\n".join(in_language(world, caller.user, text) for text in refusal.texts)
        return error_answer(request, world.switches["business_refusal_status"], text)


def in_language(world: World, user: User, text: refusals.Text) -> str:
    language = world.switches["language"] or user.language
    return text.nl if language == "nl" else text.en


def routed(world: World, request: Request, caller: Caller, target: Target) -> Answer:
    resource = target.resource
    if resource is None:
        raise ApiError(404, "Resource not found for the segment.")
    division = find_division(world, caller.user, target)
    letter = {"GET": "G", "POST": "P", "PUT": "U", "DELETE": "D"}.get(request.method, "?")
    if letter not in resource.methods:
        raise ApiError(405, "The requested resource does not support this method.")
    if not caller.app.may(resource.scope, letter != "G"):
        action = "read" if letter == "G" else "write"
        raise ApiError(
            403, f"Forbidden - Application Scope Violated. Cannot {action}", "ApplicationScopeViolated"
        )
    if letter == "G":
        return read(world, request, caller.app, caller.user, target, resource, division)
    return write(world, request, caller.app, caller.user, target, resource, division)


def find_division(world: World, user: User, target: Target) -> Division:
    """The division of the path, or the user's own for paths without one."""
    number = target.division or user.current_division
    division = world.divisions.get(number)
    if division is None or number not in user.divisions:
        raise ApiError(403, reason="NoDivisionAccess")
    if division.is_blocked:
        raise ApiError(403, reason="DivisionBlocked")
    return division
