"""Makes what every administration needs once and few have: a debtor for the till, items for loose lines.

Found before made: by code or name, so that asking twice makes one. Only where the rules allow making.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from libs.common.budget import Lane
from libs.common.domain.rules import Mode, Rules
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from services.portal.named_choices import unfit_for_the_till
from services.portal.reading import read_debtors

DEBTOR_NAME = "Kassaverkopen"
FALLBACK = ("KASSA", "Kassaverkoop")
ROUNDING = ("AFRONDING", "Afronding")


@dataclass(frozen=True, slots=True)
class Missing:
    """What rules lack that can be made."""

    debtor: bool = False
    fallback_item: bool = False
    rounding_item: bool = False

    @property
    def any(self) -> bool:
        return self.debtor or self.fallback_item or self.rounding_item


def missing_in(rules: Rules) -> Missing:
    with_items = rules.mode in (Mode.INVOICES, Mode.ORDERS) and rules.items.create
    return Missing(
        debtor=rules.debtor.create and rules.debtor.default_account is None,
        fallback_item=with_items and rules.items.fallback_item is None,
        rounding_item=with_items and rules.items.rounding_item is None,
    )


async def with_defaults(rules: Rules, division: ExactDivision) -> Rules:
    """The rules with what they lacked, found or made in Exact."""
    missing = missing_in(rules)
    if missing.debtor:
        account = await find_or_make_debtor(division)
        rules = replace(rules, debtor=replace(rules.debtor, default_account=account))
    if missing.fallback_item:
        item = await find_or_make_item(division, *FALLBACK)
        rules = replace(rules, items=replace(rules.items, fallback_item=item))
    if missing.rounding_item:
        item = await find_or_make_item(division, *ROUNDING)
        rules = replace(rules, items=replace(rules.items, rounding_item=item))
    return rules


async def find_or_make_debtor(division: ExactDivision) -> str:
    named = await read_debtors(division, odata.equals("Name", DEBTOR_NAME))
    for debtor in named:
        if not any(unfit_for_the_till(debtor)):
            return debtor.id
    made = await division.post("crm/Accounts", {"Name": DEBTOR_NAME, "Status": "C"}, lane=Lane.SET_UP)
    return str(made["ID"])


async def find_or_make_item(division: ExactDivision, code: str, name: str) -> str:
    found = await division.rows(
        "logistics/Items", select=("ID",), filter=odata.equals("Code", code), lane=Lane.SET_UP, limit=1
    )
    if found:
        return str(found[0]["ID"])
    item = {"Code": code, "Description": name, "IsSalesItem": True, "IsStockItem": False}
    made = await division.post("logistics/Items", item, lane=Lane.SET_UP)
    return str(made["ID"])
