"""A gift by Google Pay, from the partner's POST over our page and the bank's into the books, in front of the fakes."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connections

import clock
import leases
from contributions.causes import Cause
from contributions.models import Contribution, LedgerEntry, ProviderRequest
from contributions.sync import sync
from providers import registry
from providers.google.adapter import GoogleProvider
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml
from tests.providers.amazon.service import button_in, token_in
from tests.providers.gift import PITY, THANKS
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.gift import ACCOUNT, GOOGLE, GoogleGift, work
from tests.providers.stripe import params

pytestmark = pytest.mark.django_db


# --- the giver's way ------------------------------------------------------------------------------------------------


def test_a_gift_goes_from_our_post_over_our_page_into_the_books(gift):
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    entry = LedgerEntry.objects.get()
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (88, 2000, gift.intent.id)
    assert entry.cause == "pay"
    assert [call.debug_id for call in gift.google.calls_of("confirm")] == [entry.correlation_id]


def test_what_stripe_is_asked_for(gift, settings):
    requests_ = {request.operation: request for request in ProviderRequest.objects.all()}
    [create] = gift.google.calls_of("create_intent")
    assert params.tree_of(create.body.decode()) == {
        "amount": "2000",
        "currency": "usd",
        "allowed_payment_method_types": {"0": "card"},
        "capture_method": "automatic",
        "description": "Gift for A bicycle for Anna",
        "transfer_data": {"destination": ACCOUNT},
        "metadata": {"contribution": gift.id},
    }
    assert create.headers["idempotency-key"] == requests_["open"].request_id
    assert (gift.provider_url, gift.row.checkout_id) == (f"{settings.PUBLIC_BASE_URL}/pay/{gift.id}", gift.intent.id)
    gift.gives()
    [take], [confirm] = gift.google.calls_of("take_token"), gift.google.calls_of("confirm")
    [card] = gift.google.books.cards.values()
    assert params.tree_of(take.body.decode()) == {"type": "card", "card": {"token": card.token}}
    assert params.tree_of(confirm.body.decode()) == {
        "payment_method": card.id,
        "return_url": f"{settings.PUBLIC_BASE_URL}/providers/google/return/{gift.id}",
        "expand": {
            "0": "latest_charge.balance_transaction",
            "1": "latest_charge.transfer",
            "2": "latest_charge.refunds",
        },
    }
    request = ProviderRequest.objects.get(operation__startswith="pay:")
    assert (confirm.headers["idempotency-key"], request.outcome) == (request.request_id, "answered")
    assert take.headers["idempotency-key"] == f"{request.request_id}-card"


def test_what_google_is_asked_for(gift):
    button = button_in(gift.page())
    assert button["environment"] == "TEST"
    assert button["request"]["transactionInfo"] == {
        "countryCode": "US",
        "currencyCode": "USD",
        "totalPriceStatus": "FINAL",
        "totalPrice": "20.00",
        "checkoutOption": "COMPLETE_IMMEDIATE_PURCHASE",
    }
    assert "tokenizationSpecification" not in button["ready"]["allowedPaymentMethods"][0]
    assert gift.google.secret_key not in gift.page()


def test_nothing_of_the_card_or_the_token_is_stored_or_logged(gift, caplog):
    caplog.set_level("DEBUG")
    fields = gift.chooses()
    gift.post(fields)
    assert gift.status == ("Settled", None)
    [card] = gift.google.books.cards.values()
    stored = [
        str(getattr(row, field.attname))
        for model in (Contribution, ProviderRequest, LedgerEntry)
        for row in model.objects.all()
        for field in model._meta.fields
    ]
    logged = "".join(str(record.__dict__) for record in caplog.records if not record.name.startswith("urllib3"))
    for secret in (card.token, "4242", "203.0.113.7"):
        assert secret not in "".join(stored)
        assert secret not in logged


def test_a_giver_declined_tries_another_one_and_gives(gift):
    """A giver whose card is declined tries another one and gives."""
    assert gift.gives("card_that_is_declined") == f"{gift.tried}declined"
    assert "This card was declined, and nothing was paid." in gift.giver.visit(f"{gift.tried}declined").text
    assert gift.status == ("Submitted", None)
    gift.hear_everything()
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    outcomes = ProviderRequest.objects.filter(operation__startswith="pay:").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["refused", "answered"]


def test_gift_without_any_good_card_has_failed_when_its_time(gift, later):
    """A gift without any good card has failed when its time is over."""
    gift.gives("card_that_is_declined")
    later(hours=73)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert (gift.intent.status, gift.intent.cancellation_reason) == ("canceled", "abandoned")


# --- 3-D Secure -----------------------------------------------------------------------------------------------------


def test_a_giver_who_proves_it_at_the_bank_has_given(gift):
    bank = gift.gives("card_that_wants_a_word")
    assert bank == gift.intent.bank_page
    assert gift.status == ("Submitted", None)
    assert "is it you?" in requests.get(bank, timeout=5).text
    pressed = requests.post(bank, data={"choice": "prove"}, timeout=5, allow_redirects=False)
    back = pressed.headers["Location"]
    assert back.startswith(f"http://give.example.test/providers/google/return/{gift.id}?payment_intent={gift.intent.id}&")
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_giver_who_does_not_prove_it_is_back_on_page_and_pays(gift):
    """A giver who does not prove it is back on the page and pays with another card."""
    gift.gives("card_that_wants_a_word")
    assert gift.lands_at(gift.google.prove(gift.intent.id, good=False)) == f"{gift.tried}unproven"
    assert "Your bank did not confirm the payment" in gift.giver.visit(f"{gift.tried}unproven").text
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"


def test_giver_who_leaves_banks_page_for_ours_may_choose(gift):
    """A giver who leaves the banks page for ours may choose another card."""
    gift.gives("card_that_wants_a_word")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


def test_where_stripe_takes_no_other_card_meanwhile_giver_is_led(gift):
    """Where Stripe takes no other card meanwhile the giver is led to the bank again."""
    bank = gift.gives("card_that_wants_a_word")
    gift.google.next("confirm", "unexpected_state")
    assert gift.gives() == bank


def test_webhook_settles_gift_of_absent_giver(gift):
    """The webhook settles the gift of a giver who proved it and closed the browser."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_the_worker_settles_it_where_no_report_came(gift):
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    work()
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("fault", ["foreign_bank", "lookalike_bank", "plain_bank", "javascript_bank"])
def test_a_giver_is_sent_to_stripe_and_nowhere_else(fault, gift, later):
    gift.google.next("confirm", fault)
    assert gift.gives("card_that_wants_a_word") == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "unsafe_page")
    later(minutes=1)
    work()
    assert gift.intent.status == "canceled"


