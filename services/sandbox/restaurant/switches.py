"""What no source proves about K-Series (chapter 17 and each "unconfirmed"), both readings served."""

from collections.abc import Mapping

from services.sandbox.switches import Switch

SIGNS = ("negative", "positive")

SWITCHES: Mapping[str, Switch] = {
    "refund_amounts": Switch("negative", "The sign of a REFUND's amounts.", SIGNS),
    "void_amounts": Switch("negative", "The sign of a VOID's amounts.", SIGNS),
    "reversal_quantities": Switch("negative", "The sign of quantities in REFUND and VOID.", SIGNS),
    "voided_line_amounts": Switch(
        "zero", "What a line with voidReason carries: nothing, or the old price.", ("zero", "price")
    ),
    "surcharge": Switch(
        "on top", "Whether surcharge is inside netAmountWithTax or on top of it.", ("on top", "inside")
    ),
    "cash_rounding": Switch(
        "on top",
        "Whether netAmountWithTax holds the bill, with roundingAmount on top, or what was really paid.",
        ("on top", "inside"),
    ),
    "rounding_amount": Switch(True, "Payments have the newer member roundingAmount."),
    "gift_card_issue": Switch("negative", "The sign of IKGIFT where a gift card is sold.", SIGNS),
    "receivable_settlement": Switch(
        "balanced",
        "A house account paid off: money and a negative receivable, or the money alone.",
        ("balanced", "money alone"),
    ),
    "recall_void": Switch(
        "beside", "Whether a VOID of the old account stands beside a RECALL.", ("beside", "implicit")
    ),
    "transfer": Switch(
        "one record",
        "A transfer: out and in in one TRANSFER, or one on each of the two accounts.",
        ("one record", "two records"),
    ),
    "split_lines": Switch(
        "cents", "The lines of a split bill: whole cents, or parts of six decimals.", ("cents", "fractions")
    ),
    "cancelled_account": Switch(
        "VOID",
        "How V2 tells of an account that the Back Office cancelled: the type of the later, cancelled record.",
        ("VOID", "CANCEL"),
    ),
    "cancelled_original": Switch(False, "V2 flags the account that was cancelled as well."),
    "bill_rounding": Switch("half even", "How half a cent of a bill is rounded.", ("half even", "half up")),
    "tax_rate_percentage": Switch(
        "percent", "taxRatePercentage as 21.00, or as 1.21 like data of 2020.", ("percent", "multiplier")
    ),
    "bl_id_key": Switch("blID", "How a location's id is spelt.", ("blID", "blId")),
    "v1_times_key": Switch("timeOf", "How V1 spells its times.", ("timeOf", "timeof")),
    "account_reference": Switch(
        "base64url", "accountReference as base64url, or a UUID as in older documents.", ("base64url", "uuid")
    ),
    "receipt_id": Switch(True, "Records have their receiptId."),
    "range_begin": Switch("inclusive", "Whether from itself is in.", ("inclusive", "exclusive")),
    "range_end": Switch("exclusive", "Whether to itself is in.", ("inclusive", "exclusive")),
    "large_page_size": Switch("clamp", "A pageSize over the maximum.", ("clamp", "400")),
    "last_page_token": Switch("absent", "nextPageToken on the last page.", ("absent", "empty")),
    "empty_page_rate": Switch(0.0, "How often (0 to 1) a page is empty though a token leads on."),
    "data_complete": Switch(
        "day over and devices synced",
        "What makes dataComplete true.",
        ("day over and devices synced", "day over", "always"),
    ),
    "data_complete_minutes": Switch(0, "How many minutes after its end a day is complete at the earliest."),
    "earliest_date": Switch(
        "date-time", "How the error names the earliest usable moment.", ("date-time", "date")
    ),
    "empty_embedded": Switch(
        "absent", "_embedded where nothing matches: no member, or an empty list.", ("absent", "list")
    ),
    "links_host": Switch(
        "https://api.ikentoo.com", "The host in _links.", ("https://api.ikentoo.com", "own")
    ),
    "foreign_location": Switch("403", "A location that the token doesn't reach.", ("403", "404")),
    "body_403": Switch("errors", "What a 403 says.", ("errors", "empty")),
    "body_429": Switch("errors", "What a 429 says.", ("errors", "text", "empty")),
    "retry_after": Switch("seconds", "The form of Retry-After.", ("seconds", "date", "in turn", "absent")),
    "items_list": Switch(
        "array", "The list of articles: an array, or an object with a list.", ("array", "object")
    ),
    "items_active": Switch("active", "What active true on an article means.", ("active", "archived")),
    "create_refused": Switch("404", "The status of an article that can't be created.", ("404", "400")),
    "client_authentication": Switch(
        "either", "Where the token call takes the client's secret.", ("basic", "body", "either")
    ),
    "access_token_seconds": Switch(1500, "How long an access token lives."),
    "refresh_token_seconds": Switch(3_456_000, "How long a refresh token lives with offline_access."),
    "online_refresh_seconds": Switch(1800, "How long a refresh token lives without offline_access."),
    "code_seconds": Switch(60, "How long an authorization code lives."),
    "reuse_ends_session": Switch(False, "A refresh token used twice ends the whole consent."),
    "revoke": Switch(True, "Whether oauth/revoke exists."),
}
