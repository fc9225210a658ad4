"""The languages of Amazon's button and pages: they depend on where the account was opened.

`checkoutLanguage` of https://developer.amazon.com/docs/amazon-pay-checkout/amazon-pay-script.html, read in November 2026.
Without one Amazon chooses.
"""

from providers.amazon.regions import Region
from providers.kit import locales

_OF_EUROPE = locales.offered(
    ("en_GB", "de_DE", "fr_FR", "it_IT", "es_ES"),
    as_well={"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "it": "it_IT", "es": "es_ES"},
)
LANGUAGES = {
    "na": locales.offered(["en_US"], as_well={"en": "en_US"}),
    "eu": _OF_EUROPE,
    "jp": locales.offered(["ja_JP"], as_well={"ja": "ja_JP"}),
}
"""By the region's code."""


def checkout_language(language: str, region: Region) -> str:
    """For a giver who speaks this; the region's own where that is not known; empty where Amazon does not speak it there."""
    return locales.best(language, LANGUAGES[region.code]) if language else region.language
