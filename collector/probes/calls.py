"""An API of your own, judged by the calls its clients report alone: this probe asks nothing itself."""

from analytics.model import Basis
from collector.probes.base import ProbeKind
from collector.probes.options import ProbeOptions, Text


class CallsOptions(ProbeOptions):
    """`api_name` is the name its calls are reported under (default: the service's)."""

    api_name: Text | None = None

    def target(self) -> str:
        return "calls that programs report"


KIND = ProbeKind("traffic", CallsOptions, None, Basis.CALLS, 1000, 3000)
