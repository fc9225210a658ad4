"""What arrives at our webhook: proven to be PayPal's, or refused; and which payment it is about."""

import json

import pytest

from providers.base import InvalidSignature, ProviderUnavailable, WebhookEvent
from providers.kit import certificates, transport
from providers.paypal.adapter import PayPalProvider
from providers.paypal.addresses import is_certificate, is_givers_page
from providers.paypal.webhooks import event_of, signed_text, transmission_of
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for

pytestmark = pytest.mark.no_database

EVENT = "CHECKOUT.ORDER.APPROVED"
ORDER = {"id": "5O190127TN364715T", "status": "APPROVED"}


@pytest.fixture
def adapter(paypal: FakePayPal) -> PayPalProvider:
    return adapter_for(paypal)


def forged(adapter: PayPalProvider, body: bytes, headers: dict[str, str]) -> str:
    with pytest.raises(InvalidSignature) as refused:
        adapter.parse_webhook(body, headers)
    return str(refused.value)


def test_an_event_is_proven_without_asking_paypal(adapter, paypal):
    """Names of headers are read without regard to case."""
    body, headers = paypal.webhook(EVENT, ORDER)
    event = adapter.parse_webhook(body, {name.title(): value for name, value in headers.items()})
    assert (event.checkout_id, event.event_id) == (ORDER["id"], json.loads(body)["id"])
    assert [call.operation for call in paypal.calls] == ["certificate"]


def test_the_certificate_is_fetched_once_a_day(adapter, paypal, monkeypatch):
    url = paypal.certificate_url()
    for _ in range(3):
        adapter.parse_webhook(*paypal.webhook(EVENT, ORDER, certificate_url=url))
    assert len(paypal.calls_of("certificate")) == 1
    monkeypatch.setattr(certificates, "KEPT_SECONDS", -1.0)
    adapter_of_yesterday = adapter_for(paypal)
    for _ in range(2):
        adapter_of_yesterday.parse_webhook(*paypal.webhook(EVENT, ORDER, certificate_url=url))
    assert len(paypal.calls_of("certificate")) == 3


def test_no_more_certificates_are_kept_than_paypal_could_have(adapter, paypal):
    for _ in range(certificates.MOST_KEPT + 3):
        adapter.parse_webhook(*paypal.webhook(EVENT, ORDER))
    assert len(adapter.webhooks._certificates._kept) == certificates.MOST_KEPT


def test_a_webhook_with_one_thing_wrong_is_refused(adapter, paypal):
    body, headers = paypal.webhook(EVENT, ORDER)
    other = paypal.webhook(EVENT, ORDER).headers
    for wrong in (
        paypal.webhook(EVENT, ORDER, forged=True),
        paypal.webhook(EVENT, ORDER, changed_on_the_way=True),
        paypal.webhook(EVENT, ORDER, webhook_id="0EH40505U7160970P"),
        paypal.webhook(EVENT, ORDER, algorithm="SHA1withRSA"),
        paypal.webhook(EVENT, ORDER, algorithm="none"),
        paypal.webhook(EVENT, ORDER, time="yesterday"),
        *((body, headers | {name: other[name]}) for name in ("PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-SIG")),
        (body, headers | {"PAYPAL-TRANSMISSION-TIME": "2026-11-21T00:00:00Z"}),
    ):
        forged(adapter, *wrong)
    assert paypal.calls_of("verify") == []


def test_an_old_transmission_is_still_paypals(adapter, paypal):
    """It only makes us ask."""
    event = adapter.parse_webhook(*paypal.webhook(EVENT, ORDER, time="2015-05-18T15:45:13Z"))
    assert event.checkout_id == ORDER["id"]


NOT_PROVEN_HERE = {
    "the chain is not complete": {"with_intermediate": False},
    "nobody whom we trust vouches for it": {"unknown_ca": True},
    "the certificate has run out": {"days": (-400, -35)},
    "the certificate is not valid yet": {"days": (35, 400)},
    "the certificate is somebody else's": {"common_name": "www.paypal.com"},
    "its name only looks like it": {"common_name": "messageverificationcerts.paypal.com.example.net"},
}


