"""What no public source proves about the vendor (chapter 19): each a switch, both readings served."""

from collections.abc import Mapping

from services.sandbox.switches import Switch

SWITCHES: Mapping[str, Switch] = {
    "price_and_discount": Switch(
        "after", "A line's price is after its discount, or before it (8.2).", ("after", "before")
    ),
    "line_totals": Switch(
        "exact",
        "A line's totals are rounded once from the line, or are its rounded unit amounts times the quantity.",
        ("exact", "unit"),
    ),
    "tip_in_total": Switch(False, "total_price holds the tip (8.4)."),
    "surcharge_in_total": Switch(False, "total_price and total_tax hold the surcharge (8.4)."),
    "web_charge_in_total": Switch(False, "total_price and total_tax hold the web shop's charges (8.4)."),
    "cash_rounding": Switch(
        "payment",
        "How cash rounding shows: a payment of an internal type, a line of its own, or not at all (12.6).",
        ("payment", "line", "silent"),
    ),
    "change": Switch(
        "netted", "Change is taken off the payment, or is a negative one (8.3).", ("netted", "payment")
    ),
    "on_account_payment": Switch(
        False, "What is on account stands as a payment of an internal type, taken back when it is settled."
    ),
    "internal_payment_types": Switch("hidden", "What /payment_types does with them.", ("hidden", "listed")),
    "nested_tax_id": Switch("rate", "taxes[].id of the date-based versions (chapter 9).", ("rate", "tax")),
    "discount_components": Switch(
        "one tax",
        "tax_components of a sale discount's line: all under its one tax, or by rate (11.2).",
        ("one tax", "per rate"),
    ),
    "return_components_positive": Switch(
        True, "tax_components of a return are positive though its tax_total is negative (8.2)."
    ),
    "adjustment_type_key": Switch(
        "adjustment_type", "How 2.0 names an adjustment's kind (8.4).", ("adjustment_type", "type")
    ),
    "updated_at": Switch(
        "moves",
        "updated_at of a changed sale moves with its version, stays that of its creation, or is left out.",
        ("moves", "stays", "absent"),
    ),
    "void_sets_deleted_at": Switch(False, "Voiding a closed sale sets deleted_at too."),
    "layby_completion_moves_date": Switch(False, "A layby's date becomes that of its completion."),
    "debt_is_negative": Switch(True, "A customer's balance is negative when money is owed (11.6)."),
    "ended_card_balance": Switch(
        "nothing",
        "The balance of a card that expired or was voided: nothing, or what was on it.",
        ("nothing", "kept"),
    ),
    "end_of_list": Switch("missing", "version of the empty page (5.1).", ("missing", "nulls")),
    "taxes_have_version": Switch(False, "The list of taxes carries version at its top (5.1)."),
    "default_page_size": Switch(100, "Rows of a list whose page_size is not asked."),
    "sales_page_size": Switch(500, "Most rows of a page of sales, whatever is asked."),
    "page_size": Switch(10_000, "Most rows of a page of anything else."),
    "short_page_rate": Switch(0.0, "How often (0 to 1) a page holds fewer rows though more follow."),
    "dated_search": Switch(True, "The date-based versions have search too, not 2.0 alone (5.4)."),
    "search_lag_seconds": Switch(3, "How long until search knows of a new row (5.4)."),
    "scope_mandatory": Switch(True, "Authorizing needs a scope; without, all is granted and none is listed."),
    "callback_user_id": Switch(False, "The callback carries user_id too (3.1)."),
    "access_token_seconds": Switch(86_400, "How long an access token lives (604800 in an older example)."),
    "refresh_token_days": Switch(0, "How long an unused refresh token lives; 0: for ever (3.2)."),
    "code_seconds": Switch(60, "How long an authorization code lives."),
    "retry_after": Switch(
        "date", "Retry-After of a 429: in time, ten seconds late, or missing.", ("date", "late", "missing")
    ),
    "body_429": Switch("today", "What a 429 says: today's body, or the older one.", ("today", "older")),
    "duplicate_sku": Switch("422", "What a SKU that another product has leads to (13.3).", ("422", "400")),
    "lists_replace": Switch(True, "Lists in a product update replace the old ones; else they add (13.3)."),
    "return_shape": Switch(
        "flat", "What the return action of the date-based versions answers.", ("flat", "nested")
    ),
    "webhook_signature_over": Switch(
        "body", "What is signed: the raw form body or payload alone.", ("body", "payload")
    ),
    "webhook_signature_as": Switch("hex", "How the signature is written.", ("hex", "base64")),
    "webhook_signed": Switch(True, "Deliveries carry a signature (not for personal tokens, 3.3)."),
    "webhook_more_fields": Switch(True, "The form holds domain_prefix and environment beside payload."),
    "webhook_duplicate_rate": Switch(0.0, "How often (0 to 1) a delivery comes twice."),
    "webhook_shuffle_rate": Switch(0.0, "How often (0 to 1) a delivery is overtaken by the next one."),
    "webhook_black_hole": Switch(False, "Nothing is delivered, and nobody is told."),
    "webhook_timeout_seconds": Switch(5.0, "How long a delivery waits for its answer."),
}
