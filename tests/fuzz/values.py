"""Single values: amounts, and addresses that others name."""

import re
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import SimpleNamespace
from typing import Any

import urllib3
from django.test import override_settings
from hypothesis import strategies as st

import money
from notifications import addresses
from partners import redirects
from providers.kit.reading import minor_of_decimal
from providers.paypal import addresses as paypal
from providers.stripe import addresses as stripe
from tests.fuzz.mangling import mangled_text
from tests.fuzz.target import Target, told_in_a_line

# --- Amounts -----------------------------------------------------------------------------------------------------------------

numbers = st.one_of(
    st.decimals(0, 10**13, allow_nan=False, places=3).map(str),
    st.from_regex(r"[0-9]{0,14}\.?[0-9]{0,5}", fullmatch=True),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=12),
    st.text("0123456789.,+-eE_ \u0661\uff11\xb2", max_size=12),
    st.sampled_from(["100.50", "0", "00.10", "999999999999.99", "1e3", "NaN", "Infinity", "0x10", "1_000", "\u0663"]).flatmap(
        mangled_text
    ),
)
currencies = st.sampled_from(sorted(money.DECIMALS)) | st.sampled_from(["USD", "JPY", "KWD", "CLF", "XAU", "usd", ""])


def check_amount(told: tuple[str, str]) -> str:
    """What is read is what arithmetic says, and is written and read the same again."""
    text, currency = told
    _check_providers_amount(text, currency)
    try:
        minor = money.parse(text, currency)
    except (money.BadAmount, money.UnknownCurrency) as refused:
        told_in_a_line(refused, begins="must ")
        return "refused"
    assert re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text, re.ASCII)
    assert Decimal(minor) == Decimal(text).scaleb(money.DECIMALS[currency])
    assert money.parse(money.text_of(minor, currency), currency) == minor
    return "read"


def _check_providers_amount(text: str, currency: str) -> None:
    """A provider's amount may have noughts at its end, and is exact too."""
    try:
        minor = minor_of_decimal(text, currency)
    except ValueError:
        return
    assert text.isascii()
    assert Decimal(minor) == Decimal(text).scaleb(money.DECIMALS[currency])


# --- Where webhooks may go, and givers may be sent -------------------------------------------------------------------------

_INSIDE = (
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "172.16.0.1", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "::127.0.0.1",
)  # fmt: skip
_PUBLIC = ("198.41.0.4", "2600::1", "8.8.8.8")
ips = st.sampled_from(_INSIDE + _PUBLIC) | st.ip_addresses().map(str)
hosts = st.one_of(
    st.sampled_from(
        [
            "shop.example",
            "localhost",
            "shop.example.",
            "notshop.example",
            "shop.example.example",
            "xn--bcher-kva.example",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
        ]
    ),
    ips.map(lambda ip: f"[{ip}]" if ":" in ip else ip),
    st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
    st.text(max_size=8),
)
_hosts = hosts.flatmap(lambda host: st.just(host) | mangled_text(host, 1))
_ports = st.sampled_from(["", "", ":443", ":8443", ":", ":0", ":25", ":99999", ":x", ":4 4"])
_ends = st.sampled_from(["", "/", "/hook?a=b", "?a=b", "#x", "/@shop.example", "/..//", "\\@shop.example"]) | st.text(
    max_size=6
)
urls = st.one_of(
    st.builds("{}{}/".format, st.sampled_from(["https://", "http://"]), _hosts),
    st.builds("https://shop.example{}{}".format, _ports, _ends),
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(
            ["https://", "http://", "HTTPS://", "https:", "https:///", "//", "ftp://", "javascript:", "https:\\\\", ""]
        ),
        st.sampled_from(["", "", "", "user@", "shop.example@", "a:b@"]),
        _hosts,
        _ports,
        _ends,
    ),
)
"""A host after the other, what may follow one, and everything at once."""

mangled_urls = urls | urls.flatmap(mangled_text)


