"""When maintenance is on: windows and moments in tables, over changes of the clocks too, and properties."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import ServiceKey, ServiceType
from analytics.rules.maintenance import (
    LONGEST_WEEKLY,
    Occurrence,
    OneOff,
    Weekly,
    active,
    next_occurrence,
    occurrence,
)

SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")
SUNDAY, MONDAY, SATURDAY = 6, 0, 5
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekly(
    at: str = "02:00",
    hours: float = 2,
    days: tuple[int, ...] = (SUNDAY,),
    timezone: str = BERLIN,
    services: frozenset[ServiceKey] | None = None,
) -> Weekly:
    return Weekly(
        "weekly", services, frozenset(days), time.fromisoformat(at), timedelta(hours=hours), timezone
    )


@pytest.mark.parametrize(
    ("window", "now", "start", "end"),
    [
        # An ordinary Sunday in winter (UTC+1): 02:00 to 04:00 is 01:00Z to 03:00Z, the end not in it.
        (weekly(), "2026-11-22T00:59:59.999999", None, None),
        (weekly(), "2026-11-22T01:00", "2026-11-22T01:00", "2026-11-22T03:00"),
        (weekly(), "2026-11-22T02:59:59.999999", "2026-11-22T01:00", "2026-11-22T03:00"),
        (weekly(), "2026-11-22T03:00", None, None),
        (weekly(), "2026-11-23T02:00", None, None),
        # In summer the same time is an hour earlier in UTC.
        (weekly(), "2026-07-05T00:00", "2026-07-05T00:00", "2026-07-05T02:00"),
        # Berlin, 29 March 2026: 02:00 does not exist; 01:59:59 is followed by 03:00 (01:00Z).
        (weekly(), "2026-03-29T00:59:59", None, None),
        (weekly(), "2026-03-29T01:00", "2026-03-29T01:00", "2026-03-29T03:00"),
        (weekly("02:30"), "2026-03-29T01:30", "2026-03-29T01:30", "2026-03-29T03:30"),
        # A window around the gap takes as long as ever, and ends an hour later on the clock.
        (weekly("01:00"), "2026-03-29T01:30", "2026-03-29T00:00", "2026-03-29T02:00"),
        # Berlin, 25 October 2026: 02:30 exists twice, 00:30Z and 01:30Z; the first is meant.
        (weekly("02:30"), "2026-10-25T00:29:59", None, None),
        (weekly("02:30"), "2026-10-25T00:30", "2026-10-25T00:30", "2026-10-25T02:30"),
        (weekly("02:30", 0.5), "2026-10-25T01:30", None, None),
        # New York: 8 March 2026 has no 02:30 (07:30Z is 03:30), 1 November has 01:30 twice (05:30Z first).
        (weekly("02:30", timezone=NEW_YORK), "2026-03-08T07:30", "2026-03-08T07:30", "2026-03-08T09:30"),
        (weekly("02:30", timezone=NEW_YORK), "2026-03-08T07:29:59", None, None),
        (weekly("01:30", 0.5, timezone=NEW_YORK), "2026-11-01T05:45", "2026-11-01T05:30", "2026-11-01T06:00"),
        (weekly("01:30", 0.5, timezone=NEW_YORK), "2026-11-01T06:45", None, None),
        # Over midnight, here and in UTC; it belongs to the day it begins on.
        (weekly("23:00", 3, (SATURDAY,)), "2026-11-22T00:30", "2026-11-21T22:00", "2026-11-22T01:00"),
        (weekly("23:00", 3, (SUNDAY,)), "2026-11-22T00:30", None, None),
        (weekly("00:30", 1, (MONDAY,)), "2026-11-22T23:45", "2026-11-22T23:30", "2026-11-23T00:30"),
        # A week without an end: the one that began last is the one that ends last.
        (weekly("02:00", 168), "2026-11-22T00:59:59", "2026-11-15T01:00", "2026-11-22T01:00"),
        (weekly("02:00", 168), "2026-11-22T01:00", "2026-11-22T01:00", "2026-11-29T01:00"),
        (weekly("02:00", 48, (SUNDAY, MONDAY)), "2026-11-23T02:00", "2026-11-23T01:00", "2026-11-25T01:00"),
        # Seven days over the change of the clocks overlap the next ones by an hour.
        (weekly("02:00", 168), "2026-03-29T00:30", "2026-03-22T01:00", "2026-03-29T01:00"),
        (weekly("02:00", 168), "2026-04-05T00:30", "2026-04-05T00:00", "2026-04-12T00:00"),
    ],
)
def test_a_weekly_window_is_on_from_its_local_time_until_just_before_its_end(
    window: Weekly, now: str, start: str | None, end: str | None
) -> None:
    expected = None if start is None or end is None else (utc(start), utc(end))
    assert occurrence(window, utc(now)) == expected


@pytest.mark.parametrize(
    ("now", "on"),
    [("09:59:59", False), ("10:00:00", True), ("11:59:59", True), ("12:00:00", False), ("18:00:00", False)],
)
def test_a_window_that_is_written_in_another_zone_is_on_in_utc(now: str, on: bool) -> None:
    zone = ZoneInfo(NEW_YORK)
    window = OneOff(
        "move", None, datetime(2026, 11, 24, 5, tzinfo=zone), datetime(2026, 11, 24, 7, tzinfo=zone)
    )
    expected = (utc("2026-11-24T10:00"), utc("2026-11-24T12:00")) if on else None
    assert occurrence(window, utc(f"2026-11-24T{now}")) == expected


def test_a_window_that_ends_before_it_begins_is_never_on() -> None:
    window = OneOff("odd", None, utc("2026-11-24T12:00"), utc("2026-11-24T10:00"))
    assert occurrence(window, utc("2026-11-24T11:00")) is None


@pytest.mark.parametrize(
    ("window", "now", "start"),
    [
        (weekly(), "2026-11-22T00:59", "2026-11-22T01:00"),
        (weekly(), "2026-11-22T01:00", "2026-11-29T01:00"),
        (weekly(), "2026-03-22T01:00", "2026-03-29T01:00"),
        (weekly(), "2026-10-18T00:00", "2026-10-25T00:00"),
        (weekly("23:59", 1, (MONDAY,), "Pacific/Kiritimati"), "2026-11-23T09:58", "2026-11-23T09:59"),
        (weekly("00:00", 1, (MONDAY,), "Pacific/Pago_Pago"), "2026-11-23T11:00", "2026-11-30T11:00"),
        (
            OneOff("once", None, utc("2026-11-24T10:00"), utc("2026-11-24T12:00")),
            "2026-11-24T09:00",
            "2026-11-24T10:00",
        ),
        (OneOff("once", None, utc("2026-11-24T10:00"), utc("2026-11-24T12:00")), "2026-11-24T10:00", None),
    ],
)
def test_the_next_time_is_the_first_that_has_not_begun(
    window: Weekly | OneOff, now: str, start: str | None
) -> None:
    found = next_occurrence(window, utc(now))
    assert (found and found[0]) == (start and utc(start))


def test_a_service_is_in_the_maintenance_that_ends_last() -> None:
    now = utc("2026-11-24T11:00")
    everything = OneOff("all", None, utc("2026-11-24T10:00"), utc("2026-11-24T12:00"))
    shop = OneOff("shop", frozenset({SHOP}), utc("2026-11-24T10:30"), utc("2026-11-24T13:00"))
    brief = OneOff("brief", frozenset({CHAT}), utc("2026-11-24T10:30"), utc("2026-11-24T11:30"))
    over = OneOff("over", None, utc("2026-11-23T10:00"), utc("2026-11-23T12:00"))
    assert active([everything, shop, brief, over], [SHOP, CHAT], now) == {
        SHOP: Occurrence("shop", shop.starts_at, shop.ends_at),
        CHAT: Occurrence("all", everything.starts_at, everything.ends_at),
    }


def test_only_the_services_that_are_named_and_monitored_are_in_maintenance() -> None:
    now = utc("2026-11-24T11:00")
    shop = OneOff("shop", frozenset({SHOP}), utc("2026-11-24T10:30"), utc("2026-11-24T13:00"))
    assert active([shop], [CHAT], now) == {}
    assert active([], [SHOP], now) == {}


EPOCH = datetime(2010, 1, 1, tzinfo=UTC)
windows = st.builds(
    Weekly,
    st.just("weekly"),
    st.none(),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.timedeltas(timedelta(minutes=1), LONGEST_WEEKLY),
    st.sampled_from([BERLIN, NEW_YORK, "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]),
)
moments = st.integers(0, 27 * 365 * 86_400).map(lambda second: EPOCH + timedelta(seconds=second))
TICK = timedelta(microseconds=1)


@given(windows, moments)
def test_an_occurrence_covers_exactly_its_time(window: Weekly, now: datetime) -> None:
    found = next_occurrence(window, now)
    assert found is not None
    start, end = found
    assert now < start <= now + timedelta(days=8)
    assert end - start == window.lasting
    assert occurrence(window, start) == (start, end)
    last = occurrence(window, end - TICK)
    assert last is not None
    assert last[1] >= end
    before, after = occurrence(window, start - TICK), occurrence(window, end)
    assert before is None or before[1] < end
    assert after is None or after[1] > end


@given(windows, moments)
def test_it_is_on_exactly_when_a_brute_search_finds_a_start(window: Weekly, now: datetime) -> None:
    zone = ZoneInfo(window.timezone)
    days = [now.astimezone(zone).date() + timedelta(days=number) for number in range(-15, 16)]
    starts = [
        datetime.combine(day, window.at, zone).astimezone(UTC) for day in days if day.weekday() in window.days
    ]
    on = [start for start in starts if start <= now < start + window.lasting]
    found = occurrence(window, now)
    assert found == (None if not on else (max(on), max(on) + window.lasting))
