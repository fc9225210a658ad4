"""Whether a provider's webhooks can arrive: one point of every `manage.py check_provider`."""

from urllib.parse import urlsplit

from django.conf import settings

from providers.base import Finding


def reachable_by(provider: str) -> Finding:
    """By PUBLIC_BASE_URL alone; nobody is asked."""
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not settings.IS_HTTPS or host == "localhost" or host.startswith("127."):
        how = "Set PUBLIC_BASE_URL to the https address at which the internet reaches the service."
        return Finding(False, f"{provider} cannot reach {settings.PUBLIC_BASE_URL}", how)
    return Finding(True, f"{provider} can call {host} over https")


def without_webhook(provider: str, setting: str, create: str) -> Finding:
    """`setting` is empty, so no webhook can be proven. `create` is what to do where the internet reaches the service."""
    what = (
        f"{setting} is not set: {provider}'s webhook events are refused, and the worker finds everything out by asking. What "
        "it would be told at once it learns later: of a giver who closed the browser after at most an hour or so, of "
        "refunds and chargebacks after days or months."
    )
    return Finding(False, what, f"Fine on a laptop. Where the internet reaches the service: {create}", can_wait=True)
