"""A gift by Amazon Pay, from the partner's POST to the books, over our own paths and in front of the fake."""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

import leases
from contributions.models import LedgerEntry, Refund
from contributions.worker import sync_all_due
from tests.conftest import Giver, contribution_xml, goal_xml
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import ACCOUNT, AmazonGift, hear
from tests.providers.amazon.service import button_in
from tests.providers.gift import PITY, THANKS

pytestmark = pytest.mark.django_db

# --- the giver's way ------------------------------------------------------------------------------------------------


def test_a_gift_goes_through(gift):
    assert gift.status == ("Submitted", None)
    assert gift.provider_url == f"http://give.example.test/pay/{gift.id}"
    assert gift.amazon.calls == []
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.current_amount == "20.00"
    entry = LedgerEntry.objects.get()
    assert entry.provider_reference == gift.charge.id
    assert [call.operation for call in gift.amazon.calls] == ["get_session", "get_session", "complete", "get_charge"]


def test_what_amazon_is_asked_for(gift):
    button = button_in(gift.giver.visit(gift.provider_url).text)
    payload = json.loads(button["createCheckoutSessionConfig"]["payloadJSON"])
    assert (
        payload["webCheckoutDetails"]
        .pop("checkoutCancelUrl")
        .startswith(f"http://give.example.test/providers/amazon/cancel/{gift.id}?way_out=")
    )
    assert payload == {
        "webCheckoutDetails": {
            "checkoutMode": "ProcessOrder",
            "checkoutResultReturnUrl": f"http://give.example.test/providers/amazon/return/{gift.id}",
        },
        "storeId": gift.amazon.store_id,
        "scopes": ["name"],
        "paymentDetails": {
            "paymentIntent": "AuthorizeWithCapture",
            "canHandlePendingAuthorization": False,
            "chargeAmount": {"amount": "20.00", "currencyCode": "USD"},
            "presentmentCurrency": "USD",
        },
        "merchantMetadata": {"merchantReferenceId": gift.id, "noteToBuyer": "Gift for A bicycle for Anna"},
    }
    gift.comes_back()
    [complete] = gift.amazon.calls_of("complete")
    assert complete.json == {"chargeAmount": {"amount": "20.00", "currencyCode": "USD"}}


def test_same_return_again_takes_money_once_and_bounces_same_way(gift):
    """The same return again takes the money once and bounces the same way."""
    back = gift.amazon.approve(gift.press_button())
    assert {gift.lands_at(back) for _ in range(3)} == {f"{THANKS}?Id={gift.id}"}
    assert gift.charge.captures == 1
    assert gift.value("RecordVersionNumber") == "2"


def test_giver_declined_at_amazons_is_sent_to_partner(gift):
    """A giver whose card is declined at Amazon's is sent to the partner and can try again."""
    assert gift.lands_at(gift.amazon.decline(gift.press_button())) == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "instrument_declined")
    page = gift.giver.visit(gift.provider_url)
    assert "The last try did not go through, and nothing was paid." in page.text
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.charge.captures == 1


def test_card_that_turns_out_to_be_declined_in_end_has_failed(gift):
    """A card that turns out to be declined in the end has failed."""
    assert gift.comes_back("declined") == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "instrument_declined")
    assert gift.amazon.charges == {}
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("names_the_session", [False, True])
def test_giver_who_cancels_at_amazons_has_cancelled(names_the_session, gift):
    """A giver who cancels at Amazon's has cancelled and may change their mind."""
    gift.amazon.names_the_session_on_cancel = names_the_session
    for _ in range(2):
        assert gift.lands_at(gift.amazon.give_up(gift.press_button())) == f"{PITY}?Id={gift.id}"
        assert gift.status == ("Canceled", "giver_cancelled")
    assert "You cancelled before, and nothing was paid." in gift.giver.visit(gift.provider_url).text
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_a_giver_who_cancels_on_amazons_last_page_has_cancelled(gift):
    assert gift.lands_at(gift.amazon.cancel_by_buyer(gift.press_button())) == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")


def test_session_that_giver_is_not_done_with_leads_back(gift):
    """A session that the giver is not done with leads back to our page."""
    session = gift.press_button()
    gift.amazon.sign_in(session)
    back = f"/providers/amazon/return/{gift.id}?amazonCheckoutSessionId={session}"
    assert gift.lands_at(back) == gift.provider_url
    assert gift.status == ("Submitted", None)
    assert gift.lands_at(gift.amazon.approve(session)) == f"{THANKS}?Id={gift.id}"


