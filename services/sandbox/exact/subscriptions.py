"""A new subscription stays only if its callback answers an empty POST well (5.24)."""

import asyncio

from services.sandbox.exact import hooks
from services.sandbox.exact.calls import Answer, Request, error_answer, find_target
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.hook_deliveries import is_good
from services.sandbox.exact.table import Row
from services.sandbox.exact.world import World

CREATED = 201
EXACT = Author("", "Exact")
_under_way: set["asyncio.Task[int]"] = set()


async def with_proof(world: World, request: Request, answer: Answer) -> Answer:
    """The answer to a call, or the refusal of the subscription that it made."""
    target = find_target(request.path)
    if answer.status != CREATED or target.resource is None or target.resource.path != hooks.PATH:
        return answer
    division = world.divisions[target.division]
    made = list(division.table(hooks.PATH))[-1]
    proof = asyncio.create_task(_prove(world, division, made))
    if world.switches["webhook_check"] == "afterwards":
        _under_way.add(proof)
        proof.add_done_callback(_under_way.discard)
        return answer
    status = await proof
    if is_good(status):
        return answer
    refused = error_answer(request, world.switches["business_refusal_status"], hooks.unreachable(status).en)
    refused.headers |= answer.headers
    return refused


async def _prove(world: World, division: Division, made: Row) -> int:
    status = await world.hooks.prove(made["CallbackURL"])
    if not is_good(status) and division.table(hooks.PATH).get(made["ID"]) is made:
        division.remove(hooks.PATH, made, EXACT)
    return status
