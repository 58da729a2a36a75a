"""`koppeling`: the commands that run, try and check Kassakoppeling. Errors are sentences for a person.

Each command loads what it needs when it is called, so that none waits for the others' libraries.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.names import PORTS, SERVICES, CannotStart

if TYPE_CHECKING:
    from libs.common.service import House
    from libs.common.settings import Settings

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Every sale at a Lightspeed till stands in Exact Online, once and to the cent.",
)
partner_app = typer.Typer(no_args_is_help=True, help="Partners: resellers and accounting offices.")
app.add_typer(partner_app, name="partner")

T = TypeVar("T")
Port = Annotated[int, typer.Option(min=1, max=65535)]
KeyStart = Annotated[str, typer.Argument(metavar="KEY", help="the letters that it begins with: partner keys")]
NO_SUCH_KEY = "there is no such key; `koppeling partner keys` lists them all"


def say(text: str) -> None:
    """To standard error: standard output is for results."""
    typer.echo(text, err=True)


@contextlib.contextmanager
def _settings() -> Iterator[Settings]:
    """The settings, checked; what a person can mend is said in a sentence and ends with status 1."""
    from libs.common.settings import SettingsError, read_settings

    try:
        yield read_settings()
    except (SettingsError, CannotStart) as error:
        say(str(error))
        raise typer.Exit(1) from None


@app.command()
def up(port: Port = 8080) -> None:
    """Migrate, then run all services in one process on the embedded default."""
    from services import running

    with _settings() as settings:
        say(f"Kassakoppeling keeps its files in {settings.data_dir.resolve()}")
        say(f"the API is at http://127.0.0.1:{port}/v1; open http://127.0.0.1:{port}/v1/docs to read of it")
        asyncio.run(running.run_up(settings, port, say))


@app.command()
def run(
    service: Annotated[str, typer.Argument(help=" ".join(SERVICES))],
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
) -> None:
    """Run one service against KOPPELING_DATABASE_URL and KOPPELING_BROKER_URL."""
    if service not in SERVICES:
        say(f"there is no service {service!r}; there are {', '.join(SERVICES)}")
        raise typer.Exit(2)
    from services import running

    with _settings() as settings:
        asyncio.run(running.run_one(settings, service, port or PORTS[service], say))


@app.command(name="migrate")
def migrate_command() -> None:
    """Bring the database up to date; safe to repeat and while services run."""
    from services import running

    with _settings() as settings:
        if not settings.database_url:
            settings = running.prepare_data_dir(settings)
        asyncio.run(running.bring_up_to_date(settings))
        say("the database is up to date")


@app.command()
def sandbox(port: Port = 8090) -> None:
    """Run the vendors' simulators, with a page that lists their addresses, tills and faults."""
    from services import serving
    from services.sandbox.app import build

    with _settings():
        listening = serving.listen(port)
        say(f"open http://127.0.0.1:{port}: tills to sell at, faults to switch, settings to copy")
        asyncio.run(serving.until_told_to_stop(serving.serve(build().app, listening)))


@app.command()
def demo(
    receipts: Annotated[
        Path | None, typer.Option(help="real receipts to sell: CSV, gzipped or plain", dir_okay=False)
    ] = None,
    source: Annotated[str, typer.Option(help="whose tills to sell at")] = "",
    mode: str = "transactions",
    rules: Annotated[str, typer.Option(help="single rules to change, as JSON")] = "{}",
    products: Annotated[
        bool, typer.Option("--products", help="keep articles and stock in step too, in both directions")
    ] = False,
    seed: int = 1,
    faults: Annotated[bool, typer.Option("--faults", help="switch the sandbox's faults on")] = False,
    services: Annotated[
        bool, typer.Option("--services", help="each service as its own process over RabbitMQ and PostgreSQL")
    ] = False,
) -> None:
    """Sell at a simulated till, book in simulated books, and hold one against the other."""
    from libs.common.lightspeed.sources import SOURCES, USUAL
    from services.demo.demo import DemoOptions
    from services.demo.demo import run as run_demo
    from services.demo.processes import DemoFailed, DemoStopped

    options = DemoOptions(
        receipts=receipts,
        source=_one_of("source", source or USUAL, tuple(SOURCES)),
        mode=_mode(mode),
        rules=_json(rules),
        products=products,
        seed=seed,
        faults=faults,
        services=services,
    )
    try:
        result = run_demo(options, say)
    except DemoFailed as error:
        say(str(error))
        raise typer.Exit(1) from None
    except DemoStopped as stopped:
        say(str(stopped))
        raise typer.Exit(stopped.exit_status) from None
    typer.echo(result.to_json())
    raise typer.Exit(0 if result.is_right else 1)


