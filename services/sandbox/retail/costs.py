"""What a request costs, decided from the request alone (2.2)."""

from collections.abc import Mapping, Sequence

from services.sandbox.retail.query import RANGES, operator_of, or_operands
from services.sandbox.retail.relations import Tree, walk

WRITE_COSTS: Mapping[str, float] = {"Sale": 2, "SaleLine": 2, "Category": 10, "InventoryCountReconcile": 10}
REFUND_COST = 10.0
COUNT_COST = 10.0
COMPLETING_COST = 3.0


def read_cost(
    parameters: Sequence[tuple[str, str]], tree: Tree, *, is_list: bool, doubles_twice: bool
) -> float:
    given = dict(parameters)
    cost = COUNT_COST if is_list and given.get("count") == "1" else 1.0
    for relation, below_many in walk(tree):
        one = 0.2 if relation.many else 0.1
        if doubles_twice:
            one *= (2 if is_list else 1) * (2 if below_many else 1)
        elif is_list or below_many:
            one *= 2
        cost += one
    return cost + sum(or_cost(text) for name, text in parameters if name == "or")


def or_cost(text: str) -> float:
    operands = or_operands(text)
    fields = {name for name, _ in operands}
    if len(fields) == 1:
        return 0.0
    entities = {name.partition(".")[0] if "." in name else "" for name in fields}
    ranges = sum(1 for _, value in operands if operator_of(value)[0] in RANGES)
    if len(entities) == 1 and ranges <= 1:
        return float(len(operands))
    return 10.0 * len(entities) + max(len(operands) - 1, 0)


def write_cost(entity: str, method: str, body: Mapping[str, object]) -> float:
    base = WRITE_COSTS.get(entity, 1.0)
    completing = entity == "Sale" and str(body.get("completed", "")).lower() == "true" and method != "DELETE"
    return base + 0.5 * _nested_entities(body) + (COMPLETING_COST if completing else 0.0)


def _nested_entities(value: object) -> int:
    """Objects inside collections count, the collections around them don't."""
    if isinstance(value, Mapping):
        return sum(_entities_in(child) for child in value.values())
    return 0


def _entities_in(value: object) -> int:
    if isinstance(value, list):
        return sum(_entities_in(child) for child in value)
    if not isinstance(value, Mapping):
        return 0
    only = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(only, Mapping | list):
        return _entities_in(only)
    return 1 + _nested_entities(value)
