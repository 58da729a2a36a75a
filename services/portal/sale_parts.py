"""A sale in parts of days: what is booked of it, each part on its day, and what remains. Pure.

What the till sold is the parts together, in all, by VAT code and by payment type. Each document holds one;
what is not booked yet, or booked too much, is the rest: it waits on the sale's own day, or on the day of the
change where some of it is booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from libs.common.domain.reconcile import Standing
from services.portal.sale_facts import (
    HOLD_TURNOVER,
    NOWHERE,
    DocumentFacts,
    Paid,
    PaidCents,
    SaleFacts,
    SaleState,
    Step,
    VatCents,
    added_up,
    gross_of,
    named,
)

REST = ""
"""In place of a document's id; of what of the rest stands otherwise, one like `RESTS`."""
RESTS = ".%"
NO_CODE = ""

STANDINGS = {SaleState.BOOKED: Standing.DIFFERENCE, SaleState.IGNORED: Standing.IGNORED}


@dataclass(frozen=True, slots=True)
class Part:
    """`paid` is what it changes in what was paid, so of a first part all of it."""

    day: str
    standing: Standing
    cents: int
    vat: VatCents = field(default_factory=dict)
    paid: Paid = field(default_factory=dict)


Parts = dict[str, Part]
"""By document id; of the rest by `REST`, and by the standing of what of it stands otherwise."""


def parts_of(facts: SaleFacts) -> Parts:
    parts: Parts = {}
    held = _held(facts)
    for id_, each in facts.in_the_books.items():
        vat, paid = each.booked_turnover, _named(held[id_], facts)
        if vat or paid:
            parts[id_] = Part(each.day, _standing_of(each), gross_of(vat), vat, paid)
    return parts | _rests(facts, _together(held.values()))


def _standing_of(document: DocumentFacts) -> Standing:
    """What stands otherwise than it was sent is a problem, so it waits, until a person leaves it so."""
    if document.is_left_so:
        return Standing.IGNORED
    return Standing.BOOKED if document.is_as_sent else Standing.WAITING


def _held(facts: SaleFacts) -> dict[str, PaidCents]:
    """What each document in the books holds of payments; what stays open stands where its turnover does.

    Of the documents of one decision the first has what changed of it; where they lie on two days, it moved
    from one to the other.
    """
    held = {id_: each.booked_payments for id_, each in facts.in_the_books.items()}
    so_far: PaidCents = {}
    stood = ""
    for step, of_step in _turnover_by_step(facts).items():
        now = facts.wanted_open.get(named(step), so_far)
        at_first = next((id_ for id_, each in of_step if each.day == stood), "")
        elsewhere = next((id_ for id_, each in of_step if each.day != stood), "")
        if at_first and elsewhere:
            held[at_first] = _less(held[at_first], so_far)
            held[elsewhere] = _plus(held[elsewhere], now)
        else:
            only = at_first or elsewhere
            held[only] = _plus(held[only], _less(now, so_far))
        if now != so_far or elsewhere:
            stood = facts.documents[elsewhere or at_first].day
        so_far = now
    return held


def _turnover_by_step(facts: SaleFacts) -> dict[Step, list[tuple[str, DocumentFacts]]]:
    found: dict[Step, list[tuple[str, DocumentFacts]]] = {}
    standing = [
        (each.steps.get(each.standing, each.step), id_, each)
        for id_, each in facts.documents.items()
        if each.standing and each.purpose in HOLD_TURNOVER
    ]
    for step, id_, each in sorted(standing, key=lambda found: found[:2]):
        found.setdefault(step, []).append((id_, each))
    return found


