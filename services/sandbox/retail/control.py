"""The control API of the tills and of the vendor's settings, under /sandbox."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from services.sandbox.controls import Answer, Body, Refused, control_route
from services.sandbox.receipts import read_receipts
from services.sandbox.retail import catalogue, events, merging, movements, recorded, shelves
from services.sandbox.retail.account import Account
from services.sandbox.retail.made_up import sell_made_up
from services.sandbox.retail.oauth import Client, end
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.totals import totals_of
from services.sandbox.retail.values import ZERO, number_text
from services.sandbox.retail.world import RetailWorld
from services.sandbox.till_settings import TillSettings, made_up_from
from services.sandbox.tills import (
    buyer_from,
    decimal,
    line_from,
    moment,
    payment_from,
    ticket_from,
)


class RetailControl:
    def __init__(self, world: RetailWorld) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        till = "/sandbox/tills/retail/{account:int}"
        sale = till + "/sales/{sale:int}"
        world = self._world
        settings = TillSettings(
            "retail",
            world.grants.clients,
            Client,
            world.switches,
            world.limits.settings,
            world.choose,
        )
        return [
            *settings.routes(),
            control_route("/sandbox/retail/accounts", GET=self.get_accounts, POST=self.post_account),
            control_route("/sandbox/retail/accounts/{account:int}/revoke", POST=self.revoke),
            control_route(till + "/sales", GET=self.get_sales, POST=self.post_sales),
            control_route(till + "/made-up", POST=self.post_made_up),
            control_route(till + "/recorded", POST=self.post_recorded),
            control_route(till + "/receipts", POST=self.post_receipts),
            control_route(till + "/totals", GET=self.get_totals),
            control_route(till + "/articles", GET=self.get_articles),
            control_route(till + "/goods", POST=self.receive),
            control_route(till + "/registers/{register:int}/withdraw", POST=self.withdraw),
            control_route(till + "/registers/{register:int}/close", POST=self.close),
            control_route(till + "/registers/{register:int}/open", POST=self.open),
            control_route(till + "/settings", PUT=self.put_settings),
            control_route(till + "/items/{item:int}/merge", POST=self.merge),
            control_route(sale + "/add", POST=self.add),
            control_route(sale + "/edit", POST=self.edit),
            control_route(sale + "/void", POST=self.void),
            control_route(sale + "/reopen", POST=self.reopen),
            control_route(sale + "/complete", POST=self.complete),
            control_route(sale + "/refund", POST=self.refund),
        ]

    def get_accounts(self, request: Request, body: Body) -> Answer:
        return [_shown_account(account) for account in self._world.accounts.values()]

    def post_account(self, request: Request, body: Body) -> Answer:
        shops = tuple(str(name) for name in body.get("shops", ("Winkel",)))
        registers = tuple(int(number) for number in body.get("registers", (1,)))
        zone = str(body.get("time_zone", "Europe/Amsterdam"))
        account = self._world.add_account(str(body["name"]), shops=shops, registers=registers, time_zone=zone)
        account.cash_rounding = bool(body.get("cash_rounding", False))
        return _shown_account(account)

    def revoke(self, request: Request, body: Body) -> Answer:
        """The merchant withdraws the consent in the vendor's own screens."""
        account = self._account(request).account_id
        alive = {id(grant): grant for grant in self._world.grants.by_refresh_token.values()}
        ended = [grant for grant in alive.values() if grant.account_id == account and not grant.revoked]
        for grant in ended:
            end(grant)
        return {"revoked": len(ended)}

    def get_sales(self, request: Request, body: Body) -> Answer:
        limit = int(request.query_params.get("limit", "50"))
        account = self._account(request)
        sales = list(account["Sale"])[-limit:][::-1]
        return [_shown_sale(sale) | _shown_details(account, sale) for sale in sales]

    def post_sales(self, request: Request, body: Body) -> Answer:
        account = self._account(request)
        tickets = body if isinstance(body, list) else [body]
        return [_sold(self._world.sell(account, ticket_from(ticket))) for ticket in tickets]

    def post_made_up(self, request: Request, body: Body) -> Answer:
        wanted = made_up_from(body, self._world.seed)
        account = self._account(request)
        return [_sold(sale) for sale in sell_made_up(account, wanted, self._world.switches)]

    def get_articles(self, request: Request, body: Body) -> Answer:
        return shelves.articles_of(self._account(request))

    def receive(self, request: Request, body: Body) -> Answer:
        """`articles` as lines of a ticket, each `quantity` at every outlet; else `quantity` of everything."""
        till = self._account(request)
        if "articles" in body:
            return {"received": shelves.receive(till, [line_from(line) for line in body["articles"]])}
        quantity = decimal(body["quantity"], "quantity")
        received = shelves.receive_everything(till, quantity, loose=bool(body.get("loose", True)))
        return {"received": received}

    def put_settings(self, request: Request, body: Body) -> Answer:
        """Whether cash is rounded to five cents."""
        account = self._account(request)
        account.cash_rounding = bool(body["cash_rounding"])
        return {"cash_rounding": account.cash_rounding}

    def post_recorded(self, request: Request, body: Body) -> Answer:
        sales = body if isinstance(body, list) else [body]
        account = self._account(request)
        return [_sold(recorded.serve_verbatim(account, sale)) for sale in sales]

    def post_receipts(self, request: Request, body: Body) -> Answer:
        """Sells a file of real receipts that lies on this machine."""
        account, path = self._account(request), Path(str(body["file"]))
        if not path.exists():
            raise Refused(422, f"there is no file {path}")
        tickets = read_receipts(path, self._world.clock.now())
        sold = [self._world.sell(account, ticket) for ticket in tickets]
        return {"sold": len(sold), "turnover": _money(sum((sale.number("total") for sale in sold), ZERO))}

    def withdraw(self, request: Request, body: Body) -> Answer:
        account, register = self._register(request)
        amount = decimal(body["amount"], "amount")
        at = moment(body["at"]) if body.get("at") else account.stamp()
        kind = catalogue.payment_type_of(account, str(body.get("payment_type", "cash")))
        row = movements.withdraw(account, register, amount, kind, at, str(body.get("notes", "")))
        return {"registerWithdrawID": str(row.key)}

    def close(self, request: Request, body: Body) -> Answer:
        account, register = self._register(request)
        at = moment(body["at"]) if body.get("at") else account.stamp()
        counted = {name: decimal(amount, name) for name, amount in body.get("counted", {}).items()}
        left = decimal(body.get("float", 0), "float")
        notes, stays_closed = str(body.get("notes", "")), bool(body.get("stays_closed", False))
        row = movements.close(account, register, at, counted, left, notes, stays_closed=stays_closed)
        return {"registerCountID": str(row.key)}

    def open(self, request: Request, body: Body) -> Answer:
        account, register = self._register(request)
        if register.flag("open"):
            raise Refused(422, f"register {register.key} is open already")
        at = moment(body["at"]) if body.get("at") else account.stamp()
        movements.open_again(account, register, at, decimal(body.get("float", 0), "float"))
        return {"registerID": str(register.key), "openTime": at.isoformat()}

    def get_totals(self, request: Request, body: Body) -> Answer:
        return totals_of(self._account(request)).shown()

    def merge(self, request: Request, body: Body) -> Answer:
        """The item is deleted; `into` is the one that is left."""
        account = self._account(request)
        keys = (request.path_params["item"], int(body["into"]))
        item, into = (account["Item"].get(key) for key in keys)
        if item is None or into is None:
            raise Refused(404, f"account {account.account_id} lacks one of the items {keys}")
        return {"itemID": str(merging.merge(account, item, into).key)}

    def edit(self, request: Request, body: Body) -> Answer:
        """With `silent` no stamp moves."""
        account, sale = self._sale(request)
        is_silent = bool(body.pop("silent", False))
        _happen(account, sale, is_silent, lambda: events.edit(account, sale, body, self._world.switches))
        return _shown_sale(sale)

    def void(self, request: Request, body: Body) -> Answer:
        """With `silent` no stamp moves."""
        account, sale = self._sale(request)
        reason = str(body.get("reason", ""))
        is_silent = bool(body.get("silent", False))
        _happen(account, sale, is_silent, lambda: events.void(account, sale, self._world.switches, reason))
        (voided,) = account["SaleVoid"].find("saleID", sale.key)
        return _shown_sale(sale) | {"saleVoidID": str(voided.key)}

    def add(self, request: Request, body: Body) -> Answer:
        """More lines and payments on an open ticket; `complete` once it is paid."""
        account, sale = self._sale(request)
        lines = [line_from(line) for line in body.get("lines", ())]
        payments = [payment_from(payment) for payment in body.get("payments", ())]
        events.add_to(account, sale, lines, payments, self._world.switches)
        return _shown_sale(sale)

    def reopen(self, request: Request, body: Body) -> Answer:
        account, sale = self._sale(request)
        events.reopen(account, sale)
        return _shown_sale(sale)

    def complete(self, request: Request, body: Body) -> Answer:
        account, sale = self._sale(request)
        events.complete_again(account, sale, self._world.switches)
        return _shown_sale(sale)

    def refund(self, request: Request, body: Body) -> Answer:
        account, sale = self._sale(request)
        named = body.get("lines")
        wanted = events.Refund(
            quantities={int(line["sale_line_id"]): decimal(line["quantity"], "quantity") for line in named}
            if named
            else None,
            payment=str(body.get("payment", "")),
            gift_card=str(body["gift_card"]) if body.get("gift_card") else None,
            customer=buyer_from(body.get("customer")),
            at=moment(body["at"]) if body.get("at") else None,
            shop=str(body["shop"]) if body.get("shop") else None,
            register=str(body["register"]) if body.get("register") else None,
        )
        return _sold(events.refund(account, sale, wanted, self._world.switches))

    def _account(self, request: Request) -> Account:
        number = request.path_params["account"]
        if number not in self._world.accounts:
            raise Refused(404, f"there is no account {number}")
        return self._world.accounts[number]

    def _register(self, request: Request) -> tuple[Account, Row]:
        account = self._account(request)
        register = account["Register"].get(request.path_params["register"])
        if register is None:
            raise Refused(404, f"account {account.account_id} has no such register")
        return account, register

    def _sale(self, request: Request) -> tuple[Account, Row]:
        account = self._account(request)
        sale = account["Sale"].get(request.path_params["sale"])
        if sale is None:
            raise Refused(404, f"account {account.account_id} has no sale {request.path_params['sale']}")
        return account, sale


