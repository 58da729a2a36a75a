"""The controls of the simulator: apps, limits, switches, counts, books, periods, users."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sandbox.exact import stockroom
from services.sandbox.exact.books import books_of
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.seed import plant_years
from services.sandbox.exact.switches import OF_APPS, SWITCHES
from services.sandbox.exact.world import App, Calls, World


class Refused(Exception):
    """A control call that cannot be done."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Controls:
    """One method a control; each answers JSON."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def put_app(self, request: Request) -> Response:
        body, client_id = await read(request), request.path_params["client_id"]
        known = self.world.apps.get(client_id)
        own = body.get("switches", {})
        if not isinstance(own, dict) or not all(n in OF_APPS and type(v) is bool for n, v in own.items()):
            raise Refused(422, f"switches of an app are {' and '.join(OF_APPS)}, true or false")
        app = known or App(client_id, body.get("secret", ""), body.get("redirect_uri", ""))
        for name in ("secret", "redirect_uri", "webhook_secret", "scopes", "switches"):
            if name in body:
                setattr(app, name, body[name])
        self.world.apps[client_id] = app
        return JSONResponse(asdict(app))

    async def limits(self, request: Request) -> Response:
        if request.method == "PUT":
            body = await read(request)
            known = self.world.limits.numbers()
            if not all(name in known and isinstance(value, int) for name, value in body.items()):
                raise Refused(422, f"limits are whole numbers named {', '.join(known)}")
            for name, value in body.items():
                setattr(self.world.limits, name, value)
        return JSONResponse(self.world.limits.numbers())

    async def switches(self, request: Request) -> Response:
        if request.method == "PUT":
            problems = self.world.switches.change(await read(request))
            if problems:
                raise Refused(422, "; ".join(problems))
        return JSONResponse(self.world.switches.values)

    async def switch_meanings(self, request: Request) -> Response:
        return JSONResponse({name: choice.meaning for name, choice in SWITCHES.items()})

    async def calls(self, request: Request) -> Response:
        return JSONResponse(asdict(self.world.calls))

    async def reset_calls(self, request: Request) -> Response:
        self.world.calls = Calls()
        return JSONResponse(asdict(self.world.calls))

    async def deliveries(self, request: Request) -> Response:
        sent = self.world.hooks
        counts = {"waiting": len(sent.waiting), "delivered": sent.delivered, "failed": sent.failed}
        return JSONResponse(counts)

    async def users(self, request: Request) -> Response:
        users = self.world.users.values()
        return JSONResponse([asdict(user) for user in users])

    async def divisions(self, request: Request) -> Response:
        rows = self.world.divisions.values()
        return JSONResponse([{"code": d.number, "name": d.description, "country": d.country} for d in rows])

    async def books(self, request: Request) -> Response:
        return JSONResponse(books_of(self.division(request)))

    async def articles(self, request: Request) -> Response:
        """With their stock; a POST enters goods as a person would."""
        division = self.division(request)
        if request.method == "POST":
            goods = (await read(request)).get("goods")
            if not isinstance(goods, list):
                raise Refused(422, "goods is a list")
            return JSONResponse({"entered": self.done(stockroom.enter_goods, division, goods)})
        return JSONResponse(stockroom.articles_of(division))

    async def deliver(self, request: Request) -> Response:
        """Delivers every order that is open, as a shop does each day."""
        return JSONResponse({"delivered": self.done(stockroom.deliver_orders, self.division(request))})

    def done(self, act: Callable[..., int], division: Any, *given: Any) -> int:
        try:
            return act(division, self.world.switches, *given)
        except BusinessRefusal as refusal:
            raise Refused(422, "; ".join(text.en for text in refusal.texts)) from refusal
        except (KeyError, TypeError, ValueError, ArithmeticError) as missing:
            raise Refused(422, f"the body lacks or mistypes {missing}") from missing

    async def close_period(self, request: Request) -> Response:
        division, body = self.division(request), await read(request)
        if "journal" in body:
            division.closed_journals.add(period_of_journal(division, body))
        else:
            division.closed_periods.add(period(body))
        return JSONResponse({"closed": True})

    async def open_period(self, request: Request) -> Response:
        division, body = self.division(request), await read(request)
        if "journal" in body:
            division.closed_journals.discard(period_of_journal(division, body))
        else:
            division.closed_periods.discard(period(body))
        return JSONResponse({"closed": False})

    async def add_years(self, request: Request) -> Response:
        """Adds financial years of twelve months, for sales from before the seeded years."""
        body, division = await read(request), self.division(request)
        if not isinstance(body.get("first"), int) or not isinstance(body.get("last"), int):
            raise Refused(422, "first and last are whole numbers")
        known = {row["FinYear"] for row in division.table("financial/FinancialPeriods")}
        for year in range(max(2001, body["first"]), min(2099, body["last"]) + 1):
            if year not in known:
                plant_years(division, Author("", "Exact"), year, year)
        return JSONResponse({"years": sorted({*known, *range(body["first"], body["last"] + 1)})})

    async def block(self, request: Request) -> Response:
        self.division(request).is_blocked = True
        return JSONResponse({"blocked": True})

    async def unblock(self, request: Request) -> Response:
        self.division(request).is_blocked = False
        return JSONResponse({"blocked": False})

    async def move(self, request: Request) -> Response:
        self.division(request).move()
        return JSONResponse({"moved": True})

    async def revoke(self, request: Request) -> Response:
        return JSONResponse({"revoked": self.world.revoke(self.user(request))})

    async def switch_division(self, request: Request) -> Response:
        body, user = await read(request), self.world.users[self.user(request)]
        if body.get("division") not in user.divisions:
            raise Refused(422, "this user has no access to that division")
        user.current_division = body["division"]
        return JSONResponse(asdict(user))

    def division(self, request: Request) -> Any:
        number = request.path_params["division"]
        if number not in self.world.divisions:
            raise Refused(404, f"there is no division {number}")
        return self.world.divisions[number]

    def user(self, request: Request) -> str:
        name: str = request.path_params["user"]
        if name not in self.world.users:
            raise Refused(404, f"there is no user {name}")
        return name


async def read(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused(422, "the body is no JSON") from error
    if not isinstance(body, dict):
        raise Refused(422, "the body is no JSON object")
    return body


def period(body: dict[str, Any]) -> tuple[int, int]:
    if not isinstance(body.get("year"), int) or not isinstance(body.get("period"), int):
        raise Refused(422, "year and period are whole numbers")
    return body["year"], body["period"]


def period_of_journal(division: Division, body: dict[str, Any]) -> tuple[str, int, int]:
    journal = division.by_code("financial/Journals", str(body["journal"]))
    if journal is None:
        raise Refused(422, f"there is no journal {body['journal']}")
    return journal["Code"], *period(body)


async def tell(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return JSONResponse({"error": error.text}, error.status)


def control_app(world: World) -> Starlette:
    controls = Controls(world)
    one = "/divisions/{division:int}"
    routes = [
        Route("/apps/{client_id}", controls.put_app, methods=["PUT"]),
        Route("/limits", controls.limits, methods=["GET", "PUT"]),
        Route("/switches", controls.switches, methods=["GET", "PUT"]),
        Route("/switches/meanings", controls.switch_meanings),
        Route("/calls", controls.calls),
        Route("/calls/reset", controls.reset_calls, methods=["POST"]),
        Route("/deliveries", controls.deliveries),
        Route("/users", controls.users),
        Route("/users/{user}/revoke", controls.revoke, methods=["POST"]),
        Route("/users/{user}/division", controls.switch_division, methods=["POST"]),
        Route("/divisions", controls.divisions),
        Route(f"{one}/books", controls.books),
        Route(f"{one}/articles", controls.articles, methods=["GET", "POST"]),
        Route(f"{one}/deliver", controls.deliver, methods=["POST"]),
        Route(f"{one}/close-period", controls.close_period, methods=["POST"]),
        Route(f"{one}/open-period", controls.open_period, methods=["POST"]),
        Route(f"{one}/years", controls.add_years, methods=["POST"]),
        Route(f"{one}/block", controls.block, methods=["POST"]),
        Route(f"{one}/unblock", controls.unblock, methods=["POST"]),
        Route(f"{one}/move", controls.move, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={Refused: tell})
