"""The security log in ArcSight's Common Event Format (CEF, version 0), one event a line.

The header has seven fields, divided by `|`: a pipe or a backslash in one is escaped by a backslash, and it has no line ends.
In a value of the extension backslashes, equals signs and line ends are escaped: `\\`, `\\=`, `\n`, `\r`; pipes are not.
(CEF implementation standard, "Character encoding".)
"""

import logging
import logging.handlers
import re
import socket
import time
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

import redaction

VENDOR, PRODUCT = "Whipround", "Whipround"
LONGEST_VALUE = 1023
"""The size of most text fields in ArcSight's dictionary."""

SYSLOG_PORT = 514

_KEYS = {
    "method": "requestMethod",
    "path": "request",
    "reason": "reason",
    "account": "suser",
    "command": "act",
    "request_id": "externalId",
    "outcome": "outcome",
}
"""What a field is called in ArcSight's dictionary."""

_LABELLED = {"partner": "cs1", "key": "cs2", "provider": "cs3", "about": "cs4", "limit": "cs5", "detail": "cs6"}
"""What has no name there: a device custom string each, with its label."""

_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


class CommonEventFormat(logging.Formatter):
    """Writes records of security_log.tell(); `version` is the service's."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self._version = version

    def format(self, record: logging.LogRecord) -> str:
        event = record.security_event  # type: ignore[attr-defined]
        header = (VENDOR, PRODUCT, self._version, str(event.number), event.title, str(event.severity))
        extension = " ".join(f"{key}={escaped_value(value)}" for key, value in _extension(record))
        return "|".join(["CEF:0", *map(escaped_header, header), extension])


def escaped_header(text: str) -> str:
    """A field of the header."""
    return _plain(text).replace("\n", " ").replace("\r", " ").replace("\\", "\\\\").replace("|", "\\|")


def escaped_value(text: str) -> str:
    """A value of the extension."""
    cut = _plain(text)[:LONGEST_VALUE].replace("\\", "\\\\").replace("=", "\\=")
    return cut.replace("\r", "\\r").replace("\n", "\\n")


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", redaction.without_secrets(text)).encode("utf-8", "replace").decode()


def _extension(record: logging.LogRecord) -> list[tuple[str, str]]:
    told: dict[str, Any] = record.__dict__
    pairs = [("rt", str(int(record.created * 1000))), ("cat", record.security_event.name)]  # type: ignore[attr-defined]
    if told.get("address"):
        pairs += _source(str(told["address"]))
    pairs += [(key, str(told[name])) for name, key in _KEYS.items() if told.get(name) not in (None, "")]
    for name, key in _LABELLED.items():
        if told.get(name) not in (None, ""):
            pairs += [(key, str(told[name])), (f"{key}Label", name)]
    return pairs


def _source(address: str) -> list[tuple[str, str]]:
    """`src` is for IPv4 alone; an address of the other kind has a custom field, and what is none is a host's name."""
    try:
        is_v6 = isinstance(ip_address(address), IPv6Address)
    except ValueError:
        return [("shost", address)]
    return [("c6a2", address), ("c6a2Label", "Source IPv6 Address")] if is_v6 else [("src", address)]


class Syslog(logging.handlers.SysLogHandler):
    """Lines for syslog (RFC 3164): facility authpriv, the severity by the level, and `host CEF:...` as ArcSight expects it."""

    append_nul = False

    def __init__(self, where: str | tuple[str, int]) -> None:
        super().__init__(where, self.LOG_AUTHPRIV)

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%b %d %H:%M:%S", time.gmtime(record.created))
        return f"{stamp} {socket.gethostname()} {super().format(record)}"


def channel(value: str) -> dict[str, Any] | None:
    """SECURITY_LOG as a handler of logging's: a file's absolute path, syslog://host[:port] over UDP, or syslog:///dev/log."""
    if not value:
        return None
    if value.startswith("/"):
        return {"class": "logging.handlers.WatchedFileHandler", "filename": value, "delay": True, "encoding": "utf-8"}
    parts = urlsplit(value)
    try:
        port = SYSLOG_PORT if parts.port is None else parts.port
    except ValueError:
        port = 0
    if parts.scheme == "syslog" and not parts.hostname and parts.path.startswith("/"):
        return {"()": "config.cef.Syslog", "where": parts.path}
    if parts.scheme == "syslog" and parts.hostname and port and parts.path in {"", "/"}:
        return {"()": "config.cef.Syslog", "where": (parts.hostname, port)}
    raise ImproperlyConfigured(
        "SECURITY_LOG must be the absolute path of a file, such as /var/log/whipround/security.cef, or syslog://host:514, or "
        f"syslog:///dev/log, not {value[:100]!r}"
    )
