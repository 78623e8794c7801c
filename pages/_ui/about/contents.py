"""The parts of the page, and links to them. HTML."""

from functools import cache

SAYS = "<p>What is watched, how it is judged, and how the monitor itself is doing.</p>"

_PARTS = (
    ("monitor", "The monitor"),
    ("services", "What is monitored"),
    ("status", "How a status is decided"),
    ("reasons", "Reasons"),
    ("reading", "How to read it"),
    ("data", "What is kept"),
)


@cache
def contents() -> str:
    """Links to the parts of this page."""
    links = "".join(f'<a href="#about-{name}" data-keep="to-{name}">{title}</a>' for name, title in _PARTS)
    return f'<nav class="about-contents" aria-label="On this page">{links}</nav>'


def part(name: str, inner: str) -> str:
    """A part of the page that the links lead to."""
    return f'<div class="about-part" id="about-{name}">{inner}</div>'
