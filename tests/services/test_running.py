"""What stops a start, said before anything is made."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from libs.common.settings import Settings
from services.demo.processes import Ports
from services.names import CannotStart
from services.running import run_up
from tests import servers

DATABASE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


async def test_up_on_a_database_of_its_own_wants_keys_that_do_not_lie_beside_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=DATABASE, data_dir=tmp_path / "files")
    with pytest.raises(CannotStart, match="KOPPELING_SECRET_KEYS is missing"):
        await run_up(settings, 0, print)
    assert not settings.data_dir.exists()


async def test_the_key_that_an_earlier_start_made_is_pointed_at(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=DATABASE, data_dir=tmp_path)
    (tmp_path / "secret.key").write_text("x")
    with pytest.raises(CannotStart, match=r"secret\.key"):
        await run_up(settings, 0, print)


KEY = base64.urlsafe_b64encode(bytes(32)).decode()


async def koppeling(*arguments: str, **settings: str) -> tuple[int, str]:
    """The exit status, and what is said to the person."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOPPELING_")}
    environment = kept | {f"KOPPELING_{name}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", *arguments), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.parametrize("command", [["migrate"], ["run", "mapper"], ["partner", "create", "Demo"]])
async def test_a_database_that_is_not_there_is_one_line_without_its_password(
    command: list[str], tmp_path: Path
) -> None:
    status, said = await koppeling(
        *command,
        DATABASE_URL="postgresql+asyncpg://koppeling:geheim@127.0.0.1:1/books",
        BROKER_URL="amqp://guest:guest@127.0.0.1:1/",
        SECRET_KEYS=KEY,
        DATA_DIR=str(tmp_path),
    )
    (line,) = said.splitlines()
    assert status == 1
    assert line.startswith("the database at postgresql+asyncpg://koppeling:***@127.0.0.1:1/books refuses: ")
    assert "KOPPELING_DATABASE_URL" in line


async def test_a_database_that_knows_no_such_user_is_one_line(tmp_path: Path) -> None:
    servers.need_postgresql()
    own = make_url(servers.database_url())
    url = own.set(username="nobody_here", password="geheim").render_as_string(hide_password=False)
    status, said = await koppeling("migrate", DATABASE_URL=url, DATA_DIR=str(tmp_path))
    (line,) = said.splitlines()
    assert status == 1
    assert "nobody_here" in line
    assert "geheim" not in line


async def test_a_broker_that_is_not_there_is_one_line_without_its_password(tmp_path: Path) -> None:
    servers.need_postgresql()
    url = await servers.create_database()
    settings = {
        "DATABASE_URL": url,
        "BROKER_URL": "amqp://koppeling:geheim@127.0.0.1:1/",
        "SECRET_KEYS": KEY,
        "DATA_DIR": str(tmp_path),
    }
    try:
        assert (await koppeling("migrate", **settings))[0] == 0
        status, said = await koppeling("run", "mapper", "--port", str(Ports().free()), **settings)
    finally:
        await servers.drop_database(url)
    line = said.splitlines()[-1]
    assert status == 1
    assert line.startswith("the broker at amqp://koppeling:***@127.0.0.1:1/ refuses: ")
    assert "KOPPELING_BROKER_URL" in line
    assert "Traceback" not in said


async def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, said = await koppeling("migrate", DATA_DIR=str(tmp_path / "file" / "folder"))
    (line,) = said.splitlines()
    assert status == 1
    assert "KOPPELING_DATA_DIR" in line
