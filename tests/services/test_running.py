"""What stops a start, said before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.settings import Settings
from services.names import CannotStart
from services.running import run_up

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