def _mode(mode: str) -> str:
    return _one_of("mode", mode, ("transactions", "invoices", "orders", "daily-totals"))


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise typer.BadParameter(
            f"{value!r} isn't supported; choose {' or '.join(choices)}", param_hint=f"--{name}"
        )
    return value


def _json(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"not JSON: {error}", param_hint="--rules") from None
    if not isinstance(read, dict):
        raise typer.BadParameter("expected a JSON object", param_hint="--rules")
    return read


@partner_app.command("create")
def create_partner_command(name: str) -> None:
    """Make a partner; its API key stands alone on the last line, this once."""
    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("expected a name on one line", param_hint="NAME")
    from services.portal.keys import create_partner

    with _settings() as settings:
        typer.echo(
            asyncio.run(
                _in_database(settings, lambda house: create_partner(house.database, name, house.now()))
            )
        )


@partner_app.command("keys")
def list_keys_command() -> None:
    """List every API key by the letters that it begins with, and whose it is."""
    from services.portal.keys import ApiKey, all_keys

    async def read(house: House) -> list[ApiKey]:
        async with house.database.reading() as transaction:
            return await all_keys(transaction)

    with _settings() as settings:
        found = asyncio.run(_in_database(settings, read))
    for key in found:
        ended = f", revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        typer.echo(f"{key.prefix}...  {key.partner}, made {key.created_at:%Y-%m-%d}{ended}")


@partner_app.command("add-key")
def add_key_command(key: KeyStart) -> None:
    """Make another API key for the partner of this one; it stands alone on the last line, this once."""
    from services.portal.keys import PREFIX_LENGTH, add_key

    with _settings() as settings:
        made = asyncio.run(
            _in_database(settings, lambda house: add_key(house.database, key[:PREFIX_LENGTH], house.now()))
        )
        if made is None:
            raise CannotStart(NO_SUCH_KEY)
        typer.echo(made)


@partner_app.command("revoke")
def revoke_key_command(key: KeyStart) -> None:
    """End an API key at once; the partner's other keys go on."""
    from services.portal.keys import PREFIX_LENGTH, revoke_key

    with _settings() as settings:
        is_done = asyncio.run(
            _in_database(settings, lambda house: revoke_key(house.database, key[:PREFIX_LENGTH], house.now()))
        )
        if not is_done:
            raise CannotStart(NO_SUCH_KEY)
        say("it opens nothing any more")


async def _in_database(settings: Settings, work: Callable[[House], Awaitable[T]]) -> T:
    """Beside `up`, and before it."""
    from services import running

    if not settings.database_url:
        settings = running.prepare_data_dir(settings)
        await running.bring_up_to_date(settings)
    async with running.opened(settings) as (house, _):
        await running.require_up_to_date(house)
        return await work(house)


@app.command()
def check() -> None:
    """Read the settings, try database, broker and vendors, and say what is wrong and how to mend it."""
    from services.checking import check_all

    with _settings() as settings:
        findings = asyncio.run(check_all(settings))
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(0 if all(finding.is_good for finding in findings) else 1)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
