"""What stood wrong in Exact is looked for once more: a person may have mended it.

It is searched by its reference, for a document that was deleted and booked again has another number, and of
two with one reference either may have been removed. It is right where one alone stands, as it should.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from libs.common.domain.problem import Problem, ProblemCode
from services.exporter import answers, search
from services.exporter.compare import Booked
from services.exporter.ledger_check import Seen
from services.exporter.lines import changed_since, difference_problem
from services.exporter.turn import Job

ONCE_RIGHT = (ProblemCode.EDITED_IN_EXACT, ProblemCode.DELETED_IN_EXACT)


async def find_again(jobs: Sequence[Job]) -> dict[int, Seen]:
    """Of those that can't be right; the others take the number under which they stand now."""
    wrong: dict[int, Seen] = {}
    for _, group in groupby(sorted(jobs, key=_line), key=_line):
        of_line = list(group)
        hits = await search.find_booked(of_line[0].exact, [job.document for job in of_line])
        for job in of_line:
            seen = _adopt(job, hits[job.reference])
            if seen is not None:
                wrong[job.id] = seen
    return wrong


def _line(job: Job) -> tuple[str, str]:
    return (job.connection.id, job.message.document.kind.value)


def _adopt(job: Job, found: Sequence[Booked]) -> Seen | None:
    if len(found) != 1:
        numbers = ", ".join(each.number or each.exact_id for each in found)
        return Seen((("number", "1x", numbers),), numbers) if found else Seen(None, job.number)
    job.exact_id, job.number, job.amount = found[0].exact_id, found[0].number, found[0].amount
    return Seen(found[0].differences, job.number) if found[0].differences else None


def problem_now(job: Job, old: Problem, seen: Seen) -> Problem:
    """What is wrong with it by now."""
    differences = seen.differences
    if differences is not None and differences[0][0] == "number":
        return answers.about_reference(ProblemCode.BOOKED_TWICE, job.reference, ("number", seen.number))
    if old.code in ONCE_RIGHT:
        return changed_since(job.reference, seen.number or job.number, differences)
    if differences is None:
        return old
    return difference_problem(
        job.reference, Booked(job.exact_id or "", seen.number or job.number, job.amount, differences)
    )
