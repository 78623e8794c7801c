"""What shapes, colours and lines mean, and the keyboard. HTML, the same for everybody."""

from functools import cache

from analytics.model import Status
from pages._ui import marks, panels

_STATES = (
    (Status.HEALTHY, "as it should be"),
    (Status.DEGRADED, "works, and something is wrong"),
    (Status.DOWN, "does not work, and that is sure"),
    (Status.UNKNOWN, "nobody could know"),
)

_SIGNS = (
    (
        '<span class="days about-sample"><i class="h"></i><i class="s" style="--d:18%;--g:34%;--h:100%"></i>'
        '<i class="n"></i></span>',
        "A day or a quarter of an hour: green is well, what was bad stands at the foot, hollow is no data",
    ),
    (
        "".join(f'<span class="about-line {name}"></span>' for name in ("p50", "p95", "p99")),
        "P50, P95 and P99: half, 19 of 20 and 99 of 100 answers were at least as fast; darker is slower",
    ),
    (
        '<span class="about-line limit"></span>',
        "A limit: from the healthy limit on it is slow, over the down limit it is down",
    ),
    ('<span class="about-wash"></span>', "Behind a chart: an incident went on"),
    ('<span class="about-gap"></span>', "A gap in a line or a band: nobody looked, so nothing is claimed"),
    (
        '<span class="change better">▼ −12 %</span>',
        "Against the period before: green is better, red is worse, pp are percentage points",
    ),
)

_KEYS = (
    ("Tab", "goes from link to link, and stays where it is while the page refreshes"),
    ("← →", "walk along a strip of days, quarters of an hour or incidents; Home and End go to its ends"),
    ("Enter", "opens what is focused"),
    ("Esc", "closes what is open"),
)


@cache
def _cards() -> tuple[str, str]:
    """Shapes and colours; the keyboard."""
    states = "".join(f"<li>{marks.pill(status)}<span>{text}</span></li>" for status, text in _STATES)
    signs = "".join(
        f'<li><span class="about-sign" aria-hidden="true">{sign}</span><span>{text}</span></li>'
        for sign, text in _SIGNS
    )
    keys = "".join(f"<li><kbd>{key}</kbd><span>{text}</span></li>" for key, text in _KEYS)
    shapes = panels.card(
        "Shapes and colours",
        f'<ul class="about-list">{states}</ul><ul class="about-list">{signs}</ul>',
        "a colour never stands alone",
        classes="about-legend",
    )
    keyboard = panels.card(
        "Keyboard", f'<ul class="about-list about-keys">{keys}</ul>', "everything works without a mouse"
    )
    return shapes, keyboard


def legend(beside: str) -> str:
    """Shapes, colours and keys on the left, `beside` (HTML) on the right."""
    shapes, keyboard = _cards()
    return f'<div class="about-pair"><div>{shapes}{keyboard}</div><div>{beside}</div></div>'
