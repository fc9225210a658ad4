"""A gift by Stripe, from the partner's POST to the books, over our own paths and in front of the fake."""

import pytest
import requests

from contributions.audit import faults_in_the_books
from contributions.models import Contribution, LedgerEntry, ProviderRequest
from contributions.payment_requests import payment_request_for
from contributions.worker import sync_all_due
from providers import registry
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml
from tests.providers.gift import PITY, THANKS, Gift, heard_at
from tests.providers.stripe import params
from tests.providers.stripe.fake import FakeStripe, Webhook
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.django_db

ACCOUNT = "acct_1PgafTB7WZ01zgkW"
STRIPE = f"<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>{ACCOUNT}</Credentials></PaymentProvider>"


class StripeGift(Gift):
    """One contribution paid by Stripe, and the people round it."""

    def __init__(
        self, stripe: FakeStripe, shop: PartnerClient, giver: Giver, amount: str = "20.00", **goal: str
    ) -> None:  # fmt: skip
        super().__init__(shop, giver, amount=amount, **{"PaymentProviders": STRIPE} | goal)
        self.stripe = stripe
        self.session_id = self.provider_url.partition("#")[0].rpartition("/")[2]

    @property
    def session(self):
        return self.stripe.sessions[self.session_id]

    @property
    def intent(self):
        return self.stripe.intent_of(self.session_id)

    def comes_back(self, pays_with: str = "card") -> str:
        """The giver pays and is sent back; where we send them on to."""
        return self.lands_at(self.stripe.pay(self.session_id, pays_with))

    def cancels(self) -> str:
        """The giver presses Back; where we send them on to."""
        return self.lands_at(self.stripe.give_up(self.session_id))

    def hear_the_last(self) -> int:
        return hear(self.stripe.webhooks_of(self.session_id)[-1])

    def hear_everything(self) -> None:
        for report in self.stripe.webhooks_of(self.session_id):
            assert hear(report) == 200


def hear(report: Webhook) -> int:
    return heard_at("stripe", report.body, report.headers)


def work() -> None:
    sync_all_due(whether_due_or_not=True)


@pytest.fixture
def gift(service, stripe: FakeStripe, shop: PartnerClient, giver: Giver) -> StripeGift:
    return StripeGift(stripe, shop, giver)


@pytest.fixture(autouse=True)
def _the_books_are_right(request):
    yield
    if "django_db_setup" in request.fixturenames:
        assert list(faults_in_the_books()) == []


# --- the giver's way ------------------------------------------------------------------------------------------------


def test_a_gift_goes_through_stripes_page_into_the_books(gift):
    """A gift goes from our post through Stripe's page into the books."""
    assert gift.status == ("Submitted", None)
    page = requests.get(gift.provider_url, timeout=5)
    assert page.status_code == 200
    assert "Gift for A bicycle for Anna" in page.text
    pressed = requests.post(
        gift.provider_url, data={"choice": "pay", "pays_with": "card"}, timeout=5, allow_redirects=False
    )  # fmt: skip
    assert gift.lands_at(pressed.headers["Location"]) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.current_amount == "20.00"
    entry = LedgerEntry.objects.get()
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (88, 2000, gift.intent.id)
    assert [call.debug_id for call in gift.stripe.calls_of("get")] == [entry.correlation_id]


def test_what_stripe_is_asked_for(gift, settings):
    [create] = gift.stripe.calls_of("create")
    base, request = f"{settings.PUBLIC_BASE_URL}/providers/stripe", ProviderRequest.objects.get(operation="open")
    assert params.tree_of(create.body.decode()) == {
        "mode": "payment",
        "client_reference_id": gift.id,
        "success_url": f"{base}/return/{gift.id}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{base}/cancel/{gift.id}?session_id={request.request_id}",
        "line_items": {
            "0": {
                "quantity": "1",
                "price_data": {
                    "currency": "usd",
                    "unit_amount": "2000",
                    "product_data": {"name": "Gift for A bicycle for Anna"},
                },
            }
        },
        "adaptive_pricing": {"enabled": "false"},
        "metadata": {"contribution": gift.id, "payee": ACCOUNT},
        "payment_intent_data": {
            "capture_method": "automatic",
            "transfer_data": {"destination": ACCOUNT},
            "metadata": {"contribution": gift.id},
        },
    }
    assert create.headers["idempotency-key"] == request.request_id
    assert create.headers["stripe-version"] == "2026-10-28.endive"
    assert request.correlation_id == create.debug_id


