"""Which divisions a login of Exact may use, and which it worked in last."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.budget import Lane
from libs.common.exact.client import ExactClient
from libs.common.exact.reference import DivisionRow
from services.portal.choices import Choice


@dataclass(frozen=True, slots=True)
class Divisions:
    exact: ExactClient

    async def read(self, grant_id: str, site: str) -> tuple[Choice, ...]:
        """The one it worked in last comes first: a suggestion, never a default at run time (1.7)."""
        me = await self.exact.me(grant_id, site)
        current = str(me.current_division)
        rows = await self.exact.division(grant_id, site, current).rows(
            DivisionRow.path, select=DivisionRow.select, lane=Lane.SET_UP
        )
        found = [
            Choice(each.code, each.description, each.code, each.country, currency=each.currency)
            for each in map(DivisionRow.of, rows)
            if each.is_active
        ]
        return tuple(sorted(found, key=lambda choice: choice.id != current))
