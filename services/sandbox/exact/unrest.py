"""What people do in the company while somebody walks through its pages; nothing that is booked changes."""

from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.relations import ACCOUNTS, create_account
from services.sandbox.exact.switches import Switches
from services.sandbox.exact.writing import Write

DELETED = "sync/Deleted"
PASSER_BY = "Voorbijganger"
OFFICE = Author("", "Kantoor")


def move_rows(division: Division, switches: Switches, table: str) -> None:
    """The row that rested longest is saved as it was, and a relation entered for the one entered so before.

    A sync feed, or an order by `Modified`, tells the row once more at its end (5.25); elsewhere it stays.
    """
    rested = None if table == DELETED else next(division.table(table).changed_after(0), None)
    if rested is not None:
        division.change(table, rested, {}, OFFICE)
    for before in division.table(ACCOUNTS).find("Name", PASSER_BY):
        division.remove(ACCOUNTS, before, OFFICE)
    create_account(Write(division, OFFICE, switches), {"Name": PASSER_BY})