def test_return_with_another_payments_id_or_none_changes_nothing(gift, google, shop, giver):
    """A return with another payments id or none changes nothing."""
    other = GoogleGift(google, shop, giver)
    gift.gives("card_that_wants_a_word")
    back = gift.google.prove(gift.intent.id)
    for wrong in (
        back.replace(gift.intent.id, other.intent.id), back.partition("?")[0], f"{back}&payment_intent={gift.intent.id}",
        back.replace(gift.intent.id, ""), back.replace(gift.intent.id, "pi_elsewhere"),
    ):  # fmt: skip
        asked = len(google.calls)
        assert gift.giver.visit(wrong).status == 400
        assert len(google.calls) == asked
    assert (gift.status, other.status) == (("Submitted", None), ("Submitted", None))
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"


# --- giving up ------------------------------------------------------------------------------------------------------


def test_giver_who_says_no_has_cancelled_and_old_tab_cannot_pay(gift):
    """A giver who says no has cancelled and an old tab cannot pay."""
    fields = gift.chooses()
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    assert gift.intent.status == "canceled"
    assert gift.post(fields)["Location"] == f"{PITY}?Id={gift.id}"
    assert "You cancelled" in gift.page()
    assert "pay-data" not in gift.page()
    assert (gift.status, gift.intent.captures) == (("Canceled", "giver_cancelled"), 0)


def test_giver_who_proves_it_in_another_tab_while_cancelling(gift):
    """The payment waits for the bank when it is asked about, and is paid when it is to be cancelled."""
    gift.gives("card_that_wants_a_word")
    ask, tabs = gift.google._get_intent, []

    def asked_then_proven(call, asked):
        told = ask(call, asked)
        tabs.append(call)
        if len(tabs) == 2:  # the second question is the one before the cancellation
            gift.google.prove(gift.intent.id)
        return told

    gift.google._get_intent = asked_then_proven
    assert gift.says_no() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("fault", ["drop", "do_then_drop", "error_500_kept"])