def test_the_page_keeps_what_stands_behind_the_hash(gift):
    assert gift.provider_url == gift.session.url
    assert "#" in gift.provider_url
    assert gift.lands_at(f"/pay/{gift.id}") == gift.session.url


def test_return_with_id_of_another_session_or_that_of_cancel(gift):
    """A return with the id of another session or that of the cancel link changes nothing."""
    back = gift.stripe.pay(gift.session_id)
    request = ProviderRequest.objects.get(operation="open")
    for token in ("cs_test_elsewhere", "", "{CHECKOUT_SESSION_ID}", request.request_id):
        assert gift.giver.visit(back.replace(gift.session_id, token)).status == 400
    assert gift.giver.visit(back.partition("?")[0]).status == 400
    assert gift.status == ("Submitted", None)


def test_giver_who_is_declined_stays_at_stripes_and_pays(gift):
    """A giver who is declined stays at Stripe's and pays with another card."""
    assert gift.stripe.pay(gift.session_id, "card_that_is_declined") == gift.session.url
    gift.hear_everything()
    assert gift.status == ("Submitted", None)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("pays_with", ["card_that_is_declined", "card_that_wants_a_word"])
def test_who_comes_back_without_having_paid_has_not_paid(pays_with, gift):
    gift.stripe.pay(gift.session_id, pays_with)
    back = gift.session.asked["success_url"].replace("{CHECKOUT_SESSION_ID}", gift.session_id)
    assert gift.lands_at(back) == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Submitted", None)


@pytest.mark.parametrize(("good", "status"), [(True, ("Settled", None)), (False, ("Failed", "payment_declined"))])
def test_a_bank_debit_is_pending_until_the_bank_has_spoken(good, status, gift):
    assert gift.comes_back("bank_debit") == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "awaiting_bank")
    gift.stripe.books.end_debit(gift.session, good=good)
    gift.hear_everything()
    assert gift.status == status


@pytest.mark.parametrize("fault", ["foreign_page", "lookalike_page", "javascript_page", "plain_page"])
def test_a_giver_is_sent_to_stripe_and_nowhere_else(fault, service, stripe, shop):
    stripe.next("create", fault)
    goal_id = shop.new_goal(PaymentProviders=STRIPE)
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml())
    assert answer.status == 502
    assert Contribution.objects.get().status_reason == "unsafe_page"


# --- giving up ------------------------------------------------------------------------------------------------------


def test_giver_who_cancels_has_cancelled_and_old_tab_cannot_pay(gift):
    """A giver who cancels has cancelled and an old tab cannot pay."""
    assert gift.cancels() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    [expire] = gift.stripe.calls_of("expire")
    request = ProviderRequest.objects.get(operation="close")
    assert (expire.headers["idempotency-key"], request.outcome) == (request.request_id, "answered")
    old_tab = requests.post(gift.provider_url, data={"choice": "pay", "pays_with": "card"}, timeout=5, allow_redirects=False)
    assert old_tab.status_code == 409
    gift.hear_everything()
    work()
    assert gift.status == ("Canceled", "giver_cancelled")
    assert len(gift.stripe.calls_of("expire")) == 1


def test_who_pays_in_another_tab_while_cancelling_has_paid(gift):
    """The session is still open when it is asked about, and complete when it is to be closed."""
    ask, tabs = gift.stripe._get, []

    def asked_then_paid(call, asked):
        told = ask(call, asked)
        if not tabs:
            tabs.append(gift.stripe.pay(gift.session_id))
        return told

    gift.stripe._get = asked_then_paid
    assert gift.cancels() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert len(gift.stripe.calls_of("expire")) == 1


