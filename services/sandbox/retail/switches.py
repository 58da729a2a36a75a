"""What no public source proves about Retail, each a switch with its default and a sentence."""

from collections.abc import Mapping

from services.sandbox.switches import Switch

SWITCHES: Mapping[str, Switch] = {
    "updatetime_filter": Switch(
        "supported", "Whether lists can be filtered on updatetime.", ("supported", "400", "ignored")
    ),
    "unknown_filter": Switch("400", "What a filter on an unknown field does.", ("400", "ignored")),
    "updatetime_key": Switch("updatetime", "How Sale spells its last change.", ("updatetime", "updateTime")),
    "on_workorder_key": Switch("onWorkorder", "How ItemShop spells it.", ("onWorkorder", "onWorkOrder")),
    "sale_accounts_key": Switch(
        "SaleAccounts", "How the relation is spelt.", ("SaleAccounts", "SalesAccounts")
    ),
    "html_error_type": Switch(True, "400 and 404 carry JSON with Content-Type text/html, as recorded."),
    "body_429": Switch("envelope", "What a 429 says.", ("envelope", "text", "empty")),
    "body_403": Switch("envelope", "What a 403 says.", ("envelope", "oauth")),
    "edit_moves_time_stamp": Switch(
        False, "Editing a completed sale moves its timeStamp, not only updatetime."
    ),
    "edit_moves_complete_time": Switch(False, "Completing a reopened sale again moves its completeTime."),
    "backdated_time_stamp": Switch(True, "The timeStamp of a back-dated sale is its completeTime, not now."),
    "voided_completed": Switch(False, "A voided sale still says completed true."),
    "void_archives_payments": Switch(False, "The payments of a voided sale become archived."),
    "inclusive_subtotal": Switch(
        "rounded",
        "calcSubtotal in inclusive mode: total - tax + discount, or the sum of the lines.",
        ("rounded", "sum"),
    ),
    "tips_in_calc_payments": Switch(False, "calcPayments counts tips; the balance is then minus the tip."),
    "reserved_line_rate_zero": Switch(
        True, "Layaway and special order lines show tax1Rate 0 though they have tax."
    ),
    "empty_collections": Switch(
        "text", 'A loaded collection without rows: "" or no key.', ("text", "missing")
    ),
    "missing_relation_rate": Switch(
        0.0, "How often (0 to 1) a list answer silently lacks one asked relation."
    ),
    "left_out_relation": Switch(
        "", "Which relation, if any, no list answers.", ("", "SaleLines.Item", "Customer", "Customer.Contact")
    ),
    "relations_500_from": Switch(15, "From how many named relations on a list the answer is a 500."),
    "short_page_rate": Switch(
        0.0, "How often (0 to 1) a page holds fewer rows than asked though more follow."
    ),
    "nested_doubles_twice": Switch(
        False, "A relation below a to-many one on a list costs four times, not twice."
    ),
    "access_token_seconds": Switch(3600, "How long an access token lives (1800 in one sample)."),
    "code_seconds": Switch(60, "How long an authorization code lives."),
    "old_refresh_token_dies": Switch(
        "first use",
        "When the old refresh token dies: at the new access token's first use, or at once.",
        ("first use", "at once"),
    ),
    "refreshes_per_minute": Switch(5, "Refreshes allowed per connection in a minute."),
    "count_applies": Switch(
        "absolute",
        "What reconciling a count does: sets the counted quantity, or adds how it differed when counted.",
        ("absolute", "difference"),
    ),
    "reconciling_twice": Switch(
        "refused", "What reconciling a count again does: 400, or nothing.", ("refused", "nothing")
    ),
    "reconciled_count": Switch(
        "archived",
        "How a reconciled count is listed: archived, or as before, and then it can be applied again.",
        ("archived", "as before"),
    ),
    "inventory_log": Switch("inventory", "Which right InventoryLog wants.", ("inventory", "employee:all")),
    "gift_cards_listed": Switch(False, "CreditAccount lists gift cards without giftCard=true."),
}