def test_a_slow_authorization_is_pending_until_amazon_says_more(gift):
    assert gift.comes_back("slow") == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "under_review")
    gift.amazon.books.end(gift.charge, "Captured")
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_a_slow_authorization_that_is_declined_has_failed(gift):
    gift.comes_back("slow")
    gift.amazon.books.end(gift.charge, "Declined", "HardDeclined")
    gift.hear_everything()
    assert gift.status == ("Failed", "instrument_declined")


def test_what_amazon_only_held_although_it_was_to_be_taken(gift):
    """What Amazon only held although it was to be taken is taken."""
    assert gift.comes_back("only_held") == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.charge.captures == 1


def test_a_completion_whose_answer_is_lost_is_found_by_asking(gift):
    gift.amazon.next("complete", "do_then_drop", times=3)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)
    assert gift.charge.captures == 1


# --- whose session it is ------------------------------------------------------------------------------------------------


def test_the_session_of_another_gift_is_400_and_changes_neither(gift, amazon, shop, giver):
    other = AmazonGift(amazon, shop, giver)
    session = other.press_button()
    amazon.approve(session)
    assert gift.return_with(session) == 400
    assert (gift.status, other.status) == (("Submitted", None), ("Submitted", None))
    assert (gift.row.checkout_id, amazon.calls_of("complete")) == ("", [])
    assert gift.giver.visit(f"/providers/amazon/cancel/{gift.id}?amazonCheckoutSessionId={session}").status == 400
    assert gift.status == ("Submitted", None)


@pytest.mark.parametrize(
    "query",
    [
        "", "?amazonCheckoutSessionId=", "?amazonCheckoutSessionId=7efe55c3-38c7-4a1b-944d-aded27032b9a", "?token=x",
        "?amazonCheckoutSessionId=../charges/S01-1111111-1111111-C000001", "?amazonCheckoutSessionId=" + "x" * 300,
        "?amazonCheckoutSessionId=a&amazonCheckoutSessionId=b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["return", "cancel"])
def test_a_session_that_amazon_does_not_know_is_400(way, query, gift):
    assert gift.giver.visit(f"/providers/amazon/{way}/{gift.id}{query}").status == 400
    assert gift.status == ("Submitted", None)
    assert gift.row.checkout_id == ""


def test_the_way_out_of_one_gift_is_not_that_of_another(gift, amazon, shop, giver):
    other = AmazonGift(amazon, shop, giver)
    way_out = amazon.give_up(other.press_button()).partition("?")[2]
    for query in (way_out, "way_out=", "way_out=x", "way_out=%C3%A9"):
        assert giver.visit(f"/providers/amazon/cancel/{gift.id}?{query}").status == 400
    assert gift.status == ("Submitted", None)


def test_a_session_with_another_amount_pays_for_nothing(gift):
    session = gift.press_button()
    gift.amazon.sessions[session].payload["paymentDetails"]["chargeAmount"]["amount"] = "1.00"
    assert gift.lands_at(gift.amazon.approve(session)) == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "amount_mismatch")
    assert gift.amazon.calls_of("complete") == []


def test_two_sessions_that_are_both_approved_are_paid_once(gift):
    first, second = gift.press_button(), gift.press_button()
    back = [gift.amazon.approve(session) for session in (first, second)]
    assert [gift.lands_at(address) for address in back] == [f"{THANKS}?Id={gift.id}"] * 2
    assert gift.status == ("Settled", None)
    assert [gift.amazon.sessions[session].state for session in (first, second)] == ["Completed", "Open"]
    assert gift.row.checkout_id == first


def test_session_that_was_left_behind_gives_way(gift):
    """A session that was left behind gives way to the one that is paid."""
    left_behind = gift.press_button()
    gift.amazon.sign_in(left_behind)
    assert gift.lands_at(f"/providers/amazon/return/{gift.id}?amazonCheckoutSessionId={left_behind}") == gift.provider_url
    assert gift.row.checkout_id == left_behind
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.row.checkout_id != left_behind


def test_a_session_whose_completion_is_unknown_gives_way_to_none(gift):
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.amazon.next("get_charge", "drop", times=9)
    first = gift.press_button()
    gift.lands_at(gift.amazon.approve(first))
    assert gift.status == ("Pending", "provider_unreachable")
    gift.amazon.no_more_faults()
    second = gift.amazon.books.begin(gift.amazon.sessions[first].payload)
    assert gift.lands_at(gift.amazon.approve(second.id)) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert (gift.row.checkout_id, second.state) == (first, "Open")
    assert gift.charge.captures == 1


# --- while Amazon is silent ---------------------------------------------------------------------------------------------


def test_giver_who_comes_back_while_amazon_is_silent_is_pending(gift):
    """A giver who comes back while Amazon is silent is pending and found out about."""
    back = gift.amazon.approve(gift.press_button())
    gift.amazon.next("get_session", "error_503", times=9)
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "provider_unreachable")
    gift.amazon.no_more_faults()
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)


