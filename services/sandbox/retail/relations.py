"""Which relations a request loads: names with dots become a tree; `all` is every one of the entity (3.3)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.sandbox.retail.errors import bad
from services.sandbox.retail.schema import ENTITIES, Entity, Relation

NOT_IN_ALL = frozenset({"CustomFieldValues"})


@dataclass
class Loaded:
    """A relation to show, and what to show below it."""

    relation: Relation
    below: dict[str, "Loaded"] = field(default_factory=dict)


Tree = dict[str, Loaded]


def read_relations(entity: Entity, text: str) -> Tree:
    tree: Tree = {}
    if text in {"all", '"all"', '["all"]'}:
        for name in entity.relations:
            if name not in NOT_IN_ALL:
                _add(tree, entity, [name])
                _add_below(tree[name])
        return tree
    for name in _names(text):
        _add(tree, entity, name.split("."))
    return tree


def _add_below(loaded: Loaded) -> None:
    """`all` goes one step further, as recorded: lines with their items, payments with their types."""
    for relation in ENTITIES[loaded.relation.target].relations.values():
        if relation.name not in NOT_IN_ALL and not relation.name.startswith("Withdrawal"):
            loaded.below[relation.name] = Loaded(relation)


def _names(text: str) -> list[str]:
    if not text:
        return []
    try:
        names = json.loads(text)
    except ValueError:
        raise bad("load_relations must be a JSON array of relation names.") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad("load_relations must be a JSON array of relation names.")
    return names


def _add(tree: Tree, entity: Entity, path: list[str]) -> None:
    for name in path:
        if name in {"ItemPrices", "Prices"} and entity.name == "Item":
            return
        relation = entity.relations.get(name)
        if relation is None:
            raise bad(f"Could not load relation '{name}' of {entity.name}.")
        tree = tree.setdefault(name, Loaded(relation)).below
        entity = ENTITIES[relation.target]


def leave_out(tree: Tree, path: str) -> None:
    """Takes one out, with all below it; nothing where it isn't loaded."""
    *above, last = path.split(".")
    for name in above:
        tree = tree[name].below if name in tree else {}
    tree.pop(last, None)


def walk(tree: Tree, below_many: bool = False) -> Iterator[tuple[Relation, bool]]:
    """Each relation once, and whether it lies below a to-many one."""
    for loaded in tree.values():
        yield loaded.relation, below_many
        yield from walk(loaded.below, below_many or loaded.relation.many)


def count(tree: Tree) -> int:
    return sum(1 for _ in walk(tree))
