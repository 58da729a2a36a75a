"""Looks whether documents in Exact bear a prefix already: another installation's would be found as ours.

What connections of this one booked is known without asking.
"""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.budget import Lane
from libs.common.domain.document import SalesEntry, SalesInvoice, SalesOrder
from libs.common.domain.rules import Mode, Rules
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from libs.common.exact.entities import PATHS, reference_filter
from libs.common.exact.errors import BadRequest, NoRight

PLACES: Mapping[Mode, tuple[str, str]] = {
    Mode.TRANSACTIONS: (PATHS[SalesEntry], "YourRef"),
    Mode.INVOICES: (PATHS[SalesInvoice], "YourRef"),
    Mode.ORDERS: (PATHS[SalesOrder], "YourRef"),
    Mode.DAILY_TOTALS: ("financialtransaction/TransactionLines", "Description"),
}
"""Where the documents of a mode have their references."""


async def bears_prefix(division: ExactDivision, rules: Rules) -> bool:
    """One call; no where the login may not look, for it can't book there either."""
    path, field = _place(rules)
    begins = reference_filter(path, f"startswith({field},{odata.literal(rules.reference_prefix)})")
    try:
        return bool(await division.rows(path, select=(field,), filter=begins, lane=Lane.SET_UP, limit=1))
    except (BadRequest, NoRight):
        return False


def _place(rules: Rules) -> tuple[str, str]:
    is_entry_a_day = rules.mode is Mode.DAILY_TOTALS and rules.daily_totals.document == "sales-entry"
    return PLACES[Mode.TRANSACTIONS if is_entry_a_day else rules.mode]
