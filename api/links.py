"""Absolute addresses of the API's own."""

from urllib.parse import urlencode

from django.conf import settings


def url_of(*parts: str, **query: str) -> str:
    """An absolute address of ours; never with a key in it."""
    return f"{settings.PUBLIC_BASE_URL}/api/{'/'.join(parts)}" + (f"?{urlencode(query)}" if query else "")
