"""A gift by Amazon Pay, from the partner's POST to the books, over our own paths and in front of the fake."""

import json

import pytest

from contributions.models import LedgerEntry
from contributions.worker import sync_all_due
from tests.conftest import contribution_xml, goal_xml
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import ACCOUNT, AmazonGift, hear
from tests.providers.amazon.service import button_in
from tests.providers.gift import PITY, THANKS
from tests.providers.stripe.gift import work

pytestmark = pytest.mark.django_db


def test_a_gift_goes_over_our_page_into_the_books(gift):
    """The same return again takes nothing more, and bounces the same way."""
    assert gift.status == ("Submitted", None)
    assert gift.provider_url == f"http://give.example.test/pay/{gift.id}"
    assert gift.amazon.calls == []
    back = gift.amazon.approve(gift.press_button())
    assert {gift.lands_at(back) for _ in range(3)} == {f"{THANKS}?Id={gift.id}"}
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert LedgerEntry.objects.get().provider_reference == gift.charge.id
    assert [call.operation for call in gift.amazon.calls] == ["get_session", "get_session", "complete", "get_charge"]
    assert (gift.charge.captures, gift.value("RecordVersionNumber")) == (1, "2")


def test_what_amazon_is_asked_for(gift):
    button = button_in(gift.giver.visit(gift.provider_url).text)
    payload = json.loads(button["createCheckoutSessionConfig"]["payloadJSON"])
    base, price = "http://give.example.test/providers/amazon", {"amount": "20.00", "currencyCode": "USD"}
    way_out = payload["webCheckoutDetails"].pop("checkoutCancelUrl")
    assert way_out.startswith(f"{base}/cancel/{gift.id}?way_out=")
    assert payload == {
        "webCheckoutDetails": {"checkoutMode": "ProcessOrder", "checkoutResultReturnUrl": f"{base}/return/{gift.id}"},
        "storeId": gift.amazon.store_id,
        "scopes": ["name"],
        "paymentDetails": {
            "paymentIntent": "AuthorizeWithCapture",
            "canHandlePendingAuthorization": False,
            "chargeAmount": price,
            "presentmentCurrency": "USD",
            "softDescriptor": "Annas Shop",
        },
        "merchantMetadata": {
            "merchantReferenceId": gift.id,
            "merchantStoreName": "Anna's Shop",
            "noteToBuyer": "Gift for A bicycle for Anna",
        },
    }
    gift.comes_back()
    [complete] = gift.amazon.calls_of("complete")
    assert complete.json == {"chargeAmount": price}


@pytest.mark.parametrize("how", ["without a name", "with the session's", "on the last page"])
def test_a_cancel_at_amazons_is_a_no_however_it_is_told(how, gift):
    gift.amazon.names_the_session_on_cancel = how == "with the session's"
    cancel = gift.amazon.cancel_by_buyer if how == "on the last page" else gift.amazon.give_up
    for _ in range(2):
        assert gift.lands_at(cancel(gift.press_button())) == f"{PITY}?Id={gift.id}"
        assert gift.status == ("Canceled", "giver_cancelled")
    assert "You cancelled before, and nothing was paid." in gift.giver.visit(gift.provider_url).text
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [("Captured", None, ("Settled", None)), ("Declined", "HardDeclined", ("Failed", "instrument_declined"))],
)
def test_a_slow_authorization_is_pending_until_it_ends(state, reason, status, gift):
    assert gift.comes_back("slow") == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "under_review")
    gift.amazon.books.end(gift.charge, state, reason)
    gift.hear_everything()
    assert gift.status == status


def test_what_amazon_only_held_and_was_to_take_is_taken(gift):
    assert gift.comes_back("only_held") == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.charge.captures) == (("Settled", None), 1)


@pytest.mark.parametrize("operation", ["get_session", "complete"])
def test_what_is_lost_in_a_silence_is_found_by_asking(operation, gift):
    back = gift.amazon.approve(gift.press_button())
    gift.amazon.next(operation, "do_then_drop", times=9)
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    gift.amazon.no_more_faults()
    work()
    assert (gift.status, gift.charge.captures) == (("Settled", None), 1)


def test_where_nobody_comes_amazon_is_never_asked(gift, later):
    later(hours=71)
    sync_all_due()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert gift.amazon.calls == []


