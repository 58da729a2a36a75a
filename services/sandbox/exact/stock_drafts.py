"""Documents of the stockroom that are drafts until they are processed: counts and transfers alike.

A draft may be changed and deleted, and is processed once: by its Status, or by a resource of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.sandbox.exact import refusals
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write


@dataclass(frozen=True, slots=True)
class Drafts:
    """What tells one kind from the other; `carry_out` moves the goods of one line."""

    path: str
    lines: str
    key: str
    number: str
    words: str
    processed: int
    carry_out: Callable[[Write, Row, Row], None]

    def settle(self, write: Write, draft: Row) -> None:
        for line in write.division.table(self.lines).find(self.key, draft[self.key]):
            self.carry_out(write, draft, line)
        write.division.change(self.path, draft, {"Status": self.processed}, write.author)

    def process(self, write: Write, body: Row) -> Row:
        draft = write.division.table(self.path).get(body.get(self.key))
        if draft is None:
            raise BusinessRefusal(refusals.invalid_reference(self.key))
        answer = body | {"Division": write.division.number}
        if draft["Status"] == self.processed:
            return answer | {"ErrorMessage": refusals.ALREADY_PROCESSED.nl}
        self.settle(write, draft)
        return answer | {"SuccessMessage": f"{self.words} {draft[self.number]} processed"}

    def update(self, write: Write, draft: Row, body: Row) -> None:
        self._only_draft(draft)
        status = body.pop("Status", None)
        write.division.change(self.path, draft, body, write.author)
        if status == self.processed:
            self.settle(write, draft)

    def delete(self, write: Write, draft: Row) -> None:
        self._only_draft(draft)
        for line in write.division.table(self.lines).find(self.key, draft[self.key]):
            write.division.remove(self.lines, line, write.author)
        write.division.remove(self.path, draft, write.author)

    def _only_draft(self, draft: Row) -> None:
        if draft["Status"] == self.processed:
            raise BusinessRefusal(refusals.ALREADY_PROCESSED)
