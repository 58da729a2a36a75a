"""No room of the house knows a product line by name: only a source's own modules and the registry do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.lightspeed.sources import SOURCES

ROOT = Path(__file__).parents[1]
LIGHTSPEED = ROOT / "libs/common/lightspeed"
OF_SOURCES = ("retail", "restaurant", "x")
"""What the modules of each source's own begin with."""
VALUES = "libs.common.lightspeed.retail_values"
"""How numbers and texts are read; the first source's, but others may use it."""
NAMES = {f"lightspeed-{line}" for line in OF_SOURCES}


def own(module: Path) -> bool:
    return module.parent == LIGHTSPEED and module.stem.split("_")[0] in OF_SOURCES


def modules() -> list[Path]:
    """All of the product's, but the sandbox, which is the vendors, and each source's own."""
    found = [*(ROOT / "libs").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    return [each for each in found if "sandbox" not in each.parts and not own(each)]


def strings_in_code(tree: ast.Module) -> Iterator[str]:
    """All but docstrings: they may speak of sources."""
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            yield node.value


def imports_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_room_knows_a_source_by_name(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert not {
        text for text in strings_in_code(tree) if text in NAMES | {each.title for each in SOURCES.values()}
    }
    if module.name != "sources.py":
        prefix = "libs.common.lightspeed."
        imported = {name.removeprefix(prefix) for name in imports_in(tree) if name.startswith(prefix)}
        assert not {name for name in imported if re.split("[._]", name)[0] in OF_SOURCES}


def test_a_source_s_modules_know_no_other_source() -> None:
    for module in filter(own, LIGHTSPEED.glob("*.py")):
        line = module.stem.split("_")[0]
        others = {f"libs.common.lightspeed.{each}" for each in OF_SOURCES if each != line}
        imported = set(imports_in(ast.parse(module.read_text())))
        assert not {name for name in imported for other in others if is_of(name, other)}


def is_of(name: str, line: str) -> bool:
    return name != VALUES and not name.startswith(f"{VALUES}.") and f"{name}_".startswith(f"{line}_")


def test_the_registry_has_each_source_under_its_own_name() -> None:
    assert all(name == source.name for name, source in SOURCES.items())
    assert set(SOURCES) <= NAMES
    for source in SOURCES.values():
        names = [chore.name for chore in source.chores]
        assert len(set(names)) == len(names)
        assert not {"backlog", "sweep"} & set(names)
        assert all(len(name) <= 16 for name in names)
