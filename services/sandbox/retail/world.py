"""The vendor's side as a whole: accounts, settings and what both are counted by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.sandbox.clock import Clock
from services.sandbox.retail.account import Account
from services.sandbox.retail.limits import Limits
from services.sandbox.retail.oauth import Grants
from services.sandbox.retail.rows import Row
from services.sandbox.retail.seed import bare_account, dutch_shop
from services.sandbox.retail.selling import sell
from services.sandbox.retail.switches import SWITCHES
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket

SHOP, EMPTY = 4711, 4712


@dataclass
class RetailWorld:
    clock: Clock
    seed: int = 1
    switches: Switches = field(default_factory=lambda: Switches(SWITCHES))
    accounts: dict[int, Account] = field(default_factory=dict)
    limits: Limits = field(init=False)
    grants: Grants = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock.now)
        self.grants = Grants(self.clock.now, self.switches)
        dutch_shop(self._new(SHOP, "Fietsen & Zo"), self.seed)
        bare_account(
            self._new(EMPTY, "Cadeauwinkel"),
            shops=("Centrum", "Station"),
            registers=(2, 1),
            time_zone="Europe/Amsterdam",
        )

    def _new(self, account_id: int, name: str) -> Account:
        account = self.accounts[account_id] = Account(account_id, name, self.clock.now)
        return account

    def add_account(
        self,
        name: str,
        *,
        shops: tuple[str, ...] = ("Winkel",),
        registers: tuple[int, ...] = (1,),
        time_zone: str = "Europe/Amsterdam",
    ) -> Account:
        account = self._new(max(self.accounts) + 1, name)
        return bare_account(account, shops=shops, registers=registers, time_zone=time_zone)

    def sell(self, account: Account, ticket: Ticket) -> Row:
        return sell(account, ticket, self.switches)

    def choose(self, wanted: Mapping[str, object]) -> None:
        """A switch may change how every row reads."""
        self.switches.choose(wanted)
        for account in self.accounts.values():
            account.forget_texts()
