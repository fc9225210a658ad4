"""Starts Granian: `python -m config.serve OPTIONS APPLICATION`, with the options of `granian`.

Before it does, the settings are read and the port is taken for this service alone: what is wrong is told in a sentence, with
exit status 2, where Granian's workers would die one after the other, or share the port with a service that is there already.
"""

import argparse
import os
import sys
from socket import socket

from django.core.exceptions import ImproperlyConfigured

from config import port

DOES_NOT_START = 2


def main(arguments: list[str]) -> None:
    """Becomes Granian; never returns. Raises SystemExit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    try:
        _ = settings.INSTALLED_APPS
        held = _take_what_is_named(arguments)
    except (ImproperlyConfigured, port.PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(DOES_NOT_START) from None
    _become_granian(arguments, held)


def _become_granian(arguments: list[str], held: socket | None) -> None:
    """In this process, where what holds the port stays open."""
    if held:
        held.set_inheritable(True)
    os.execv(sys.executable, [sys.executable, "-m", "granian", *arguments])  # noqa: S606 - our own program


def _take_what_is_named(arguments: list[str]) -> socket | None:
    """Where Granian is going to listen, by its options and its environment variables. Raises port.PortTaken."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--host", default=os.environ.get("GRANIAN_HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("GRANIAN_PORT") or "8000")
    parser.add_argument("--uds", default=os.environ.get("GRANIAN_UDS", ""))
    named, _ = parser.parse_known_args(arguments)
    if named.uds:
        port.take_path(named.uds)
        return None
    return port.take(named.host, named.port)


if __name__ == "__main__":
    main(sys.argv[1:])
