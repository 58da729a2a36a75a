"""Webhooks (5.24): who may subscribe to what, and what an event looks like on its way."""

import hashlib
import hmac
import json
import uuid
from urllib.parse import urlsplit

from services.sandbox.exact import refusals
from services.sandbox.exact.refusals import Text
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH = "webhooks/WebhookSubscriptions"
TOPIC_OF = {
    "crm/Accounts": "Accounts",
    "crm/Contacts": "Contacts",
    "financial/GLAccounts": "GLAccounts",
    "financialtransaction/BankEntries": "BankEntries",
    "financialtransaction/CashEntries": "CashEntries",
    "financialtransaction/Transactions": "FinancialTransactions",
    "generaljournalentry/GeneralJournalEntries": "GeneralJournalEntries",
    "inventory/ItemWarehouses": "StockPositions",
    "logistics/Items": "Items",
    "salesentry/SalesEntries": "SalesEntries",
    "salesinvoice/SalesInvoices": "SalesInvoices",
    "salesorder/GoodsDeliveries": "GoodsDeliveries",
    "salesorder/SalesOrders": "SalesOrders",
}
NEVER_HERE = (
    *("BankAccounts", "CostTransactions", "DocumentAttachments", "Documents", "JournalStatusList"),
    *("PurchaseEntries", "PurchaseOrders", "Quotations", "Subscriptions", "TimeTransactions"),
)
"""Topics that can be subscribed to, of things that never happen in the simulator."""
ALREADY_SUBSCRIBED = Text("Gegeven bestaat reeds.", "Data already exists.")


def create(write: Write, body: Row) -> Row:
    for name in ("CallbackURL", "Topic"):
        if not body.get(name):
            write.refuse(refusals.mandatory(name))
    check(write, body)
    client_id = write.client_id
    table = write.division.table(PATH)
    if any((row["Topic"], row["_client_id"]) == (body.get("Topic"), client_id) for row in table):
        write.refuse(ALREADY_SUBSCRIBED)
    write.settle()
    row = {"CallbackURL": body["CallbackURL"], "Topic": body["Topic"], "IsInstant": False}
    row |= {"ClientID": guid_of(client_id), "UserID": write.author.id, "_client_id": client_id}
    return write.division.add(PATH, row, write.author)


def update(write: Write, subscription: Row, body: Row) -> None:
    check(write, body)
    write.settle()
    write.division.change(PATH, subscription, body, write.author)


def check(write: Write, body: Row) -> None:
    """The address is on the domain of the app's own redirect URI, and https."""
    url = urlsplit(body.get("CallbackURL") or "")
    is_safe = url.scheme == "https" or not write.switches["webhook_https"]
    if body.get("CallbackURL") and not (is_safe and url.hostname == urlsplit(write.redirect_uri).hostname):
        write.refuse(refusals.invalid(Text("Callback URL", "Callback URL")))
    if body.get("Topic") and body["Topic"] not in (*TOPIC_OF.values(), *NEVER_HERE):
        write.refuse(refusals.invalid(Text("Topic", "Topic")))


def guid_of(client_id: str) -> str:
    """Exact's client ids are GUIDs; those here are names."""
    try:
        return str(uuid.UUID(client_id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, client_id))


def event(
    base_url: str, division: int, path: str, action: str, key: str, client_id: str
) -> dict[str, object]:
    return {
        "Topic": TOPIC_OF[path],
        "ClientId": "{" + guid_of(client_id) + "}",
        "Division": division,
        "Action": action,
        "Key": key,
        "ExactOnlineEndpoint": f"{base_url}/api/v1/{division}/{path}(guid'{key}')",
    }


def signed(content: dict[str, object], secret: str) -> bytes:
    """Keyed with the webhook secret, over the text of the content as it goes out, in upper-case hex."""
    text = json.dumps(content, separators=(",", ":"))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
    return f'{{"Content":{text},"HashCode":"{digest}"}}'.encode()


def unreachable(status: int) -> Text:
    said = f"returns {status} An error occurred while sending the request."
    text = f"Invalid: Post to callback URL endpoint {said}"
    return Text(text, text)
