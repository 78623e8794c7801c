"""Bands of time: what is drawn together, where, and what it says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pages._ui.bands import KINDS, Band, Stretch, bands, legend, pieces, summary
from pages._ui.timescale import Scale

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def stretch(kind: str, begun: float, ended: float | None, said: str = "", href: str = "") -> Stretch:
    return Stretch(kind, at(begun), None if ended is None else at(ended), said, href)


def drawn(*found: Stretch, below: tuple[Stretch, ...] = (), label: str = "Shop", hours: int = 24) -> str:
    line = Band(label, found, below, "service?service=api/shopify")
    return bands([line], NOON, NOON + timedelta(hours=hours), BERLIN, NOON + DAY, "Status by service")


def test_equal_neighbours_are_one_and_gaps_stay() -> None:
    found = pieces(
        [
            stretch("healthy", 0, 60),
            stretch("healthy", 60, 120),
            stretch("healthy", 200, 300),
            stretch("down", 300, 400, "Timed out"),
            stretch("down", 400, 500, "No connection"),
        ],
        timedelta(minutes=1),
        NOON + DAY,
    )
    assert [(one.kind, one.parts[0].begun, one.parts[-1].ended) for one in found] == [
        ("healthy", at(0), at(120)),
        ("healthy", at(200), at(300)),
        ("down", at(300), at(400)),
        ("down", at(400), at(500)),
    ]


def test_what_is_too_short_is_drawn_with_its_neighbours_and_looks_like_the_worst() -> None:
    flapping = [stretch("down" if n % 2 else "healthy", 100 + n, 101 + n) for n in range(10)]
    shortest = timedelta(minutes=6)
    found = pieces([stretch("healthy", 0, 100), *flapping, stretch("healthy", 110, 500)], shortest, at(500))
    assert [one.kind for one in found] == ["healthy", "down", "down", "healthy"]
    assert [len(one.parts) for one in found] == [1, 6, 3, 1]
    assert (found[1].parts[0].begun, found[2].parts[-1].ended) == (at(101), at(110))


def test_short_stretches_on_both_sides_of_a_gap_are_not_joined() -> None:
    found = pieces([stretch("down", 0, 1), stretch("down", 3, 4)], timedelta(minutes=10), at(60))
    assert len(found) == 2


def test_the_number_of_pieces_is_bounded() -> None:
    found = [stretch("down" if n % 2 else "healthy", n / 10, (n + 1) / 10) for n in range(14_400)]
    assert drawn(*found).count("data-tip") <= 500


def test_places_are_percent_of_the_line_and_cut_to_it() -> None:
    scale = Scale(NOON, NOON + DAY, 240)
    assert scale.place(NOON + DAY / 4, NOON + DAY / 2) == pytest.approx((25, 25))
    assert scale.place(NOON - DAY, NOON + DAY / 2) == pytest.approx((0, 50))
    assert scale.place(NOON + DAY / 2, None) == pytest.approx((50, 50))


def test_a_picture_of_the_last_hours_stays_the_same_for_a_while() -> None:
    def picture(now: datetime) -> str:
        line = Band("Shop", [Stretch("healthy", at(-600), None)])
        return bands([line], now - DAY, now, BERLIN, now, "Status")

    assert picture(at(1)) == picture(at(1) + timedelta(seconds=100))
    assert picture(at(1)) != picture(at(60))


@pytest.mark.parametrize(
    ("hours", "texts"),
    [
        (6, ["13:00", "14:00", "15:00", "16:00", "17:00", "18:00"]),
        (24, ["15:00", "18:00", "21:00", "25 Nov", "03:00", "06:00", "09:00", "12:00"]),
        (24 * 7, ["25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov", "1 Dec"]),
    ],
)
def test_labels_are_round_times_of_the_viewers_clock(hours: int, texts: list[str]) -> None:
    scale = Scale(NOON, NOON + timedelta(hours=hours), 240)
    assert [text for _, text in scale.ticks(BERLIN)] == texts


def test_labels_keep_to_the_clock_when_it_is_changed() -> None:
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    ticks = Scale(begins, begins + timedelta(days=2), 240).ticks(BERLIN)
    assert ("12:00", 13) in [(text, (moment - begins).total_seconds() / 3600) for moment, text in ticks]


def test_a_piece_tells_what_it_was_from_when_to_when() -> None:
    html = drawn(stretch("down", 60, 90, "Timed out"), stretch("healthy", 90, None))
    assert 'data-tip="Down · Timed out&#10;24 Nov 14:00 to 24 Nov 14:30, 30 min"' in html
    assert "Healthy&#10;24 Nov 14:30 still going on" in html


def test_several_short_ones_are_told_by_number() -> None:
    short = [
        stretch("down" if n % 2 == 0 else "healthy", n, n + 1, "Timed out" if n % 2 == 0 else "")
        for n in range(5)
    ]
    html = drawn(*short)
    assert "Down · Timed out, 3 times, 3 min&#10;Healthy, 2 times, 2 min" in html


def test_the_band_is_told_to_those_who_cannot_see_it() -> None:
    found = [
        stretch("healthy", 0, 60),
        stretch("down", 60, 62),
        stretch("healthy", 62, 70),
        stretch("down", 70, 90),
    ]
    assert summary(found, NOON, NOON + DAY) == "down twice for 22 min"
    assert summary(found[:1], NOON, NOON + DAY) == "healthy all the time it was watched"
    assert summary([], NOON, NOON + DAY) == "nothing recorded"
    assert 'role="img" aria-label="Shop: down twice for 22 min."' in drawn(*found)


def test_what_leads_somewhere_is_a_link_and_the_band_no_picture() -> None:
    html = drawn(below=(stretch("critical", 10, 20, "Shop is down", "incidents?incident=1&x=2"),))
    assert 'href="incidents?incident=1&amp;x=2"' in html
    assert 'role="group"' in html
    assert 'role="img"' not in html


def test_texts_from_outside_are_never_html() -> None:
    evil = '"><img src=x onerror=alert(1)>'
    html = drawn(stretch("down", 60, 90, evil), below=(stretch("info", 1, 2, evil, evil),), label=evil)
    assert "<img" not in html
    assert html.count("&lt;img") >= 4


def test_every_kind_has_its_look() -> None:
    css = (Path(__file__).parents[2] / "pages" / "_ui" / "css" / "bands.css").read_text()
    assert [kind for kind in KINDS if f".band-track .{kind}" not in css] == []
    assert [kind for kind in KINDS if f".bands-legend .{kind}" not in css] == []
    assert "incident" in legend("healthy", incidents=True)
