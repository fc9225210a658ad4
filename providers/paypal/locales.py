"""The languages of PayPal's pages, with the countries that it has them for.

https://developer.paypal.com/api/rest/reference/locale-codes/ and COUNTRY_LANGS of PayPal's own JavaScript client
(https://github.com/paypal/paypal-sdk-constants/blob/main/src/locale.js), read in November 2026; of English, Spanish, French
and Chinese without most of the countries where they are a second language. A name has a country always: `locale` of
https://developer.paypal.com/docs/api/orders/v2/ takes five characters. Without one PayPal chooses.
"""

from providers.kit import locales

COUNTRIES = {
    "ar": "EG AE BH DZ JO KW MA OM QA SA TN YE",
    "bg": "BG",
    "cs": "CZ",
    "da": "DK FO GL",
    "de": "DE AT CH LU",
    "el": "GR",
    "en": "US AR AT AU BE BR CA CH CY CZ DE DK ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LU MT MX MY NG NL NO NZ PH "
    "PL PT RO RS RU SE SG SI SK TH TR TW UA VN ZA",
    "es": "ES AR BO CL CO CR DO EC GT HN MX NI PA PE PY SV US UY VE",
    "et": "EE",
    "fi": "FI",
    "fr": "FR BE CA CH CI CM LU MC ML SN",
    "he": "IL",
    "hu": "HU",
    "id": "ID",
    "it": "IT",
    "ja": "JP",
    "ko": "KR",
    "lt": "LT",
    "lv": "LV",
    "ms": "MY BN",
    "nl": "NL BE",
    "no": "NO",
    "pl": "PL",
    "pt": "BR PT",
    "ro": "RO",
    "ru": "RU EE LT LV UA",
    "si": "LK",
    "sk": "SK",
    "sl": "SI",
    "sq": "AL",
    "sv": "SE",
    "th": "TH",
    "tl": "PH",
    "tr": "TR",
    "vi": "VN",
    "zh": "CN HK TW",
}
"""By language; the first is meant where no other is named."""

_NAMES = [f"{language}-{country}" for language, countries in COUNTRIES.items() for country in countries.split()]
_OFFERED = locales.offered(
    _NAMES,
    as_well={
        **{language: f"{language}-{countries[:2]}" for language, countries in COUNTRIES.items()},
        "nb": "no-NO",
        "nn": "no-NO",
        "fil": "tl-PH",
        "zh-Hans": "zh-CN",
        "zh-Hant": "zh-TW",
        "zh-Hant-HK": "zh-HK",
        "zh-MO": "zh-HK",
        "zh-Hant-MO": "zh-HK",
    },
)

OF_OUR_PAGES = "en-US"


def locale(language: str) -> str:
    """Of PayPal's pages, for a giver who speaks this; that of ours where it is not known; empty where PayPal has none."""
    return locales.best(language, _OFFERED) if language else OF_OUR_PAGES
