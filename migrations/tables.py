"""Brings every table of the product into the one `metadata`: importing a module defines its tables."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

from sqlalchemy import MetaData

from libs.common.database.types import metadata

_LIBRARIES = ("database", "messaging", "vault", "budget")
"""Those that keep tables; a service keeps its own in its `store`."""
_NOT_OURS = "services.sandbox"  # a product of its own, with a state of its own


def all_tables(on_failure: Callable[[str, Exception], None] | None = None) -> MetaData:
    """The metadata of everything; a module that can't be imported raises, or is told to `on_failure`."""
    for name in _modules_with_tables():
        try:
            importlib.import_module(name)
        except Exception as error:
            if on_failure is None:
                raise
            on_failure(name, error)
    return metadata


def _modules_with_tables() -> Iterator[str]:
    for library in _LIBRARIES:
        yield from _modules_in(importlib.import_module(f"libs.common.{library}"))
    for name in _modules_in(importlib.import_module("services")):
        if name.endswith(("store", ".lease")):
            yield name


def _modules_in(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if found.name == _NOT_OURS:
            continue
        if found.ispkg:
            yield from _modules_in(importlib.import_module(found.name))
        else:
            yield found.name
