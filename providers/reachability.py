"""Whether a provider's reports can arrive: one point of every `manage.py check_provider`."""

from urllib.parse import urlsplit

from django.conf import settings

from providers.base import Finding


def reachable_by(provider: str) -> Finding:
    """Judged by PUBLIC_BASE_URL alone; nobody is asked."""
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not settings.IS_HTTPS or host == "localhost" or host.startswith("127."):
        how = "Set PUBLIC_BASE_URL to the https address at which the internet reaches the service."
        return Finding(False, f"{provider} cannot reach {settings.PUBLIC_BASE_URL}", how)
    return Finding(True, f"{provider} can call {host} over https")
