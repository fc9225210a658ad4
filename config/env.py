"""How environment variables are read: each reader raises ImproperlyConfigured with a sentence of what would be right."""

import os
import re
import ssl
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

ASKED: dict[str, str] = {}
"""The variables that were read since forget(), with their defaults in words of the environment; "" where there is none."""

_QUOTES = ("'", '"')


def forget() -> None:
    """Before the settings are read (anew)."""
    ASKED.clear()


def text(name: str, default: str = "") -> str:
    """The variable as it is, without white space round it; every reader here begins with it. Raises ImproperlyConfigured."""
    ASKED[name] = ASKED.get(name) or default
    value = os.environ.get(name, "").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES:
        raise ImproperlyConfigured(
            f"{name} has quotes round its value: leave them out. A shell takes them away, a list of variables "
            "(docker's --env-file) hands them on."
        )
    return value or default


def switch(name: str, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if os.environ.get(name) is not None and not os.environ[name].strip():
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value[:50]!r}")


def number(name: str, default: int, *, most: int, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > len(str(most)) or not least <= int(value) <= most:
        span = f"from {least} to {most}" if least else f"up to {most}"
        raise ImproperlyConfigured(f"{name} must be a whole number {span}, not {value[:50]!r}")
    return int(value)


def words(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, with commas between them."""
    value = text(name, default)
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError:
        wanted = f"{name} must be addresses or networks such as 10.0.0.5, 10.1.0.0/16, with commas between them"
        raise ImproperlyConfigured(f"{wanted}, not {value[:50]!r}") from None


def word(name: str, default: str, known: tuple[str, ...]) -> str:
    value = text(name, default).upper()
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {value[:50]!r}")
    return value


def folder(name: str) -> str:
    """A folder that this process can write in, made where it is missing; empty where it is not set."""
    value = text(name)
    if value:
        try:
            Path(value).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(f"{name} must be a folder: {value[:200]}: {error.strerror}") from None
        if not os.access(value, os.W_OK | os.X_OK):
            raise ImproperlyConfigured(f"{name} must be a folder that can be written in, which {value[:200]} is not")
    return value


def web_address(name: str, default: str) -> tuple[str, SplitResult]:
    value = text(name, default).rstrip("/")
    wanted = f"{name} must be an address such as https://give.example.org, without a query, user name or password"
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ImproperlyConfigured(wanted) from None
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or any(character <= " " for character in value):
        raise ImproperlyConfigured(wanted)
    return value, parts


def hosts(name: str) -> list[str]:
    """Names of hosts as Django compares them with Host headers: without a scheme and without a port."""
    found = words(name)
    for host in found:
        if "/" in host or (re.search(r":\d*$", host) and not host.endswith("]")):
            raise ImproperlyConfigured(
                f"{name} must be names of hosts such as give.example.org, without https:// and without a port"
            )
    return found


OWN_PATHS = frozenset(
    {
        "api",
        "pay",
        "providers",
        "thank-you",
        "cancelled",
        "docs",
        "problems",
        "sandbox",
        "demo",
        "giver",
        "permission",
        "certificate",
        "healthz",
        "readyz",
        "metrics",
        "console",
    }
)
"""Where the paths of the service itself begin."""

_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def check_base_path(name: str, path: str) -> None:
    """What a proxy puts the service under has to be told from the service's own paths, and fit into every header."""
    if not _BASE_PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ImproperlyConfigured(f"The path of {name} must be of letters, digits and -._~, such as /give.")
    first = path.strip("/").partition("/")[0]
    if first in OWN_PATHS:
        raise ImproperlyConfigured(
            f"{name} must not have a path that begins with /{first}, which is one of the service's own: take another, such as "
            "/give. The API is at /api below it."
        )


def needs(one: str, *others: str, provider: str) -> None:
    """Where the first is set, so must be the others."""
    missing = [other for other in others if not text(other)]
    if missing and text(one):
        raise ImproperlyConfigured(
            f"{one} is set, so {' and '.join(missing)} must be set too: docs/operators.md says where {provider} shows them. "
            f"Without any of them {provider} is not offered."
        )


def rsa_key_in(name: str) -> str:
    """A private key in PEM: the text itself, on one line with \\n where it has to be, or the path of a file with it."""
    told = text(name)
    if not told:
        return ""
    wanted = f"{name} must be an RSA private key in PEM without a password, or the path of a file that holds one"
    try:
        pem = told.replace("\\n", "\n") if told.startswith("-----BEGIN") else Path(told).read_text()
    except (OSError, ValueError):
        raise ImproperlyConfigured(f"{wanted}; there is no file of that name that could be read") from None
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # whose own words might show a part of it
        raise ImproperlyConfigured(wanted + _what_else(pem)) from None
    if not isinstance(key, RSAPrivateKey):
        raise ImproperlyConfigured(f"{wanted}; it is a key of another kind")
    return pem


def _what_else(pem: str) -> str:
    """Why this cannot be a private key, where that can be told."""
    for mark, what in (
        ("PUBLIC KEY-----", "; it is the public key of the pair"),
        ("BEGIN CERTIFICATE", "; it is a certificate"),
        ("ENCRYPTED", "; it has a password"),
    ):
        if mark in pem:
            return what
    return ""


def certificates_in(name: str) -> str:
    path = text(name)
    if path:
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise ImproperlyConfigured(f"{name} must be a file of certificates in PEM, and {path[:200]!r} is not") from error
    return path


def count_store(name: str, sqlite_file: str, folder: Path) -> str:
    """Beside the database where that is a file, else in the folder, where nothing else is told."""
    told = text(name)
    if told.startswith(("redis://", "rediss://", "unix:///")) or Path(told).is_absolute():
        return told.replace("unix://", "redis+unix://", 1)
    if told:
        wanted = f"{name} must be the whole path of a file, or such as redis://host:6379/0"
        raise ImproperlyConfigured(f"{wanted}, not {told.rpartition('@')[2][:50]!r}")
    if sqlite_file and ":memory:" not in sqlite_file:
        return f"{Path(sqlite_file).absolute()}-limits"
    folder.mkdir(exist_ok=True)
    return str(folder / "limits.sqlite3")


def database_at(url: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    wanted = f"{name} must be such as sqlite:////var/lib/give.sqlite3 or postgresql://user:password@host:5432/name"
    if urlsplit(url).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(wanted)
    try:
        return dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError:  # whose own words would show the password
        raise ImproperlyConfigured(wanted) from None
