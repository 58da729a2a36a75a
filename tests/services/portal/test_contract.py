"""The API keeps to its own description, whatever is sent to it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import openapi

from tests.services.portal.world import World, assert_problem

PATHS = {
    "merchant_id": "nobody",
    "connection_id": "nothing",
    "sale_id": "1",
    "product_id": "1",
    "grant_id": "g",
    "name": "x",
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


async def _description(world: World) -> dict[str, Any]:
    return (await world.web.get("/v1/openapi.json")).json()  # type: ignore[no-any-return]


async def test_the_description_is_valid_and_names_every_error(one_world: World) -> None:
    description = await _description(one_world)
    schema = openapi.from_dict(description)
    schema.validate()
    assert len(list(schema.get_all_operations())) > 30
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            for status in ("401", "404", "422", "502", "503"):
                content = operation["responses"][status]["content"]
                assert "application/problem+json" in content, (method, path, status)
    references = set(_references(description))
    assert references <= {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}


async def test_the_description_says_what_a_stranger_needs(one_world: World) -> None:
    description = await _description(one_world)
    for path, methods in description["paths"].items():
        names = {each["name"] for each in methods.get("post", {}).get("parameters", [])}
        assert ("Idempotency-Key" in names) is ("post" in methods), path
    schemas = description["components"]["schemas"]
    assert not [name for name in schemas if "services" in name]
    assert schemas["SyncAsked"]["properties"]["approve"]["description"].startswith("The `wish`")
    assert schemas["ConnectionAnswer"]["properties"]["remedy"]["description"]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


async def test_what_is_not_there_is_a_problem_too(one_world: World) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert_problem(await one_world.partner.request(method, "/v1/nothing-of-ours"), 404)


async def test_no_body_and_no_parameter_makes_it_fall_over(one_world: World) -> None:
    description = await _description(one_world)
    calls = [
        (method, path.format(**PATHS))
        for path, methods in description["paths"].items()
        for method in methods
        if method != "delete"
    ]
    sent: list[tuple[str, str, Any, str]] = []

    @given(st.sampled_from(calls), ANYTHING, st.text(max_size=30))
    @settings(
        max_examples=100,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def gather(call: tuple[str, str], body: Any, text: str) -> None:
        sent.append((*call, body, text))

    gather()
    for method, path, body, text in sent:
        names = ("cursor", "limit", "from", "to", "state", "search", "mode", "division")
        answer = await one_world.partner.request(
            method,
            path,
            content=json.dumps(body) if method != "get" else None,
            headers={"content-type": "application/json"},
            params=dict.fromkeys(names, text),
        )
        assert answer.status_code < 500, (method, path, body, text, answer.text)