def test_what_was_taken_on_trust_and_is_somebody_elses(gift, amazon, shop, giver):
    """What was taken on trust and is somebody elses is forgotten and pays for nothing."""
    other = AmazonGift(amazon, shop, giver)
    session = other.press_button()
    amazon.approve(session)
    amazon.next("get_session", "error_503", times=9)
    assert gift.return_with(session) == 303
    amazon.no_more_faults()
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.row.checkout_id) == (("Pending", "provider_unreachable"), "")
    assert amazon.calls_of("complete") == []
    assert gift.lands_at(amazon.approve(amazon.books.begin(payload_of(gift)).id)) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert other.lands_at(amazon.approve(session)) == f"{THANKS}?Id={other.id}"


def test_second_session_that_comes_while_amazon_is_silent(gift, amazon):
    """A second session that comes while Amazon is silent is asked to wait."""
    amazon.next("get_session", "error_503", times=9)
    gift.return_with("7efe55c3-38c7-4a1b-944d-aded27032b9a")
    real = amazon.books.begin(payload_of(gift))
    back = amazon.approve(real.id)
    answer = gift.giver.visit(back)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert 'http-equiv="refresh"' in answer.text
    amazon.no_more_faults()
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def payload_of(gift: AmazonGift) -> dict:
    """What a page that was opened before still carries."""
    return {
        "webCheckoutDetails": {
            "checkoutMode": "ProcessOrder",
            "checkoutResultReturnUrl": f"http://give.example.test/providers/amazon/return/{gift.id}",
            "checkoutCancelUrl": f"http://give.example.test/providers/amazon/cancel/{gift.id}",
        },
        "storeId": gift.amazon.store_id,
        "paymentDetails": {
            "paymentIntent": "AuthorizeWithCapture",
            "chargeAmount": {"amount": "20.00", "currencyCode": "USD"},
        },
        "merchantMetadata": {"merchantReferenceId": gift.id},
    }


# --- time ---------------------------------------------------------------------------------------------------------------


def test_gift_to_whose_page_nobody_comes_is_over_in_its_time(gift, later):
    """A gift to whose page nobody comes is over in its time and Amazon is never asked."""
    later(hours=71)
    sync_all_due()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Failed", "checkout_expired")
    assert gift.amazon.calls == []


def test_a_session_that_nobody_answers_ends_after_a_day(gift, later):
    session = gift.press_button()
    gift.amazon.sign_in(session)
    gift.return_with(session)
    later(hours=25)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Failed", "checkout_expired")


def test_session_that_amazon_has_forgotten_is_followed_up(gift, later):
    """A session that Amazon has forgotten is followed up by its charge."""
    gift.comes_back()
    later(days=40)
    gift.amazon.books.end_refund(gift.amazon.books.refund(a_refund(gift, "5.00")))
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("5.00", "15.00")


def a_refund(gift: AmazonGift, amount: str) -> dict:
    return {"chargeId": gift.charge.id, "refundAmount": {"amount": amount, "currencyCode": "USD"}}


# --- notifications ------------------------------------------------------------------------------------------------------


def test_notification_settles_what_was_unknown_although_we_never(gift):
    """A notification settles what was unknown although we never learnt the charges id."""
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.amazon.next("get_charge", "drop", times=9)
    gift.comes_back()
    assert (gift.status, gift.row.payment_reference) == (("Pending", "provider_unreachable"), "")
    gift.amazon.no_more_faults()
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_every_notification_again_and_out_of_order_changes(gift):
    """Every notification again and in the wrong order changes nothing."""
    gift.comes_back()
    gift.amazon.books.end_refund(gift.amazon.books.refund(a_refund(gift, "5.00")))
    gift.hear_everything()
    before = (gift.value("RecordVersionNumber"), gift.value("RefundedAmount"), gift.current_amount)
    assert before[1:] == ("5.00", "15.00")
    for body, headers in reversed(gift.amazon.notifications() * 2):
        assert hear(body, headers) == 200
    assert (gift.value("RecordVersionNumber"), gift.value("RefundedAmount"), gift.current_amount) == before


