"""Several Amazon Pay accounts: the Credentials of a goal choose one, and what was paid to it is asked of it for ever."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from contributions.audit import faults_in_the_books
from contributions.models import Attention, Contribution, Dispute
from contributions.worker import sync_all_due
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml, register
from tests.providers.amazon import sns
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import ACCOUNT, AmazonGift, hear
from tests.providers.amazon.service import button_in
from tests.providers.stripe.gift import refund, work

pytestmark = pytest.mark.django_db


class BritishAmazon(FakeAmazon):
    """Another account, which would take no signature of the first one's key."""

    key = sns.key("the British merchant")
    private_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public_key_id, merchant_id = "SANDBOX-ABRITISHPUBLICKEYID", "A3BRITISHMERCH"
    store_id = "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef"
    topic = "arn:aws:sns:eu-west-1:291180941288:A3BRITISHMERCHA3EXAMPLE"


RENAMED = "<SavingGoal><RecordVersionNumber>1</RecordVersionNumber><Name>Another</Name></SavingGoal>"
BRITISH = ACCOUNT.replace(FakeAmazon.merchant_id, BritishAmazon.merchant_id)


@pytest.fixture
def british(short_pauses: None) -> Iterator[BritishAmazon]:
    with BritishAmazon() as british:
        yield british
    assert british.violations == []


@pytest.fixture
def accounts(service: None, settings: Any, british: BritishAmazon) -> Iterator[None]:
    """The service has two accounts: one in America without a name, and UK; in the end the books are right."""
    settings.AMAZON_PAY_ACCOUNTS = ["UK"]
    settings.AMAZON_PAY_UK_REGION, settings.AMAZON_PAY_UK_LEDGER_CURRENCY, settings.AMAZON_PAY_UK_CURRENCIES = "UK", "", ["EUR"]
    settings.AMAZON_PAY_UK_API_BASE, settings.AMAZON_PAY_UK_SCRIPT_URL = british.base_url, british.script_url
    settings.AMAZON_PAY_UK_PUBLIC_KEY_ID, settings.AMAZON_PAY_UK_PRIVATE_KEY = british.public_key_id, british.private_key
    settings.AMAZON_PAY_UK_MERCHANT_ID, settings.AMAZON_PAY_UK_STORE_ID = british.merchant_id, british.store_id
    settings.AMAZON_PAY_UK_TOPIC_ARN = british.topic
    yield
    assert list(faults_in_the_books()) == []


@pytest.fixture
def american_gift(accounts: None, amazon: FakeAmazon, shop: PartnerClient, giver: Giver) -> AmazonGift:
    return AmazonGift(amazon, shop, giver)


@pytest.fixture
def british_gift(accounts: None, british: BritishAmazon, shop: PartnerClient, giver: Giver) -> AmazonGift:
    return AmazonGift(british, shop, giver, PaymentProviders=BRITISH, Currency="GBP")


def take_away_the_british_account(settings: Any) -> None:
    settings.AMAZON_PAY_ACCOUNTS = []


def test_a_goals_credentials_choose_the_account(american_gift, british_gift, amazon, british):
    """From the button on, with the script of its region; the other account hears nothing of it."""
    page = british_gift.giver.visit(british_gift.provider_url)
    button, policy = button_in(page.text), page.headers["Content-Security-Policy"]
    assert (button["merchantId"], button["ledgerCurrency"]) == (british.merchant_id, "GBP")
    assert british.base_url in policy
    assert amazon.base_url not in policy
    assert "https://*.amazon.co.uk" in policy
    assert (
        "https://*.amazon.co.uk" not in american_gift.giver.visit(american_gift.provider_url).headers["Content-Security-Policy"]
    )
    british_gift.comes_back()
    assert amazon.calls == []
    american_gift.comes_back()
    for gift in (american_gift, british_gift):
        assert refund(gift, "7.00").value("Status") == "Pending"
        [made] = gift.amazon.refunds.values()
        gift.amazon.books.end_refund(made)
        gift.hear_everything()
        assert (gift.status, gift.current_amount) == (("Settled", None), "13.00")
    assert {session.payload["storeId"] for session in british.sessions.values()} == {british.store_id}


def test_what_is_held_is_taken_and_let_go_at_its_account(accounts, amazon, british, shop, giver):
    for take, ends in ((True, "Captured"), (False, "Canceled")):
        gift = AmazonGift(british, shop, giver, PaymentProviders=BRITISH, Currency="GBP", CapturePolicy="OnGoalReached")
        gift.comes_back()
        assert gift.value("Status") == "Authorized"
        if take:
            assert shop.post(f"/api/Contribution/{gift.id}/Capture", "").value("Status") == "Settled"
        else:
            assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
        assert list(british.charges.values())[-1].state == ends
    assert amazon.calls == []


