"""The domain is pure: it needs nothing but Python, and never the clock, chance, a log or a wait."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "libs" / "common" / "domain").glob("*.py"))
IMPURE = {"time", "random", "secrets", "uuid", "logging", "os", "asyncio", "socket", "subprocess"}
CLOCKS = {"now", "utcnow", "today"}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_domain_imports_nothing_but_python_and_the_domain(file: Path) -> None:
    for name in _imports(ast.parse(file.read_text())):
        root = name.split(".")[0]
        assert name.startswith("libs.common.domain") or root in sys.stdlib_module_names - IMPURE


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_domain_asks_no_clock_and_waits_for_nothing(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef)
        assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
