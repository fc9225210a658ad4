"""Addresses of the internet, and whether they lie in networks."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address


def contain(networks: Iterable[IPv4Network | IPv6Network], address: str) -> bool:
    """Whether the address lies in one of them; a text that is no address lies in none.

    An IPv4 client of a server that listens on both kinds has the address ::ffff:192.0.2.1, which is 192.0.2.1.
    """
    try:
        came_from = ip_address(address)
    except ValueError:
        return False
    came_from = getattr(came_from, "ipv4_mapped", None) or came_from
    return any(came_from in network for network in networks)
