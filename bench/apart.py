"""A process of its own that answers questions over a pipe, so that what it uses is its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from typing import Any


class Apart:
    """Runs `work(*given, pipe)`, and is ended with the block."""

    def __init__(self, work: Callable[..., None], *given: Any) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._ours, self._theirs = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(*given, self._theirs), daemon=True)

    def __enter__(self) -> Apart:
        self._process.start()
        self._theirs.close()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def ask(self, *question: Any) -> Any:
        self.tell(*question)
        return self._ours.recv()

    def tell(self, *question: Any) -> None:
        self._ours.send(question)

    def kill(self) -> None:
        """At once, whatever it is doing (SIGKILL)."""
        self._process.kill()
        self._process.join()


def questions(pipe: Pipe) -> Any:
    """What is asked, until nobody asks any more."""
    while True:
        try:
            yield pipe.recv()
        except EOFError:
            return
