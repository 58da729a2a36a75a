"""What the database, the broker or the data folder refuses at a start, as a sentence with what mends it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from libs.common.messaging.bus import BusUnavailable
from libs.common.settings import Settings
from services.names import CannotStart


@contextlib.contextmanager
def of_database(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        if not settings.database_url:
            raise _data_dir(settings, error) from error
        raise CannotStart(
            f"the database at {_without_password(settings.database_url)} refuses: {_first_line(error)};"
            " see that PostgreSQL runs there and that KOPPELING_DATABASE_URL names a user who may use it,"
            " its password and the database"
        ) from error


@contextlib.contextmanager
def of_data_dir(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _data_dir(settings, error) from error


@contextlib.contextmanager
def of_broker(settings: Settings) -> Iterator[None]:
    try:
        yield
    except BusUnavailable as error:
        if settings.broker_url is None:
            raise
        raise CannotStart(
            f"the broker at {_without_password(settings.broker_url)} refuses: {_first_line(error)};"
            " see that RabbitMQ runs there and that KOPPELING_BROKER_URL names a user, its password and a"
            " virtual host that it may use"
        ) from error


def _data_dir(settings: Settings, error: Exception) -> CannotStart:
    return CannotStart(
        f"the files in {settings.data_dir} can't be used: {_first_line(error)};"
        " see that KOPPELING_DATA_DIR is a folder that this user may write to, with room left"
    )


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _first_line(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return next(iter(str(said).splitlines()), type(said).__name__)