@pytest.mark.parametrize("how", NOT_PROVEN_HERE.values(), ids=NOT_PROVEN_HERE)
def test_what_cannot_be_proven_here_is_put_to_paypal(how, adapter, paypal):
    body, headers = paypal.webhook(EVENT, ORDER, **how)
    assert adapter.parse_webhook(body, headers).checkout_id == ORDER["id"]
    [asked] = paypal.calls_of("verify")
    assert asked.json["webhook_event"] == json.loads(body)
    assert body in asked.body
    assert asked.json["webhook_id"] == paypal.webhook_id
    body, headers = paypal.webhook(EVENT, ORDER, forged=True, **how)
    assert "PayPal says that it has not sent this" in forged(adapter, body, headers)


def test_a_certificate_that_is_not_to_be_had_is_asked_about(careless_paypal):
    for fault in ("drop", "error_500", "redirect", "rubbish", "endless", "huge", "empty", "cut_off"):
        careless_paypal.next("certificate", fault)
        event = adapter_for(careless_paypal).parse_webhook(*careless_paypal.webhook(EVENT, ORDER))
        assert event.checkout_id == ORDER["id"], fault
    assert len(careless_paypal.calls_of("verify")) == 8
    assert careless_paypal.calls_of("elsewhere") == []


@pytest.mark.parametrize("fault", ["drop", "rate_limited", "null", "forbidden"])
def test_what_only_a_silent_paypal_could_prove_comes_again(fault, careless_paypal):
    """It is neither believed nor refused."""
    adapter = adapter_for(careless_paypal)
    careless_paypal.next("verify", fault, times=9)
    with pytest.raises(ProviderUnavailable):
        adapter.parse_webhook(*careless_paypal.webhook(EVENT, ORDER, unknown_ca=True))


def test_a_body_is_put_to_paypal_as_it_came(adapter, paypal):
    told = {"id": "WH-1", "event_type": EVENT, "resource_type": "checkout-order", "résumé": "\u00fc", "resource": ORDER}
    body = json.dumps(told | {"n": 1.1}, indent=3).encode().replace(b"1.1", b"1.10")
    sent, headers = paypal.signed(body, unknown_ca=True)
    assert sent == body
    assert adapter.parse_webhook(body, headers).checkout_id == ORDER["id"]
    [asked] = paypal.calls_of("verify")
    assert body in asked.body


LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"


def test_certificates_come_from_paypal():
    for host in ("api.paypal.com", "api-m.paypal.com"):
        url = f"https://{host}/v1/notifications/certs/CERT-360caa42-fca2a594-90621ecd"
        in_the_sandbox = url.replace("paypal.com", "sandbox.paypal.com")
        assert [is_certificate(url, base) for base in (LIVE, SANDBOX)] == [True, False]
        assert [is_certificate(in_the_sandbox, base) for base in (LIVE, SANDBOX)] == [False, True]


PATH = "/v1/notifications/certs/CERT-1"
HOSTS = """
http://api.paypal.com https://api.paypal.com.example.net https://example.net https://www.paypal.com
https://api.paypal.com@example.net https://example.net#@api.paypal.com https://example.net\\@api.paypal.com
https://api.paypal.com:444 https://api.paypal.com. https://API.paypal.com https://api.paypal.com/ file:// //api.paypal.com
https://[::1 https://api.päypal.com
"""
AT_PAYPALS = "https://api.paypal.com/v1/notifications/certs"
STRANGE = [
    *(host + PATH for host in HOSTS.split()),
    *(AT_PAYPALS + end for end in ("/", "/../../../evil", "/CERT-1?x=1", "/CERT-1#x", "/CERT-1\n")),
    f" {AT_PAYPALS}/CERT-1",
    "",
]


def test_a_certificate_from_anywhere_else_is_refused(adapter, paypal, monkeypatch):
    """And nobody is called."""
    called = []
    monkeypatch.setattr(transport.Transport, "send", lambda *_, **__: called.append("somebody"))
    for url in STRANGE:
        assert not any(is_certificate(url, base) for base in (LIVE, SANDBOX, paypal.base_url)), url
        body, headers = paypal.webhook(EVENT, ORDER)
        forged(adapter, body, headers | {"PAYPAL-CERT-URL": url})
    assert called == []


