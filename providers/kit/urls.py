"""URLs that others name: taken apart once, for what we call and for where a giver is sent."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import idna

LONGEST = 2000

_PLAIN = re.compile(r"[!-\[\]-~]+")  # visible ASCII but for the backslash, which browsers and libraries read differently
_NOT_IN_A_LINK = frozenset('"<>')
_PORTS = {"http": 80, "https": 443}


class BadURL(ValueError):
    """Not a plain http or https URL."""


@dataclass(frozen=True)
class URL:
    """A URL taken apart. `host` is in lower case, without brackets and final dot; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str
    parts: SplitResult

    @property
    def host_header(self) -> str:
        """The Host header: brackets round IPv6, the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read(url: str) -> URL:
    """Take an absolute http or https URL apart. Raises BadURL for whatever two programs could read in two ways."""
    if len(url) > LONGEST or not _PLAIN.fullmatch(url):
        raise BadURL("a character that does not belong into a URL, or too many")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadURL("not a URL") from None
    name = parts.hostname or ""
    if parts.scheme not in _PORTS or not name.removesuffix(".") or port == 0 or {"@", "%"} & set(parts.netloc):
        raise BadURL("not an absolute http or https URL without user:password")
    # Nothing may stand beside the host and its port: in http://a.example[2606:4700::1111]/ programs find two hosts.
    written = parts.netloc.lower()
    host = f"[{name}]" if "[" in written else name
    if written != host and not re.fullmatch(rf"{re.escape(host)}:[0-9]*", written):
        raise BadURL("more than one host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return URL(parts.scheme, name.removesuffix("."), port or _PORTS[parts.scheme], target, parts)


def ascii_host_wanted(host: str) -> str:
    """What to write for a host in other letters than ASCII, to go on in a sentence; with its xn-- form where it has one.

    The form is for a person to look at: a host is never changed by us, since two hosts may look alike.
    """
    general = "write an international name in its xn-- form"
    try:
        form = idna.encode(host.lower()).decode()
    except idna.IDNAError:
        return general
    return f"{general}, here {form}" if "xn--" in form else general


def link(url: str, *, with_fragment: bool = False) -> SplitResult | None:
    """A URL that a giver might be sent to, in parts; None where it is none, or has a fragment that was not asked for."""
    if _NOT_IN_A_LINK & set(url):
        return None
    try:
        parts = read(url).parts
    except BadURL:
        return None
    return parts if with_fragment or not parts.fragment else None


def is_host_of(base: str, parts: SplitResult) -> bool:
    """The base's own host, on any port; over plain http only where the base itself is."""
    trusted = urlsplit(base)
    return parts.hostname == trusted.hostname and parts.scheme in {"https", trusted.scheme}


def is_within(domain: str, parts: SplitResult) -> bool:
    """The domain or one below it, over https and with no port."""
    host = parts.hostname or ""
    return parts.scheme == "https" and parts.netloc == host and (host == domain or host.endswith(f".{domain}"))
