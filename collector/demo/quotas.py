"""How much of its quota an API says is used: a function of the time, for the present and the past."""

from collector.demo.services import APIS, DemoQuota
from collector.demo.stage import Stage

_DAY_SECONDS = 86_400.0


def usual_share(quota: DemoQuota, epoch_seconds: float, load: float) -> float:
    """The part of `quota` that is used at a moment, 0 to 1, before any chance; `load` is how busy it is."""
    of_day = epoch_seconds % _DAY_SECONDS / _DAY_SECONDS
    return quota.idle + quota.busy * load + quota.daily * of_day


def used_now(api_name: str, stage: Stage) -> tuple[DemoQuota, int]:
    """The quota of an API, and how much of it is used now. StopIteration when it has none."""
    quota = next(api.quota for api in APIS if api.name == api_name and api.quota)
    share = usual_share(quota, stage.wall_clock(), stage.load()) * stage.chance.lognormvariate(
        0.0, quota.spread
    )
    return quota, round(quota.limit * min(1.0, share))