def check_webhook_url(told: tuple[str, list[str]]) -> str:
    """The name leads to these addresses. What is accepted leads nowhere but to public ones, by whoever reads the URL."""
    url, found = told
    addresses.use(lambda host, port: found)
    try:
        with override_settings(ALLOW_PRIVATE_WEBHOOKS=False):
            target = addresses.read(url)
            accepted = addresses.addresses_of(target, seconds=5)
            addresses.check(url)
    except addresses.BadAddress as refused:
        return f"refused: {type(refused).__name__}"
    finally:
        addresses.use(None)
    assert accepted
    for text in accepted:
        assert _is_outside(ip_address(text)), text
    _check_one_host(url, target.host, target.port)
    return "accepted"


def _is_outside(ip: IPv4Address | IPv6Address) -> bool:
    """By Python's own tables, and by what IPv4 address hides in one of IPv6."""
    hidden = []
    if isinstance(ip, IPv6Address):
        hidden = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if int(ip) >> 32 in {0, 0x64FF9B << 64}:
            hidden.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    named = [one for one in hidden if one is not None]
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (named or [ip]))


def _check_one_host(url: str, host: str, port: int) -> None:
    """The library that calls an address finds the same host and port in it, and a reader by eye too."""
    read = urllib3.util.parse_url(url)
    assert (read.host or "").strip("[]").removesuffix(".").lower() == host, (url, read)
    assert (read.port or {"http": 80, "https": 443}[read.scheme or ""]) == port, (url, read)
    authority = re.match(r"(?i)https?://([^/?#\\]*)", url)
    assert authority, url
    assert "@" not in authority[1], url
    written = re.sub(r":[0-9]*$", "", authority[1]).strip("[]").removesuffix(".").lower()
    assert written == host, url


PARTNER: Any = SimpleNamespace(
    name="Anna's Shop",
    redirect_hosts=SimpleNamespace(all=lambda: [SimpleNamespace(host="shop.example"), SimpleNamespace(host="[2600::1]:8443")]),
)


def check_redirect_url(url: str) -> str:
    """A giver is sent to the hosts of the partner's list alone, by whoever reads the URL."""
    try:
        redirects.check_redirect_url(PARTNER, url)
    except redirects.BadRedirectURL as refused:
        told_in_a_line(refused, begins="must ")
        return "refused"
    host, port = redirects.check_web_address(url)
    _check_one_host(url, host.strip("[]").removesuffix("."), port)
    assert host == "shop.example" or (host, port) == ("[2600::1]", 8443)
    assert not re.search(r"[\x00-\x20\x7f-\x9f\\]", url)
    return "accepted"


def check_provider_url(url: str) -> str:
    """What a provider names as its page is at that provider's."""
    kinds = []
    for name, is_page, domain in (
        ("PayPal's", lambda: paypal.is_givers_page(url, paypal.LIVE), "paypal.com"),
        ("Stripe's", lambda: stripe.is_givers_page(url, "https://api.stripe.com"), "stripe.com"),
    ):
        if is_page():
            host = urllib3.util.parse_url(url).host or ""
            assert host == domain or host.endswith(f".{domain}"), (url, host)
            assert url.lower().startswith("https://"), url
            kinds.append(name)
    return " and ".join(kinds) or "nobody's"


provider_urls = st.sampled_from(
    [
        "https://www.paypal.com/checkoutnow?token=5O1",
        "https://checkout.stripe.com/c/pay/cs_1#f",
        "https://paypal.com.example/",
        "https://notpaypal.com/",
        "https://notstripe.com/",
        "https://api-m.paypal.com/x",
    ]
).flatmap(lambda url: mangled_text(url, 3))

AMOUNTS = Target(st.tuples(numbers, currencies), check_amount)
WEBHOOK_URLS = Target(st.tuples(mangled_urls, st.lists(ips, min_size=1, max_size=2)), check_webhook_url)
REDIRECT_URLS = Target(
    mangled_urls | st.sampled_from(["https://shop.example/thanks?a=b", "http://[2600::1]:8443/"]).flatmap(mangled_text),
    check_redirect_url,
)
PROVIDER_URLS = Target(provider_urls | mangled_urls, check_provider_url)
