"""Problems in words, in the language of the merchant."""

from __future__ import annotations

from typing import Any

from libs.common.domain.problem import Problem, describe
from services.portal.projections import problem_adapter
from services.portal.shapes import Answer


class ProblemTold(Answer):
    code: str
    message: str
    remedy: str


def told(problem: Problem | None, language: str) -> ProblemTold | None:
    if problem is None:
        return None
    message, remedy = describe(problem, language)
    return ProblemTold(code=problem.code.value, message=message, remedy=remedy)


def problem_in(kept: Any) -> Problem | None:
    """From a timeline's facts; None where it holds none."""
    return None if kept is None else problem_adapter().validate_python(kept)