def test_notification_about_strangers_payment_is_taken(service, amazon, caplog):
    """A notification about somebody elses payment is taken and logged."""
    assert hear(*amazon.notification("CHARGE", "S01-1111111-1111111-C000001", "S01-1111111-1111111")) == 200
    assert [record.message for record in caplog.records].count("report about an unknown checkout") == 1


def test_amazon_is_asked_to_call_again_while_it_gives_no_answer(gift):
    gift.comes_back("slow")
    gift.amazon.books.end(gift.charge, "Captured")
    gift.amazon.next("get_charge", "error_503", times=9)
    assert hear(*gift.amazon.notifications()[-1]) == 503


def test_a_forged_notification_is_400_2(gift):
    """A forged notification is 400."""
    body, headers = gift.amazon.notification("CHARGE", "S01-1111111-1111111-C000001", "S01-1111111-1111111")
    assert hear(body.replace(b"STATE_CHANGE", b"STATE_CHANGF"), headers) == 400


def test_a_subscription_to_our_topic_is_confirmed(service, amazon):
    assert hear(*amazon.subscription()) == 200
    assert amazon.confirmed == [amazon.topic]


# --- giving back ----------------------------------------------------------------------------------------------------


def refund(gift: AmazonGift, amount: str = ""):
    body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body)


def test_a_refund_is_pending_until_amazon_has_made_it(gift):
    gift.comes_back()
    assert refund(gift, "7.00").value("Status") == "Pending"
    assert gift.value("RefundedAmount") == "0.00"
    [made] = gift.amazon.refunds.values()
    gift.amazon.books.end_refund(made)
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    refund(gift)
    gift.amazon.books.end_refund(list(gift.amazon.refunds.values())[-1])
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Refunded", "refunded")


def test_refund_that_amazon_declines_leaves_money_where_it_is(gift):
    """A refund that Amazon declines leaves the money where it is."""
    gift.comes_back()
    refund(gift, "7.00")
    gift.amazon.books.end_refund(next(iter(gift.amazon.refunds.values())), "Declined")
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("0.00", "20.00")
    assert Refund.objects.get().failure == "refund_denied"


def test_a_lost_refund_answer_is_counted_once_either_way(gift):
    """A refund whose answer is lost is counted once whoever tells of it first."""
    gift.comes_back()
    gift.amazon.next("refund", "do_then_drop", times=3)
    assert refund(gift, "7.00").value("Status") == "Pending"
    [made] = gift.amazon.refunds.values()
    gift.amazon.books.end_refund(made)
    gift.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert (Refund.objects.count(), len(gift.amazon.refunds)) == (1, 1)


def test_refunds_in_seller_central_reach_the_books(gift, later, caplog):
    gift.comes_back()
    for amount, status, left in (("5.00", ("Settled", None), "15.00"), ("15.00", ("Refunded", "refunded"), "0.00")):
        gift.amazon.books.end_refund(gift.amazon.books.refund(a_refund(gift, amount)))
        gift.hear_everything()
        assert (gift.status, gift.current_amount) == (status, left)
    later(days=2)
    sync_all_due()
    assert "more was given back than is known" not in [record.message for record in caplog.records]


def test_refund_in_seller_central_that_is_webhooked(gift, later):
    """Whoever was finding out about the payment has died over it, and Amazon tells of each refund once."""
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.comes_back()
    assert gift.status == ("Pending", "provider_unreachable")
    assert leases.take(gift.row)
    gift.amazon.books.end_refund(gift.amazon.books.refund(a_refund(gift, "5.00")))
    assert hear(*gift.amazon.notifications()[-1]) == 503
    later(seconds=61)
    assert hear(*gift.amazon.notifications()[-1]) == 200
    assert (gift.status, gift.value("RefundedAmount"), gift.current_amount) == (("Settled", None), "5.00", "15.00")


