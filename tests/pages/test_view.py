"""What an address asks for, and the addresses that ask for it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import ServiceKey, ServiceType, Status
from pages._ui.view import View, read_view

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHOPIFY = ServiceKey(ServiceType.API, "shopify")


def reread(address: str) -> View:
    view, faults = read_view(dict(parse_qsl(urlsplit(address).query)), NOW)
    assert faults == ()
    return view


def test_an_address_without_anything_asks_for_nothing() -> None:
    assert read_view({}, NOW) == (View(), ())


def test_every_filter_is_read() -> None:
    asked = {
        "range": "7d",
        "type": "api",
        "service": "api/shopify",
        "status": "down",
        "q": "shop",
        "page": "3",
    }

    view, faults = read_view({**asked, "incident": "1", "sort": "p95"}, NOW)

    assert faults == ()
    assert view == View(
        "7d", ServiceType.API, SHOPIFY, Status.DOWN, "shop", 3, (("incident", "1"), ("sort", "p95"))
    )
    assert view.get("sort") == "p95"
    assert view.get("other", "none") == "none"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("range", "last week", "is not understood"),
        ("range", "2026-11-30/", "has not begun yet"),
        ("type", "smtp", 'type "smtp": it is mcp, api, webhook or infrastructure'),
        ("status", "red", 'status "red": it is healthy, degraded, down or unknown'),
        ("service", "shopify", "it is written type/name, such as api/shopify"),
        ("service", "smtp/mail", "it is written type/name"),
        ("page", "0", "it is a number from 1 on"),
        ("page", "²", "it is a number from 1 on"),
        ("page", "0000001" + "9" * 5000, "it is a number from 1 on"),
        ("own", "abc", "is no name of a filter"),
        ("search", "abc", "is no name of a filter"),
        ("service_type", "smtp", "is no name of a filter"),
        ("incident", "9" * 600, "longer than 500 characters"),
    ],
)
def test_what_is_not_understood_is_left_out_and_said(name: str, value: str, said: str) -> None:
    view, (fault,) = read_view({name: value}, NOW)

    assert view == View()
    assert said in fault


def test_the_period_is_the_default_until_the_address_says_one() -> None:
    assert View().period(NOW).length == timedelta(days=1)
    assert View().period(NOW, "7d").text == "7d"
    assert View(range="30d").period(NOW, "7d").text == "30d"


def test_a_link_takes_the_common_filters_along_and_leaves_the_rest() -> None:
    view = View("7d", ServiceType.API, None, Status.DOWN, "text", 4, (("sort", "p95"),))

    assert view.href("trends") == "trends?range=7d&type=api&status=down"
    assert view.href("overview") == "./?range=7d&type=api&status=down"
    assert View().href("overview") == "./"
    assert (
        view.href("service", service=SHOPIFY, status=None) == "service?range=7d&type=api&service=api/shopify"
    )
    assert (
        view.href("incidents", incident="5", page=2)
        == "incidents?range=7d&type=api&status=down&page=2&incident=5"
    )


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@given(name=TEXT, search=TEXT, page=st.integers(2, 1000), own=TEXT)
def test_what_is_written_is_read_back(name: str, search: str, page: int, own: str) -> None:
    view = View("24h", None, ServiceKey(ServiceType.MCP, name), Status.DOWN, search, page, (("note", own),))

    assert reread("?" + view.query()) == view
