"""Where an X-Series sale stands, by `state` and `attributes`, or the older `status` (reference 10). Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from libs.common.domain.sale import SaleState
from libs.common.lightspeed.retail_values import Row, Unreadable, text_of
from libs.common.lightspeed.x_values import member, text

PARKED, PENDING, CLOSED, VOIDED = "parked", "pending", "closed", "voided"
ON_ACCOUNT, LAYBY = "onaccount", "layby"
LATER = (LAYBY, "delivery", "pickup", "service")
"""Handed over after they were rung up."""
STATUSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "SAVED": (PARKED, ()),
    "OPEN": (PENDING, ()),
    "CLOSED": (CLOSED, ()),
    "VOIDED": (VOIDED, ()),
    "ONACCOUNT": (PENDING, (ON_ACCOUNT,)),
    "ONACCOUNT_CLOSED": (CLOSED, (ON_ACCOUNT,)),
    "LAYBY": (PENDING, (LAYBY,)),
    "LAYBY_CLOSED": (CLOSED, (LAYBY,)),
    "AWAITING_DISPATCH": (PENDING, ("delivery",)),
    "DISPATCHED_CLOSED": (CLOSED, ("delivery",)),
    "AWAITING_PICKUP": (PENDING, ("pickup",)),
    "PICKED_UP_CLOSED": (CLOSED, ("pickup",)),
    "SERVICE": (PENDING, ("service",)),
    "SERVICE_CLOSED": (CLOSED, ("service",)),
}


@dataclass(frozen=True, slots=True)
class Standing:
    state: str
    attributes: Collection[str]

    @property
    def sale_state(self) -> SaleState:
        """On account the goods are gone, so it is sold; what is pending otherwise isn't."""
        if self.state == VOIDED:
            return SaleState.VOIDED
        is_sold = self.state == CLOSED or (self.state == PENDING and ON_ACCOUNT in self.attributes)
        return SaleState.COMPLETED if is_sold else SaleState.OPEN

    @property
    def is_closed(self) -> bool:
        """Final, so that its payments are all it will ever be paid."""
        return self.state == CLOSED

    @property
    def is_reserved(self) -> bool:
        return LAYBY in self.attributes

    @property
    def runs_on_account(self) -> bool:
        return ON_ACCOUNT in self.attributes or self.is_reserved

    @property
    def is_handed_over_later(self) -> bool:
        """So that its turnover isn't of the day on which it was rung up."""
        return ON_ACCOUNT not in self.attributes and any(one in LATER for one in self.attributes)


def standing_of(row: Row) -> Standing:
    """Only the newer pair can express all there is; a text that nobody knows is shown to a human (10).

    2.0 leaves out what is empty (4): where attributes lack, the status of that state still says what it is.
    """
    if member(row, "deleted_at") is not None:
        return Standing(VOIDED, ())
    state, status = text(row, "state").lower(), text(row, "status").upper()
    of_status, implied = STATUSES.get(status, ("", ()))
    if state in (PARKED, PENDING, CLOSED, VOIDED):
        return Standing(state, _attributes(row).union(implied if of_status == state else ()))
    if state:
        raise Unreadable("state", "unknown", state)
    if not of_status:
        raise Unreadable("status", "unknown" if status else "missing", status)
    return Standing(of_status, implied)


def _attributes(row: Row) -> frozenset[str]:
    """What it isn't known to mean changes no money; "layby" and "onaccount" are looked for by name."""
    listed = member(row, "attributes", "register_sale_attributes")
    if listed is None:
        return frozenset()
    if not isinstance(listed, list):
        raise Unreadable("attributes", "not a list", "")
    if not all(isinstance(one, str) for one in listed):
        raise Unreadable("attributes", "not all text", "")
    return frozenset(text_of(one).lower() for one in listed)