OF_AN_ACCOUNT = (
    *("API_BASE", "PUBLIC_KEY_ID", "PRIVATE_KEY", "MERCHANT_ID", "STORE_ID", "TOPIC_ARN", "REGION", "LEDGER_CURRENCY"),
    *("CURRENCIES", "SCRIPT_URL"),
)


def test_a_gift_stays_with_its_account_whatever_changes(accounts, amazon, british, settings, shop, giver):
    """Its goal is paid elsewhere, and the operator has put the accounts the other way round: a refund and a dispute later."""
    settings.AMAZON_PAY_UK_CURRENCIES = ["USD"]
    gift = AmazonGift(british, shop, giver, PaymentProviders=BRITISH)
    gift.comes_back()
    body = (
        f"<SavingGoal><RecordVersionNumber>1</RecordVersionNumber><PaymentProviders>{ACCOUNT}</PaymentProviders></SavingGoal>"
    )
    assert shop.patch(f"/api/SavingGoal/{gift.goal_id}", body).status == 200
    first, second = ({what: getattr(settings, f"AMAZON_PAY_{name}{what}") for what in OF_AN_ACCOUNT} for name in ("", "UK_"))
    for what in OF_AN_ACCOUNT:
        setattr(settings, f"AMAZON_PAY_{what}", second[what])
        setattr(settings, f"AMAZON_PAY_OTHER_{what}", first[what])
    settings.AMAZON_PAY_ACCOUNTS = ["OTHER"]
    assert refund(gift, "7.00").value("Status") == "Pending"
    british.books.end_refund(next(iter(british.refunds.values())))
    british.books.end_dispute(british.books.dispute(gift.charge, "3.00"))
    gift.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert gift.current_amount == "10.00"
    assert amazon.calls == []
    new = shop.new_contribution(gift.goal_id)
    button = button_in(giver.visit(new.value("ProviderURL") or "").text)
    assert (button["merchantId"], button["ledgerCurrency"]) == (amazon.merchant_id, "USD")


def test_a_gift_waits_while_the_keys_of_its_account_are_gone(british_gift, american_gift, settings, shop):
    """As it does where all of Amazon's are: it is not looked for at another account, which would not know it."""
    session = british_gift.press_button()
    back = british_gift.amazon.approve(session)
    take_away_the_british_account(settings)
    assert british_gift.giver.visit(british_gift.provider_url).status == 503
    assert british_gift.return_with(session) == 303
    assert british_gift.status == ("Pending", "provider_unreachable")
    sync_all_due(whether_due_or_not=True)
    assert british_gift.status == ("Pending", "provider_unreachable")
    american_gift.comes_back()
    assert american_gift.status == ("Settled", None)
    settings.AMAZON_PAY_ACCOUNTS = ["UK"]
    british_gift.giver.visit(back)
    sync_all_due(whether_due_or_not=True)
    assert british_gift.status == ("Settled", None)


def test_another_account_is_not_asked_for_what_it_never_had(gift, british, settings):
    """Where the one account was replaced by another: that would say that there is no such gift, or refund another's."""
    gift.comes_back()
    unpaid = AmazonGift(gift.amazon, gift.shop, gift.giver)
    session = unpaid.press_button()
    gift.amazon.approve(session)
    for what in ("merchant_id", "store_id", "public_key_id", "private_key"):
        setattr(settings, f"AMAZON_PAY_{what.upper()}", getattr(british, what))
    settings.AMAZON_PAY_API_BASE, settings.AMAZON_PAY_TOPIC_ARN = british.base_url, british.topic
    assert refund(gift, "7.00").value("Status") == "Pending"
    assert unpaid.return_with(session) == 303
    sync_all_due(whether_due_or_not=True)
    assert unpaid.status == ("Pending", "provider_unreachable")
    assert british.calls == []


def test_a_refund_waits_while_the_keys_of_its_account_are_gone(british_gift, settings):
    british_gift.comes_back()
    take_away_the_british_account(settings)
    assert refund(british_gift, "7.00").value("Status") == "Pending"
    assert british_gift.amazon.refunds == {}
    settings.AMAZON_PAY_ACCOUNTS = ["UK"]
    work()
    [made] = british_gift.amazon.refunds.values()
    british_gift.amazon.books.end_refund(made)
    work()
    assert british_gift.current_amount == "13.00"


def test_an_account_without_keys_takes_no_new_gifts(british_gift, settings, shop):
    """And no new goals; what else there is of the goal can be changed."""
    take_away_the_british_account(settings)
    refused = shop.post(f"/api/SavingGoal/{british_gift.goal_id}/Contributions", contribution_xml(ProviderName="Amazon"))
    assert (refused.status, refused.value("code")) == (400, "provider_not_offered")
    assert "the service has no keys of that Amazon Pay account" in refused.text
    assert (
        "must be the merchant ID of an Amazon Pay account that this service"
        in shop.post("/api/savings", goal_xml(Currency="GBP", PaymentProviders=BRITISH)).text
    )
    assert shop.patch(f"/api/SavingGoal/{british_gift.goal_id}", RENAMED).status == 200
    assert Contribution.objects.count() == 1


