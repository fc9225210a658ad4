"""The languages of Google's button; its sheet speaks that of the giver's account.

`buttonLocale` of https://developers.google.com/pay/api/web/reference/request-objects#ButtonOptions, read in November 2026.
Without one Google asks the browser.
"""

from providers.kit import locales

LOCALES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "id", "it", "ja", "ko", "ms", "nl", "no",
    "pl", "pt", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "zh",
)  # fmt: skip
_OFFERED = locales.offered(LOCALES, as_well={"nb": "no", "nn": "no"})


def button_locale(language: str) -> str:
    """For a giver who speaks this; empty: as the browser says."""
    return locales.best(language, _OFFERED)
