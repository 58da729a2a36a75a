"""Tells the database's troubles apart: give way and run again, come back later, or a defect of ours."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

_GAVE_WAY = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available
_COME_BACK_CLASSES = {"08", "53", "57", "58"}  # connection, resources, operator intervention, system error
_READ_ONLY = "25006"  # a standby, for the moment of a failover
_IDLE_TOO_LONG = "25P03"
_SQLITE_GAVE_WAY = ("database is locked", "database table is locked")
_SQLITE_COME_BACK = (
    "disk i/o error",
    "database or disk is full",
    "readonly database",
    "unable to open database",
)


def should_run_again(error: BaseException) -> bool:
    """Whether the database undid the transaction for another's sake, so that the same may go well now."""
    if not isinstance(error, DBAPIError):
        return False
    text = str(error.orig).lower()
    return _sqlstate(error) in _GAVE_WAY or any(phrase in text for phrase in _SQLITE_GAVE_WAY)


def is_transient(error: BaseException) -> bool:
    """Whether the database, not the work, is the trouble: the same work may go well later.

    A commit whose answer was lost is among these, so the work must bear being done twice.
    """
    if isinstance(error, (NoConnectionInTime, DisconnectionError)):
        return True
    if not isinstance(error, DBAPIError):
        return isinstance(error, (ConnectionError, TimeoutError))
    if should_run_again(error) or error.connection_invalidated:
        return True
    state = _sqlstate(error)
    if state[:2] in _COME_BACK_CLASSES or state in (_READ_ONLY, _IDLE_TOO_LONG):
        return True
    text = str(error.orig).lower()
    return any(phrase in text for phrase in _SQLITE_COME_BACK)


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
