"""The control API of the tills and of the vendor's settings, under /sandbox."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from services.sandbox.controls import Answer, Body, Refused, control_route
from services.sandbox.receipts import read_receipts
from services.sandbox.till_settings import TillSettings, made_up_from
from services.sandbox.tills import TicketError, TicketPayment, decimal, line_from, moment, read_part
from services.sandbox.x_series import cards, events, registers, shelves
from services.sandbox.x_series.made_up import sell_made_up
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.oauth import Client
from services.sandbox.x_series.paying import due, money_of, open_part
from services.sandbox.x_series.records import Register
from services.sandbox.x_series.sale import Sale, State
from services.sandbox.x_series.seed import Shop
from services.sandbox.x_series.selling import sell
from services.sandbox.x_series.tickets import Payment, shop_ticket
from services.sandbox.x_series.totals import totals_of, turnover_of
from services.sandbox.x_series.values import ZERO, money
from services.sandbox.x_series.world import XWorld


class XControl:
    def __init__(self, world: XWorld) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        till = "/sandbox/tills/x/{account}"
        sale = till + "/sales/{sale}"
        world = self._world
        settings = TillSettings(
            "x",
            world.grants.clients,
            Client,
            world.switches,
            world.limits.settings,
            world.switches.choose,
        )
        return [
            *settings.routes(),
            control_route("/sandbox/x/deliveries", GET=self.get_deliveries),
            control_route("/sandbox/x/accounts", GET=self.get_accounts, POST=self.post_account),
            control_route("/sandbox/x/accounts/{account}/revoke", POST=self.revoke),
            control_route("/sandbox/x/accounts/{account}/personal-token", POST=self.personal_token),
            control_route(till + "/sales", GET=self.get_sales, POST=self._told(self.post_sales)),
            control_route(till + "/made-up", POST=self._told(self.post_made_up)),
            control_route(till + "/receipts", POST=self._told(self.post_receipts)),
            control_route(till + "/totals", GET=self.get_totals),
            control_route(till + "/articles", GET=self.get_articles),
            control_route(till + "/goods", POST=self._told(self.receive)),
            control_route(till + "/settings", PUT=self.put_settings),
            control_route(till + "/gift-cards/{number}", POST=self.change_gift_card),
            control_route(till + "/registers/{register}/close", POST=self._told(self.close)),
            control_route(till + "/registers/{register}/open", POST=self.open),
            control_route(sale + "/add", POST=self._told(self.add)),
            control_route(sale + "/pay", POST=self._told(self.pay)),
            control_route(sale + "/complete", POST=self._told(self.complete)),
            control_route(sale + "/return", POST=self._told(self.return_sale)),
            control_route(sale + "/refund", POST=self._told(self.refund)),
            control_route(sale + "/void", POST=self._told(self.void)),
            control_route(sale + "/delete", POST=self._told(self.delete)),
            control_route(sale + "/touch", POST=self._told(self.touch)),
        ]

    def _told(self, act: Any) -> Any:
        """What happens at a till goes out to the webhooks."""

        def answer(request: Request, body: Body) -> Answer:
            try:
                return act(request, body)
            finally:
                self._world.deliveries.wake()

        return answer

    def get_deliveries(self, request: Request, body: Body) -> Answer:
        sent = self._world.deliveries
        return {"waiting": len(sent.waiting), "delivered": sent.delivered, "given_up": sent.given_up}

    def get_accounts(self, request: Request, body: Body) -> Answer:
        return [_shown_store(merchant) for merchant in self._world.merchants.values()]

    def post_account(self, request: Request, body: Body) -> Answer:
        """`shops` is a list of `{"name", "prefixes"}`; registers that share a prefix share numbers."""
        zone = str(body.get("time_zone", "Europe/Amsterdam"))
        shops = [
            Shop(str(shop["name"]), tuple(str(prefix) for prefix in shop.get("prefixes", ("",))), zone)
            for shop in body.get("shops", [{"name": "Winkel"}])
        ]
        merchant = self._world.add_store(str(body["domain_prefix"]), str(body["name"]), shops)
        merchant.cash_rounding = bool(body.get("cash_rounding", False))
        return _shown_store(merchant)

    def revoke(self, request: Request, body: Body) -> Answer:
        """The merchant withdraws the consent in the vendor's own screens."""
        return {"revoked": self._world.grants.end_all(self._merchant(request).domain_prefix)}

    def personal_token(self, request: Request, body: Body) -> Answer:
        scopes = tuple(str(body.get("scope", "")).split())
        return {"token": self._world.grants.personal(self._merchant(request).domain_prefix, scopes).token}

    def get_sales(self, request: Request, body: Body) -> Answer:
        limit = int(request.query_params.get("limit", "50"))
        merchant = self._merchant(request)
        return [_shown_sale(merchant, sale) for sale in list(merchant.sales)[-limit:][::-1]]

    def post_sales(self, request: Request, body: Body) -> Answer:
        merchant = self._merchant(request)
        tickets = body if isinstance(body, list) else [body]
        return [_sold(sell(merchant, shop_ticket(ticket))) for ticket in tickets]

    def post_made_up(self, request: Request, body: Body) -> Answer:
        wanted = made_up_from(body, self._world.seed)
        return [_sold(sale) for sale in sell_made_up(self._merchant(request), wanted)]

    def post_receipts(self, request: Request, body: Body) -> Answer:
        """Sells a file of real receipts that lies on this machine."""
        merchant, path = self._merchant(request), Path(str(body["file"]))
        if not path.exists():
            raise Refused(422, f"there is no file {path}")
        sold = [sell(merchant, ticket) for ticket in read_receipts(path, self._world.clock.now())]
        turnover = sum((turnover_of(merchant, sale) for sale in sold), ZERO)
        return {"sold": len(sold), "turnover": money(turnover)}

    def get_totals(self, request: Request, body: Body) -> Answer:
        return totals_of(self._merchant(request)).shown()

    def get_articles(self, request: Request, body: Body) -> Answer:
        return shelves.articles_of(self._merchant(request))

    def receive(self, request: Request, body: Body) -> Answer:
        """`articles` as lines of a ticket, each `quantity` at every outlet; else `quantity` of everything."""
        till = self._merchant(request)
        if "articles" in body:
            return {"received": shelves.receive(till, [line_from(line) for line in body["articles"]])}
        quantity = decimal(body["quantity"], "quantity")
        received = shelves.receive_everything(till, quantity, loose=bool(body.get("loose", True)))
        return {"received": received}

    def put_settings(self, request: Request, body: Body) -> Answer:
        """Whether cash is rounded to five cents, and what part of a sale is earned as loyalty."""
        merchant = self._merchant(request)
        merchant.cash_rounding = bool(body.get("cash_rounding", merchant.cash_rounding))
        merchant.loyalty_ratio = decimal(body.get("loyalty_ratio", merchant.loyalty_ratio), "loyalty_ratio")
        return {"cash_rounding": merchant.cash_rounding, "loyalty_ratio": str(merchant.loyalty_ratio)}

    def change_gift_card(self, request: Request, body: Body) -> Answer:
        """IMPORTING, EXPIRING or VOIDING: the debt changes without a sale."""
        number, amount = request.path_params["number"], decimal(body.get("amount", 0), "amount")
        card = cards.change_without_sale(self._merchant(request), number, str(body["type"]), amount)
        return {"number": card.number, "status": card.status, "balance": money(card.balance)}

    def close(self, request: Request, body: Body) -> Answer:
        merchant, register = self._register(request)
        at = moment(body["at"]) if body.get("at") else merchant.now()
        counted = {name: decimal(amount, name) for name, amount in body.get("counted", {}).items()}
        closed = register.open_sequence_id
        registers.close_register(merchant, register, at, counted)
        return {"closure": closed, "sequence": register.closures}

    def open(self, request: Request, body: Body) -> Answer:
        merchant, register = self._register(request)
        at = moment(body["at"]) if body.get("at") else merchant.now()
        return {"closure": registers.open_register(merchant, register, at).open_sequence_id}

    def add(self, request: Request, body: Body) -> Answer:
        """More lines and payments on a parked or open sale."""
        merchant, sale = self._sale(request)
        lines = [line_from(line) for line in body.get("lines", ())]
        return _shown_sale(merchant, events.add_to(merchant, sale, lines, _payments(body)))

    def pay(self, request: Request, body: Body) -> Answer:
        """A later payment on a sale on account or a layby; paid in full, it closes."""
        merchant, sale = self._sale(request)
        return _shown_sale(merchant, events.pay(merchant, sale, _payments(body)))

    def complete(self, request: Request, body: Body) -> Answer:
        merchant, sale = self._sale(request)
        quantities = body.get("quantities")
        wanted = {key: decimal(value, key) for key, value in quantities.items()} if quantities else None
        at = moment(body["at"]) if body.get("at") else None
        return _shown_sale(merchant, events.complete(merchant, sale, _payments(body), wanted, at))

    def return_sale(self, request: Request, body: Body) -> Answer:
        """The return action: a parked sale that `complete` finishes, or nobody."""
        merchant, sale = self._sale(request)
        return _shown_sale(merchant, events.return_sale(merchant, sale))

    def refund(self, request: Request, body: Body) -> Answer:
        """A return that is finished at once; `lines` names sold lines by id and how many come back."""
        merchant, sale = self._sale(request)
        named = body.get("lines")
        quantities = {line["id"]: decimal(line["quantity"], "quantity") for line in named} if named else None
        payment = TicketPayment(type=str(body.get("payment", "PIN")), gift_card=body.get("gift_card"))
        at = moment(body["at"]) if body.get("at") else None
        return _shown_sale(merchant, events.refund(merchant, sale, payment, quantities, at))

    def void(self, request: Request, body: Body) -> Answer:
        merchant, sale = self._sale(request)
        return _shown_sale(merchant, events.void(merchant, sale))

    def delete(self, request: Request, body: Body) -> Answer:
        merchant, sale = self._sale(request)
        return _shown_sale(merchant, events.delete(merchant, sale))

    def touch(self, request: Request, body: Body) -> Answer:
        """A note or another customer: a new version without any change of money."""
        merchant, sale = self._sale(request)
        return _shown_sale(merchant, events.touch(merchant, sale, body.get("note"), body.get("customer_id")))

    def _merchant(self, request: Request) -> Merchant:
        prefix = request.path_params["account"]
        if prefix not in self._world.merchants:
            raise Refused(404, f"there is no store {prefix}")
        return self._world.merchants[prefix]

    def _register(self, request: Request) -> tuple[Merchant, Register]:
        merchant, wanted = self._merchant(request), request.path_params["register"]
        for register in merchant.registers:
            if wanted in {register.id, register.name}:
                return merchant, register
        raise Refused(404, f"{merchant.domain_prefix} has no register {wanted}")

    def _sale(self, request: Request) -> tuple[Merchant, Sale]:
        """By id, or by the number on the receipt."""
        merchant, wanted = self._merchant(request), request.path_params["sale"]
        sale = merchant.sales.get(wanted) or next(
            (row for row in merchant.sales if row.number == wanted), None
        )
        if sale is None:
            raise Refused(404, f"{merchant.domain_prefix} has no sale {wanted}")
        return merchant, sale