def test_a_test_servers_host_is_trusted_on_any_port():
    """And no other host."""
    base = "http://paypal.test:8443"
    assert is_certificate(f"http://paypal.test:8443{PATH}", base)
    assert is_certificate(f"https://paypal.test{PATH}", base)
    assert not is_certificate(f"http://other.test:8443{PATH}", base)
    assert not is_certificate(f"http://paypal.test{PATH}", "https://paypal.test")
    assert is_givers_page("http://paypal.test:9000/checkoutnow?token=1", base)
    assert not is_givers_page("http://paypal.test@evil.test/checkoutnow", base)


def test_givers_are_sent_to_paypals_own_pages():
    for own in ("https://www.paypal.com/checkoutnow?token=1", "https://www.sandbox.paypal.com/x", "https://paypal.com/x"):
        assert is_givers_page(own, LIVE)
    for url in (
        "http://www.paypal.com/checkoutnow", "https://www.paypal.com:8443/checkoutnow",
        "https://www.paypal.com.example.net/checkoutnow", "https://evilpaypal.com/checkoutnow",
        "https://user@www.paypal.com/checkoutnow", "javascript:alert(1)//www.paypal.com",
        "https://www.paypal.com\\@example.net/", "https://www.paypal.com/\r\nLocation: https://example.net",
        "//www.paypal.com/checkoutnow", "",
    ):  # fmt: skip
        assert not is_givers_page(url, LIVE), url


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"null", b"[]", b'"x"', b"1", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"{" * 100_000, b'{"resource": []}',
        b'{"resource": {}, "event_type": 7}', b'{"resource": "x", "event_type": "y"}', b"\x00", '{"é"'.encode("utf-16"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_event_is_refused_if_signed(body, adapter, paypal):
    _, headers = paypal.signed(body if body else b" ")
    forged(adapter, body, headers)


def links_up(path):
    return {"links": [{"rel": "up", "method": "GET", "href": f"https://api.paypal.com/v2/{path}"}]}


def related(**ids):
    return {"supplementary_data": {"related_ids": ids}}


UNIT = {"custom_id": "gift-1", "payments": {"captures": [{"id": "3C6"}]}}


@pytest.mark.parametrize(
    ("kind", "resource", "event"),
    [
        ("checkout-order", {"id": "5O1"}, WebhookEvent("5O1")),
        ("checkout-order", {"id": "5O1", "purchase_units": [UNIT]}, WebhookEvent("5O1", "", "3C6", "gift-1")),
        ("capture", {"id": "3C6", "custom_id": "gift-1"} | related(order_id="5O1"), WebhookEvent("5O1", "", "3C6", "gift-1")),
        ("capture", {"id": "3C6"} | links_up("checkout/orders/5O1"), WebhookEvent("5O1", "", "3C6")),
        ("capture", {"id": "3C6"} | related(authorization_id="8AA"), WebhookEvent("", "", "8AA")),
        ("authorization", {"id": "8AA", "custom_id": "gift-1"}, WebhookEvent("", "", "8AA", "gift-1")),
        ("refund", {"id": "1JU", "custom_id": "r-1"} | links_up("payments/captures/3C6"), WebhookEvent("", "", "3C6", "r-1")),
        ("refund", {"id": "1JU", "links": "x", "custom_id": {"a": 1}}, WebhookEvent()),
        ("unknown", {"id": ["x"], "purchase_units": [7], "supplementary_data": 7}, WebhookEvent()),
        ("capture", {"id": "3c6 OR 1=1", "custom_id": "a" * 65, "links": [7, {"rel": "up", "href": 7}]}, WebhookEvent()),
    ],
)
def test_an_event_names_the_payment_by_whatever_it_has(kind, resource, event):
    assert event_of({"resource_type": kind, "resource": resource}) == event


def test_what_is_signed_is_made_of_the_bytes_as_they_came():
    headers = {
        "TRANSMISSION-ID": "dfb3be50-fd74-11e4-8bf3-77339302725b",
        "TRANSMISSION-TIME": "2015-05-18T15:45:13Z",
        "TRANSMISSION-SIG": "eA==",
        "CERT-URL": f"{AT_PAYPALS}/CERT-360caa42-fca2a594-90621ecd",
        "AUTH-ALGO": "SHA256withRSA",
    }
    transmission = transmission_of({f"PAYPAL-{name}": value for name, value in headers.items()})
    text = signed_text(transmission, "4JH86294D6297924G", b"123456789")
    assert text == b"dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|3421780262"
