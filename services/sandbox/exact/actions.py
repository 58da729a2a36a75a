"""Which rule answers to which method on which resource."""

from collections.abc import Callable
from functools import partial

from services.sandbox.exact import (
    deliveries,
    hooks,
    invoices,
    journal_entries,
    orders,
    printing,
    relations,
    sales_entries,
    sales_prices,
    stock_counts,
    transfers,
)
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

Create = Callable[[Write, Row], Row]
Update = Callable[[Write, Row, Row], None]
Delete = Callable[[Write, Row], None]

CREATES: dict[str, Create] = {
    "salesentry/SalesEntries": sales_entries.create,
    "salesentry/SalesEntryLines": sales_entries.create_line,
    "salesinvoice/SalesInvoices": invoices.create,
    "salesinvoice/SalesInvoiceLines": invoices.create_line,
    "salesinvoice/PrintedSalesInvoices": printing.print_invoice,
    "salesorder/SalesOrders": orders.create,
    "salesorder/SalesOrderLines": orders.create_line,
    "crm/Accounts": relations.create_account,
    "logistics/Items": relations.create_item,
    "crm/Addresses": relations.create_address,
    "logistics/SalesItemPrices": sales_prices.create,
    "salesorder/GoodsDeliveries": deliveries.deliver,
    "salesorder/CompleteSalesOrder": deliveries.complete,
    "salesinvoice/InvoiceSalesOrders": deliveries.invoice_orders,
    "inventory/StockCounts": stock_counts.create,
    "inventory/ProcessStockCount": stock_counts.DRAFTS.process,
    "inventory/WarehouseTransfers": transfers.create,
    "inventory/ProcessWarehouseTransfer": transfers.DRAFTS.process,
    "webhooks/WebhookSubscriptions": hooks.create,
}
UPDATES: dict[str, Update] = {
    "salesentry/SalesEntries": sales_entries.update,
    "salesentry/SalesEntryLines": sales_entries.update_line,
    "salesinvoice/SalesInvoices": invoices.update,
    "salesinvoice/SalesInvoiceLines": invoices.update_line,
    "salesorder/SalesOrders": orders.update,
    "salesorder/SalesOrderLines": orders.update_line,
    "crm/Accounts": relations.update_account,
    "logistics/Items": relations.update_item,
    "logistics/SalesItemPrices": sales_prices.update,
    "inventory/StockCounts": stock_counts.DRAFTS.update,
    "inventory/WarehouseTransfers": transfers.DRAFTS.update,
    "webhooks/WebhookSubscriptions": hooks.update,
}
DELETES: dict[str, Delete] = {
    "salesentry/SalesEntries": sales_entries.delete,
    "salesentry/SalesEntryLines": sales_entries.delete_line,
    "salesinvoice/SalesInvoices": invoices.delete,
    "salesinvoice/SalesInvoiceLines": invoices.delete_line,
    "salesorder/SalesOrders": orders.delete,
    "salesorder/SalesOrderLines": orders.delete_line,
    "logistics/SalesItemPrices": sales_prices.delete,
    "inventory/StockCounts": stock_counts.DRAFTS.delete,
    "inventory/WarehouseTransfers": transfers.DRAFTS.delete,
}
for _path, _kind in journal_entries.KINDS.items():
    CREATES[_path] = partial(journal_entries.create, kind=_kind)
    DELETES[_path] = partial(journal_entries.delete, kind=_kind)
