"""Starts Granian: `python -m config.serve OPTIONS APPLICATION`, with the options of `granian`.

Before it does, the settings of the application are read and the port is taken for it alone: what is wrong is told in a
sentence, with exit status 2, where Granian's workers would die one after the other, or share the port with a service that is
there already.
"""

import argparse
import importlib
import os
import sys
from socket import socket

from django.core.exceptions import ImproperlyConfigured

from config import port

DOES_NOT_START = 2
PROVIDER_PROXY = "config.provider_proxy:application"


def main(arguments: list[str]) -> None:
    """Becomes Granian; never returns. Raises SystemExit."""
    try:
        _read_settings(arguments)
        held = _take_what_is_named(arguments)
    except (ImproperlyConfigured, port.PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(DOES_NOT_START) from None
    _become_granian(arguments, held)


def _read_settings(arguments: list[str]) -> None:
    """Of the service, or of the provider proxy, which has some of its own. Raises ImproperlyConfigured."""
    if PROVIDER_PROXY in arguments:
        if _option(arguments, "--workers", "GRANIAN_WORKERS", "1") != "1":
            raise ImproperlyConfigured(
                "The provider proxy is one process: leave --workers out, and give it more --blocking-threads."
            )
        importlib.import_module("config.provider_proxy")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    _ = settings.INSTALLED_APPS


def _option(arguments: list[str], name: str, variable: str, default: str) -> str:
    """What an option of Granian's is."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(name, default=os.environ.get(variable) or default, dest="wanted")
    return str(parser.parse_known_args(arguments)[0].wanted)


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
