"""The networks that a partner's requests may come from, where the operator has named any."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

import ip_networks
from partners.models import Partner

MOST = 100


class BadNetwork(ValueError):
    """No network; the message says what would be right."""


def stored(networks: Iterable[str]) -> str:
    """The column of a partner. Raises BadNetwork."""
    told = []
    for text in networks:
        try:
            told.append(str(ip_network(text.strip())))
        except ValueError:
            raise BadNetwork(f"{text[:50]!r} is no network: write 203.0.113.0/24, 203.0.113.7 or 2001:db8::/48") from None
    if len(told) > MOST:
        raise BadNetwork(f"at most {MOST} networks")
    return " ".join(dict.fromkeys(told))


def allow(partner: Partner, address: str) -> bool:
    """Whether a request from this address may be the partner's."""
    return not partner.networks or ip_networks.contain(_read(partner.networks), address)


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one) for one in text.split())