def _rests(facts: SaleFacts, held: PaidCents) -> Parts:
    standing, day = STANDINGS.get(facts.state, Standing.WAITING), _rest_day(facts)
    if not day:
        return {}
    cents, vat = facts.rest_cents, _vat_rest(facts)
    paid = {each: _named(amounts, facts) for each, amounts in _paid_rests(facts, held, standing).items()}
    parts: Parts = {}
    if cents or vat or standing in paid:
        parts[REST] = Part(day, standing, cents, vat, paid.pop(standing, {}))
    money_day = day if cents else _day_of_money(facts)
    return parts | {f".{each}": Part(money_day, each, 0, paid=amounts) for each, amounts in paid.items()}


def _rest_day(facts: SaleFacts) -> str:
    under_way = [(each.step, each.day) for each in facts.live if not each.is_booked and each.day]
    if under_way:
        return max(under_way)[1]
    booked = [each.day for each in facts.booked]
    return max(facts.changed_day, facts.day, *booked) if booked else facts.day


def _day_of_money(facts: SaleFacts) -> str:
    """Money that is settled apart follows the turnover that was booked last."""
    return max((each.day for each in facts.booked if each.purpose in HOLD_TURNOVER), default=facts.day)


def _vat_rest(facts: SaleFacts) -> VatCents:
    """By the codes that the rules chose when they decided, or by none while nothing is decided."""
    rest: dict[str, int] = {}
    if facts.is_wanted_known:
        booked = added_up([each.booked_turnover for each in facts.in_the_books.values()])
        rest = _less(_gross(facts.wanted_vat), _gross(booked))
    uncoded = facts.rest_cents - sum(rest.values())
    if uncoded:
        rest[NO_CODE] = rest.get(NO_CODE, 0) + uncoded
    return {code: (cents, None) for code, cents in rest.items() if cents}


def _gross(vat: VatCents) -> dict[str, int]:
    return {code: gross for code, (gross, _) in vat.items()}


def _paid_rests(facts: SaleFacts, held: PaidCents, standing: Standing) -> dict[Standing, PaidCents]:
    """What of the payments no document holds; of a sale that is all booked, some may wait for its day's."""
    if not (facts.is_sold and facts.closed):
        return {}
    rest = _less(facts.paid, held)
    if facts.state is not SaleState.BOOKED:
        return {standing: rest} if rest else {}
    if facts.wanted_step == NOWHERE:
        return {Standing.BOOKED: rest} if rest else {}
    on_lines = _together(each.booked_payments for each in facts.in_the_books.values())
    open_ = _less(facts.wanted_open[named(facts.wanted_step)], _less(held, on_lines))
    moved = _held_by_its_ledger(_less(rest, open_), facts)
    booked = _plus(open_, moved)
    waits = _less(facts.wanted_paid, _plus(on_lines, moved))
    found = {
        Standing.BOOKED: booked,
        Standing.WAITING: waits,
        Standing.DIFFERENCE: _less(rest, _plus(booked, waits)),
    }
    return {each: amounts for each, amounts in found.items() if any(amounts.values())}


def _held_by_its_ledger(rest: PaidCents, facts: SaleFacts) -> PaidCents:
    """Types that share a ledger are one to the books: what changes from one to the other is booked."""
    by_ledger: dict[str, PaidCents] = {}
    for type_id, cents in rest.items():
        ledger = facts.payment_ledgers.get(type_id)
        if ledger is not None:
            by_ledger.setdefault(ledger, {})[type_id] = cents
    shared = [amounts for amounts in by_ledger.values() if not sum(amounts.values())]
    return {type_id: cents for amounts in shared for type_id, cents in amounts.items()}


def _named(amounts: PaidCents, facts: SaleFacts) -> Paid:
    names = facts.payment_names
    return {type_id: (names.get(type_id, ""), cents) for type_id, cents in sorted(amounts.items()) if cents}


def _plus(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


def _together(many: Iterable[PaidCents]) -> PaidCents:
    sums: PaidCents = {}
    for amounts in many:
        sums = _plus(sums, amounts)
    return sums


def _less(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    left = {key: one.get(key, 0) - other.get(key, 0) for key in {**one, **other}}
    return {key: cents for key, cents in left.items() if cents}
