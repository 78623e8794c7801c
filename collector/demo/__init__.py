"""The demo: simulated services on loopback, live traffic to them, and a generated history.

Nothing here needs a credential or a network. The collector that looks at it is the real one.
"""

from collector.demo.configuration import write_configuration
from collector.demo.history import history_needed, write_history
from collector.demo.listen_address import USUAL_PORT, listen_address
from collector.demo.traffic import Traffic, running_traffic
from collector.demo.upstreams import Upstreams, running_upstreams

__all__ = [
    "USUAL_PORT",
    "Traffic",
    "Upstreams",
    "history_needed",
    "listen_address",
    "running_traffic",
    "running_upstreams",
    "write_configuration",
    "write_history",
]
