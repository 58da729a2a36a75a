"""How the API says no: protocol errors in English, business refusals in the user's language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One refusal in both languages that a user can have."""

    nl: str
    en: str

    def __add__(self, tail: str) -> "Text":
        return Text(self.nl + tail, self.en + tail)


class ApiError(Exception):
    """An answer with a status, a text in the error body (none: empty body) and perhaps a Reason header."""

    def __init__(self, status: int, text: str = "", reason: str = "") -> None:
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text
        self.reason = reason


class BusinessRefusal(Exception):
    """The bookkeeping refuses; several texts are answered together, joined by CR LF."""

    def __init__(self, *texts: Text) -> None:
        super().__init__(" / ".join(text.en for text in texts))
        self.texts = texts


LABELS = {
    "Customer": Text("Klant", "Customer"),
    "OrderedBy": Text("Besteld door", "Ordered by"),
    "InvoiceTo": Text("Factuur voor", "Invoice to"),
    "DeliverTo": Text("Leveren aan", "Deliver to"),
    "Account": Text("Relatie", "Account"),
    "Journal": Text("Dagboek", "Journal"),
    "JournalCode": Text("Dagboek", "Journal"),
    "GLAccount": Text("Grootboekrekening", "General ledger account"),
    "VATCode": Text("Btw-code", "VAT-code"),
    "SalesVATCode": Text("Btw-code", "VAT-code"),
    "SalesVatCode": Text("Btw-code", "VAT-code"),
    "PaymentCondition": Text("Betalingsconditie", "Payment condition"),
    "PaymentConditionSales": Text("Betalingsconditie", "Payment condition"),
    "CostCenter": Text("Kostenplaats", "Cost center"),
    "CostUnit": Text("Kostendrager", "Cost unit"),
    "Item": Text("Artikel", "Item"),
    "ItemGroup": Text("Artikelgroep", "Item group"),
    "Unit": Text("Eenheid", "Unit"),
    "UnitCode": Text("Eenheid", "Unit"),
    "Warehouse": Text("Magazijn", "Warehouse"),
    "WarehouseID": Text("Magazijn", "Warehouse"),
    "AmountFC": Text("Bedrag", "Amount"),
    "Name": Text("Naam", "Name"),
    "Code": Text("Code", "Code"),
    "Description": Text("Omschrijving", "Description"),
    "YourRef": Text("Uw ref.", "Your ref."),
    "InvoiceID": Text("Factuur", "Invoice"),
    "StorageLocation": Text("Opslaglocatie", "Storage location"),
    "Period": Text("Periode", "Period"),
}
LINES_LABEL = Text("Regels", "Lines")


def label(name: str) -> Text:
    return LINES_LABEL if name.endswith("Lines") else LABELS.get(name, Text(name, name))


def prefixed(nl: str, en: str, what: Text) -> Text:
    return Text(f"{nl}: {what.nl}", f"{en}: {what.en}")


def mandatory(name: str) -> Text:
    if name == "GLAccount":
        return Text("Grootboekrekening is verplicht", "Mandatory: General ledger account")
    return prefixed("Verplicht", "Mandatory", label(name))


def invalid_reference(name: str) -> Text:
    what = Text("Journals", "Journals") if name in ("Journal", "JournalCode") else label(name)
    return prefixed("Ongeldige referentie", "Invalid reference", what)


def invalid(what: Text) -> Text:
    return prefixed("Ongeldig", "Invalid", what)


def not_allowed(name: str) -> Text:
    return prefixed("Niet toegestaan", "Not allowed", label(name))


def blocked(name: str) -> Text:
    return prefixed("Geblokkeerd", "Blocked", label(name))


def wrong_customer_type(name: str) -> Text:
    return invalid(label(name) + " (Type)")


def period_closed(year: int, period: int) -> Text:
    when = f": {year} - {period:02d}"
    return Text("Periode is afgesloten", "Period is closed") + when


def too_long(name: str, limit: int) -> Text:
    return prefixed("Te lang", "Too long", label(name)) + f" (max. {limit})"


def in_use_by(code: str, name: str, where: str) -> Text:
    text = f"Can't delete: {name} {code.strip()} - Used in: {where}"
    return Text(text, text)


WRONG_JOURNAL = Text("Ongeldig: Dagboek", "Invalid: Journal")
WRONG_CASH_JOURNAL = Text("Ongeldig: Dagboek", "Invalid journal. The journal must be a cash journal.")
WRONG_BANK_JOURNAL = Text("Ongeldig: Dagboek", "Invalid journal. The journal must be a bank journal.")
WRONG_LEDGER_TYPE = Text("Ongeldig: Grootboekrekeningtype", "Invalid: General ledger account of a wrong type")
NO_VAT_PERCENTAGE = Text("Ongeldig: Btw-percentage []", "Invalid: VAT percentage []")
VAT_ON_NO_VAT_CODE = Text(
    'Een btw bedrag is niet toegestaan als u gebruikmaakt van een btw-code van het type "geen btw"',
    'A VAT amount is not allowed when you use a VAT code of the type "no VAT"',
)
ENTRY_NUMBER_IN_USE = Text("In gebruik: Boekstuknummer", "In use: Entry number")
ORDER_NUMBER_EXISTS = Text("Verkoopordernummer: Bestaat reeds", "Sales order number: Already exists")
ALREADY_EXISTS = Text("Gegeven bestaat reeds.", "Data already exists.")
ALREADY_PROCESSED = Text("Reeds verwerkt", "Already processed")
OTHER_RECEIVABLE_LEDGER = Text(
    "De klantenrekening van deze relatie is niet gelijk aan de rekening van het gebruikte verkoopdagboek",
    "The receivable account of this account differs from the account of the sales journal used",
)
NOT_BALANCED = Text("Boeking niet in evenwicht", "Entry not balanced")
WRONG_CLOSING_BALANCE = Text("Ongeldig: Eindsaldo", "Invalid: Closing balance")
WRONG_OPENING_BALANCE = Text("Ongeldig: Beginsaldo", "Invalid: Opening balance")
NOT_ACTIVE_ACCOUNT = Text("Niet actief: Relatie", "Not active: Account")
OBJECT_REFERENCE = Text(
    "De objectverwijzing is niet op een exemplaar ingesteld.",
    "Object reference not set to an instance of an object.",
)
BAD_GUID = Text("Niet herkende GUID-indeling.", "Unrecognized Guid format.")
ZERO_TOTAL = mandatory("AmountFC")
