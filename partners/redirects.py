"""Where givers may be sent back to: nothing but absolute web addresses on hosts that the partner has named."""

import re
from urllib.parse import urlsplit

from partners.models import Partner

LONGEST = 2000
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


class BadRedirectURL(ValueError):
    """Not an address that a giver may be sent to; the message says what would be right."""


def check_redirect_url(partner: Partner, url: str) -> None:
    """Raises BadRedirectURL."""
    if len(url) > LONGEST:
        raise BadRedirectURL(f"must have at most {LONGEST} characters")
    if any(character <= " " or "\x7f" <= character <= "\x9f" for character in url) or "\\" in url:
        raise BadRedirectURL("must not hold blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadRedirectURL("must be an absolute address such as https://shop.example/thanks") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise BadRedirectURL("must be an absolute address such as https://shop.example/thanks")
    if "@" in parts.netloc:
        raise BadRedirectURL("must not hold a user name or password")
    if not _HOST.fullmatch(host):
        raise BadRedirectURL("must name its host in ASCII; write an international name in its xn-- form")
    if not _is_listed(partner, host, port or (443 if parts.scheme == "https" else 80)):
        raise BadRedirectURL(f"must be on a host that {partner.name} has registered for redirects; {host} is not on that list")


def _is_listed(partner: Partner, host: str, port: int) -> bool:
    """A partner without a list may use any host; a listed host without a port stands for all its ports."""
    allowed = {row.host for row in partner.redirect_hosts.all()}
    name = f"[{host}]" if ":" in host else host
    return not allowed or name in allowed or f"{name}:{port}" in allowed
