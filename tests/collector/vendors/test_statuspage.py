"""What is read of a status page, also of one that keeps to no rule."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.rules.vendors import VendorIncident, VendorPage
from collector.vendors.statuspage import read_page
from tests.collector.vendors.pages import NOW, incident, page


def read(body: bytes) -> VendorPage:
    found = read_page(body, NOW)
    assert isinstance(found, VendorPage), found
    return found


def test_an_incident_is_read_though_the_indicator_says_none() -> None:
    assert read(page(incident())) == VendorPage(
        "none",
        "All Systems Operational",
        (
            VendorIncident(
                vendor_id="id1",
                name="Elevated errors",
                impact="minor",
                state="investigating",
                started_at=datetime(2026, 11, 24, 8, 41, tzinfo=UTC),
                updated_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
                url="https://stspg.io/abc",
                components=("Chat",),
            ),
        ),
    )


def test_a_quiet_page_says_nothing() -> None:
    assert read(page()) == VendorPage("none", "All Systems Operational")


def test_incidents_without_components_and_other_fields_are_read_too() -> None:
    bare = read(page({"id": "x", "name": "Something", "status": "identified"}))
    (found,) = bare.incidents
    assert (found.vendor_id, found.state, found.impact, found.components) == ("x", "identified", "none", ())
    assert found.started_at == datetime(2026, 11, 24, tzinfo=UTC)


def test_what_is_over_is_told_apart() -> None:
    found = read(page(incident(1, status="resolved", resolved_at="2026-11-24T10:00:00Z"), incident(2)))
    assert [one.vendor_id for one in found.incidents] == ["id2"]
    assert [one.resolved_at for one in found.ended] == [datetime(2026, 11, 24, 10, 0, tzinfo=UTC)]


def test_a_maintenance_counts_while_it_goes_on() -> None:
    plans = [
        {"id": "m1", "name": "Next week", "status": "scheduled", "scheduled_for": "2026-12-01T00:00:00Z"},
        {"id": "m2", "name": "Database", "status": "in_progress", "scheduled_for": "2026-11-24T11:00:00Z"},
    ]
    (found,) = read(page(scheduled_maintenances=plans)).incidents
    assert (found.name, found.impact, found.state) == ("Database", "maintenance", "in_progress")
    assert found.started_at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def component(name: str, status: Any, **other: Any) -> dict[str, Any]:
    return {"id": name.lower(), "name": name, "status": status, "updated_at": "2026-11-24T11:30:00Z"} | other


def test_a_troubled_component_without_an_incident_is_told() -> None:
    parts = [
        component("API", "partial_outage"),
        component("Chat", "major_outage"),
        component("Docs", "operational"),
        component("Planned", "under_maintenance"),
        component("All of it", "major_outage", group=True),
        component("Odd", 7),
    ]
    found = read(page(incident(), components=parts)).incidents
    assert [one.name for one in found] == ["Elevated errors", "API: partial outage"]
    assert (found[1].vendor_id, found[1].state) == ("component api", "no incident opened")


def test_an_incident_without_components_may_account_for_any() -> None:
    parts = [component("API", "partial_outage")]
    assert len(read(page(incident(components=[]), components=parts)).incidents) == 1


def test_words_nobody_knows_are_kept_as_they_are() -> None:
    found = read(page(incident(status="pondering", impact="cosmic"), status={"indicator": "odd"}))
    assert (found.indicator, found.incidents[0].state, found.incidents[0].impact) == (
        "odd",
        "pondering",
        "cosmic",
    )


def test_texts_are_one_line_cut_and_without_what_cannot_be_printed() -> None:
    name = "<b>*Bad*\n\n\u202ename\x00 " + "x" * 5000
    (found,) = read(page(incident(name=name))).incidents
    assert found.name.startswith("<b>*Bad* name xxx")
    assert len(found.name) == 300
    assert found.name.endswith("…")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://x.example", "https://x.example/ y", 7, None, "h" * 600]
)
def test_only_addresses_for_a_browser_are_links(link: Any) -> None:
    (found,) = read(page(incident(shortlink=link))).incidents
    assert found.url is None


@pytest.mark.parametrize(
    "moment", ["yesterday", "", 7, None, "9999-12-31T23:59:59-14:00", "2030-01-01T00:00:00Z"]
)
def test_times_that_are_none_are_the_midnight_before(moment: Any) -> None:
    (found,) = read(page(incident(started_at=moment, created_at=moment, updated_at=moment))).incidents
    assert found.started_at == found.updated_at == datetime(2026, 11, 24, tzinfo=UTC)


def test_times_of_other_zones_become_utc() -> None:
    (found,) = read(page(incident(started_at="2026-11-24T00:41:00.123-08:00"))).incidents
    assert found.started_at == datetime(2026, 11, 24, 8, 41, 0, 123000, tzinfo=UTC)


def test_a_page_without_end_is_bounded() -> None:
    parts = [component(f"C{number}", "major_outage") for number in range(500)]
    many = [incident(number, components=parts) for number in range(500)]
    found = read(page(*many))
    assert len(found.incidents) == 100
    assert len(found.incidents[0].components) == 50
    assert len(read(page(components=parts)).incidents) == 50


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "the answer is not JSON"),
        (b" <!doctype html><p>Sorry", "the answer is not JSON, but a web page"),
        (b"\xff\xfe", "the answer is not JSON"),
        (b"[" * 100_000, "the answer is not JSON"),
        (b"[]", "the answer is JSON, but no status page"),
        (b"{}", "the answer has no list of incidents; name the page's /api/v2/summary.json"),
        (b'{"incidents": {}}', "the answer has no list of incidents; name the page's /api/v2/summary.json"),
    ],
)
def test_what_is_no_status_page_is_said(body: bytes, fault: str) -> None:
    assert read_page(body, NOW) == fault


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "name", "status", "components", "updated_at", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["incidents", "components", "status", "scheduled_maintenances"]), anything
    )
)
def test_whatever_a_page_holds_reading_it_raises_nothing(content: dict[str, Any]) -> None:
    body = json.dumps(content, ensure_ascii=True).encode()
    assert isinstance(read_page(body, NOW), VendorPage | str)
    assert read_page(body, NOW) == read_page(body, NOW)


@settings(max_examples=80, deadline=None)
@given(st.lists(anything, max_size=4))
def test_incidents_of_any_shape_are_read_or_left_out(entries: list[Any]) -> None:
    found = read_page(json.dumps({"incidents": entries}).encode(), NOW)
    assert isinstance(found, VendorPage)
    assert len({one.vendor_id for one in found.incidents}) == len(found.incidents)
