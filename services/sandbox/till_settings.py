"""The control calls that the simulators of all tills have alike: apps, switches, limits, made-up receipts."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from services.sandbox.controls import Answer, Body, control_route
from services.sandbox.made_up import MadeUp
from services.sandbox.switches import Switches


@dataclass
class TillSettings:
    """`clients` and `limits` are dataclasses of the vendor's own; `limits` refuses what can't be."""

    vendor: str
    clients: dict[str, Any]
    new_client: Callable[[str, str, str], Any]
    """Of its id, secret and redirect URI."""
    switches: Switches
    limits: Any
    choose: Callable[[Mapping[str, object]], None]
    """Sets switches, with whatever hangs on them."""

    def routes(self) -> list[Route]:
        root = f"/sandbox/{self.vendor}"
        return [
            control_route(f"{root}/clients/{{client_id}}", PUT=self.put_client),
            control_route(f"{root}/switches", GET=self.get_switches, PUT=self.put_switches),
            control_route(f"{root}/limits", GET=self.get_limits, PUT=self.put_limits),
        ]

    def put_client(self, request: Request, body: Body) -> Answer:
        client_id = request.path_params["client_id"]
        client = self.clients.get(client_id) or self.new_client(client_id, "sandbox-secret", "")
        for field in fields(client):
            if field.name != "client_id" and field.name in body:
                setattr(client, field.name, type(getattr(client, field.name))(body[field.name]))
        self.clients[client_id] = client
        return asdict(client)

    def get_switches(self, request: Request, body: Body) -> Answer:
        return self.switches.shown()

    def put_switches(self, request: Request, body: Body) -> Answer:
        self.choose(body)
        return self.switches.shown()

    def get_limits(self, request: Request, body: Body) -> Answer:
        return asdict(self.limits)

    def put_limits(self, request: Request, body: Body) -> Answer:
        self.limits.choose(body)
        return asdict(self.limits)


def made_up_from(body: Mapping[str, Any], seed: int) -> MadeUp:
    """What a call for made-up receipts asks; `seed` where it names none."""
    return MadeUp(
        count=int(body.get("count", 1)),
        days=int(body.get("days", 1)),
        seed=int(body.get("seed", seed)),
        profile=str(body.get("profile", "plain")),
        days_ago=int(body.get("days_ago", 0)),
        events=bool(body.get("events", False)),
    )
