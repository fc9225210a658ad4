"""Where webhooks may go: public addresses, and nothing inside this network or of this machine.

An address is checked twice: when a partner names it, to tell it at once, and again when a message is sent, on the very
IP address that is then connected to. The second check is the one that counts: names can change their minds.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

from providers.kit import urls
from providers.kit.urls import URL

SECONDS_TO_RESOLVE_WHEN_STORED = 3.0
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}", re.IGNORECASE)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)

ABSOLUTE = (
    "the webhook URL must be an absolute http or https address in ASCII, such as https://shop.example/hooks, "
    "without user:password"
)
NOT_PUBLIC = "the webhook URL must lead to a public address; this one leads into a private or reserved network"


class BadAddress(ValueError):
    """Not an address that a message may be sent to; the message says what would be right."""


class NotPublic(BadAddress):
    """It leads to an address that is not public."""


class NameNotFound(BadAddress):
    """The name could not be resolved, for now at least."""


def read(url: str) -> URL:
    """Take the URL apart, and refuse whatever two programs could read in two ways. Raises BadAddress."""
    try:
        target = urls.read(url)
    except urls.BadURL:
        raise BadAddress(_international(url) or ABSOLUTE) from None
    if "#" in url:
        raise BadAddress("the webhook URL must not have a fragment (#...): it would never be sent")
    if "[" in target.parts.netloc:
        _read_ipv6(target.host)
    elif not _NAME.fullmatch(target.host) or len(target.host) > 253:
        raise BadAddress(ABSOLUTE)
    elif _NUMBER.fullmatch(target.host.rpartition(".")[2]):
        # Numbers at the end: an IPv4 address, or one of the spellings that some programs take for one.
        _read_ipv4(target.host)
    return target


def _international(url: str) -> str:
    """The sentence for a URL whose host is in other letters than ASCII; empty where that is not its fault."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return "" if host.isascii() else f"the webhook URL must name its host in ASCII; {urls.ascii_host_wanted(host)}"


def _read_ipv6(text: str) -> IPv6Address:
    try:
        if "%" in text:  # a zone names an interface of this very machine
            raise ValueError(text)
        return IPv6Address(text)
    except ValueError:
        raise BadAddress(ABSOLUTE) from None


def _read_ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise BadAddress(
            "the webhook URL must name its host, or give it as four decimal numbers such as 192.0.2.1; "
            "octal, hexadecimal and shortened forms are not read"
        ) from None


# --- Which addresses are public -----------------------------------------------------------------------------------------

# Python's is_global says yes to NAT64, 6to4 and multicast, so the table is our own: what IANA's registries of special
# addresses hold, and the provider-side addresses of well-known clouds that lie outside them.
_FORBIDDEN_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this network; Linux takes it for this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; also 100.100.100.200, a cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent: reached from inside only, and outside every registry
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; also 192.0.0.192, a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_ALLOWED_6 = IPv6Network("2000::/3")
"""All that is assigned to anybody; loopback, link-local, unique local, multicast and NAT64 are outside of it."""
_FORBIDDEN_6 = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "3ffe::/16",  # the old 6bone
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is somewhere in the public Internet. An IPv4 address that is mapped into IPv6 is looked at as IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address in _ALLOWED_6 and not any(address in network for network in _FORBIDDEN_6)
    return not any(address in network for network in _FORBIDDEN_4)


_PORTS_OF_OTHERS = frozenset(
    (
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110),
        *(111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532),
        *(540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061),
        *(6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)
"""What no browser connects to either (the Fetch standard's "bad ports"): a POST there could be read as a mail, say."""


# --- Names ------------------------------------------------------------------------------------------------------------

Resolver = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a name, as this machine sees them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


_resolver: Resolver = resolve


def use(resolver: Resolver | None) -> None:
    """Look names up with `resolver` from now on, or with the machine's again (None). For tests and simulations."""
    global _resolver
    _resolver = resolver or resolve


def addresses_of(target: URL, *, seconds: float) -> list[str]:
    """The IP addresses that a message to this target may be sent to: all of them public, or none is given.

    The system's resolver knows no time limit, so it is left behind after `seconds`.
    Raises NameNotFound, NotPublic; BadAddress for a port that belongs to another service.
    """
    if target.port in _PORTS_OF_OTHERS and not settings.ALLOW_PRIVATE_WEBHOOKS:
        raise BadAddress(f"the webhook URL must not name port {target.port}, where something else than a web server is")
    try:
        found = [str(ip_address(target.host))]
    except ValueError:
        found = _resolved(target, seconds)
    if not found:
        raise NameNotFound(f"the name {target.host} could not be found")
    if settings.ALLOW_PRIVATE_WEBHOOKS:
        return found
    for text in found:
        if "%" in text or not is_public(ip_address(text)):
            raise NotPublic(NOT_PUBLIC)
    return found


def _resolved(target: URL, seconds: float) -> list[str]:
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(_resolver(target.host, target.port))
        except (OSError, UnicodeError):
            found.clear()

    looking = threading.Thread(target=look_up, daemon=True, name="webhook-name")
    looking.start()
    looking.join(seconds)
    return [] if looking.is_alive() else found


def check(url: str) -> None:
    """What can be said when a partner names a webhook URL. A name that is not found now may be found when there is
    something to send. Raises BadAddress."""
    target = read(url)
    if settings.ALLOW_PRIVATE_WEBHOOKS:
        return
    if target.host == "localhost" or target.host.endswith((".localhost", ".local", ".internal")):
        raise NotPublic(NOT_PUBLIC)
    try:
        addresses_of(target, seconds=SECONDS_TO_RESOLVE_WHEN_STORED)
    except NameNotFound:
        return
