"""The regions of Amazon Pay: what an account is kept in, which language its button speaks, and what that loads from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MULTI_CURRENCY = ("AUD", "CHF", "DKK", "EUR", "GBP", "HKD", "JPY", "NOK", "NZD", "SEK", "USD", "ZAR")
"""What an account kept in EUR or GBP can charge besides, if its operator has chosen so:
https://developer.amazon.com/docs/amazon-pay-checkout/multi-currency-integration.html, read in November 2026."""

_PICTURES = tuple(
    f"https://{name}.cloudfront.net"
    for name in (
        *("d3sbl0c71oxeok", "dhkkzdfmpzvap", "d2bpzs5y44q6e0", "d37shgu97oizpd", "d1zlqll3enr74n", "d1jynp0fpwn93a"),
        *("d2cb3tokgpwh3v", "d1re8bfxx3pw6e", "d35u8xwkxs8vpe", "d13s9xffygp5o", "d388nbw0dwi1jm", "d11p2vtu3dppaw"),
        *("d3r89hiip86hka", "dc7snq0c8ipyk", "d5c7kvljggzso", "d2h8yg3ypfzua1", "d1b556x7apj5fb", "draz1ib3z71v2"),
        *("dr6hdp4s5yzfc", "d2bomicxw8p7ii", "d3aypcdgvjnnam", "d2a3iuf10348gy", "d23yuld0pofhhw"),
    )
)


@dataclass(frozen=True)
class Region:
    """Where an account was opened."""

    code: str
    """In signed requests. The United Kingdom's accounts are at the European addresses."""
    api: str
    script: str
    ledgers: tuple[str, ...]
    """What an account can be kept in; the first is the usual one."""
    language: str
    """Of Amazon's button and pages: that of our own pages where the region has it."""
    domains: tuple[str, ...]
    """The ends of its own host names, beside com."""
    multi_currency: bool = False

    def sources(self, script_host: str) -> dict[str, tuple[str, ...]]:
        """What Amazon's script may load, by Content-Security-Policy directive.

        What Amazon's own plugin allows for the region: csp_whitelist.xml of amzn/amazon-payments-magento-2-plugin, read in
        November 2026 (without the addresses of Amazon's old API, which a browser does not call).
        """
        ends = ("com", *self.domains)
        shops = tuple(f"https://*.{name}.{end}" for end in ends for name in ("amazon", "amazonpay"))
        own = (script_host, *(f"https://*.payments-amazon.{end}" for end in ends))
        pictures = tuple(f"https://*.{name}.{end}" for end in ends for name in ("media-amazon", "ssl-images-amazon"))
        return {
            "script-src": (*own, *pictures),
            "img-src": (*own, *pictures, *_PICTURES, "data:"),
            "connect-src": (*own, *pictures, *shops),
            "frame-src": (*own, *(host for host in shops if "amazonpay" not in host)),
        }


def _script(host: str) -> str:
    return f"https://{host}.payments-amazon.com/checkout.js"


_EUROPE = ("co.uk", "de", "fr", "it", "es")


def _european(*ledgers: str) -> Region:
    script = _script("static-eu")
    return Region("eu", "https://pay-api.amazon.eu", script, ledgers, "en_GB", _EUROPE, multi_currency=True)


REGIONS: Mapping[str, Region] = MappingProxyType({
    "NA": Region("na", "https://pay-api.amazon.com", _script("static-na"), ("USD",), "en_US", ()),
    "EU": _european("EUR", "GBP"),
    "UK": _european("GBP", "EUR"),
    "JP": Region("jp", "https://pay-api.amazon.jp", _script("static-fe"), ("JPY",), "ja_JP", ("co.jp", "jp")),
})  # fmt: skip
"""By AMAZON_PAY_REGION. https://developer.amazon.com/docs/amazon-pay-checkout/amazon-pay-script.html, and the Amazon Pay SDKs'
addresses by region."""
