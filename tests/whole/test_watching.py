"""When the demo has nothing to wait for any more."""

from __future__ import annotations

import json

import httpx
import pytest

from services.demo.processes import DemoFailed
from services.demo.product import NotNow, Partner
from services.demo.watching import Progress

ALL_BOOKED = Progress(seen=3, decided=3, booked=3, problems=0, documents_waiting=0, days_settled=0)


@pytest.mark.parametrize(
    ("mode", "settlement", "waits_for_days"),
    [
        ("transactions", "in-entry", False),
        ("transactions", "per-receipt", False),
        ("transactions", "per-day", True),
        ("invoices", "in-entry", True),
        ("invoices", "per-day", True),
        ("invoices", "per-receipt", False),
        ("orders", "none", False),
        ("daily-totals", "none", True),
    ],
)
def test_days_are_waited_for_only_where_they_get_documents(
    mode: str, settlement: str, waits_for_days: bool
) -> None:
    rules = {"mode": mode, "settlement": settlement}
    assert ALL_BOOKED.is_through(3, rules) is not waits_for_days


def test_nothing_is_waited_for_where_no_sale_is_booked() -> None:
    """As where all of them were before the start date."""
    ignored = Progress(seen=3, decided=3, booked=0, problems=0, documents_waiting=0, days_settled=0)
    assert ignored.is_through(3, {"mode": "daily-totals", "settlement": "in-entry"})


@pytest.mark.parametrize("refused", [409, 422])
async def test_what_can_not_be_asked_just_now_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """A consent that goes between two looks switches the connection off until it is given again."""
    detail = {"detail": "It isn't switched on: its state is attention."}

    async def answer(self: httpx.AsyncClient, method: str, path: str, **request: object) -> httpx.Response:
        status = refused if path.endswith("/sync") else 404
        return httpx.Response(status, content=json.dumps(detail))

    monkeypatch.setattr(httpx.AsyncClient, "request", answer)
    partner = Partner("http://127.0.0.1:1", "key")
    with pytest.raises(NotNow, match="its state is attention"):
        await partner.post("/v1/connections/1/products/sync", {})
    with pytest.raises(DemoFailed) as failed:
        await partner.get("/v1/connections/2")
    assert not isinstance(failed.value, NotNow)
    await partner.close()
