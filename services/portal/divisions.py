"""Which divisions a login of Exact may use, and which it worked in last."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.budget import Lane
from libs.common.exact.client import ExactClient
from services.portal.choices import Choice

ACTIVE = 1
PATH = "system/Divisions"
SELECT = ("Code", "Description", "Status", "BlockingStatus", "Country", "Currency", "Current")


@dataclass(frozen=True, slots=True)
class Divisions:
    exact: ExactClient

    async def read(self, grant_id: str, site: str) -> tuple[Choice, ...]:
        """The one it worked in last comes first: a suggestion, never a default at run time (1.7)."""
        me = await self.exact.me(grant_id, site)
        current = str(me.current_division)
        rows = await self.exact.division(grant_id, site, current).rows(PATH, select=SELECT, lane=Lane.SET_UP)
        found = [
            Choice(
                str(row["Code"]), str(row["Description"] or ""), str(row["Code"]), str(row["Country"] or "")
            )
            for row in rows
            if row.get("Status", ACTIVE) in (ACTIVE, None)
        ]
        return tuple(sorted(found, key=lambda choice: choice.id != current))
