"""What vendors say of themselves, in words. Context for people: no status and no alert ever depends on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.model import ServiceKey, ServiceType

#: So long after its end an incident of a vendor still explains what is seen of the service.
STILL_TOLD = timedelta(minutes=15)
#: A feed that was not read for so long says nothing of the present.
READ_WITHIN = timedelta(hours=2)

_NAMES = {
    "openai": "OpenAI",
    "github": "GitHub",
    "fly": "Fly.io",
    "flyio": "Fly.io",
    "google_analytics": "Google Analytics",
    "chatwoot": "Chatwoot",
}
_ENDED = "resolved"


@dataclass(frozen=True, slots=True)
class VendorIncident:
    """The newest state of one incident, maintenance or troubled component of a vendor's page.

    Texts are one line each and cut, and never more than text. `state` is the vendor's word (investigating,
    identified, monitoring, …), `impact` too (none, minor, major, critical, maintenance). `resolved_at` is
    None as long as it goes on.
    """

    vendor_id: str
    name: str
    impact: str
    state: str
    started_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None
    url: str | None = None
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VendorPage:
    """What one feed said when it was read: its indicator (none, minor, major, critical), and what goes on.

    `ended` holds incidents that the page still lists though they are over.
    """

    indicator: str
    description: str
    incidents: tuple[VendorIncident, ...] = ()
    ended: tuple[VendorIncident, ...] = ()


def vendor_title(vendor: str) -> str:
    """How the vendor that is configured as `vendor` writes its name."""
    return _NAMES.get(vendor, vendor[:1].upper() + vendor[1:].replace("_", " "))


def report(vendor: str, incident: VendorIncident, today: datetime) -> str:
    """One line: what the vendor reports; times of another day than that of `today` bear their date.

    "OpenAI reports: Elevated errors since 08:41 UTC (monitoring)"
    """
    since = f"since {_clock(incident.started_at, today)}"
    state = incident.state.replace("_", " ")
    if incident.resolved_at is not None:
        state = f"{_ENDED} {_clock(incident.resolved_at, today)}"
    return f"{vendor_title(vendor)} reports: {incident.name} {since} ({state})"


def service_of(text: str) -> ServiceKey | None:
    """The service that is written `type/name`; None when it is written otherwise."""
    kind, _, name = text.partition("/")
    if kind not in list(ServiceType) or not name:
        return None
    return ServiceKey(ServiceType(kind), name)


def _clock(moment: datetime, today: datetime) -> str:
    same_day = moment.date() == today.date()
    return f"{moment:%H:%M} UTC" if same_day else f"{moment:%Y-%m-%d %H:%M} UTC"
