"""`$filter`: tokens, a small tree, a predicate, and the index that spares a scan.

Literals are typed as OData 2 wants them: guid'..', datetime'..', 'text', numbers (L for Int64), true.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.exact.literals import BadGuid, read_date, read_guid
from services.sandbox.exact.refusals import ApiError
from services.sandbox.exact.resources import Property, Resource
from services.sandbox.exact.table import Row, Table

TOKEN = re.compile(
    r"\s*(?:(?P<guid>guid'[^']*')|(?P<datetime>datetime(?:offset)?'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[LlMmDdFf]?)|(?P<word>[A-Za-z_][A-Za-z0-9_/]*)|(?P<sign>[(),]))"
)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
NUMERIC = ("Double", "Int16", "Int32", "Int64", "Byte")
Getter = Callable[[Row], Any]


@dataclass(frozen=True)
class Value:
    """A term: a property, a literal or a function of them, with its type."""

    type: str
    get: Getter
    field: str = ""
    literal: Any = None
    is_literal: bool = False


@dataclass(frozen=True)
class Condition:
    """A boolean term; the comparison or the parts are kept for the choice of an index."""

    test: Callable[[Row], bool]
    kind: str = "other"
    field: str = ""
    compare: str = ""
    literal: Any = None
    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True)
class Filter:
    condition: Condition
    fields: frozenset[str]

    def matches(self, row: Row) -> bool:
        return self.condition.test(row)


def syntax_error() -> ApiError:
    return ApiError(400, "Bad Request - Error in query syntax.")


def boolean_expected(position: int) -> ApiError:
    return ApiError(400, f"Expression of type 'System.Boolean' expected at position {position}.")


def tokenize(text: str) -> list[tuple[str, str, int]]:
    tokens: list[tuple[str, str, int]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise syntax_error()
        kind = match.lastgroup or ""
        tokens.append((kind, match.group(kind), match.start(kind)))
        position = match.end()
    return tokens


class FilterParser:
    """Recursive descent over the tokens of one `$filter`."""

    def __init__(self, text: str, resource: Resource) -> None:
        self.tokens = tokenize(text)
        self.resource = resource
        self.at = 0
        self.fields: set[str] = set()

    def parse(self) -> Filter:
        condition = self.either()
        if self.at < len(self.tokens):
            raise boolean_expected(0) if self.peek()[0] == "word" else syntax_error()
        return Filter(condition, frozenset(self.fields))

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", 0)

    def take(self, expected: str = "") -> tuple[str, str, int]:
        token = self.peek()
        if token[0] == "end" or (expected and token[1] != expected):
            raise syntax_error()
        self.at += 1
        return token

    def next_is(self, word: str) -> bool:
        if self.peek()[1].lower() == word and self.peek()[0] in ("word", "sign"):
            self.at += 1
            return True
        return False

    def either(self) -> Condition:
        parts = [self.both()]
        while self.next_is("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else any_of(parts)

    def both(self) -> Condition:
        parts = [self.one()]
        while self.next_is("and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else all_of(parts)

    def one(self) -> Condition:
        if self.next_is("not"):
            inner = self.one()
            return Condition(lambda row: not inner.test(row))
        if self.next_is("("):
            inner = self.either()
            self.take(")")
            return inner
        position = self.peek()[2]
        left = self.term()
        if self.peek()[0] == "word" and self.peek()[1].lower() in COMPARISONS:
            compare = self.take()[1].lower()
            return comparison(left, compare, self.term(), position)
        if left.type != "Boolean":
            raise boolean_expected(position)
        return Condition(lambda row: left.get(row) is True)

    def term(self) -> Value:
        kind, text, position = self.take()
        if kind == "word" and self.peek()[1] == "(":
            return self.function(text.lower(), position)
        if kind == "word":
            return self.word(text, position)
        return literal(kind, text, position)

    def word(self, text: str, position: int) -> Value:
        if text in ("true", "false"):
            return constant("Boolean", text == "true")
        if text == "null":
            return constant("null", None)
        known: Property | None = self.resource.by_lower_name.get(text.lower())
        if known is None:
            raise ApiError(
                400, f"No property '{text}' exists in type '{self.resource.model}' at position {position}."
            )
        self.fields.add(known.name)
        name = known.name
        return Value(known.type, lambda row: row.get(name), field=name)

    def function(self, name: str, position: int) -> Value:
        self.take("(")
        arguments = [self.term()]
        while self.next_is(","):
            arguments.append(self.term())
        self.take(")")
        wanted = FUNCTIONS.get(name)
        if wanted is None or wanted[0] != len(arguments):
            raise ApiError(400, f"Unknown function '{name}' at position {position}.")
        _, result_type, call = wanted
        getters = [argument.get for argument in arguments]
        return Value(result_type, lambda row: call(*(get(row) for get in getters)))


def text_of(value: Any) -> str:
    return "" if value is None else str(value)


FUNCTIONS: dict[str, tuple[int, str, Callable[..., Any]]] = {
    "substringof": (2, "Boolean", lambda part, whole: text_of(part).lower() in text_of(whole).lower()),
    "startswith": (
        2,
        "Boolean",
        lambda whole, part: text_of(whole).lower().startswith(text_of(part).lower()),
    ),
    "endswith": (2, "Boolean", lambda whole, part: text_of(whole).lower().endswith(text_of(part).lower())),
    "trim": (1, "String", lambda value: value and value.strip()),
    "tolower": (1, "String", lambda value: value and value.lower()),
    "toupper": (1, "String", lambda value: value and value.upper()),
    "length": (1, "Int32", lambda value: len(text_of(value))),
    "year": (1, "Int32", lambda value: value and value.year),
    "month": (1, "Int32", lambda value: value and value.month),
    "day": (1, "Int32", lambda value: value and value.day),
}


def constant(edm_type: str, value: Any) -> Value:
    return Value(edm_type, lambda row: value, literal=value, is_literal=True)


def literal(kind: str, text: str, position: int) -> Value:
    try:
        if kind == "guid":
            return constant("Guid", read_guid(text[5:-1]))
        if kind == "datetime":
            return constant("DateTime", read_date(text[text.index("'") + 1 : -1]))
        if kind == "text":
            return constant("String", text[1:-1].replace("''", "'"))
        if kind == "number":
            return constant("number", Decimal(text.rstrip("LlMmDdFf")))
    except BadGuid as error:
        raise ApiError(400, f"Unrecognized 'Edm.Guid' literal '{text}' in '{position}'.") from error
    except ValueError as error:
        raise ApiError(400, f"Unrecognized 'Edm.DateTime' literal '{text}' in '{position}'.") from error
    raise syntax_error()


def comparable(one: str, other: str) -> bool:
    kinds = {"number" if kind in NUMERIC else kind for kind in (one, other)}
    return len(kinds) == 1 or "null" in kinds or kinds == {"number", "Boolean"}


def comparison(left: Value, compare: str, right: Value, position: int) -> Condition:
    if not comparable(left.type, right.type):
        types = " and ".join(f"'Edm.{kind}'" for kind in (left.type, right.type))
        raise ApiError(
            400, f"Operator '{compare}' incompatible with operand types {types} at position {position}."
        )
    test = COMPARISONS[compare]
    if left.field and right.is_literal:
        return Condition(
            against_literal(left.field, test, compare, right.literal),
            kind="compare",
            field=left.field,
            compare=compare,
            literal=right.literal,
        )
    return Condition(lambda row: safely(test, left.get(row), right.get(row), compare))


def against_literal(
    name: str, test: Callable[[Any, Any], bool], compare: str, wanted: Any
) -> Callable[[Row], bool]:
    if compare in ("eq", "ne"):
        return lambda row: test(row.get(name), wanted)

    def ordered(row: Row) -> bool:
        value = row.get(name)
        return value is not None and wanted is not None and test(value, wanted)

    return ordered


def safely(test: Callable[[Any, Any], bool], one: Any, other: Any, compare: str) -> bool:
    if compare not in ("eq", "ne") and (one is None or other is None):
        return False
    return test(one, other)


def all_of(parts: list[Condition]) -> Condition:
    tests = [part.test for part in parts]
    return Condition(lambda row: all(test(row) for test in tests), kind="and", parts=tuple(parts))


def any_of(parts: list[Condition]) -> Condition:
    tests = [part.test for part in parts]
    return Condition(lambda row: any(test(row) for test in tests), kind="or", parts=tuple(parts))


def candidates(condition: Condition, table: Table) -> dict[int, Row] | None:
    """Rows that an index says may match, by sequence; None when only a scan can tell."""
    if condition.kind == "compare":
        return compared(table, condition.field, (condition,))
    if condition.kind == "or":
        found = [candidates(part, table) for part in condition.parts]
        if any(rows is None for rows in found):
            return None
        return {sequence: row for rows in found for sequence, row in (rows or {}).items()}
    if condition.kind == "and":
        return smallest(list(options(condition, table)))
    return None


def options(condition: Condition, table: Table) -> Iterator[dict[int, Row]]:
    by_field: dict[str, list[Condition]] = {}
    for part in condition.parts:
        if part.kind == "compare":
            by_field.setdefault(part.field, []).append(part)
        elif (rows := candidates(part, table)) is not None:
            yield rows
    for name, parts in by_field.items():
        rows = compared(table, name, tuple(parts))
        if rows is not None:
            yield rows


def smallest(found: list[dict[int, Row]]) -> dict[int, Row] | None:
    return min(found, key=len) if found else None


def compared(table: Table, name: str, parts: tuple[Condition, ...]) -> dict[int, Row] | None:
    if name == table.key and parts[0].compare == "eq":
        row = table.get(parts[0].literal)
        return {} if row is None else {table.sequences[parts[0].literal]: row}
    index = table.indexes.get(name)
    if index is None:
        return None
    if any(part.compare == "eq" for part in parts):
        wanted = next(part.literal for part in parts if part.compare == "eq")
        return index.get(wanted, {})
    if not all(isinstance(part.literal, datetime) and part.compare != "ne" for part in parts):
        return None
    return in_range(index, parts)


def in_range(index: dict[Any, dict[int, Row]], parts: tuple[Condition, ...]) -> dict[int, Row]:
    """For dates: the rows of every indexed day that passes all bounds."""
    rows: dict[int, Row] = {}
    for value, found in index.items():
        if value is not None and all(COMPARISONS[part.compare](value, part.literal) for part in parts):
            rows.update(found)
    return rows
