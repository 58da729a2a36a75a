"""Plays a scenario: days of events at the tills, quiet points at which till and books are compared."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.commands import RebookRequested
from libs.common.database.engine import Database
from libs.common.domain.rules import (
    DebtorRules,
    ItemRules,
    Journals,
    Mode,
    OutletRules,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    Settlement,
    SpecialLedgers,
)
from services.sandbox.exact.seed import BLOEM
from tests.whole.scenario.sums import (
    AMSTERDAM,
    D,
    Place,
    Sums,
    TillBooks,
    Wish,
    day_of,
    less,
    references,
    standing,
)
from tests.whole.scenario.till import Shop
from tests.whole.scenario.whole import Whole, make_whole, with_parts

EXCLUDING = {"21": "2", "9": "1", "0": "5", "none": "0"}
INCLUDING = {"21": "4", "9": "3", "0": "5", "none": "0"}
ITEM_MODES = (Mode.INVOICES, Mode.ORDERS)
WARM_UP = date(2026, 3, 17)
SUNDAYS = (date(2026, 3, 29), date(2026, 10, 25))
AUTUMN = date(2026, 10, 14)
SPRING_ENDS = date(2026, 4, 20)
FAULTS: dict[str, Any] = {
    "exact": {
        "answer_lost": 0.02,
        "refused_429": 0.01,
        "html_500": 0.01,
        "html_500_after_work": 0.01,
        "unavailable_503": 0.01,
        "cut_json": 0.01,
    },
    "retail": {
        "answer_lost": 0.04,
        "refused_429": 0.04,
        "html_500": 0.04,
        "cut_json": 0.04,
        "rows_move": 0.3,
        "late_sale": 0.1,
    },
}


def first_rules(whole: Whole, mode: str) -> Rules:
    def ledger(code: str) -> str:
        return str(whole.division.by_code("financial/GLAccounts", code)["ID"])

    def item(code: str) -> str:
        return str(whole.division.by_code("logistics/Items", code)["ID"])

    default = next(row for row in whole.division.table("crm/Accounts") if row["Name"] == "Kassaverkopen")
    revenue = {"2": "8000", "1": "8010", "5": "8020", "0": "8050", "4": "8000", "3": "8010"}
    payments = {"1": "2001", "3": "2002", "5": "2100", "6": "2000", "7": "2003", "8": "2004"}
    kinds = {"1": PaymentKind.CASH, "5": PaymentKind.GIFT_CARD, "7": PaymentKind.ONLINE}
    return Rules(
        mode=Mode(mode),
        division=str(BLOEM),
        start_date=date(2026, 3, 1),
        outlets={"1": OutletRules(), "2": OutletRules()},
        journals=Journals(sales="71", cash="10", general="90"),
        debtor=DebtorRules(default_account=str(default["ID"])),
        revenue=RevenueRules(
            by_vat_code={code: ledger(revenue[code]) for code in revenue}, default_ledger=ledger("8000")
        ),
        vat=INCLUDING if Mode(mode) in ITEM_MODES else EXCLUDING,
        payments={
            "4": PaymentRule(PaymentKind.ON_ACCOUNT),
            **{
                key: PaymentRule(kinds.get(key, PaymentKind.CARD), ledger(code))
                for key, code in payments.items()
            },
        },
        ledgers=SpecialLedgers(
            cash_rounding=ledger("4490"),
            gift_cards=ledger("2100"),
            store_credit=ledger("2110"),
            tips=ledger("2130"),
            deposits=ledger("2120"),
        ),
        items=ItemRules(fallback_item=item("KADOPAPIER"), rounding_item=item("AFRONDING")),
        reference_prefix="T",
    )


@dataclass
class Scenario:
    mode: str
    seed: int
    events: int
    specials: bool = "KOPPELING_SCENARIO_PLAIN" not in os.environ
    faults: bool = True
    changes: bool = True
    """Whether rules change on the way, days are rebooked and a period is closed."""
    changes_mode: bool = False
    modes: tuple[str, ...] = tuple(
        os.environ.get("KOPPELING_SCENARIO_MODES", "transactions invoices orders daily-totals").split()
    )
    had_totals: bool = False
    """Whether turnover of today may wait for its day to be over."""
    had_settled_days: bool = False
    """Whether money may."""
    whole: Whole = field(init=False)
    shop: Shop = field(init=False)
    till: TillBooks = field(default_factory=TillBooks)
    happened: list[str] = field(default_factory=list)

    async def play(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dice = random.Random(f"{self.seed} {self.mode}")
        self.whole = await make_whole(database, monkeypatch, self.seed)
        self.shop = Shop(
            self.whole.sandbox.retail, self.whole.account, random.Random(f"{self.seed} till"), self.specials
        )
        try:
            await self._play()
        except BaseException:
            print(f"mode {self.mode}, seed {self.seed}, {self.events} events; the last of them:")
            print("\n".join(self.happened[-int(os.environ.get("KOPPELING_SCENARIO_TELLS", "40")) :]))
            raise
        finally:
            await self.whole.close()

    async def _play(self) -> None:
        self._calm()
        await self.whole.connect(first_rules(self.whole, self.mode))
        self.rules = await self.whole.rules()
        self._note_forms()
        self._excite()
        day, left = WARM_UP, self.events
        while left > 0:
            await self._morning(day)
            count = min(left, self.dice.randint(8, 20))
            await self._open_shop(day, count)
            left -= count
            day = await self._next(day)
        await self._morning(day)
        await self._reconciled(day)
        self._say(f"done: {dict(self.shop.counted)}; faults {self._met()}")

    def _calm(self) -> None:
        self.whole.sandbox.faults.choose({"exact": {}, "retail": {}})

    def _excite(self) -> None:
        if self.faults:
            self.whole.sandbox.faults.choose({"seed": self.seed, **FAULTS})

    def _met(self) -> Counter[str]:
        return sum(self.whole.sandbox.faults.happened.values(), Counter())

    def _say(self, what: str) -> None:
        self.happened.append(f"{self.whole.now.astimezone(AMSTERDAM):%m-%d %H:%M} {what}")

    # Days

    async def _next(self, day: date) -> date:
        """Some days on; the summer is closed, and neither Sunday on which the clock changes is left out."""
        following = day + timedelta(days=self.dice.choice((1, 1, 1, 2, 3)))
        for sunday in SUNDAYS:
            if day < sunday < following:
                following = sunday
        if following in SUNDAYS:
            await self._night(following)
        if SPRING_ENDS < following < AUTUMN:
            await self._close_for_the_summer()
            return AUTUMN
        return following

    async def _close_for_the_summer(self) -> None:
        while self.whole.now.date() < AUTUMN - timedelta(days=6):
            self.whole.advance(6 * 86400)
            await self.whole.keep_consents()

    async def _night(self, day: date) -> None:
        """Sales in the hours in which the clock is put on or back."""
        self.shop.at_night = True
        self._advance_to(day, time(0, 20))
        for _ in range(6):
            self._happen()
            self.whole.advance(2400)
            if self.dice.random() < 0.3:
                await self.whole.turn()
        self.shop.at_night = False

    async def _morning(self, day: date) -> None:
        """Everything up to yesterday is booked; then the day may begin with other rules."""
        self._advance_to(day, time(8))
        await self.whole.keep_consents()
        await self._quiet(day, is_morning=True)
        if self.changes:
            await self._decide_something(day)

    async def _open_shop(self, day: date, count: int) -> None:
        self._advance_to(day, time(9))
        for number in range(count):
            self.whole.advance(self.dice.randint(60, 1800))
            self._happen()
            if self.dice.random() < 0.35:
                await self.whole.turn()
            if number == count // 2 and self.dice.random() < 0.5:
                await self._quiet(day, is_morning=False)

    def _advance_to(self, day: date, clock: time) -> None:
        self.whole.advance_to(datetime.combine(day, clock, AMSTERDAM))

    def _happen(self) -> None:
        self.shop.happen()
        self._say(self.shop.told[-1])

    # Choices

    async def _decide_something(self, day: date) -> None:
        await self._choose_new_types()
        if self.dice.random() < 0.35:
            await self._change_rules(day)
        if self.dice.random() < 0.25:
            await self._rebook(day)
        if day.day > 2 and self.dice.random() < 0.2:
            self._close_period(day.replace(day=1) - timedelta(days=1))

    def _close_period(self, day: date) -> None:
        """The accountant is done with the month."""
        self.whole.division.closed_periods.add((day.year, day.month))
        self._say(f"closed {day:%m-%Y}")

    async def _choose_new_types(self) -> None:
        known = self.rules.payments
        new = [str(row.key) for row in self.whole.account["PaymentType"] if str(row.key) not in {"2", *known}]
        if new and self.dice.random() < 0.7:
            ledger = known["3"].ledger
            chosen = {key: PaymentRule(PaymentKind.CLEARING, ledger) for key in new}
            await self._choose(f"payments {new}", replace(self.rules, payments={**known, **chosen}))

    async def _change_rules(self, day: date) -> None:
        changes = self._changes()
        if day not in SUNDAYS:
            changes["day_end"] = replace(self.rules, day_end=self.dice.choice(("00:00", "05:00")))
        if self.changes_mode:
            mode = Mode(self.dice.choice(sorted(self.modes)))
            vat = INCLUDING if mode in ITEM_MODES else EXCLUDING
            changes["mode"] = replace(self.rules, mode=mode, vat=vat)
        name = self.dice.choice(sorted(changes))
        await self._choose(name, changes[name])

    async def _choose(self, name: str, rules: Rules) -> None:
        self.rules = rules
        self._say(f"rules: {name} {rules.mode} {rules.settlement} {rules.day_end} {rules.corrections.style}")
        await self.whole.choose(rules)
        self.shop.day_end = rules.day_end
        self._note_forms()
        await self._quiet(self._today(), is_morning=False, compares=False)

    def _note_forms(self) -> None:
        self.had_totals |= self.rules.mode is Mode.DAILY_TOTALS
        self.had_settled_days |= self.rules.settles is Settlement.PER_DAY

    def _changes(self) -> dict[str, Rules]:
        rules, dice = self.rules, self.dice
        codes = rules.revenue.by_vat_code
        ledgers = [key for key, code in self._codes().items() if code in ("8000", "8001", "8070")]
        moved = {**codes, rules.vat["21"]: dice.choice(sorted(ledgers))}
        documents = ("general-journal", "cash-entry", "sales-entry")
        return {
            "revenue": with_parts(rules, revenue={"by_vat_code": moved}),
            "corrections": with_parts(
                rules, corrections={"style": dice.choice(("difference", "reverse-and-repeat"))}
            ),
            "settlement": replace(
                rules, settlement=Settlement(dice.choice(("in-entry", "per-receipt", "per-day")))
            ),
            "own_when": with_parts(rules, debtor={"own_when": dice.choice(("business", "known"))}),
            "business_receipts": replace(rules, business_receipts=dice.choice(("individual", "as-mode"))),
            "daily": with_parts(
                rules,
                daily_totals={"document": dice.choice(documents), "per": dice.choice(("outlet", "register"))},
            ),
        }

    async def _rebook(self, day: date) -> None:
        first = day - timedelta(days=self.dice.randint(2, 15))
        last = min(first + timedelta(days=self.dice.randint(0, 6)), day)
        self._say(f"rebook {first} to {last}")
        await self.whole.tell(RebookRequested(first, last))
        await self._quiet(day, is_morning=False, compares=False)
        self.till.rebook(self._wish(), self.whole.account["Sale"], first, last)
        await self._quiet(day, is_morning=True)

    # Comparing

    def _today(self) -> date:
        return day_of(self.whole.now, self.rules.day_end)

    def _codes(self) -> dict[str, str]:
        return {row["ID"]: row["Code"].strip() for row in self.whole.division.table("financial/GLAccounts")}

    def _wish(self) -> Wish:
        names = {row["ID"]: row["Name"] for row in self.whole.division.table("crm/Accounts")}
        return Wish(self.whole.account, self.rules, self._codes(), names)

    async def _quiet(self, day: date, *, is_morning: bool, compares: bool = True) -> None:
        await self.whole.until_quiet()
        self.till.observe(self._wish(), self.whole.account["Sale"])
        self.shop.quiet()
        self._say("quiet")
        if not compares:
            return
        if is_morning:
            await self._all_decided()
        self._compare(day)
        self._no_reference_twice()

    async def _reconciled(self, today: date) -> None:
        """The partner's own reconciliation tells the same, for all days that are over."""
        path = f"/v1/connections/{self.whole.connection}/reconciliation?from=2026-03-01&to={today}"
        answer = await self.whole.partner.get(path)
        rows = {date.fromisoformat(row["day"]): row for row in answer.json()["items"]}
        wrong = []
        for day in sorted({*rows, *self.till.days}):
            if day < today:
                wanted, told = self._reconciliation_of(day), self._told_of(rows.get(day))
                wrong += [f"{day} {place}: {amounts}" for place, amounts in _unequal(wanted, told)]
        assert not wrong, "the reconciliation differs (wanted, told):\n" + "\n".join(wrong)

    def _reconciliation_of(self, day: date) -> Sums:
        """What the till sold by VAT code, and what was paid on each ledger or stays on account."""
        sums: Sums = {}
        for place, amount in self.till.days.get(day, {}).items():
            match place[0]:
                case "turnover":
                    _add(sums, place, amount)
                    _add(sums, ("booked",), amount)
                case "ledger" if place[1] in self._ledgers_of_payments().values():
                    _add(sums, place, -amount)
                case "debtor":
                    _add(sums, ("on account",), -amount)
        return sums

    def _told_of(self, row: dict[str, Any] | None) -> Sums:
        """The same of the answer; nothing waits on a day that is over, and nothing differs."""
        if row is None:
            return {}
        sums: Sums = {("booked",): D(row["booked"])}
        for part in row["by_vat"]:
            _add(sums, ("turnover", part["vat_code"]), D(part["booked"]))
        ledgers = self._ledgers_of_payments()
        for part in row["by_payment"]:
            ledger = ledgers.get(part["payment_type"])
            _add(sums, ("on account",) if ledger is None else ("ledger", ledger), D(part["booked"]))
        for part in (row, *row["by_vat"], *row["by_payment"]):
            _add(sums, ("waiting",), abs(D(part["waiting"])))
            _add(sums, ("difference",), abs(D(part["difference"])))
        return sums

    def _ledgers_of_payments(self) -> dict[str, str]:
        codes = self._codes()
        return {key: codes[rule.ledger] for key, rule in self.rules.payments.items() if rule.ledger}

    def _compare(self, today: date) -> None:
        """Days that are over in everything; today in what is booked at once."""
        wanted, stands = self.till.days, standing(self.whole.division)
        wrong = []
        for day in sorted({*wanted, *stands}):
            differences = self._differences(wanted.get(day, {}), stands.get(day, {}), is_over=day < today)
            wrong += [f"{day} {place}: {told}" for place, told in differences.items()]
        assert not wrong, "till and books differ (wanted, stands):\n" + "\n".join(wrong)
        assert not sum(self.whole.division.trial_balance.values())

    def _differences(self, wanted: Sums, stands: Sums, *, is_over: bool) -> dict[Place, str]:
        return {
            place: f"{wanted.get(place, D(0))} {stands.get(place, D(0))}"
            for place in sorted(less(wanted, stands))
            if is_over or self._is_booked_at_once(place)
        }

    def _is_booked_at_once(self, place: Place) -> bool:
        is_money = place[0] in ("ledger", "debtor")
        return not (self.had_totals or (is_money and self.had_settled_days))

    def _no_reference_twice(self) -> None:
        for kind, found in references(self.whole.division).items():
            twice = [reference for reference, count in Counter(found).items() if count > 1 or not reference]
            assert not twice, f"{kind}: {twice} more than once"

    async def _all_decided(self) -> None:
        """Only sales by a payment type that nobody has chosen for are problems."""
        path = f"/v1/connections/{self.whole.connection}/sales?limit=200&state="
        problems = (await self.whole.partner.get(path + "problem")).json()["items"]
        parked = {str(sale.key) for sale in self.whole.account["Sale"] if self._wish().is_parked(sale)}
        assert {sale["id"] for sale in problems} == parked, (parked, problems)
        for state in ("recorded", "mapped"):
            undecided = (await self.whole.partner.get(path + state)).json()["items"]
            assert not undecided or state == "mapped", undecided


def _add(sums: Sums, place: Place, amount: Decimal) -> None:
    sums[place] = sums.get(place, D(0)) + amount


def _unequal(wanted: Sums, told: Sums) -> Iterator[tuple[Place, str]]:
    for place in sorted(less(wanted, told)):
        yield place, f"{wanted.get(place, D(0))} {told.get(place, D(0))}"
