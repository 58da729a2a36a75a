"""Gift cards and store credit as the API shows them (11.3, 11.4)."""

from typing import Any

from services.sandbox.x_series.records import GiftCard, Movement, StoreCredit
from services.sandbox.x_series.values import ZERO, iso, number

Shown = dict[str, Any]


def gift_card(row: GiftCard) -> Shown:
    sold = sum((move.amount for move in row.movements if move.kind in {"ACTIVATION", "RELOADING"}), ZERO)
    used = -sum((move.amount for move in row.movements if move.kind in {"REDEEMING", "REVERSING"}), ZERO)
    return {
        "id": row.id,
        "number": row.number,
        "sale_id": row.sale_id,
        "status": row.status,
        "balance": number(row.balance),
        "total_sold": number(sold),
        "total_redeemed": number(used),
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at) if row.expires_at else None,
        "gift_card_transactions": [movement(move) for move in row.movements],
    }


def movement(move: Movement) -> Shown:
    return {
        "id": move.id,
        "amount": number(move.amount),
        "type": move.kind,
        "user_id": move.user_id,
        "client_id": move.client_id,
        "created_at": iso(move.created_at),
    }


def store_credit(row: StoreCredit) -> Shown:
    issued = sum((move.amount for move in row.movements if move.kind == "ISSUE"), ZERO)
    used = -sum((move.amount for move in row.movements if move.kind != "ISSUE"), ZERO)
    return {
        "customer_id": row.id,
        "balance": number(row.balance),
        "total_credit_issued": number(issued),
        "total_credit_redeemed": number(used),
        "store_credit_transactions": [movement(move) for move in row.movements],
    }
