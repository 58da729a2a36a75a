"""What we count and measure, named once, for every service; read at /metrics.

Labels have few values (a service, a state, a kind), never an id: series must not grow with merchants.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

# messages
MESSAGES_HANDLED = Counter("kassakoppeling_messages_handled", "Deliveries by outcome", ["service", "outcome"])
MESSAGES_PUBLISHED = Counter("kassakoppeling_messages_published", "Messages taken from the outbox to the bus")
DEAD_LETTERS = Counter("kassakoppeling_dead_letters", "Messages laid aside as dead letters", ["service"])
BATCH_SECONDS = Histogram("kassakoppeling_batch_seconds", "Handling one batch of messages", ["service"])
OUTBOX_DEPTH = Gauge("kassakoppeling_outbox_depth", "Messages waiting in the outbox")
OUTBOX_LAG_SECONDS = Gauge("kassakoppeling_outbox_lag_seconds", "Age of the oldest message in the outbox")
QUEUE_DEPTH = Gauge(
    "kassakoppeling_queue_depth", "Messages in a queue; a service's dead letters end in .dead", ["queue"]
)
BUS_RECONNECTS = Counter("kassakoppeling_bus_reconnects", "Times a consumer had to connect anew", ["service"])

# loops
LOOP_LAST_BEAT = Gauge(
    "kassakoppeling_loop_last_beat_timestamp_seconds", "When each loop last beat", ["loop"]
)
LOOP_DEFECTS = Counter("kassakoppeling_loop_defects", "Steps that ended in a defect", ["loop"])

# ingest
POLLS = Counter("kassakoppeling_polls", "Polls of a till by outcome", ["source", "outcome"])
SALES_RECORDED = Counter("kassakoppeling_sales_recorded", "Sales and revisions taken in", ["source"])

# mapper
DECISIONS = Counter("kassakoppeling_decisions", "Decisions about sales", ["decision"])

# exporter
JOBS = Gauge("kassakoppeling_jobs", "Export jobs by state", ["state"])
OLDEST_JOB_SECONDS = Gauge("kassakoppeling_oldest_job_seconds", "Age of the oldest job that is due")
DOCUMENTS_BOOKED = Counter("kassakoppeling_documents_booked", "Documents that stand in the books", ["kind"])
DOCUMENTS_REJECTED = Counter("kassakoppeling_documents_rejected", "Documents refused", ["kind", "problem"])
SETTLED = Counter("kassakoppeling_settled", "Unknown outcomes settled by search", ["found"])

# vendors
CALLS = Counter("kassakoppeling_calls", "Calls to a vendor", ["system", "method", "outcome"])
CALL_SECONDS = Histogram(
    "kassakoppeling_call_seconds",
    "Time a vendor takes to answer",
    ["system", "method"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
POSTPONED = Counter("kassakoppeling_postponed", "Calls put off by the budget", ["system", "lane"])
REFRESHES = Counter("kassakoppeling_token_refreshes", "Token refreshes by outcome", ["system", "outcome"])
GRANTS_LOST = Counter("kassakoppeling_grants_lost", "Consents that are gone", ["system"])

# portal
WEBHOOKS = Counter("kassakoppeling_partner_webhooks", "Partner webhook deliveries by outcome", ["outcome"])
REQUESTS = Counter("kassakoppeling_requests", "Requests by route and status", ["route", "status"])
REQUEST_SECONDS = Histogram("kassakoppeling_request_seconds", "Answering a request", ["route"])
