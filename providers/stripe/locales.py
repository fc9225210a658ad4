"""The languages of Stripe's page.

`locale` of https://docs.stripe.com/api/checkout/sessions/create, and SessionCreateParams of Stripe's Python client 16.1.0, read
in November 2026. Without one Stripe asks the browser.
"""

from providers.kit import locales

LOCALES = (
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi",
    "zh", "zh-HK", "zh-TW",
)  # fmt: skip

_LATIN_AMERICA = "ar bo cl co cr cu do ec gt hn mx ni pa pe pr py sv us uy ve"
"""Where es-419 is spoken."""

_OFFERED = locales.offered(
    LOCALES,
    as_well={
        "hi": "hi-IN", "tl": "fil", "no": "nb", "nn": "nb", "zh-Hans": "zh", "zh-Hant": "zh-TW", "zh-Hant-HK": "zh-HK",
        "zh-MO": "zh-HK", "zh-Hant-MO": "zh-HK", **{f"es-{country}": "es-419" for country in _LATIN_AMERICA.split()},
    },
)  # fmt: skip


def locale(language: str) -> str:
    """Of the page, for a giver who speaks this; empty: as the browser says."""
    return locales.best(language, _OFFERED)