def test_what_went_back_without_a_word_to_us_is_told_to_a_person(gift, later, caplog):
    gift.comes_back()
    gift.amazon.books.end_refund(gift.amazon.books.refund(a_refund(gift, "5.00")))
    later(days=2)
    sync_all_due()
    assert "more was given back than is known" in [record.message for record in caplog.records]


# --- holding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(service, amazon, shop, giver) -> AmazonGift:
    gift = AmazonGift(amazon, shop, giver, CapturePolicy="Manual")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Authorized", None)
    return gift


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, held.charge.captures) == ("20.00", 1)


def test_a_capture_whose_answer_is_lost_takes_the_money_once(held):
    held.amazon.next("capture", "do_then_drop", times=9)
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Authorized"
    held.amazon.no_more_faults()
    sync_all_due(whether_due_or_not=True)
    assert (held.status, held.charge.captures) == (("Settled", None), 1)


def test_held_money_is_let_go_when_the_partner_deletes_the_gift(held):
    assert held.shop.delete(f"/api/Contribution/{held.id}").status == 204
    assert (held.charge.state, held.charge.reason) == ("Canceled", "MerchantCanceled")


def test_what_amazon_can_hold_no_longer_is_let_go_day(held, later):
    """What Amazon can hold no longer is let go a day before it lapses."""
    later(days=29, minutes=1)
    sync_all_due()
    sync_all_due(whether_due_or_not=True)
    assert held.status == ("Canceled", "authorization_lapsed")
    assert held.charge.state == "Canceled"


def test_session_that_comes_back_for_what_was_deleted_is_never(gift):
    """A session that comes back for what was deleted is never completed."""
    back = gift.amazon.approve(gift.press_button())
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.lands_at(back) == f"{PITY}?Id={gift.id}"
    assert gift.amazon.calls_of("complete") == []


# --- on the way in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", ["A3SOMEBODYELSE", "anna@example.org", "a2examplemerch"])
def test_credentials_of_another_account_are_400(credentials, service, shop):
    account = ACCOUNT.replace(FakeAmazon.merchant_id, credentials)
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=account))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "must be the merchant ID of the Amazon Pay account that this service collects for" in answer.text
    assert credentials not in answer.text
    assert FakeAmazon.merchant_id not in answer.text


def test_currency_or_amount_that_account_does_not_take_is_400(service, shop):
    """A currency or an amount that the account does not take is 400 with what would be right."""
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=ACCOUNT, Currency="EUR"))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "Amazon takes no EUR here; it takes USD." in answer.text
    goal = shop.new_goal(PaymentProviders=ACCOUNT, GoalAmount="999999")
    answer = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(Amount="150000.01"))
    assert (answer.status, answer.value("code")) == (400, "amount_refused")
    assert "The amount must be at most 150000.00: Amazon takes no more USD at once." in answer.text


def test_a_gift_of_amazons_stays_with_amazon_without_keys(gift, settings):
    """A gift of Amazon's stays with Amazon and waits when the keys are gone."""
    session = gift.press_button()
    gift.amazon.approve(session)
    settings.PROVIDERS_WITH_KEYS, settings.AMAZON_PAY_PUBLIC_KEY_ID, settings.AMAZON_PAY_PRIVATE_KEY = set(), "", ""
    assert gift.return_with(session) == 303
    assert gift.status == ("Pending", "provider_unreachable")


# --- at once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sessions", [1, 2, 4])
def test_many_returns_at_once_take_money_once_and_bounce_same(sessions, gift):
    """Many returns at once take the money once and bounce the same way."""
    page = gift.giver.visit(gift.provider_url).text
    back = [gift.amazon.approve(gift.amazon.press_button(button_in(page)).id) for _ in range(sessions)]
    ways = itertools.cycle(back)
    gate = threading.Barrier(4)

    def come_back(address: str) -> tuple[int, str]:
        gate.wait(timeout=60)
        try:
            answer = Giver().visit(address)
            return answer.status, answer.headers.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(come_back, [next(ways) for _ in range(4)]))
    told_to_wait = [address for (status, _), address in zip(answers, itertools.cycle(back), strict=False) if status == 503]
    bounced = [where for status, where in answers if status == 303] + [gift.lands_at(address) for address in told_to_wait]
    assert bounced == [f"{THANKS}?Id={gift.id}"] * 4
    assert gift.status == ("Settled", None)
    assert [charge.captures for charge in gift.amazon.charges.values()] == [1]
    assert gift.current_amount == "20.00"
