"""One login of Lightspeed Restaurant, read in parts: closed accounts, business days, single sales.

V2 lists only what is closed and never changes the past (5): a correction is a record of its own, and what an
offline device hands in late has a time long gone. So today's walks are windows over `timeClosed`, and what
comes late is found by reading again: the last two days every hour, whole business days every night.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from libs.common.budget import Lane
from libs.common.domain.business_day import business_day
from libs.common.lightspeed.errors import BadRequest, NoRight, NotFound, Unavailable
from libs.common.lightspeed.restaurant import Day, RestaurantClient
from libs.common.lightspeed.restaurant_chain import with_chains
from libs.common.lightspeed.restaurant_choices import choices_of
from libs.common.lightspeed.restaurant_parser import closing_time, sale_id
from libs.common.lightspeed.restaurant_reference import (
    DAY_END,
    Location,
    RestaurantReference,
    reference_of,
)
from libs.common.lightspeed.restaurant_sale import LOCATION
from libs.common.lightspeed.restaurant_walk import (
    Place,
    after_page,
    begun_again,
    clamped,
    first_place,
    is_before_beginning,
    mark_of,
    place_in,
)
from libs.common.lightspeed.restaurant_whole_days import days_from, told_days
from libs.common.lightspeed.source import Access, Desk, Part, Row, TillChoices, Walk, Way

DAYS = "days"
"""The chore that asks which business days are whole."""
A_DAY = timedelta(days=1)
AROUND = timedelta(seconds=1)
NEARBY = timedelta(minutes=10)
MOST_CALLS_AGAIN = 50


def restaurant_till(access: Access, grant_id: str, account: str, with_customers: bool) -> RestaurantTill:
    return RestaurantTill(RestaurantClient(access, grant_id, account, with_customers=with_customers), access)


class RestaurantTill:
    def __init__(self, client: RestaurantClient, access: Access) -> None:
        self.client = client
        self._now = access.now

    async def read_reference(self) -> RestaurantReference:
        lane = Lane.SALES
        return reference_of([await self._known(each, lane) for each in await self.client.locations(lane)])

    async def read_choices(self) -> TillChoices:
        locations = await self.client.locations(Lane.SET_UP)
        known = [await self._named(location, Lane.SET_UP) for location in locations]
        return choices_of(known)

    async def read(self, walk: Walk, desk: Desk) -> Part:
        reference = await desk.reference()
        if walk.way is Way.SWEEP:
            return await self._read_day(walk, reference)
        place = None if walk.is_fresh else place_in(walk.mark, reference)
        place = place or first_place(reference, walk.since, walk.until)
        if place is None:
            return Part((), read_to=walk.until)
        lane = Lane.BACKLOG if walk.way is Way.BACKLOG else Lane.SALES
        try:
            part = await self.read_place(place, reference, lane)
        except (NoRight, NotFound):
            if await self._is_seen(place.location, desk):
                raise
            return Part((), mark=walk.mark, is_last=False)
        if walk.way is Way.BACKLOG:
            return part
        days = told_days(days_from(await desk.mark_of(DAYS)), reference)
        return replace(part, read_to=None, days=days)

    async def _is_seen(self, location: str, desk: Desk) -> bool:
        """Whether the login still sees it, by a list that isn't of before it was refused."""
        known: RestaurantReference = await desk.reference(lambda known: location in known.locations)
        return location in known.locations

    async def read_place(self, place: Place, reference: RestaurantReference, lane: Lane) -> Part:
        """One page of one location."""
        if place.is_empty:
            return self._part([], after_page(place, "", reference), reference, place)
        try:
            page = await self.client.sales(place.location, place.begins, place.ends, place.token, lane)
        except BadRequest as error:
            return Part((), mark=mark_of(_put_right(place, error)), is_last=False)
        try:
            following = after_page(place, page.token, reference, has_rows=bool(page.rows))
        except ValueError as error:
            raise Unavailable(str(error)) from error
        return self._part(page.rows, following, reference, place)

    def _part(
        self,
        rows: Sequence[Row],
        following: Place | None,
        reference: RestaurantReference,
        place: Place,
    ) -> Part:
        """Of one location alone it can be told how far all was read."""
        at = closing_time(rows[-1]) if rows else None
        read_to = at if len(reference.locations) == 1 else None
        return Part(
            rows=[located(row, place.location) for row in rows],
            mark=mark_of(following) if following else "",
            is_last=following is None,
            read_to=read_to if following else place.until,
            has_customers=self.client.with_customers,
        )

    async def read_day(self, location: str, day: date) -> Day:
        """A whole business day; nothing of before the location existed."""
        read = await self.client.day(location, day, Lane.BACKLOG)
        return replace(read, rows=[located(row, location) for row in read.rows])

    async def complete(self, rows: Sequence[Row], desk: Desk) -> list[Row]:
        """Lays beside a row what only other rows tell, where taking it alone could book money twice."""
        return await with_chains(rows, self._rows_between, desk)

    async def read_again(self, wanted: Mapping[str, Row], desk: Desk, lacking: int) -> list[Row]:
        """By the time at which they were closed; those of one evening together.

        Of a location that the login doesn't see any more nothing is left to be read.
        """
        locations = (await desk.reference()).locations
        found: dict[str, Row] = {}
        for location, since, until in _stretches(wanted):
            if location not in locations:
                continue
            async for row in self._rows_between(location, since, until):
                if sale_id(row) in wanted:
                    found[sale_id(row)] = row
        return list(found.values())

    async def _rows_between(self, location: str, since: datetime, until: datetime) -> AsyncIterator[Row]:
        place = Place(location, since, until, since)
        for _ in range(MOST_CALLS_AGAIN):
            if place.is_empty:
                return
            try:
                page = await self.client.sales(location, place.begins, until, place.token, Lane.SALES)
            except BadRequest as error:
                place = _put_right(place, error)
                continue
            for row in page.rows:
                yield located(row, location)
            if not page.token:
                return
            place = replace(place, token=page.token)

    async def _read_day(self, walk: Walk, reference: RestaurantReference) -> Part:
        """The sweep: each location's business days, one a call."""
        asked = list(_days_of(walk, reference))
        at = int(walk.mark) if walk.mark.isdigit() and not walk.is_fresh else 0
        if at >= len(asked):
            return Part(())
        location, day = asked[at]
        rows: Sequence[Row] = ()
        try:
            rows = (await self.read_day(location, day)).rows
        except BadRequest as error:
            if not is_before_beginning(error.message):
                raise
        is_last = at + 1 >= len(asked)
        return Part(
            rows,
            mark="" if is_last else str(at + 1),
            is_last=is_last,
            has_customers=self.client.with_customers,
        )

    async def _named(self, location: Location, lane: Lane) -> Location:
        return replace(
            location,
            tax_rates=dict(await self.client.tax_rates(location.id, lane)),
            payment_methods=dict(await self.client.payment_methods(location.id, lane)),
            accounting_groups=dict(await self.client.accounting_groups(location.id, lane)),
        )

    async def _known(self, location: Location, lane: Lane) -> Location:
        """With the end of its business day, which only a day's own answer tells (10)."""
        named = await self._named(location, lane)
        yesterday = self._now().astimezone(ZoneInfo(location.time_zone)).date() - A_DAY
        try:
            day = await self.client.day(location.id, yesterday, lane)
        except BadRequest as error:
            if not is_before_beginning(error.message):
                raise
            return named  # it opened today
        return replace(named, day_end=_clock(day.ends_at, location))


