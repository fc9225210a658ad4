"""How a partner comes to be: name, redirect hosts, first key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv6Address

from django.db import IntegrityError, transaction

from partners import keys
from partners.models import Partner, RedirectHost
from providers.kit.urls import ascii_host_wanted
from xml_schemas.characters import first_illegal

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})*|\[([0-9a-f:.]+)\])(?::([1-9][0-9]{{0,4}}))?")
LONGEST_HOST, LAST_PORT = 253, 65535


class BadPartner(ValueError):
    """A name or host that cannot be used; the message says what would be right."""


@dataclass(frozen=True)
class NewPartner:
    """A partner and its key, which is shown once."""

    partner: Partner
    api_key: str


def register(
    name: str,
    *,
    redirect_hosts: Iterable[str] = (),
    fee_percent: Decimal | None = None,
    fee_fixed: Decimal | None = None,
) -> NewPartner:
    """Create the partner with its first key, all or nothing; None: the fee of the settings. Raises BadPartner."""
    if not 1 <= len(name) <= 255 or not name.strip() or first_illegal(name) is not None:
        raise BadPartner("the name must be 1 to 255 characters that XML can carry")
    hosts = {_host(host) for host in redirect_hosts}
    try:
        with transaction.atomic():
            partner = Partner.objects.create(name=name, fee_percent=fee_percent, fee_fixed=fee_fixed)
            RedirectHost.objects.bulk_create(RedirectHost(partner=partner, host=host) for host in sorted(hosts))
            return NewPartner(partner, keys.issue(partner))
    except IntegrityError:
        raise BadPartner(f"there is a partner named {name!r} already; create_api_key makes a second key for it") from None


def _host(text: str) -> str:
    host = text.strip().lower()
    found = _HOST.fullmatch(host)
    if not host.isascii():
        raise BadPartner(f"{text!r} is not a host in ASCII: {ascii_host_wanted(host.partition(':')[0])}")
    if not found or len(found[1]) > LONGEST_HOST or int(found[3] or 0) > LAST_PORT or not _is_ipv6(found[2]):
        raise BadPartner(f"{text!r} is not a host: give it as shop.example or shop.example:8443, without https:// and path")
    return host


def _is_ipv6(text: str | None) -> bool:
    try:
        return text is None or bool(IPv6Address(text))
    except ValueError:
        return False
