"""Rate limits (chapter 6)."""

from tests.sandbox.x_series.store import Store, tokens


async def test_a_window_holds_300_requests_a_register_and_50_more(store: Store) -> None:
    answer = await store.answer("2.0/taxes")
    # three registers
    assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("950", "949")


async def limit(store: Store, **settings: int) -> None:
    answer = await store.client.put("/sandbox/x/limits", json=settings)
    assert answer.status_code == 200, answer.text


async def test_beyond_it_a_429_tells_the_date_of_the_next_window(store: Store) -> None:
    await limit(store, per_register=0, base=2)
    assert [(await store.answer("2.0/taxes")).status_code for _ in range(3)] == [200, 200, 429]
    refused = await store.answer("2.0/taxes")
    assert refused.json() == {"error": "Too Many Requests", "message": "Rate limiting enforced"}
    assert refused.headers["Retry-After"] == "Mon, 16 Mar 2026 11:05:01 GMT"
    assert refused.headers["X-RateLimit-Remaining"] == "0"

    store.world.clock.advance(301)
    assert (await store.answer("2.0/taxes")).status_code == 200


async def test_the_date_comes_late_or_not_at_all_by_switch(store: Store) -> None:
    await limit(store, per_register=0, base=0)
    store.choose(retry_after="late", body_429="older")
    refused = await store.answer("2.0/taxes")
    assert refused.headers["Retry-After"] == "Mon, 16 Mar 2026 11:05:11 GMT"
    assert refused.json()["retry-after"] == refused.headers["Retry-After"]
    store.choose(retry_after="missing")
    assert "Retry-After" not in (await store.answer("2.0/taxes")).headers


async def test_two_applications_share_the_window_of_the_store(store: Store) -> None:
    await store.client.put(
        "/sandbox/x/clients/other",
        json={"secret": "sandbox-secret", "redirect_uri": "http://other.test/back"},
    )
    await limit(store, per_register=0, base=2)
    await store.answer("2.0/taxes")
    await store.answer("2.0/taxes")
    personal = (await store.client.post("/sandbox/x/accounts/cadeauhuis/personal-token", json={})).json()
    headers = {"Authorization": f"Bearer {personal['token']}"}
    assert (await store.client.get("/api/2.0/taxes", headers=headers)).status_code == 429
    other = await tokens(store.client, "fietshuis")
    headers = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await store.client.get("/api/2.0/taxes", headers=headers)).status_code == 200


async def test_a_limit_that_cannot_be_is_refused(store: Store) -> None:
    for wrong in ({"base": -1}, {"drip": 1}, {"window_seconds": 0}, {"base": 1.5}):
        assert (await store.client.put("/sandbox/x/limits", json=wrong)).status_code == 422