def test_payment_that_could_not_be_closed_is_closed_by_worker(fault, gift, later):
    """A payment that could not be closed is closed by the worker under the same request id."""
    gift.google.next("cancel", fault, times=3)
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    gift.google.no_more_faults()
    later(hours=25)
    work()
    assert (gift.intent.status, gift.status) == ("canceled", ("Canceled", "giver_cancelled"))
    assert len({call.headers["idempotency-key"] for call in gift.google.calls_of("cancel")}) == 1


def test_what_the_partner_deletes_is_closed_at_once(gift):
    fields = gift.chooses()
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.intent.status == "canceled"
    assert gift.post(fields)["Location"] == f"{PITY}?Id={gift.id}"
    assert gift.row.status == "Canceled"
    assert gift.row.due_at is None


def test_the_gifts_of_a_deleted_goal_are_closed_by_the_worker(gift):
    assert gift.shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    work()
    assert (gift.intent.status, gift.row.status_reason) == ("canceled", "goal_deleted")


def test_money_that_came_in_before_deleted_gift_was_closed_goes(gift):
    """Money that came in before a deleted gift was closed goes back."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    work()
    assert (gift.intent.given_back, gift.row.status) == (2000, "Canceled")


def test_payment_that_was_cancelled_in_stripes_dashboard(gift):
    """A payment that was cancelled in Stripe's dashboard is cancelled."""
    gift.google.books.cancel(gift.intent)
    gift.hear_everything()
    assert gift.status == ("Canceled", "voided_by_provider")


def test_who_pays_when_the_time_is_over_does_not_pay(gift, later):
    fields = gift.chooses()
    later(hours=73)
    assert gift.post(fields)["Location"] == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "checkout_expired")
    assert (gift.intent.status, gift.google.calls_of("confirm")) == ("canceled", [])


def test_a_gift_takes_ten_cards_and_no_more(gift, caplog):
    for _ in range(9):
        assert gift.gives("card_that_is_declined") == f"{gift.tried}declined"
    tenth, eleventh = gift.chooses("card_that_is_declined"), gift.chooses()
    assert gift.post(tenth)["Location"] == f"{gift.tried}declined"
    for answer in (gift.post(eleventh), gift.giver.client.get(f"/pay/{gift.id}")):
        assert answer.status_code == 429
        assert "Too many cards were tried" in answer.content.decode()
    assert len(gift.google.calls_of("confirm")) == 10
    assert gift.status == ("Submitted", None)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.intent.status == "canceled"


# --- junk and repetition ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "junk",
    [
        "", " ", "tok_1", "null", "[]", "{}", '"tok_1"', '{"id": "tok_1"}', '{"id": "tok_1", "object": "source"}',
        '{"id": "pm_1", "object": "token"}', '{"id": 7, "object": "token"}', '{"id": ["tok_1"], "object": "token"}',
        '{"id": "tok_1/../x", "object": "token"}', '{"id": "tok_", "object": "token"}',
        '{"id": "tok_1&amount=1", "object": "token"}',
        '{"id": "tok_é", "object": "token"}', "examplePaymentMethodToken", "\x00", "{" * 9000, "[" * 8000,
        '{"id": "tok_1", "object": "token", "x": "' + "x" * 8192 + '"}',
        '{"signature": "MEQ", "protocolVersion": "ECv2", "signedMessage": "{}"}',
    ],
)  # fmt: skip
def test_junk_for_token_is_400_page(junk, gift, caplog):
    """Junk for a token is a 400 page that says so and nobody is asked."""
    before = len(gift.google.calls)
    answer = gift.post({"token": token_in(gift.page()), "outcome": "pay", "payment": junk})
    assert answer.status_code == 400
    assert "was not something to pay with, and nothing was paid" in answer.content.decode()
    assert len(gift.google.calls) == before
    assert gift.status == ("Submitted", None)
    assert [record.message for record in caplog.records].count("payment token refused") == 1
    if len(junk) > 12:
        assert junk not in "".join(str(record.__dict__) for record in caplog.records)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"


@pytest.mark.parametrize("pay", ["tok_nobodys", "one that was used"])
def test_token_that_stripe_does_not_take_is_like_declined_card(pay, gift):
    """A token that Stripe does not take is like a declined card."""
    fields = gift.chooses()
    token = "tok_nobodys"
    if pay != token:
        [card] = gift.google.books.cards.values()
        card.was_taken, token = True, card.token
    answer = gift.post(fields | {"payment": json.dumps({"id": token, "object": "token"})})
    assert answer["Location"] == f"{gift.tried}declined"
    assert gift.status == ("Submitted", None)


