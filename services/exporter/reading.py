"""A job's message read back from its row, and what of a document makes it another one.

The rules that led to an amount, and the sales it comes from, may be told differently without the document
being different, so they are no part of its content.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from libs.common.contracts.documents import DocumentReady
from libs.common.domain.problem import Problem

NOT_CONTENT = frozenset({"because", "sale_lines", "sales", "category"})


@cache
def _adapter(contract: Any) -> TypeAdapter[Any]:
    return TypeAdapter(contract)


def message_text(message: DocumentReady) -> str:
    return _adapter(DocumentReady).dump_json(message).decode()


def message_of(text: str) -> DocumentReady:
    message: DocumentReady = _adapter(DocumentReady).validate_json(text)
    return message


def problem_text(problem: Problem) -> str:
    return _adapter(Problem).dump_json(problem).decode()


def problem_of(text: str) -> Problem:
    problem: Problem = _adapter(Problem).validate_json(text)
    return problem


def content_hash(message: DocumentReady) -> str:
    kind: Any = type(message.document)
    document = _adapter(kind).dump_python(message.document, mode="json")
    document["division"] = message.division
    told = json.dumps(_stripped(document), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stripped(each) for name, each in value.items() if name not in NOT_CONTENT}
    return [_stripped(each) for each in value] if isinstance(value, list) else value
