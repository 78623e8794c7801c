"""What the address of the page asks to export. Pure; what does not fit the dataset is left out."""

from dataclasses import dataclass

from analytics.export import DATASETS, FORMATS, Dataset
from analytics.export.dataset import Owner
from analytics.model import ServiceKey, ServiceType
from analytics.rules.wording import did_you_mean
from pages._ui.exporting.asked import Asked
from pages._ui.exporting.catalogue import USUAL
from pages._ui.view import View

#: The time that is looked at when the address says none.
PERIOD = "7d"

_OF_ONE_TYPE = {
    Owner.API: ServiceType.API,
    Owner.OF_API: ServiceType.API,
    Owner.SOURCE: ServiceType.WEBHOOK,
    Owner.OF_WEBHOOK: ServiceType.WEBHOOK,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, and what of the address does not fit, in a line each."""

    asked: Asked
    dataset: Dataset
    faults: tuple[str, ...]


def wanted(view: View, zone: str) -> Wanted:
    """What `view` asks for; times are in `zone` where it says `zone=local`."""
    faults: list[str] = []
    name = view.get("what", USUAL)
    if name not in DATASETS:
        faults.append(f'what "{name[:60]}": {did_you_mean(name[:60], DATASETS)}the list has all there are')
        name = USUAL
    form = view.get("format", "csv")
    if form not in FORMATS:
        faults.append(f'format "{form[:20]}": it is {", ".join(FORMATS)}')
        form = "csv"
    dataset = DATASETS[name]
    service, kind = _owner(view, dataset)
    asked = Asked(
        dataset=name,
        format=form,
        period=(view.range or PERIOD) if has_period(dataset) else "",
        services=(service,) if service else (),
        service_type=kind,
        statuses=_statuses(view, dataset),
        timezone=zone if view.get("zone") == "local" else "UTC",
    )
    return Wanted(asked, dataset, tuple(faults))


def has_period(dataset: Dataset) -> bool:
    """Whether a period chooses rows of it; some tables only say how things are now."""
    return dataset.read is not None or dataset.time is not None


def only_type(dataset: Dataset) -> ServiceType | None:
    """The one type of service its rows are about; None when they are about any."""
    return _OF_ONE_TYPE.get(dataset.owner) if dataset.owner else None


def _owner(view: View, dataset: Dataset) -> tuple[ServiceKey | None, ServiceType | None]:
    if dataset.owner is None:
        return None, None
    only = only_type(dataset)
    kind = only or view.service_type
    if view.service and kind in (None, view.service.service_type):
        return view.service, None
    return None, None if only else kind


def _statuses(view: View, dataset: Dataset) -> tuple[str, ...]:
    said = view.get("rows")
    return (said,) if said in dataset.statuses else ()
