"""What arrives at our webhook: proven to be from our topic at SNS, or refused; and which payment it rings about."""

import json

import pytest

from providers.amazon.adapter import AmazonProvider
from providers.base import InvalidSignature, ProviderUnavailable
from providers.kit import certificates
from tests.conftest import SHARED
from tests.providers.amazon import sns
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.representations import session_json
from tests.providers.amazon.service import adapter_for
from tests.providers.amazon.test_fault_table import an_order

pytestmark = pytest.mark.no_database

CHARGE, PERMISSION = "S01-1111111-1111111-C000001", "S01-1111111-1111111"
SAMPLE = SHARED / "specs" / "amazon" / "amazon_checkout_session.sample.json"


@pytest.fixture
def adapter(amazon: FakeAmazon) -> AmazonProvider:
    return adapter_for(amazon)


def forged(adapter: AmazonProvider, body: bytes, headers: dict[str, str]) -> str:
    with pytest.raises(InvalidSignature) as refused:
        adapter.parse_webhook(body, headers)
    return str(refused.value)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("with_subject", [False, True])
def test_both_versions_of_signatures_are_proven(version, with_subject, adapter, amazon):
    subject = {"Subject": "Amazon Pay"} if with_subject else {}
    report = adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION, version=version, **subject))
    assert report.payment_reference == CHARGE


def test_a_signature_of_one_version_is_none_of_the_other(adapter, amazon):
    for version, other in (("1", "2"), ("2", "1"), ("1", "3"), ("2", "")):
        body, headers = amazon.notification("CHARGE", CHARGE, PERMISSION, version=version)
        said = json.loads(body) | {"SignatureVersion": other}
        forged(adapter, json.dumps(said).encode(), headers)


def test_the_certificate_is_fetched_once_a_day_and_few_are_kept(amazon, monkeypatch):
    adapter, url = adapter_for(amazon), amazon.certificate_url()
    for _ in range(3):
        adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION, certificate_url=url))
    assert len(amazon.calls_of("certificate")) == 1
    for _ in range(certificates.MOST_KEPT + 3):
        adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION))
    assert len(adapter.accounts.all[0].notifications._certificates._kept) == certificates.MOST_KEPT


@pytest.mark.parametrize("days", [(-400, -35), (35, 400)])
def test_a_certificate_out_of_its_time_proves_nothing(days, adapter, amazon):
    url = amazon.certificate_url(days=days)
    assert "run out" in forged(adapter, *amazon.notification("CHARGE", CHARGE, PERMISSION, certificate_url=url))


def test_somebody_elses_key_proves_nothing(adapter, amazon):
    url = amazon.certificate_url(whose="a forger")
    assert "does not fit" in forged(adapter, *amazon.notification("CHARGE", CHARGE, PERMISSION, certificate_url=url))


HOST = "https://sns.us-east-1.amazonaws.com"


def test_a_certificate_from_elsewhere_is_never_fetched(adapter, amazon):
    body, _ = amazon.notification("CHARGE", CHARGE, PERMISSION)
    for url in (
        f"{HOST}.example.net/SimpleNotificationService-a.pem", f"{HOST}@example.net/SimpleNotificationService-a.pem",
        f"{HOST}\\@example.net/SimpleNotificationService-a.pem", f"{HOST}:8443/SimpleNotificationService-a.pem",
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://snsXus-east-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.a/.amazonaws.com/SimpleNotificationService-a.pem",
        "https://s3.us-east-1.amazonaws.com/SimpleNotificationService-a.pem",
        f"{HOST}/SimpleNotificationService-a.pem?x=1", f"{HOST}/bucket/SimpleNotificationService-a.pem", f"{HOST}/evil.pem",
        "file:///SimpleNotificationService-a.pem", "",
    ):  # fmt: skip
        said = sns.signed(json.loads(body) | {"SigningCertURL": url})
        assert "the certificate is not at Amazon's" in forged(adapter, *sns.as_sent(said)), url
    assert amazon.calls == []


def test_amazons_own_addresses_are_taken(adapter, amazon):
    """At the real Amazon those of its API are none of them."""
    for url in (
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-abc.pem",
    ):
        assert adapter.accounts.all[0].notifications._is_certificate(url)
    real = adapter_for(amazon, base="https://pay-api.amazon.com")
    assert not real.accounts.all[0].notifications._is_certificate("https://pay-api.amazon.com/SimpleNotificationService-a.pem")


