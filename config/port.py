"""Taking a port for this process alone.

Granian lets its worker processes share a port (SO_REUSEPORT), and with it every other process of the same user: started twice
by mistake, both would answer, each to half of the requests. So the port is taken here first, without sharing. Only then the
socket is marked as shared, which lets Granian's own join it and nobody who asks as we did. It is bound and never listens, so
no request comes to it; while it is open the port is taken, also in the moment before Granian listens.
"""

import errno
import fcntl
import os
import socket
from pathlib import Path

_WHY = {
    errno.EADDRINUSE: "another program has it, or this service has been started already. Stop that one, or take another port",
    errno.EACCES: "a port below 1024 needs rights. Take one above, and let the reverse proxy listen there",
    errno.EADDRNOTAVAIL: "this machine has no such address. Take 127.0.0.1 behind a reverse proxy, 0.0.0.0 for all addresses",
}


class PortTaken(Exception):
    """Nobody may listen there now; the message is a sentence that says why, and what to do."""


def take(host: str, port: int) -> socket.socket:
    """A socket that holds the port for as long as it is open. Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise PortTaken(f"{host} is no address of this machine.") from None
    held = socket.socket(family, kind, protocol)
    try:
        # One after the other: two that bind with SO_REUSEADDR in the same moment, and do not listen yet, would both get it.
        with Path(__file__).open("rb") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have just ended are not in the way
            held.bind(address)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        held.close()
        why = _WHY.get(error.errno or 0, os.strerror(error.errno or 0))
        raise PortTaken(f"Port {port} of {host} cannot be listened on: {why}.") from None
    return held


def take_path(path: str) -> None:
    """The same for a Unix socket, which the next program replaces without asking: refused where somebody answers there."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return
    raise PortTaken(f"{path} cannot be listened on: {_WHY[errno.EADDRINUSE]}.")
