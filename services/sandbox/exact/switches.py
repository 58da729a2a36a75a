"""Every fact about Exact Online that nobody could confirm is a switch, its likeliest value the default."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Choice:
    default: Any
    allowed: tuple[Any, ...] | type
    meaning: str

    def accepts(self, value: Any) -> bool:
        if isinstance(self.allowed, tuple):
            return any(value == option and type(value) is type(option) for option in self.allowed)
        if self.allowed is int:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return isinstance(value, self.allowed)


SWITCHES: dict[str, Choice] = {
    "old_refresh_token": Choice(
        "strict",
        ("strict", "lenient"),
        "strict: a refresh token is spent at once; lenient: only when its successor is used or after a while",
    ),
    "old_refresh_grace_seconds": Choice(660, int, "how long a spent refresh token still works when lenient"),
    "access_token_seconds": Choice(
        600, int, "how long an access token lives; it can be refreshed in its last 30 seconds"
    ),
    "token_day_limit_status": Choice(429, (429, 400), "status beyond the daily number of token calls"),
    "mandatory_filter": Choice(
        True, (True, False), "a GET needs a listed field in $filter where a sync exists"
    ),
    "mandatory_select": Choice(True, (True, False), "bulk, sync and some others need $select or $top=1"),
    "page_rows": Choice(
        0, int, "the most rows a page holds; 0, or more than 60 (bulk, sync: 1,000), is that"
    ),
    "unknown_property": Choice("refuse", ("refuse", "ignore"), "a property that does not exist in a body"),
    "long_text": Choice("cut", ("cut", "refuse"), "a text beyond its length is cut or refused"),
    "business_refusal_status": Choice(500, (500, 400), "status of a refusal by the bookkeeping"),
    "error_budget": Choice(True, (True, False), "too many errors in an hour block the endpoint"),
    "count_500_as_error": Choice(False, (True, False), "refusals with 500 count in the error budget"),
    "invoice_vat_rounding": Choice(
        "per-code",
        ("per-code", "per-line"),
        "VAT of an invoice is rounded once per VAT code or on every line",
    ),
    "including_amount_in_sales_entry": Choice(
        "gross", ("gross", "net"), "how a sales entry takes AmountFC with a VAT code of type I"
    ),
    "including_amount_read_back": Choice(
        "gross", ("gross", "net"), "how AmountFC of such a line is read back afterwards"
    ),
    "clearing_ledger_in_sales_entry": Choice(
        "accept", ("accept", "refuse"), "a clearing ledger (kruisposten) on a line of a sales entry"
    ),
    "cash_ledger_in_journal_entry": Choice(
        "refuse", ("refuse", "accept"), "a cash or bank ledger on a line of a general journal entry"
    ),
    "cash_line_sign": Choice(
        "receipt", ("receipt", "debit"), "a positive line of a cash or bank entry is money in, or a debit"
    ),
    "cash_opening_balance": Choice(
        "chained", ("chained", "free"), "an opening balance must be what the entry before closed with"
    ),
    "entry_number_as_sent": Choice(
        "keep", ("keep", "replace"), "a free EntryNumber of the client is kept, or replaced without a word"
    ),
    "zero_total_entry": Choice("accept", ("accept", "refuse"), "a sales entry whose total is nil"),
    "negative_total_type": Choice(
        "by-sign",
        ("by-sign", "by-type"),
        "a credit note (21) is known by its negative total or by Type as sent",
    ),
    "credit_note_sign": Choice(
        "as-sent",
        ("as-sent", "inverted", "inverted-at-once"),
        "quantities of an 8021 count as sent or with the sign turned, from its printing on or at once",
    ),
    "negative_invoice": Choice("accept", ("accept", "refuse"), "printing an 8020 whose total is below nil"),
    "unit_price_decimals": Choice(6, int, "number of decimals kept of a unit price"),
    "language": Choice("", ("", "nl", "en"), "language of refusals; empty: that of the user"),
    "search_lag_seconds": Choice(0, int, "a new row shows up in searches only after so many seconds"),
    "drop_field": Choice("", str, "a property with this name is dropped from every POST without a word"),
    "crash_on": Choice(
        "", str, "a POST with this text in its body gets 'Object reference not set' and books nothing"
    ),
    "minute_window": Choice(
        "calendar", ("calendar", "rolling"), "the minute limit follows the clock or the call"
    ),
    "rate_headers_on_429": Choice(
        "exceeded", ("exceeded", "both", "none"), "which rate limit headers come with a 429"
    ),
    "bare_post_answer": Choice(
        "posted", ("posted", "key"), "a POST without Prefer answers key and posted values, or the key alone"
    ),
    "knows_prefer": Choice(
        True, (True, False), "`Prefer: return=representation` fills a POST's answer, or does nothing"
    ),
    "array_answer": Choice(
        False, (True, False), 'collections come as {"d": [..]} instead of {"d": {"results"}}'
    ),
    "new_account_status": Choice("A", ("A", "C"), "Status of an account that is posted without one"),
    "webhook_https": Choice(True, (True, False), "a callback of webhooks must be https"),
    "webhook_check": Choice(
        "at-once",
        ("at-once", "afterwards"),
        "a new callback gets its empty POST before the subscription is answered, or after that",
    ),
    "webhook_lost_percent": Choice(0, int, "of a hundred events, how many are never delivered"),
    "webhook_doubled_percent": Choice(0, int, "how many are delivered twice"),
    "webhook_shuffled_percent": Choice(0, int, "how many overtake the one before"),
    "minute_eaten_by_others": Choice(0, int, "calls per minute that another process of the app makes"),
}

OF_APPS = ("mandatory_filter", "mandatory_select")
"""Which Exact may enforce for one app and not for another (4.3)."""


@dataclass
class Switches:
    values: dict[str, Any] = field(default_factory=lambda: {n: c.default for n, c in SWITCHES.items()})

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def change(self, wanted: dict[str, Any]) -> list[str]:
        """Sets what is known and valid; answers what is wrong, and then changes nothing."""
        problems = [
            f"unknown switch {name}" if name not in SWITCHES else f"{name} does not take {value!r}"
            for name, value in wanted.items()
            if name not in SWITCHES or not SWITCHES[name].accepts(value)
        ]
        if not problems:
            self.values.update(wanted)
        return problems

    def of_app(self, own: dict[str, bool]) -> "Switches":
        return Switches(self.values | own) if own else self