def test_a_forgotten_session_is_followed_up_by_its_charge(gift, later):
    gift.comes_back()
    later(days=40)
    gift.refund_in_seller_central("5.00")
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("5.00", "15.00")


def test_a_notification_finds_a_charge_that_we_never_learnt(gift):
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.amazon.next("get_charge", "drop", times=9)
    gift.comes_back()
    assert (gift.status, gift.row.current_checkout.payment_reference) == (("Pending", "provider_unreachable"), "")
    gift.amazon.no_more_faults()
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_every_notification_again_and_backwards_is_no_news(gift):
    gift.comes_back()
    gift.refund_in_seller_central("5.00")
    gift.hear_everything()
    version = gift.value("RecordVersionNumber")
    for body, headers in reversed(gift.amazon.notifications() * 2):
        assert hear(body, headers) == 200
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("5.00", "15.00")
    assert gift.value("RecordVersionNumber") == version


def test_at_our_door_forgeries_are_400_and_a_topic_is_confirmed(service, amazon):
    body, headers = amazon.notification("CHARGE", "S01-1111111-1111111-C000001", "S01-1111111-1111111")
    assert hear(body.replace(b"STATE_CHANGE", b"STATE_CHANGF"), headers) == 400
    assert hear(*amazon.subscription()) == 200
    assert amazon.confirmed == [amazon.topic]


@pytest.fixture
def held(service, amazon, shop, giver) -> AmazonGift:
    gift = AmazonGift(amazon, shop, giver, CapturePolicy="Manual")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Authorized", None)
    return gift


@pytest.mark.parametrize("fault", ["", "do_then_drop"])
def test_held_money_is_taken_once_when_the_partner_says_so(fault, held):
    if fault:
        held.amazon.next("capture", fault, times=9)
    answer = held.shop.post(f"/api/Contribution/{held.id}/Capture", "")
    assert answer.value("Status") == ("Authorized" if fault else "Settled")
    held.amazon.no_more_faults()
    work()
    assert (held.status, held.current_amount, held.charge.captures) == (("Settled", None), "20.00", 1)


def test_a_hold_is_let_go_a_day_before_it_lapses(held, later):
    """Amazon holds nothing for more than thirty days."""
    later(days=29, minutes=1)
    sync_all_due()
    work()
    assert held.status == ("Canceled", "authorization_lapsed")
    assert held.charge.state == "Canceled"


def test_a_session_approved_for_a_deleted_gift_is_not_completed(gift):
    back = gift.amazon.approve(gift.press_button())
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.lands_at(back) == f"{PITY}?Id={gift.id}"
    assert gift.amazon.calls_of("complete") == []


NOT_OURS = "must be the merchant ID of an Amazon Pay account that this service collects for"


@pytest.mark.parametrize(
    ("goal", "sentence"),
    [
        ({"PaymentProviders": ACCOUNT.replace(FakeAmazon.merchant_id, "A3SOMEBODYELSE")}, NOT_OURS),
        ({"PaymentProviders": ACCOUNT.replace(FakeAmazon.merchant_id, "a2examplemerch")}, NOT_OURS),
        ({"Currency": "EUR"}, "Amazon takes no EUR here; it takes USD."),
    ],
    ids=["another account", "a lower case", "a currency"],
)
def test_a_goal_that_amazon_cannot_collect_for_is_400(goal, sentence, service, shop):
    answer = shop.post("/api/savings", goal_xml(**{"PaymentProviders": ACCOUNT} | goal))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert sentence in answer.text
    assert not any(account in answer.text for account in ("A3SOMEBODYELSE", "a2examplemerch", FakeAmazon.merchant_id))


def test_an_amount_that_amazon_does_not_take_is_400(service, shop):
    goal = shop.new_goal(PaymentProviders=ACCOUNT, GoalAmount="999999")
    answer = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(Amount="150000.01"))
    assert (answer.status, answer.value("code")) == (400, "amount_too_large")
    assert "The amount must be at most 150000.00: Amazon takes no more USD at once." in answer.text


def test_a_gift_of_amazons_waits_while_the_keys_are_gone(gift, settings):
    session = gift.press_button()
    gift.amazon.approve(session)
    settings.PROVIDERS_WITH_KEYS, settings.AMAZON_PAY_PUBLIC_KEY_ID, settings.AMAZON_PAY_PRIVATE_KEY = set(), "", ""
    assert gift.return_with(session) == 303
    assert gift.status == ("Pending", "provider_unreachable")
