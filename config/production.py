"""Whether this is production, decided here alone: everything else asks settings.IN_PRODUCTION."""

import ipaddress

_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "test", "home.arpa")
"""Ends of names that no public name server answers for (RFC 6761, 6762, 8375, and .internal, which ICANN has set aside)."""


def why(*, debug: bool, public_host: str) -> str:
    """The reason in words, "" on a laptop. DEBUG=0 says so; so does an address under which the world reaches the service."""
    if not debug:
        return "DEBUG=0 says that this is production"
    if not is_local(public_host):
        return "PUBLIC_BASE_URL is an address of the world, so this is production"
    return ""


def is_local(host: str) -> bool:
    """Whether a host's name or address means nothing outside of this machine or its own network."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in name or any(name.endswith(f".{end}") for end in _LOCAL_NAMES)