@pytest.mark.parametrize("fault", ["drop", "error_500_kept", "do_then_drop", "rate_limited"])
def test_checkout_that_could_not_be_closed_is_closed_by_worker(fault, gift, later):
    """A checkout that could not be closed is closed by the worker under the same request id."""
    gift.stripe.next("expire", fault, times=3)
    assert gift.cancels() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    gift.stripe.no_more_faults()
    registry.adapter("stripe").client.caller._resting_until = 0.0
    later(hours=23)  # a kept 500 is kept for a day, and a session open for no longer
    work()
    gift.stripe.later(hours=2)
    work()
    assert gift.session.status == "expired"
    assert gift.status == ("Canceled", "giver_cancelled")
    assert len({call.headers["idempotency-key"] for call in gift.stripe.calls_of("expire")}) == 1


def test_a_gift_that_the_client_deletes_is_closed_at_once(gift):
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.session.status == "expired"
    assert Contribution.objects.get().status == "Canceled"
    assert Contribution.objects.get().due_at is None


def test_the_gifts_of_a_deleted_goal_are_closed_by_the_worker(gift):
    assert gift.shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    work()
    assert gift.session.status == "expired"
    contribution = Contribution.objects.get()
    assert (contribution.status, contribution.status_reason) == ("Canceled", "goal_deleted")


def test_money_that_came_in_before_deleted_gift_was_closed_goes(gift):
    """Money that came in before a deleted gift was closed goes back."""
    gift.stripe.pay(gift.session_id)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    work()
    assert gift.intent.given_back == 2000
    assert Contribution.objects.get().status == "Canceled"


def test_session_that_stripe_has_closed_after_day_has_failed(gift, later):
    """A session that Stripe has closed after a day has failed the gift."""
    later(hours=23)
    work()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    gift.hear_everything()
    assert gift.status == ("Failed", "checkout_expired")


def test_session_in_which_only_declined_cards_were_tried(gift, later):
    """A session in which only declined cards were tried says so in the end."""
    gift.stripe.pay(gift.session_id, "card_that_is_declined")
    later(hours=25)
    work()
    assert gift.status == ("Failed", "instrument_declined")


def test_a_gift_that_we_give_up_before_stripe_does_is_closed(gift, later, settings):
    settings.CHECKOUT_EXPIRY_HOURS = 1
    later(hours=2)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert gift.session.status == "expired"


def test_session_that_stripe_does_not_know_fails_gift_in_time(gift, later):
    """A session that Stripe does not know fails the gift when its time is over and not before."""
    del gift.stripe.sessions[gift.session_id]
    later(hours=71)
    work()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    work()
    assert gift.status == ("Failed", "checkout_expired")


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_gift_whose_answer_is_lost_is_pending_and_found(gift):
    """A gift whose answer is lost is pending and found by asking."""
    gift.stripe.next("get", "drop", times=3)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "provider_unreachable")
    work()
    assert gift.status == ("Settled", None)


def test_the_webhook_alone_settles_the_gift_of_a_absent_giver(gift):
    """The webhook alone settles the gift of a giver who closed the browser."""
    gift.stripe.pay(gift.session_id)
    assert hear(gift.stripe.webhooks_of(gift.session_id)[0]) == 200
    assert gift.status == ("Settled", None)


def test_every_webhook_again_and_out_of_order_changes_nothing(gift):
    """Every webhook again and in the wrong order changes nothing."""
    gift.comes_back()
    gift.stripe.dashboard_refund(gift.session_id, 500)
    reports = gift.stripe.webhooks_of(gift.session_id)
    for report in [*reversed(reports), *reports]:
        assert hear(report) == 200
    assert (gift.status, gift.current_amount) == (("Settled", None), "15.00")
    assert LedgerEntry.objects.count() == 2