def test_form_token_that_is_stale_or_another_gifts_pays_nothing(gift, google, shop, giver):
    """A form token that is stale or another gifts pays nothing."""
    other = GoogleGift(google, shop, giver)
    good = gift.chooses()
    for bad in ("", "x", good["token"][:-1], token_in(other.page())):
        answer = gift.post(good | {"token": bad})
        assert answer.status_code == 400
        assert "This page was out of date" in answer.content.decode()
    assert google.calls_of("take_token") == []
    assert gift.post(good)["Location"] == f"{THANKS}?Id={gift.id}"


def test_the_same_form_again_is_one_payment(gift):
    fields = gift.chooses()
    assert [gift.post(fields)["Location"] for _ in range(3)] == [f"{THANKS}?Id={gift.id}"] * 3
    assert (len(gift.google.calls_of("confirm")), gift.intent.captures) == (1, 1)


def test_same_form_with_declined_card_again_is_declined_again(gift):
    """The same form with a declined card again is declined again."""
    fields = gift.chooses("card_that_is_declined")
    assert [gift.post(fields)["Location"] for _ in range(3)] == [f"{gift.tried}declined"] * 3
    assert len(gift.google.calls_of("confirm")) == 1
    assert gift.gives() == f"{THANKS}?Id={gift.id}"


def test_process_that_dies_after_payment_leaves_nothing_to_pay(gift, monkeypatch):
    """A process that dies after the payment leaves nothing to pay twice."""
    pay = GoogleProvider.pay

    def pays_and_dies(*arguments, **named):
        pay(*arguments, **named)
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(GoogleProvider, "pay", pays_and_dies)
        with pytest.raises(SystemExit):
            gift.post(gift.chooses())
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount, gift.intent.captures) == (("Settled", None), "20.00", 1)
    assert len(gift.google.calls_of("confirm")) == 1


def test_once_paid_the_page_says_that_it_was_already_given(gift):
    gift.gives()
    text = gift.page()
    assert "Already given: thank you, Uncle Bob!" in text
    assert "pay-data" not in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tokens", ["the same", "of their own"])
def test_many_tabs_at_once_pay_once(tokens, gift):
    fields = [gift.chooses()] * 6 if tokens == "the same" else [gift.chooses() for _ in range(6)]
    gate = threading.Barrier(6)

    def press(mine):
        try:
            gate.wait(timeout=60)
            return Giver().client.post(f"/pay/{gift.id}", mine)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(press, fields)) == [f"{THANKS}?Id={gift.id}"] * 6
    assert (gift.status, gift.current_amount, gift.intent.captures) == (("Settled", None), "20.00", 1)
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_one_declined_and_one_good_the_good_one_pays(gift):
    fields = [gift.chooses("card_that_is_declined"), gift.chooses()]
    gate = threading.Barrier(2)

    def press(mine):
        try:
            gate.wait(timeout=60)
            return Giver().client.post(f"/pay/{gift.id}", mine)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(press, fields))
    assert ends[1] == f"{THANKS}?Id={gift.id}"
    assert ends[0] in (f"{gift.tried}declined", f"{THANKS}?Id={gift.id}")
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


