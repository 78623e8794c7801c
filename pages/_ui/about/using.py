"""What else one wants to know: the clock, who may act, programs, where more is written. HTML."""

from html import escape

from pages._ui import panels, times
from pages._ui.about import runbooks
from pages._ui.access_rules import Permission
from pages._ui.reading import REFRESH_SECONDS
from pages._ui.shell import Visit

_API = "api/integrations/health"

_DOCUMENTS = (
    ("docs/dashboard.md", "every page, and how to open it to a network"),
    ("docs/configuration.md", "services.toml"),
    ("docs/alerts.md", "alert rules and what they send"),
    ("docs/data.md", "every table and column"),
    ("docs/notebooks.md", "the same figures in Jupyter"),
    ("docs/operations.md", "running it for good"),
)


def using(visit: Visit, who: Permission, shelf: str) -> str:
    """Facts about this visit, and where more is written."""
    facts = (
        (
            "Times",
            f"{escape(times.zone_name(visit.zone, visit.now))}, your browser's; pointing at a time shows UTC",
        ),
        ("Refresh", f"every {REFRESH_SECONDS} seconds, in place; what did not change is not touched"),
        ("Links", "the address holds the filters: send it to a colleague to show the same"),
        ("Acting", f"as {escape(who.author)}" if who.allowed else escape(who.why)),
        (
            "Programs",
            f'<a class="link" href="{_API}">{_API}</a> says the same in JSON',
        ),
        ("Runbooks", runbooks.link("README", shelf, "What to do about each alert")),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in facts)
    documents = "".join(f"<li><code>{name}</code><span>{text}</span></li>" for name, text in _DOCUMENTS)
    return panels.card(
        "This dashboard", f'<dl class="about-facts">{rows}</dl>', "read-only: only the collector writes"
    ) + panels.card(
        "More is written in",
        f'<ul class="about-list about-documents">{documents}</ul>',
        "in the folder of the project",
    )
