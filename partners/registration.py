"""How a partner comes to be: name, redirect hosts, first key; and how one that is live comes to be in test as well."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv6Address

from django.db import IntegrityError, transaction

from partners import audit_log, keys
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
    is_test: bool = False,
    redirect_hosts: Iterable[str] = (),
    fee_percent: Decimal | None = None,
    fee_fixed: Decimal | None = None,
) -> NewPartner:
    """Create the partner, live or in test, with its first key, all or nothing; None: the fee of the settings.

    Raises BadPartner.
    """
    check_name(name)
    hosts = {host_of(host) for host in redirect_hosts}
    try:
        with transaction.atomic():
            partner = Partner.objects.create(name=name, is_test=is_test, fee_percent=fee_percent, fee_fixed=fee_fixed)
            RedirectHost.objects.bulk_create(RedirectHost(partner=partner, host=host) for host in sorted(hosts))
            audit_log.record("partner.made", partner.name, partner=partner, after=told(partner))
            return NewPartner(partner, keys.issue(partner))
    except IntegrityError:
        raise BadPartner(f"there is a partner named {name!r} already; create_api_key makes a second key for it") from None


def in_mode(partner: Partner, *, is_test: bool) -> Partner:
    """The partner in test, or live; made with the other's redirect hosts and fee where it was only the other so far."""
    if partner.is_test == is_test:
        return partner
    same_fee = {"fee_percent": partner.fee_percent, "fee_fixed": partner.fee_fixed}
    with transaction.atomic():
        other, is_new = Partner.objects.get_or_create(name=partner.name, is_test=is_test, defaults=same_fee)
        if is_new:
            hosts = [RedirectHost(partner=other, host=row.host) for row in partner.redirect_hosts.order_by("host")]
            RedirectHost.objects.bulk_create(hosts)
            audit_log.record("partner.made", other.name, partner=other, after=told(other))
    return other


def named(name: str, *, is_test: bool | None = None) -> Partner | None:
    """The partner of this name, live or in test as told; untold: the live one before the one in test."""
    found = Partner.objects.filter(name=name).order_by("is_test")
    return (found if is_test is None else found.filter(is_test=is_test)).first()


def told(partner: Partner) -> dict[str, str | list[str]]:
    """The partner's settings as the audit log and commands tell of them."""
    fees = {"fee_percent": partner.fee_percent, "fee_fixed": partner.fee_fixed}
    return {
        "name": partner.name,
        "mode": "test" if partner.is_test else "live",
        "redirect_hosts": [row.host for row in partner.redirect_hosts.order_by("host")],
        **{name: "" if fee is None else f"{fee.normalize():f}" for name, fee in fees.items()},
        "providers_off": partner.providers_off.split(),
    }


def check_name(name: str) -> None:
    """Raises BadPartner."""
    if not 1 <= len(name) <= 255 or not name.strip() or first_illegal(name) is not None:
        raise BadPartner("the name must be 1 to 255 characters that XML can carry")


def host_of(text: str) -> str:
    """The host as it is stored. Raises BadPartner."""
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