def test_a_partial_capture_in_the_dashboard_waits_for_a_person(service, stripe, shop, giver):
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    stripe.pay(gift.session_id)
    stripe.books.capture(gift.intent, 500)
    gift.hear_everything()
    assert gift.status == ("Pending", "amount_mismatch")
    assert gift.current_amount == "0.00"


def test_money_for_another_account_is_not_counted(gift):
    gift.session.asked["payment_intent_data"]["transfer_data"]["destination"] = "acct_bob"
    gift.comes_back()
    assert gift.status == ("Pending", "payee_mismatch")
    assert gift.current_amount == "0.00"


# --- what is taken back -----------------------------------------------------------------------------------------------


def test_refunds_in_stripes_dashboard_reach_the_books(gift):
    gift.comes_back()
    gift.stripe.dashboard_refund(gift.session_id, 500)
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Settled", None), "15.00")
    gift.stripe.dashboard_refund(gift.session_id)
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Refunded", "refunded"), "0.00")


def test_payment_given_back_in_more_parts(gift):
    """A payment given back in more parts than it tells of is told whole."""
    gift.comes_back()
    for _ in range(12):
        gift.stripe.dashboard_refund(gift.session_id, 100)
    gift.hear_the_last()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("12.00", "8.00")
    assert len(gift.stripe.calls_of("list_refunds")) == 1


def test_dispute_takes_money_back_and_won_one_brings_it_again(gift):
    """A dispute takes the money back and a won one brings it again."""
    gift.comes_back()
    dispute = gift.stripe.dispute(gift.session_id)
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Reversed", "chargeback"), "0.00")
    gift.stripe.books.end_dispute(dispute, "under_review")
    gift.hear_the_last()
    assert gift.value("Status") == "Reversed"
    gift.stripe.books.end_dispute(dispute, "won")
    gift.hear_the_last()
    assert (gift.value("Status"), gift.current_amount) == ("Settled", "20.00")


def test_a_lost_dispute_stays_lost(gift):
    gift.comes_back()
    gift.stripe.books.end_dispute(gift.stripe.dispute(gift.session_id), "lost")
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Reversed", "chargeback"), "0.00")


def test_question_of_bank_is_no_chargeback_and_word(gift):
    """A question of the bank is no chargeback and a word that nobody knows moves nothing."""
    gift.comes_back()
    dispute = gift.stripe.dispute(gift.session_id, "warning_needs_response")
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    gift.stripe.books.end_dispute(dispute, "simmering")
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


# --- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_leads_to_the_gift_by_whatever_it_names(gift, stripe):
    gift.comes_back()
    refund = stripe.json_of(stripe.dashboard_refund(gift.session_id, 100))
    named = [
        {"object": "checkout.session", "id": gift.session_id},
        {"object": "payment_intent", "id": gift.intent.id},
        {"object": "charge", "id": "ch_1", "payment_intent": gift.intent.id},
        {"object": "payment_intent", "id": "pi_elsewhere", "metadata": {"contribution": gift.id}},
        refund,
    ]
    for about in named:
        asked = len(stripe.calls_of("get"))
        assert hear(stripe.webhook("charge.refunded", about)) == 200
        assert len(stripe.calls_of("get")) == asked + 1
    assert gift.value("RefundedAmount") == "1.00"


def test_webhook_about_strangers_session_is_taken_and_logged(service, stripe, caplog):
    """A webhook about a session of somebody elses is taken and logged."""
    assert hear(stripe.webhook("checkout.session.completed", {"object": "checkout.session", "id": "cs_test_1"})) == 200
    assert [record.message for record in caplog.records].count("report about an unknown checkout") == 1


def test_stripe_is_asked_to_call_again_while_it_gives_no_answer(gift):
    gift.stripe.pay(gift.session_id)
    gift.stripe.next("get", "error_503", times=9)
    assert gift.hear_the_last() == 503


# --- giving back ----------------------------------------------------------------------------------------------------


def refund(gift: StripeGift, amount: str = ""):
    body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body)