def _put_right(place: Place, error: BadRequest) -> Place:
    """Where to go on, as the refusal tells; raises it where it doesn't."""
    again = begun_again(place) if place.token else clamped(place, error.message)
    if again is None or isinstance(error, NotFound):
        raise error
    return again


def located(row: Mapping[str, Any], location: str) -> Row:
    return {**row, LOCATION: location}


def _clock(ends_at: datetime | None, location: Location) -> str:
    if ends_at is None:
        return DAY_END
    return f"{ends_at.astimezone(ZoneInfo(location.time_zone)):%H:%M}"


def _days_of(walk: Walk, reference: RestaurantReference) -> Iterator[tuple[str, date]]:
    for location in reference.locations.values():
        day = business_day(walk.since, location.time_zone, location.day_end)
        last = business_day(walk.until, location.time_zone, location.day_end)
        while day <= last:
            yield location.id, day
            day += A_DAY


def _stretches(wanted: Mapping[str, Row]) -> list[tuple[str, datetime, datetime]]:
    """Location, begin and end; sales that were closed within minutes of each other in one."""
    closed = sorted(
        (str(row.get(LOCATION, "")), at) for row in wanted.values() if (at := closing_time(row)) is not None
    )
    found: list[tuple[str, datetime, datetime]] = []
    for location, at in closed:
        if found and found[-1][0] == location and at - found[-1][2] <= NEARBY:
            found[-1] = (location, found[-1][1], at + AROUND)
        else:
            found.append((location, at - AROUND, at + AROUND))
    return [one for one in found if one[0]]
