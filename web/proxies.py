"""What a proxy in front says of a request: believed where it is one of TRUSTED_PROXIES, and nowhere else.

X-Forwarded-For and X-Forwarded-Proto are what nginx, HAProxy, Caddy, Traefik and the load balancers of the clouds send.
X-Forwarded-Host is believed of nobody: our links come from PUBLIC_BASE_URL.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

import ip_networks
from web.problems import HttpsNeeded, is_api


def address_of(request: HttpRequest) -> str:
    """As client_address(), which is worked out once for a request."""
    known: str | None = getattr(request, "client_address", None)
    if known is None:
        known = request.client_address = client_address(request.META)  # type: ignore[attr-defined]
    return known


def client_address(environ: Mapping[str, Any]) -> str:
    """Where the request comes from: the last address that no proxy of ours has; empty for a local socket."""
    address: str = environ.get("REMOTE_ADDR", "")
    for told in reversed(_words(environ, "HTTP_X_FORWARDED_FOR")):
        if not is_trusted(address):
            return address
        if not _is_address(told):
            return address  # nothing that stands before it can be believed
        address = told
    return address


def scheme(environ: Mapping[str, Any]) -> str:
    """http or https as the client spoke it; empty where a proxy does not say and nobody has said that it must."""
    spoken: str = environ.get("wsgi.url_scheme", "http")
    if spoken == "https" or not is_trusted(environ.get("REMOTE_ADDR", "")):
        return spoken
    told = _words(environ, "HTTP_X_FORWARDED_PROTO")
    if told:
        return told[-1].lower()
    return spoken if settings.TRUSTED_PROXIES_ARE_NAMED else ""


def check_https(request: HttpRequest) -> None:
    """No redirect: it would teach clients to send their key in the clear first. Raises HttpsNeeded."""
    if settings.IS_HTTPS and is_api(request) and scheme(request.META) not in {"https", ""}:
        raise HttpsNeeded(
            f"This request came over http, and its key with it: make a new key, and use {settings.PUBLIC_BASE_URL}."
        )


def is_trusted(address: str) -> bool:
    """Whether that is a proxy of ours; so is whoever comes by a local socket, which has no address."""
    return not address or ip_networks.contain(settings.TRUSTED_PROXIES, address)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _words(environ: Mapping[str, Any], name: str) -> list[str]:
    return [word for part in environ.get(name, "").split(",") if (word := part.strip())]