def test_a_test_record_is_paid_to_the_accounts_sandbox(accounts, amazon, british, settings, shop, giver):
    """The same merchant ID, with keys of its own: a live record never uses these."""
    for what in ("API_BASE", "PUBLIC_KEY_ID", "PRIVATE_KEY", "MERCHANT_ID", "STORE_ID", "TOPIC_ARN"):
        setattr(settings, f"AMAZON_PAY_TEST_UK_{what}", getattr(settings, f"AMAZON_PAY_UK_{what}"))
        setattr(settings, f"AMAZON_PAY_UK_{what}", "")
    settings.SANDBOX, settings.PROVIDERS_WITH_TEST_KEYS = True, {"Amazon"}
    gift = AmazonGift(british, PartnerClient(register("A Test Shop").api_key), giver, PaymentProviders=BRITISH, Currency="GBP")
    gift.comes_back()
    gift.hear_everything()
    assert gift.status == ("Settled", None)
    assert amazon.calls == []
    assert shop.post("/api/savings", goal_xml(Currency="GBP", PaymentProviders=BRITISH)).status == 400


def test_a_currency_that_the_account_does_not_charge_is_400(accounts, shop):
    """The sentence says what is right, and whether another account would do; it names no other business's account."""
    for account, currency, sentence in (
        (ACCOUNT, "GBP", "Amazon takes no GBP here; it takes USD. Another merchant ID of this service takes GBP"),
        (BRITISH, "USD", "Amazon takes no USD here; it takes GBP and EUR. Another merchant ID of this service takes USD"),
        (BRITISH, "JPY", "Amazon takes no JPY here; it takes GBP and EUR."),
    ):
        answer = shop.post("/api/savings", goal_xml(Currency=currency, PaymentProviders=account))
        assert (answer.status, sentence in answer.text) == (400, True), answer.text
        assert ("Another" in answer.text) is ("Another" in sentence)
        assert not any(known in answer.text for known in (FakeAmazon.merchant_id, BritishAmazon.merchant_id))
    for account, currency in ((ACCOUNT, "USD"), (BRITISH, "GBP"), (BRITISH, "EUR")):
        assert shop.post("/api/savings", goal_xml(Currency=currency, PaymentProviders=account)).status == 201


def test_a_payment_account_chooses_as_credentials_do(accounts, british, shop):
    body = (
        f"<PaymentAccount><ProviderName>Amazon</ProviderName><Credentials>{british.merchant_id}</Credentials></PaymentAccount>"
    )
    payee = shop.post("/api/PaymentAccounts", body).value("Id")
    kept = f"<PaymentProvider><ProviderName>Amazon</ProviderName><PaymentAccountId>{payee}</PaymentAccountId></PaymentProvider>"
    refused = shop.post("/api/savings", goal_xml(PaymentProviders=kept))
    assert (refused.status, "Amazon takes no USD here; it takes GBP and EUR." in refused.text) == (400, True)
    assert shop.post("/api/savings", goal_xml(PaymentProviders=kept, Currency="GBP")).status == 201


def test_an_accounts_topic_tells_of_its_own_payments_only(american_gift, british, amazon):
    """Whoever has the British account names the American gift: by its id in a session, by the charge, in a dispute."""
    american_gift.comes_back()
    american = american_gift.charge
    asked = len(amazon.calls)
    session = british.books.begin(american.session.payload)
    session.approved = session.signed_in = True
    british.books.complete(session, {"chargeAmount": session.price})
    british.books.end_dispute(british.books.dispute(session.charge))
    for kind, object_id in (
        ("CHARGE", american.id),
        ("REFUND", f"{american.permission_id}-R000001"),
        ("CHARGEBACK", american.id),
    ):
        assert hear(*british.notification(kind, object_id, session.charge.permission_id)) == 200
    assert hear(*british.notifications()[-1]) == 200
    assert len(amazon.calls) == asked
    assert not Dispute.objects.exists()
    assert not Attention.objects.exists()
    assert american_gift.status == ("Settled", None)
    assert hear(*amazon.notification("CHARGE", american.id, american.permission_id)) == 200
    assert len(amazon.calls) > asked, "its own topic is believed"


def test_a_topic_and_a_merchant_that_do_not_go_together_are_400(accounts, amazon, british):
    for topic, merchant_id in (
        (amazon.topic, british.merchant_id),
        (british.topic, amazon.merchant_id),
        ("arn:x", british.merchant_id),
    ):
        assert (
            hear(*british.notification("CHARGE", "S01-1111111-1111111-C000001", "", topic=topic, merchant_id=merchant_id))
            == 400
        )
    assert hear(*british.subscription()) == 200
    assert (amazon.confirmed, british.confirmed) == ([], [british.topic])