@pytest.mark.parametrize("fault", ["drop", "redirect", "rubbish", "cut_off"])
def test_without_a_certificate_we_ask_for_another_call(fault, adapter, amazon):
    amazon.next("certificate", fault)
    with pytest.raises(ProviderUnavailable):
        adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION))
    assert amazon.calls_of("elsewhere") == []


@pytest.mark.parametrize("ours", ["", "arn:aws:sns:us-east-1:000000000000:Ours"])
def test_another_topic_is_not_believed_and_named_in_the_log(ours, amazon, caplog):
    """Which is how an operator who has set none learns what to set."""
    adapter = adapter_for(amazon, topic=ours)
    assert "AMAZON_PAY_TOPIC_ARN" in forged(adapter, *amazon.notification("CHARGE", CHARGE, PERMISSION))
    [line] = [record for record in caplog.records if record.message == "notification from another topic"]
    assert line.topic == amazon.topic


def test_another_merchants_notification_is_not_ours(adapter, amazon):
    forged(adapter, *amazon.notification("CHARGE", CHARGE, PERMISSION, merchant_id="A3SOMEBODYELSE"))


def test_what_is_no_notification_of_amazon_pay_is_refused(adapter, amazon):
    for told in ("hello", "[]", "null", "7", "{}", '{"MerchantID": 7}', "[" * 100_000):
        forged(adapter, *amazon.message("Notification", told))


def test_odd_members_lead_nowhere(adapter, amazon):
    for odd in (7, None, {}, "../x", "x" * 1000, "é"):
        report = adapter.parse_webhook(*amazon.message("Notification", {"MerchantID": amazon.merchant_id, "ObjectId": odd}))
        assert (report.payment_reference, report.reference, report.refund_reference) == ("", "", "")
    assert amazon.calls_of("get_permission") == []


def test_a_notification_leads_to_the_gift_by_the_permission(adapter, amazon):
    order = an_order()
    session = amazon.press_button(dict(adapter.pay_page(order).button))
    amazon.approve(session.id)
    amazon.books.complete(session, {"chargeAmount": session.price})
    charge = session.charge
    for kind, object_id in (("CHARGE", charge.id), ("REFUND", f"{charge.permission_id}-R000001"), ("CHARGE_PERMISSION", "")):
        report = adapter.parse_webhook(*amazon.notification(kind, object_id or charge.permission_id, charge.permission_id))
        assert report.reference == order.reference
        assert report.payment_reference == (charge.id if kind == "CHARGE" else "")
        assert report.refund_reference == (object_id if kind == "REFUND" else "")


def test_a_subscription_is_confirmed_for_our_topic_alone(adapter, amazon):
    report = adapter.parse_webhook(*amazon.subscription())
    assert (report.payment_reference, report.reference, report.checkout_id) == ("", "", "")
    assert amazon.confirmed == [amazon.topic]
    forged(adapter, *amazon.subscription(topic="arn:aws:sns:us-east-1:000000000000:Mallory"))
    assert amazon.confirmed == [amazon.topic]


def test_an_address_that_confirms_something_else_is_left(adapter, amazon):
    ours, url = f"TopicArn={amazon.topic}&Token=x", amazon.certificate_url()
    for address in (
        f"https://example.net/?Action=ConfirmSubscription&{ours}",
        f"http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&{ours}",
        f"{amazon.base_url}/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:Mallory&Token=x",
        f"{amazon.base_url}/?Action=Publish&{ours}",
        f"{amazon.base_url}/?{ours}",
    ):
        forged(adapter, *amazon.subscription(SubscribeURL=address, certificate_url=url))
    assert amazon.confirmed == []
    assert [call.operation for call in amazon.calls] == ["certificate"]


@pytest.mark.parametrize("fault", ["drop", "redirect"])
def test_a_confirmation_that_is_not_answered_is_tried_again(fault, adapter, amazon):
    amazon.next("confirm", fault)
    with pytest.raises(ProviderUnavailable):
        adapter.parse_webhook(*amazon.subscription())


@pytest.mark.skipif(not SAMPLE.is_file(), reason="Amazon's sample of a session is not at hand")
def test_the_fakes_session_has_the_members_of_amazons_sample(adapter, amazon):
    sample = json.loads(SAMPLE.read_text())
    session = amazon.press_button(dict(adapter.pay_page(an_order()).button))
    ours = session_json(session)
    assert set(ours) == set(sample)
    for name in ("paymentDetails", "merchantMetadata", "statusDetails"):
        assert set(ours[name]) == set(sample[name])
    assert set(sample["webCheckoutDetails"]) <= set(ours["webCheckoutDetails"])
