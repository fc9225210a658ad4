"""How a partner comes to be: name, redirect hosts, webhook endpoint, first key."""

import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

import encryption
from partners import keys
from partners.models import Partner, RedirectHost
from xml_schemas.characters import first_illegal

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})*|\[([0-9a-f:.]+)\])(?::([1-9][0-9]{{0,4}}))?")
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")  # visible ASCII but for the backslash, which browsers and libraries read differently
LONGEST_HOST, LAST_PORT = 253, 65535


class BadPartner(ValueError):
    """A name, host or URL that cannot be used; the message says what would be right."""


@dataclass(frozen=True)
class NewPartner:
    """What is shown once: the key, and the webhook secret where there is a webhook URL."""

    partner: Partner
    api_key: str
    webhook_secret: str | None


def register(name: str, *, redirect_hosts: Iterable[str] = (), webhook_url: str = "") -> NewPartner:
    """Create the partner with its first key, all or nothing. Raises BadPartner."""
    if not 1 <= len(name) <= 255 or not name.strip() or first_illegal(name) is not None:
        raise BadPartner("the name must be 1 to 255 characters that XML can carry")
    hosts = {_host(host) for host in redirect_hosts}
    if webhook_url:
        _check_webhook_url(webhook_url)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode() if webhook_url else None
    try:
        with transaction.atomic():
            partner = Partner.objects.create(
                name=name,
                webhook_url=webhook_url,
                webhook_secret_encrypted=encryption.encrypt(secret) if secret else "",
            )
            RedirectHost.objects.bulk_create(RedirectHost(partner=partner, host=host) for host in sorted(hosts))
            return NewPartner(partner, keys.issue(partner), secret)
    except IntegrityError:
        raise BadPartner(f"there is a partner named {name!r} already; create_api_key makes a second key for it") from None


def _host(text: str) -> str:
    host = text.strip().lower()
    found = _HOST.fullmatch(host)
    if not found or len(found[1]) > LONGEST_HOST or int(found[3] or 0) > LAST_PORT or not _is_ipv6(found[2]):
        raise BadPartner(f"{text!r} is not a host: give it as shop.example or shop.example:8443, without https:// and path")
    return host


def _is_ipv6(text: str | None) -> bool:
    try:
        return text is None or bool(IPv6Address(text))
    except ValueError:
        return False


def _check_webhook_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > 2000 or not _PLAIN_URL.fullmatch(url):
        raise BadPartner(
            "the webhook URL must be an absolute http or https address in ASCII, such as https://shop.example/hooks, "
            "without user:password"
        )