def _happen(account: Account, sale: Row, is_silent: bool, event: Callable[[], object]) -> None:
    if is_silent:
        events.silently(account, sale, event)
    else:
        event()


def _sold(sale: Row) -> dict[str, str]:
    number = str(sale.key)
    return {"saleID": number, "number": number, "total": _money(sale.number("total"))}


def _shown_sale(sale: Row) -> dict[str, object]:
    return {
        "saleID": str(sale.key),
        "number": str(sale.key),
        "total": _money(sale.number("total")),
        "completed": sale.flag("completed"),
        "voided": sale.flag("voided"),
        "balance": number_text(sale.number("balance")),
    }


def _shown_details(account: Account, sale: Row) -> dict[str, object]:
    """When it was completed, and its payments by type; of a recorded sale none are known."""
    completed = sale.moment("completeTime")
    by_type: defaultdict[str, Decimal] = defaultdict(Decimal)
    for payment in payments_of(account, sale):
        by_type[str(payment.id("paymentTypeID"))] += payment.number("amount")
    return {
        "completed_at": completed.isoformat() if completed else None,
        "payments": {kind: _money(amount) for kind, amount in by_type.items()},
    }


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _shown_account(account: Account) -> dict[str, object]:
    return {
        "account": str(account.account_id),
        "name": account.name,
        "shops": {str(shop.key): shop.text("name") for shop in account["Shop"]},
        "registers": {
            str(row.key): {"name": row.text("name"), "shop": str(row.id("shopID"))}
            for row in account["Register"]
        },
        "payment_types": {str(row.key): row.text("name") for row in account["PaymentType"]},
        "tax_classes": {str(row.key): row.text("name") for row in account["TaxClass"]},
        "sales": len(account["Sale"]),
    }
