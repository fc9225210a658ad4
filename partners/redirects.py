"""Where givers may be sent back to: nothing but absolute web addresses on hosts that the partner has named."""

import re
from urllib.parse import urlsplit

from partners.models import Partner
from providers.kit.urls import ascii_host_wanted

LONGEST = 2000
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NETLOC = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f:.]+\])(?::[0-9]{{0,5}})?", re.IGNORECASE)
"""The whole of it is read by this one pattern, so that no browser can find another host in it than we do."""

_ABSOLUTE = "must be an absolute address such as https://shop.example/thanks"


class BadRedirectURL(ValueError):
    """Not an address that a giver may be sent to; the message says what would be right."""


def check_redirect_url(partner: Partner, url: str) -> None:
    """Raises BadRedirectURL."""
    host, port = check_web_address(url)
    if not _is_listed(partner, host, port):
        raise BadRedirectURL(f"must be on a host that {partner.name} has registered for redirects; {host} is not on that list")


def check_web_address(url: str) -> tuple[str, int]:
    """The host, in lower case, and the port of an absolute web address. Raises BadRedirectURL."""
    if len(url) > LONGEST:
        raise BadRedirectURL(f"must have at most {LONGEST} characters")
    if any(character <= " " or "\x7f" <= character <= "\x9f" for character in url) or "\\" in url:
        raise BadRedirectURL("must not hold blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRedirectURL(_ABSOLUTE) from None
    if parts.scheme not in {"http", "https"} or not parts.netloc or port == 0:
        raise BadRedirectURL(_ABSOLUTE)
    if "@" in parts.netloc:
        raise BadRedirectURL("must not hold a user name or password")
    if not parts.netloc.isascii():
        raise BadRedirectURL(f"must name its host in ASCII; {ascii_host_wanted(parts.hostname or '')}")
    found = _NETLOC.fullmatch(parts.netloc)
    if not found:
        raise BadRedirectURL(_ABSOLUTE)
    return found["host"].lower(), port or (443 if parts.scheme == "https" else 80)


def _is_listed(partner: Partner, host: str, port: int) -> bool:
    """A partner without a list may use any host; a listed host without a port stands for all its ports."""
    allowed = {row.host for row in partner.redirect_hosts.all()}
    return not allowed or host in allowed or f"{host}:{port}" in allowed