def test_a_refund_is_taken_from_the_payee(gift):
    gift.comes_back()
    assert refund(gift, "7.00").value("Status") == "Completed"
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert gift.intent.refunds[0].reverse_transfer
    assert refund(gift).value("Status") == "Completed"
    assert gift.status == ("Refunded", "refunded")
    gift.hear_everything()
    assert gift.value("RefundedAmount") == "20.00"


def test_less_can_be_given_back_than_could_be_given(gift):
    gift.comes_back()
    assert refund(gift, "0.01").value("Status") == "Completed"
    assert gift.value("RefundedAmount") == "0.01"


def test_a_refund_that_the_balance_does_not_cover_fails(gift):
    gift.comes_back()
    gift.stripe.books.balance_is_empty = True
    assert refund(gift).value("Status") == "Failed"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


def test_refund_that_bank_thinks_about_is_pending(gift):
    """A refund that the bank thinks about is pending until it is done."""
    gift.comes_back()
    gift.stripe.next("refund", "pending")
    assert refund(gift, "7.00").value("Status") == "Pending"
    gift.stripe.books.end_refund(gift.intent.refunds[0], "succeeded")
    work()
    assert gift.value("RefundedAmount") == "7.00"


def test_a_refund_whose_answer_is_lost_is_counted_once(gift):
    gift.comes_back()
    gift.stripe.next("refund", "do_then_drop", times=3)
    assert refund(gift, "7.00").value("Status") == "Pending"
    gift.hear_everything()
    work()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert len(gift.intent.refunds) == 1


def test_refund_of_which_stripe_has_forgotten_request(gift):
    """A refund of which Stripe has forgotten the request is still made once."""
    gift.comes_back()
    order, adapter = payment_request_for(Contribution.objects.get()), adapter_for(gift.stripe)
    first = adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id="refund-1")
    gift.stripe.later(hours=25)
    again = adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id="refund-1")
    assert (again.provider_reference, again.state) == (first.provider_reference, "completed")
    assert len(gift.intent.refunds) == 1


# --- holding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(service, stripe, shop, giver) -> StripeGift:
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Authorized", None)
    return gift


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.session.asked["payment_intent_data"]["capture_method"] == "manual"
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, held.intent.captures) == ("20.00", 1)
    assert refund(held, "7.00").value("Status") == "Completed"


def test_held_money_is_taken_when_the_goal_is_reached(service, stripe, shop, giver):
    gift = StripeGift(stripe, shop, giver, CapturePolicy="OnGoalReached", GoalAmount="20.00")
    gift.comes_back()
    work()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


def test_a_capture_whose_answer_is_lost_is_made_once(held):
    held.stripe.next("capture", "do_then_drop", times=3)
    held.shop.post(f"/api/Contribution/{held.id}/Capture", "")
    work()
    assert (held.status, held.intent.captures) == (("Settled", None), 1)


def test_trouble_that_stripe_repeats_for_day_is_overcome(held):
    """A trouble that Stripe repeats for a day is overcome after it."""
    held.stripe.next("capture", "error_500_kept")
    held.shop.post(f"/api/Contribution/{held.id}/Capture", "")
    work()
    assert (held.status, held.intent.captures) == (("Authorized", None), 0)
    assert [call.replayed for call in held.stripe.calls_of("capture")][-1]
    held.stripe.later(hours=25)
    work()
    assert (held.status, held.intent.captures) == (("Settled", None), 1)
    assert len({call.headers["idempotency-key"] for call in held.stripe.calls_of("capture")}) == 1


def test_held_money_is_let_go_when_the_partner_deletes_the_gift(held):
    assert held.shop.delete(f"/api/Contribution/{held.id}").status == 204
    assert (held.intent.status, held.intent.captures) == ("canceled", 0)


@pytest.mark.parametrize("tells", [True, False])
def test_what_stripe_can_hold_no_longer_is_let_go_day(tells, service, stripe, shop, giver, later):
    """What Stripe can hold no longer is let go a day before it lapses."""
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    stripe.pay(gift.session_id)
    gift.intent.tells_until_when = tells
    gift.hear_everything()
    later(days=6, minutes=1)
    sync_all_due()
    work()
    assert gift.status == ("Canceled", "authorization_lapsed")
    assert gift.intent.status == "canceled"