def test_while_somebody_else_is_at_it_giver_is_asked_to_wait(gift, monkeypatch):
    """While somebody else is at it the giver is asked to wait and pays nothing."""
    monkeypatch.setattr("pages.patience.PATIENCE_SECONDS", 0.2)
    fields = gift.chooses()
    assert leases.take(gift.row)
    answer = gift.post(fields)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert gift.google.calls_of("take_token") == []


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_payment_whose_answer_is_lost_is_pending_and_found(gift):
    """A payment whose answer is lost is pending and found by asking."""
    gift.google.next("confirm", "do_then_drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    work()
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


def test_page_of_payment_whose_answer_is_lost_asks_and_leads_on(gift):
    """The page of a payment whose answer is lost asks and leads on."""
    gift.google.next("confirm", "do_then_drop", times=3)
    gift.gives()
    gift.google.next("get_intent", "drop", times=3)
    waiting = gift.page()
    assert 'http-equiv="refresh"' in waiting
    assert "still confirming" in waiting
    assert gift.lands_at(gift.provider_url) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_payment_that_never_arrived_can_be_made_again_on_same(gift):
    """A payment that never arrived can be made again on the same page."""
    gift.google.next("confirm", "drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    assert "The last try did not get through, and nothing was paid." in gift.page()
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


def test_a_giver_can_say_no_after_a_payment_that_never_arrived(gift):
    gift.google.next("confirm", "drop", times=3)
    gift.gives()
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    assert gift.intent.status == "canceled"


def test_payment_that_never_arrived_and_nobody_repeats_fails(gift, later):
    """A payment that never arrived and nobody repeats fails when its time is over."""
    gift.google.next("confirm", "drop", times=3)
    gift.gives()
    later(hours=73)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert gift.intent.status == "canceled"


def test_while_stripe_is_silent_from_start_nothing_is_sent(gift):
    """While Stripe is silent from the start nothing is sent and the page says one moment."""
    fields = gift.chooses()
    gift.google.next("get_intent", "drop", times=3)
    answer = gift.post(fields)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "nothing was taken yet" in answer.content.decode()
    assert gift.google.calls_of("take_token") == []
    assert gift.status == ("Submitted", None)


def test_giver_who_comes_back_from_bank_while_stripe_is_silent(gift):
    """A giver who comes back from the bank while Stripe is silent waits on our page."""
    gift.gives("card_that_wants_a_word")
    back = gift.google.prove(gift.intent.id, good=False)
    gift.google.next("get_intent", "drop", times=3)
    assert gift.lands_at(back) == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_token_that_was_taken_before_stripe_fell_silent(gift):
    """A token that was taken before Stripe fell silent is not needed again."""
    gift.google.next("take_token", "do_then_drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.gives() == f"{THANKS}?Id={gift.id}"


def test_money_for_another_account_is_not_asked_for(gift):
    gift.intent.asked["transfer_data"]["destination"] = "acct_bob"
    assert gift.gives() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "payee_mismatch")
    assert gift.google.calls_of("take_token") == []


def test_payment_that_names_another_gift_is_not_paid(gift):
    """Its id was ours from the start: nobody can have brought a wrong one."""
    gift.intent.asked["metadata"]["contribution"] = "somebody-elses-gift"
    checkout_id = gift.row.checkout_id
    assert gift.gives() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "reference_mismatch")
    assert (gift.row.checkout_id, gift.google.calls_of("take_token")) == (checkout_id, [])


@pytest.mark.parametrize("over", ["cancelled", "unwanted", "expired"])
def test_token_that_comes_at_very_moment(over, gift, later):
    """The page was still open to payment when the form was looked at, and is not any more when the gift is claimed."""
    if over == "cancelled":
        gift.google.next("cancel", "drop", times=3)
        gift.says_no()
    if over == "unwanted":
        Contribution.objects.update(unwanted_since=clock.now(), unwanted_reason="goal_deleted")
    if over == "expired":
        later(hours=73)
    sync(gift.row, cause=Cause.PAY, token=gift.google.books.new_token())
    assert gift.google.calls_of("take_token") == []
    assert gift.row.status in ("Canceled", "Failed")


def test_a_partial_capture_in_the_dashboard_waits_for_a_person(service, google, shop, giver):
    gift = GoogleGift(google, shop, giver, CapturePolicy="Manual")
    gift.gives()
    google.books.capture(gift.intent, 500)
    gift.hear_everything()
    assert gift.status == ("Authorized", None)
    assert gift.current_amount == "0.00"


def test_a_gift_of_googles_stays_with_its_gateway_without_keys(gift, settings):
    """A gift of Google's stays with its gateway and waits when the keys are gone."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    settings.PROVIDERS_WITH_KEYS, settings.GOOGLE_PAY_MERCHANT_ID = {"Stripe"}, ""
    assert gift.row.adapter == "google_stripe"
    gift.hear_everything("stripe")
    assert gift.status == ("Settled", None)


def test_without_keys_the_page_says_one_moment(gift, settings):
    settings.STRIPE_PUBLISHABLE_KEY = ""
    assert gift.giver.visit(gift.provider_url).status == 503


# --- giving back, and what is taken back ----------------------------------------------------------------------------


def refund(gift: GoogleGift, amount: str = ""):
    body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body)


def test_a_refund_is_taken_from_the_payee(gift):
    gift.gives()
    assert refund(gift, "7.00").value("Status") == "Completed"
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert gift.intent.refunds[0].reverse_transfer
    assert refund(gift).value("Status") == "Completed"
    assert gift.status == ("Refunded", "refunded")


def test_a_refund_whose_answer_is_lost_is_counted_once(gift):
    gift.gives()
    gift.google.next("refund", "do_then_drop", times=3)
    assert refund(gift, "7.00").value("Status") == "Pending"
    gift.hear_everything()
    work()
    assert (gift.value("RefundedAmount"), len(gift.intent.refunds)) == ("7.00", 1)


def test_a_refund_in_the_dashboard_reaches_the_books(gift):
    gift.gives()
    gift.google.dashboard_refund(gift.intent.id, 500)
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Settled", None), "15.00")


def test_dispute_takes_money_back_and_won_one_brings_it_again(gift):
    """A dispute takes the money back and a won one brings it again."""
    gift.gives()
    dispute = gift.google.dispute(gift.intent.id)
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Reversed", "chargeback"), "0.00")
    gift.google.books.end_dispute(dispute, "won")
    gift.hear_everything()
    assert (gift.value("Status"), gift.current_amount) == ("Settled", "20.00")


# --- holding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(service: None, google: FakeGoogle, shop: PartnerClient, giver: Giver) -> GoogleGift:
    gift = GoogleGift(google, shop, giver, CapturePolicy="Manual")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Authorized", None)
    return gift


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, held.intent.captures) == ("20.00", 1)
    assert refund(held, "7.00").value("Status") == "Completed"


def test_held_money_is_let_go_when_the_partner_deletes_the_gift(held):
    assert held.shop.delete(f"/api/Contribution/{held.id}").status == 204
    assert (held.intent.status, held.intent.captures) == ("canceled", 0)


def test_what_stripe_held_no_longer_is_cancelled(held, later):
    later(days=8)
    held.hear_everything()
    assert held.status == ("Canceled", "authorization_lapsed")


def test_a_held_gift_says_that_it_was_already_given(held):
    assert "Already given: thank you" in held.page()


# --- on the way in ----------------------------------------------------------------------------------------------------


def test_credentials_that_are_no_account_are_400_with_sentence(service, shop):
    """Credentials that are no account are 400 with what would be one."""
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=GOOGLE.replace(ACCOUNT, "anna@example.org")))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "acct_ and letters and digits" in answer.text


@pytest.mark.parametrize(
    ("currency", "amount", "sentence"),
    [
        ("USD", "0.49", "The amount must be at least 0.50: Stripe takes no less in USD."),
        ("USD", "1000000.00", "The amount must be at most 999999.99: Stripe takes no more in USD."),
        ("KWD", "1.234", "The amount must end in 0: Stripe takes only two of the three decimals of KWD."),
    ],
)
def test_amounts_that_cannot_be_paid_are_400_and_nothing(currency, amount, sentence, service, google, shop):
    """Amounts that cannot be paid are 400 and nothing is opened."""
    goal_id = shop.new_goal(Currency=currency, GoalAmount="9999999", PaymentProviders=GOOGLE)
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(Amount=amount))
    assert (answer.status, answer.value("code")) == (400, "amount_refused")
    assert sentence in answer.text
    assert google.calls == []


@pytest.mark.parametrize(
    ("currency", "amount", "units", "shown"),
    [
        ("USD", "20.00", 2000, "20.00"),
        ("JPY", "2500", 2500, "2500"),
        ("ISK", "2500", 250_000, "2500"),
        ("KWD", "2.510", 2510, "2.51"),
        ("HUF", "2500.50", 250_050, "2500.50"),
    ],
)
def test_amounts_are_told_to_google_and_stripe_in_their_own_ways(currency, amount, units, shown, service, google, shop, giver):
    gift = GoogleGift(google, shop, giver, amount, Currency=currency, GoalAmount="9999")
    assert (gift.intent.amount, gift.intent.currency) == (units, currency.lower())
    assert button_in(gift.page())["request"]["transactionInfo"]["totalPrice"] == shown
    gift.gives()
    assert gift.status == ("Settled", None)


def test_an_account_that_cannot_receive_money_fails_the_gift(service, google, shop):
    goal_id = shop.new_goal(PaymentProviders=GOOGLE.replace(ACCOUNT, "acct_unknown"))
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).status == 502
    assert Contribution.objects.latest("pk").status_reason == "payee_cannot_receive"


def test_checkout_whose_opening_was_not_answered_is_opened_once(service, google, shop):
    """A checkout whose opening was not answered is opened once."""
    google.next("create_intent", "do_then_drop")
    goal_id = shop.new_goal(PaymentProviders=GOOGLE)
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).status == 201
    assert len(google.books.intents) == 1
    assert registry.adapter("google_stripe").key == "google_stripe"
