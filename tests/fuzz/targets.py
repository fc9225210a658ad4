"""All that is fuzzed, by name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.fuzz import bodies, requests_made_up, signed, signed_by_us, values
from tests.fuzz.target import Target

TARGETS: Mapping[str, Callable[[Path], Target]] = MappingProxyType(
    {
        "xml": lambda _: bodies.XML,
        "json": lambda _: bodies.JSON,
        "amounts": lambda _: values.AMOUNTS,
        "webhook-urls": lambda _: values.WEBHOOK_URLS,
        "redirect-urls": lambda _: values.REDIRECT_URLS,
        "provider-urls": lambda _: values.PROVIDER_URLS,
        "stripe": lambda _: signed.stripe(),
        "google": lambda _: signed.google(),
        "google-tokens": lambda _: signed.google_tokens(),
        "paypal": signed.paypal_target,
        "amazon": lambda _: signed.amazon(),
        "sandbox": lambda _: signed_by_us.sandbox(),
        "provider-proxy": lambda _: signed_by_us.provider_proxy(),
        "our-webhooks": lambda _: signed_by_us.our_webhooks(),
        "our-redirects": lambda _: signed_by_us.our_redirects(),
        "form-tokens": lambda _: requests_made_up.form_tokens(),
        "signed-requests": lambda _: requests_made_up.signed_requests_target(),
        "requests": requests_made_up.requests_target,
    }
)
"""Each is made with a folder for files that it needs. It wants Django; the last two make partners in the database."""
