"""Calls a minute and a day, and the budget of errors."""

from tests.sandbox.exact.office import START, Office

MINUTE_END = int(START.timestamp() * 1000) + 60_000
DAY_END = int(START.timestamp() * 1000) + 16 * 3600 * 1000


async def test_every_answer_tells_what_is_left(office: Office) -> None:
    office.world.limits.minute = 60
    await office.link()
    headers = (await office.get("financial/Journals")).headers
    assert headers["X-RateLimit-Limit"] == "5000"
    assert headers["X-RateLimit-Remaining"] == "4999"
    assert headers["X-RateLimit-Reset"] == str(DAY_END)
    assert headers["X-RateLimit-Minutely-Limit"] == "60"
    assert headers["X-RateLimit-Minutely-Remaining"] == "59"
    assert headers["X-RateLimit-Minutely-Reset"] == str(MINUTE_END)


async def test_over_the_minute_the_answer_is_empty_and_names_the_minute_only(office: Office) -> None:
    await office.control.put("/limits", json={"minute": 2})
    await office.link()
    await office.get("financial/Journals")
    await office.get("nonsense/Nothing")
    refused = await office.get("financial/Journals")
    assert (refused.status_code, refused.content) == (429, b"")
    assert refused.headers["X-RateLimit-Minutely-Remaining"] == "0"
    assert "X-RateLimit-Remaining" not in refused.headers
    office.clock.advance(60)
    assert (await office.get("financial/Journals")).status_code == 200


async def test_over_the_day_the_answer_names_the_day_only(office: Office) -> None:
    await office.control.put("/limits", json={"day": 1})
    await office.link()
    await office.get("financial/Journals")
    refused = await office.get("financial/Journals")
    assert (refused.status_code, refused.content) == (429, b"")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert "X-RateLimit-Minutely-Remaining" not in refused.headers


async def test_divisions_have_budgets_of_their_own(office: Office) -> None:
    await office.control.put("/limits", json={"minute": 1})
    await office.link()
    await office.get("financial/Journals")
    office.division = 2731046
    assert (await office.get("financial/Journals")).status_code == 200


async def test_ten_errors_in_an_hour_block_that_endpoint_for_an_hour(office: Office) -> None:
    await office.link()
    for _ in range(10):
        assert (await office.get("crm/Accounts")).status_code == 400
    assert (await office.get("crm/Accounts", filter="Status eq 'C'")).status_code == 429
    assert (await office.get("financial/Journals")).status_code == 200
    office.clock.advance(3600)
    await office.link()
    assert (await office.get("crm/Accounts", filter="Status eq 'C'")).status_code == 200


async def test_refusals_with_500_count_only_when_told_to(office: Office) -> None:
    await office.link()
    for _ in range(12):
        assert (await office.post("salesentry/SalesEntries", {})).status_code == 500
    await office.switch(count_500_as_error=True)
    for _ in range(10):
        await office.post("salesentry/SalesEntries", {})
    assert (await office.post("salesentry/SalesEntries", {})).status_code == 429


async def test_calls_are_counted(office: Office) -> None:
    await office.link()
    await office.control.post("/calls/reset")
    await office.get("financial/Journals")
    await office.get("nonsense/Nothing")
    await office.refresh()
    counts = (await office.control.get("/calls")).json()
    assert counts == {"total": 3, "api": 2, "token": 1, "refused": 0, "errors": 2}