def test_what_stripe_held_no_longer_is_cancelled(held, later):
    later(days=8)
    assert held.hear_the_last() == 200
    assert held.status == ("Canceled", "authorization_lapsed")


def test_what_was_let_go_in_the_dashboard_is_cancelled(held):
    held.stripe.books.cancel(held.intent)
    held.hear_the_last()
    assert held.status == ("Canceled", "voided_by_provider")


# --- on the way in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", ["anna@example.org", "acct_", "acct-1", "sk_live_1"])
def test_credentials_that_are_no_account_are_400_with_sentence(credentials, service, shop):
    """Credentials that are no account are 400 with what would be one."""
    account = f"<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>{credentials}</Credentials></PaymentProvider>"
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=account))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "acct_ and letters and digits" in answer.text
    assert credentials not in answer.text.replace("acct_ and", "")


def test_a_currency_that_stripe_does_not_take_is_400(service, shop):
    answer = shop.post("/api/savings", goal_xml(Currency="CLF", GoalAmount="250.0000", PaymentProviders=STRIPE))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "Stripe takes no CLF: https://docs.stripe.com/currencies lists what it takes." in answer.text


@pytest.mark.parametrize(
    ("currency", "amount", "sentence"),
    [
        ("USD", "0.49", "The amount must be at least 0.50: Stripe takes no less in USD."),
        ("USD", "1000000.00", "The amount must be at most 999999.99: Stripe takes no more in USD."),
        ("JPY", "49", "The amount must be at least 50: Stripe takes no less in JPY."),
        ("ISK", "1000000", "The amount must be at most 999999: Stripe takes no more in ISK."),
        ("KWD", "1.234", "The amount must end in 0: Stripe takes only two of the three decimals of KWD."),
        ("MGA", "1000.50", "The amount must be a whole number: Stripe takes no decimals in MGA."),
    ],
)
def test_amounts_that_stripe_does_not_take_are_400_and_nothing(currency, amount, sentence, service, stripe, shop):
    """Amounts that Stripe does not take are 400 and nothing is opened."""
    goal_id = shop.new_goal(Currency=currency, GoalAmount="9999999", PaymentProviders=STRIPE)
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(Amount=amount))
    assert (answer.status, answer.value("code")) == (400, "amount_refused")
    assert sentence in answer.text
    assert stripe.calls == []
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    ("currency", "amount", "units"),
    [
        ("JPY", "2500", 2500),
        ("ISK", "2500", 250_000),
        ("KWD", "2.510", 2510),
        ("HUF", "2500.50", 250_050),
        ("MGA", "2500", 2500),
    ],
)
def test_amounts_are_sent_and_read_in_stripes_own_units(currency, amount, units, service, stripe, shop, giver):
    gift = StripeGift(stripe, shop, giver, amount, Currency=currency, GoalAmount="9999")
    assert (gift.session.amount, gift.session.currency) == (units, currency.lower())
    gift.comes_back()
    assert gift.status == ("Settled", None)
    assert refund(gift).value("Status") == "Completed"
    assert gift.intent.given_back == units


def test_an_account_that_cannot_receive_money_fails_the_gift(service, stripe, shop):
    for credentials in ("acct_unknown", "acct_anna"):
        stripe.books.cannot_receive.add("acct_anna")
        goal_id = shop.new_goal(PaymentProviders=STRIPE.replace(ACCOUNT, credentials))
        assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).status == 502
        assert Contribution.objects.latest("pk").status_reason == "payee_cannot_receive"


def test_a_gift_of_stripes_stays_with_stripe_without_keys(gift, settings):
    """A gift of Stripe's stays with Stripe and waits when the keys are gone."""
    gift.stripe.pay(gift.session_id)
    settings.PROVIDERS_WITH_KEYS, settings.STRIPE_SECRET_KEY = set(), ""
    work()
    assert gift.status == ("Submitted", None)
