"""Taking a port: who comes second is told in a sentence, before anything of his has started."""

from __future__ import annotations

import pytest

from services.demo.processes import Ports
from services.names import CannotStart
from services.serving import listen


def test_a_port_that_another_has_taken_is_refused_with_a_sentence() -> None:
    port = Ports().free()
    first = listen(port)
    try:
        with pytest.raises(CannotStart, match=f"port {port} is in use; choose another with --port"):
            listen(port)
    finally:
        first.close()
