"""What the operating system and the TLS library say about a failed connection, as reasons and sentences."""

import errno
import socket
import ssl

from analytics.model import Reason

_REFUSED = f"[Errno {errno.ECONNREFUSED}]"


def explain_lookup(error: Exception, host: str) -> str:
    """What a failed lookup of the name `host` says."""
    number = error.errno if isinstance(error, socket.gaierror) else None
    if number in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
        return f"the name {host} does not exist"
    if number == socket.EAI_AGAIN:
        return f"the name {host} could not be looked up: no name server answers"
    return f"the name {host} could not be looked up"


def explain_network(error: BaseException, host: str) -> tuple[Reason, str] | None:
    """What `error` says about the connection to `host`, a name, an address or a socket's path.

    None for what is no error of the network, and for a connection that broke off without a word.
    """
    if isinstance(error, socket.gaierror):
        return Reason.DNS, explain_lookup(error, host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reason.TLS, f"the certificate of {host} is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return Reason.TLS, f"the TLS handshake with {host} failed: {_tls(error)}"
    if isinstance(error, FileNotFoundError) and not host.startswith("/"):
        return Reason.BAD_CONFIGURATION, "a certificate or key file that is configured does not exist"
    if isinstance(error, FileNotFoundError):
        return Reason.CONNECT, f"there is no socket {host}"
    if isinstance(error, ConnectionRefusedError) or (isinstance(error, OSError) and _REFUSED in str(error)):
        return Reason.CONNECT, f"{host} refused the connection"
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
        return Reason.CONNECT, f"{host} could not be reached: {error.strerror or type(error).__name__}"
    return None


def _tls(error: ssl.SSLError) -> str:
    said = (error.reason or "").lower().replace("_", " ")
    if said in ("wrong version number", "record layer failure", "packet length too long"):
        return "it does not speak TLS on this port"
    return said or error.strerror or "no reason given"
