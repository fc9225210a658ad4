"""Addresses that a provider names: what may be believed of them before anybody is sent there."""

from urllib.parse import SplitResult, urlsplit


def plain(url: str, *, with_fragment: bool = False) -> SplitResult | None:
    """The address in parts; None where it holds anything that two readers could understand differently."""
    if not url.isascii() or len(url) > 2000 or any(character <= " " or character in '\\"<>\x7f' for character in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not parts.hostname or port == 0:
        return None
    return parts if with_fragment or not parts.fragment else None


def is_host_of(base: str, parts: SplitResult) -> bool:
    """The base's own host, on any port; over plain http only where the base itself is."""
    trusted = urlsplit(base)
    return parts.hostname == trusted.hostname and parts.scheme in {"https", trusted.scheme}


def is_within(domain: str, parts: SplitResult) -> bool:
    """The domain or one below it, over https and with no port."""
    host = parts.hostname or ""
    return parts.scheme == "https" and parts.netloc == host and (host == domain or host.endswith(f".{domain}"))