def _payments(body: Body) -> Sequence[Payment]:
    raw = body.get("payments", ())
    if not isinstance(raw, list | tuple):
        raise TicketError("payments is a list")
    return [read_part(payment, Payment, "payment") for payment in raw]


def _sold(sale: Sale) -> dict[str, str]:
    return {"id": sale.id, "number": sale.number, "total": money(due(sale))}


def _shown_sale(merchant: Merchant, sale: Sale) -> dict[str, object]:
    """`payments` is what was really paid, by payment type id; `on_account` what is still open."""
    is_open = sale.state is State.PENDING and sale.goods_left
    return _sold(sale) | {
        "status": sale.status,
        "completed": sale.goods_left,
        "voided": sale.state is State.VOIDED or sale.deleted_at is not None,
        "completed_at": sale.sold_at.isoformat() if sale.goods_left else None,
        "turnover": money(turnover_of(merchant, sale)),
        "payments": {kind: money(amount) for kind, amount in money_of(merchant, sale).items()},
        "on_account": money(open_part(merchant, sale) if is_open else ZERO),
    }


def _shown_store(merchant: Merchant) -> dict[str, object]:
    return {
        "account": merchant.domain_prefix,
        "name": merchant.name,
        "shops": {outlet.id: outlet.name for outlet in merchant.outlets},
        "registers": {row.id: {"name": row.name, "shop": row.outlet_id} for row in merchant.registers},
        "payment_types": {row.id: row.name for row in merchant.payment_types},
        "taxes": {tax.id: tax.name for tax in merchant.taxes},
        "sales": len(merchant.sales),
    }
