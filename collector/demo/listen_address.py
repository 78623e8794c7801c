"""Where the receiver of the demo listens: where it was told to, on its usual port, or on any free one."""

from collections.abc import Mapping

from collector.config import ConfigError
from collector.config.words import shown
from collector.demo.listening import bound_socket
from collector.receiver.address import parse_address, written_address

USUAL_PORT = 8600
_USUAL = f"127.0.0.1:{USUAL_PORT}"


def listen_address(environment: Mapping[str, str]) -> str:
    """`host:port` from HEALTH_LISTEN; without it the usual port of this machine, or a free one.

    A port 0 is replaced by a free one, so that the traffic can be told. Raises ConfigError for no address.
    """
    told = environment.get("HEALTH_LISTEN", "").strip()
    try:
        host, port = parse_address(told or _USUAL)
    except ValueError as error:
        raise ConfigError([f"HEALTH_LISTEN: {shown(told)} {error}"]) from None
    if port == 0 or (not told and not _is_free(port)):
        port = _free_port()
    return written_address(host, port)


def _is_free(port: int) -> bool:
    try:
        bound_socket(port).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with bound_socket() as sock:
        port: int = sock.getsockname()[1]
        return port
