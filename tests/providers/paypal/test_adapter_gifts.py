"""A gift by PayPal, from the partner's POST to the books, over our own paths and in front of the fake."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

import clock
from contributions.audit import faults_in_the_books
from contributions.models import Contribution, LedgerEntry, ProviderRequest
from contributions.payment_requests import payment_request_for
from contributions.worker import sync_all_due
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml
from tests.providers.gift import PITY, THANKS, Gift, heard_at
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for
from tests.providers.paypal.webhooks import Webhook

pytestmark = pytest.mark.django_db


class PayPalGift(Gift):
    """One contribution paid by PayPal, and the people round it."""

    def __init__(self, paypal: FakePayPal, shop: PartnerClient, giver: Giver, **goal: str) -> None:
        super().__init__(shop, giver, **goal)
        self.paypal = paypal
        self.order_id = parse_qs(urlsplit(self.provider_url).query)["token"][0]

    @property
    def order(self):
        return self.paypal.orders[self.order_id]

    def comes_back(self, pays_with: str = "balance") -> str:
        """The giver approves and is sent back; where we send them on to."""
        return self.lands_at(self.paypal.approve(self.order_id, pays_with))

    def report(self, report: Webhook) -> int:
        return hear(report)

    def hear_everything(self) -> None:
        for report in self.paypal.webhooks_of(self.order_id):
            assert hear(report) == 200


def hear(report: Webhook) -> int:
    return heard_at("paypal", report.body, report.headers)


@pytest.fixture
def gift(service, paypal: FakePayPal, shop: PartnerClient, giver: Giver) -> PayPalGift:
    return PayPalGift(paypal, shop, giver)


@pytest.fixture(autouse=True)
def _the_books_are_right(request):
    yield
    if "django_db_setup" in request.fixturenames:
        assert list(faults_in_the_books()) == []


# --- the giver's way ------------------------------------------------------------------------------------------------


def test_a_gift_goes_through(gift):
    assert gift.status == ("Submitted", None)
    assert gift.provider_url.startswith(f"{gift.paypal.base_url}/checkoutnow?token=")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.current_amount == "20.00"
    entry = LedgerEntry.objects.get()
    [capture] = gift.order.captures
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (119, 1881, capture.id)
    assert [call.debug_id for call in gift.paypal.calls_of("capture")] == [entry.correlation_id]


def test_what_paypal_is_asked_for(gift, settings):
    [create] = gift.paypal.calls_of("create")
    base = f"{settings.PUBLIC_BASE_URL}/providers/paypal"
    assert create.json == {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "default",
                "custom_id": gift.id,
                "invoice_id": gift.id,
                "description": "Gift for A bicycle for Anna",
                "payee": {"email_address": "anna@example.org"},
                "amount": {"currency_code": "USD", "value": "20.00"},
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "locale": "en-US",
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    "landing_page": "NO_PREFERENCE",
                    "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                    "return_url": f"{base}/return/{gift.id}",
                    "cancel_url": f"{base}/cancel/{gift.id}",
                }
            }
        },
    }
    request = ProviderRequest.objects.get(operation="open")
    assert create.request_id == request.request_id
    assert request.correlation_id == create.debug_id


def test_a_merchant_id_is_a_payee_as_well(service, paypal, shop, giver):
    anna = paypal.account("anna@example.org")
    account = "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>{}</Credentials></PaymentProvider>"
    gift = PayPalGift(paypal, shop, giver, PaymentProviders=account.format(anna.merchant_id))
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.order.payee is anna


def test_an_address_in_other_letters_is_the_same_payee(gift):
    gift.order.unit["payee"]["email_address"] = "Anna@Example.ORG"
    gift.comes_back()
    assert gift.status == ("Settled", None)


def test_answer_that_names_no_payee_is_about_one_whom_we_named(gift):
    """An answer that names no payee is about the one whom we named when we created the order."""
    gift.paypal.next("get", "no_payee", times=9)
    gift.paypal.next("capture", "no_payee")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


@pytest.mark.parametrize("fault", ["other_payee", "other_merchant_id"])
def test_no_money_moves_to_another_payee_by_whatever_name(fault, gift):
    gift.paypal.next("get", fault, times=9)
    assert gift.comes_back() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "payee_mismatch")
    assert gift.order.captures == []


def test_merchant_id_that_came_with_order_names_same_payee(gift):
    """The merchant id that came with the order names the same payee from then on."""
    anna = gift.paypal.account("anna@example.org")
    assert Contribution.objects.get().payee_id == anna.merchant_id
    for operation, times in (("get", 9), ("capture", 1)):
        gift.paypal.next(operation, "merchant_id_alone", times=times)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


def test_merchant_id_that_did_not_come_with_order_proves_nothing(service, paypal, shop, giver):
    """A merchant id that did not come with the order proves nothing and moves nothing."""
    paypal.next("create", "no_payee")
    gift = PayPalGift(paypal, shop, giver)
    paypal.next("get", "merchant_id_alone", times=9)
    gift.comes_back()
    assert gift.status == ("Pending", "provider_unreachable")
    assert gift.order.captures == []
    paypal.no_more_faults()
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)


def test_order_whose_answer_to_its_making_names_another_payee(service, careless_paypal, settings, shop):
    """An order whose answer to its making names another payee gives no merchant id to believe."""
    settings.PAYPAL_API_BASE = careless_paypal.base_url
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = careless_paypal.client_id, careless_paypal.client_secret
    careless_paypal.next("create", "other_payee")
    shop.new_contribution(shop.new_goal())
    assert Contribution.objects.get().payee_id == ""


def test_giver_who_gives_up_has_cancelled_and_may_change(gift):
    """A giver who gives up has cancelled and may change their mind."""
    assert gift.lands_at(gift.paypal.give_up(gift.order_id)) == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_declined_instrument_sends_giver_back_to_paypal_and_next(gift):
    """A declined instrument sends the giver back to PayPal and the next try is a new request."""
    assert gift.comes_back("card_that_is_declined") == f"{gift.paypal.base_url}/checkoutnow?token={gift.order_id}"
    assert gift.status == ("Submitted", None)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    declined, taken = gift.paypal.calls_of("capture")
    assert declined.request_id != taken.request_id


def test_declined_instrument_found_by_worker_leaves_gift_open(gift, later):
    """A declined instrument found by the worker leaves the gift open until it expires."""
    gift.paypal.approve(gift.order_id, "card_that_is_declined")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Submitted", None)
    gift.hear_everything()
    assert gift.status == ("Submitted", None)
    gift.paypal.approve(gift.order_id)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("fault", ["foreign_link", "lookalike_link", "javascript_link"])
def test_a_giver_is_sent_to_paypal_and_nowhere_else(fault, service, careless_paypal, settings, shop):
    settings.PAYPAL_API_BASE = careless_paypal.base_url
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = careless_paypal.client_id, careless_paypal.client_secret
    goal_id = shop.new_goal()
    careless_paypal.next("create", fault)
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml())
    assert (answer.status, answer.value("code")) == (502, "checkout_refused")
    assert "example.net" not in answer.text
    assert Contribution.objects.get().status_reason == "unsafe_page"


def test_gift_that_nobody_approves_expires_although_paypal(gift, later):
    """A gift that nobody approves expires although PayPal has forgotten it long before."""
    later(hours=4)
    assert gift.paypal.calls_of("get") == []
    sync_all_due()
    assert gift.paypal.calls_of("get")[-1].status == 404
    assert gift.status == ("Submitted", None)
    assert gift.lands_at(gift.order.cancel_url + f"?token={gift.order_id}") == f"{PITY}?Id={gift.id}"
    later(hours=69)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Canceled", "giver_cancelled")


def test_a_forgotten_order_fails_the_gift_in_time(gift, later):
    """A forgotten order fails the gift when its time is over and not before."""
    later(hours=71)
    sync_all_due()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Failed", "checkout_expired")


def test_the_token_of_another_order_opens_nothing(gift, paypal, shop, giver):
    other = PayPalGift(paypal, shop, giver)
    paypal.approve(other.order_id)
    answer = giver.visit(gift.order.return_url + f"?token={other.order_id}&PayerID=X")
    assert answer.status == 400
    assert gift.status == other.status == ("Submitted", None)


def test_money_for_unconfirmed_address_is_pending_until_payee(gift):
    """Money for an unconfirmed address is pending until the payee accepts it."""
    gift.paypal.account("anna@example.org").confirmed = False
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "payee_must_accept")
    assert gift.current_amount == "0.00"
    gift.paypal.complete(gift.order.captures[0].id)
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_a_review_that_ends_badly_is_a_failed_gift(gift):
    gift.comes_back("under_review")
    assert gift.status == ("Pending", "under_review")
    gift.paypal.deny(gift.order.captures[0].id)
    gift.hear_everything()
    assert gift.status == ("Failed", "payment_declined")


def test_an_order_that_is_completed_without_money_is_no_gift(gift):
    assert gift.comes_back("refused_after_all") == f"{PITY}?Id={gift.id}"
    assert gift.order.status == "COMPLETED"
    assert gift.status == ("Failed", "payment_declined")
    assert gift.current_amount == "0.00"


def test_a_capture_whose_answer_is_lost_is_found_by_asking(gift):
    gift.paypal.next("capture", "do_then_drop", times=3)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "provider_unreachable")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)
    assert len(gift.order.captures) == 1
    assert len({call.request_id for call in gift.paypal.calls_of("capture")}) == 1


# --- reports --------------------------------------------------------------------------------------------------------


def test_the_approval_alone_settles_the_gift_of_a_absent_giver(gift):
    """The approval alone settles the gift of a giver who closed the browser."""
    gift.paypal.approve(gift.order_id)
    [approved] = gift.paypal.webhooks_of(gift.order_id)
    assert approved.event_type == "CHECKOUT.ORDER.APPROVED"
    assert gift.report(approved) == 200
    assert gift.status == ("Settled", None)
    assert gift.paypal.calls_of("verify") == []


def test_every_webhook_again_and_out_of_order_changes_nothing(gift):
    """Every webhook again and in the wrong order changes nothing."""
    gift.comes_back()
    gift.paypal.dashboard_refund(gift.order.captures[0].id, "5.00")
    gift.hear_everything()
    before = (gift.value("RecordVersionNumber"), gift.value("RefundedAmount"), gift.current_amount)
    assert before[1:] == ("5.00", "15.00")
    for report in reversed(gift.paypal.webhooks_of(gift.order_id) * 2):
        assert gift.report(report) == 200
    assert (gift.value("RecordVersionNumber"), gift.value("RefundedAmount"), gift.current_amount) == before


def test_refunds_in_paypals_dashboard_reach_the_books(gift):
    gift.comes_back()
    capture = gift.order.captures[0]
    gift.paypal.dashboard_refund(capture.id, "5.00")
    gift.report(gift.paypal.webhooks_of(gift.order_id)[-1])
    assert (gift.status, gift.current_amount) == (("Settled", None), "15.00")
    gift.paypal.dashboard_refund(capture.id)
    gift.report(gift.paypal.webhooks_of(gift.order_id)[-1])
    assert (gift.status, gift.current_amount) == (("Refunded", "refunded"), "0.00")


@pytest.mark.parametrize("reason", ["CHARGEBACK", "BUYER_COMPLAINT"])
def test_a_reversal_reaches_the_books(reason, gift):
    gift.comes_back()
    gift.paypal.reverse(gift.order.captures[0].id, reason)
    gift.report(gift.paypal.webhooks_of(gift.order_id)[-1])
    assert (gift.status, gift.current_amount) == (("Reversed", "chargeback"), "0.00")


def test_a_reversal_after_a_partial_refund_takes_what_was_left(gift):
    gift.comes_back()
    capture = gift.order.captures[0]
    gift.paypal.dashboard_refund(capture.id, "5.00")
    gift.report(gift.paypal.webhooks_of(gift.order_id)[-1])
    gift.paypal.reverse(capture.id)
    gift.report(gift.paypal.webhooks_of(gift.order_id)[-1])
    assert (gift.value("Status"), gift.value("RefundedAmount"), gift.current_amount) == ("Reversed", "5.00", "0.00")


def test_a_report_leads_to_the_gift_by_whatever_it_names(gift, paypal):
    gift.comes_back()
    capture = paypal.json_of(gift.order.captures[0])
    paypal.dashboard_refund(capture["id"], "1.00")
    without_order = {name: value for name, value in capture.items() if name not in {"supplementary_data", "links"}}
    by_capture = {name: value for name, value in without_order.items() if name != "custom_id"}
    by_reference = without_order | {"id": "9ZZ99999ZZ999999Z"}
    for resource in (by_capture, by_reference):
        asked = len(paypal.calls_of("get"))
        assert hear(paypal.webhook("PAYMENT.CAPTURE.COMPLETED", resource)) == 200
        assert len(paypal.calls_of("get")) == asked + 1
    assert gift.value("RefundedAmount") == "1.00"


def test_webhook_about_strangers_order_is_taken_and_logged(service, paypal, caplog):
    """A webhook about an order of somebody elses is taken and logged."""
    assert hear(paypal.webhook("CHECKOUT.ORDER.APPROVED", {"id": "5O190127TN364715T"})) == 200
    assert [record.message for record in caplog.records].count("report about an unknown checkout") == 1


def test_paypal_is_asked_to_call_again_while_it_gives_no_answer(gift):
    gift.paypal.approve(gift.order_id)
    gift.paypal.next("get", "error_503", times=9)
    assert gift.report(gift.paypal.webhooks_of(gift.order_id)[0]) == 503


# --- without a webhook ----------------------------------------------------------------------------------------------


@pytest.fixture
def gift_unheard(service, settings, paypal: FakePayPal, shop: PartnerClient, giver: Giver) -> PayPalGift:
    """A gift in a service that could not register a webhook."""
    settings.PAYPAL_WEBHOOK_ID = ""
    return PayPalGift(paypal, shop, giver)


def test_unheard_paypal_is_offered_and_a_gift_goes_through(gift_unheard):
    """Without a webhook PayPal is offered and a gift goes through."""
    assert gift_unheard.comes_back() == f"{THANKS}?Id={gift_unheard.id}"
    assert gift_unheard.status == ("Settled", None)


def test_unheard_webhooks_are_refused_unread_with_line(gift_unheard, paypal, caplog):
    """Without a webhook webhooks are refused unread with a line that says why."""
    paypal.approve(gift_unheard.order_id)
    asked = len(paypal.calls)
    [approved] = paypal.webhooks_of(gift_unheard.order_id)
    for report in (approved, paypal.webhook("CHECKOUT.ORDER.APPROVED", {"id": gift_unheard.order_id}, webhook_id="")):
        caplog.clear()
        assert hear(report) == 400
        [refused] = [record for record in caplog.records if record.message == "report refused"]
        assert refused.error.startswith("PAYPAL_WEBHOOK_ID is not set")
    assert gift_unheard.status == ("Submitted", None)
    assert len(paypal.calls) == asked


@pytest.mark.parametrize("minutes", [1, 60, 100, 120, 150, 179])
def test_unheard_worker_finds_absent_giver_while_paypal(minutes, gift_unheard, paypal, later):
    """Without a webhook the worker finds a giver who closed the browser while PayPal still waits."""

    def works_until(moment: datetime) -> None:
        while (due_at := Contribution.objects.get().due_at) is not None and due_at <= moment:
            later(seconds=max(0.0, (due_at - clock.now()).total_seconds()))
            sync_all_due()
        later(seconds=max(0.0, (moment - clock.now()).total_seconds()))

    made_at = clock.now()
    works_until(made_at + timedelta(minutes=minutes))
    paypal.approve(gift_unheard.order_id)
    works_until(clock.now() + timedelta(minutes=80))
    assert gift_unheard.status == ("Settled", None)


def test_unheard_worker_finds_what_was_given_back_and_taken_back(gift_unheard, paypal, later):
    """Without a webhook the worker finds what was given back and taken back at PayPal's."""
    gift_unheard.comes_back()
    [capture] = gift_unheard.order.captures
    paypal.dashboard_refund(capture.id, "5.00")
    later(days=2)
    sync_all_due()
    assert (gift_unheard.status, gift_unheard.current_amount) == (("Settled", None), "15.00")
    paypal.reverse(capture.id)
    later(days=10)
    sync_all_due()
    assert (gift_unheard.status, gift_unheard.current_amount) == (("Reversed", "chargeback"), "0.00")


# --- giving back ----------------------------------------------------------------------------------------------------


def refund(gift: PayPalGift, amount: str = ""):
    body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body)


def test_a_refund_is_made_in_the_payees_name(gift):
    gift.comes_back()
    assert refund(gift, "7.00").value("Status") == "Completed"
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert refund(gift).value("Status") == "Completed"
    assert gift.status == ("Refunded", "refunded")
    gift.hear_everything()
    assert gift.value("RefundedAmount") == "20.00"


def test_a_refund_that_the_payee_does_not_allow_fails(gift):
    gift.comes_back()
    gift.paypal.account("anna@example.org").consents = False
    assert refund(gift).value("Status") == "Failed"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


def test_a_refund_whose_answer_is_lost_is_counted_once(gift):
    gift.comes_back()
    gift.paypal.next("refund", "do_then_drop", times=3)
    assert refund(gift, "7.00").value("Status") == "Pending"
    gift.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert len(gift.order.refunds) == 1


def test_refund_that_paypal_has_forgotten_request(gift):
    """A refund that PayPal has forgotten the request of is still made once."""
    gift.comes_back()
    order, adapter = payment_request_for(Contribution.objects.get()), adapter_for(gift.paypal)
    first, again = (
        adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id=request_id)
        for request_id in ("refund-1", "refund-2")
    )
    assert (again.provider_reference, again.state) == (first.provider_reference, "completed")
    assert len(gift.order.refunds) == 1


# --- holding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(service, paypal, shop, giver) -> PayPalGift:
    gift = PayPalGift(paypal, shop, giver, CapturePolicy="Manual")
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Authorized", None)
    return gift


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert held.current_amount == "20.00"
    assert len(held.order.captures) == 1
    assert refund(held, "7.00").value("Status") == "Completed"


def test_held_money_is_let_go_when_the_partner_deletes_the_gift(held):
    assert held.shop.delete(f"/api/Contribution/{held.id}").status == 204
    assert [one.status for one in held.order.authorizations] == ["VOIDED"]


def test_money_held_in_end_for_what_was_deleted_is_let_go(service, paypal, shop, giver):
    """Money held in the end for what was deleted is let go although nobody knew its id."""
    gift = PayPalGift(paypal, shop, giver, CapturePolicy="Manual")
    paypal.next("authorize", "do_then_drop", times=3)
    gift.comes_back()
    assert gift.status == ("Pending", "provider_unreachable")
    assert shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    sync_all_due(whether_due_or_not=True)
    assert [one.status for one in gift.order.authorizations] == ["VOIDED"]


def test_what_paypal_can_hold_no_longer_is_let_go_day(held, later):
    """What PayPal can hold no longer is let go a day before it lapses."""
    later(days=28, minutes=1)
    sync_all_due()
    sync_all_due(whether_due_or_not=True)
    assert held.status == ("Canceled", "authorization_lapsed")
    assert {one.status for one in held.order.authorizations} == {"VOIDED"}


def test_what_the_payee_let_go_in_the_dashboard_is_cancelled(held):
    held.paypal.void_in_the_dashboard(held.order.authorizations[0].id)
    held.report(held.paypal.webhooks_of(held.order_id)[-1])
    assert held.status == ("Canceled", "voided_by_provider")


# --- on the way in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", ["anna", "anna@", "QYR5Z8XDVJNX", "qyr5z8xdvjnxq", "QYR5Z8XDVJNX0"])
def test_credentials_that_are_no_payee_are_400_with_sentence(credentials, service, shop):
    """Credentials that are no payee are 400 with what would be one."""
    account = f"<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>{credentials}</Credentials></PaymentProvider>"
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=account))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "an e-mail address such as anna@example.org, or a merchant ID of 13 characters" in answer.text
    assert credentials not in answer.text.replace("anna@example.org", "")


def test_currency_that_paypal_does_not_take_is_400_with_those(service, shop):
    """A currency that PayPal does not take is 400 with those that it takes."""
    answer = shop.post("/api/savings", goal_xml(Currency="KWD", GoalAmount="250.000"))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "PayPal takes no KWD; it takes AUD, BRL," in answer.text
    goal_id = shop.new_goal()
    answer = shop.patch(f"/api/SavingGoal/{goal_id}", goal_patch("KWD"))
    assert answer.status == 400
    assert "PayPal takes no KWD" in answer.text


def goal_patch(currency: str) -> str:
    return (
        f"<SavingGoal><Currency>{currency}</Currency><GoalAmount>250</GoalAmount>"
        "<RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    )


@pytest.mark.parametrize(("currency", "sent"), [("HUF", "2500"), ("TWD", "2500"), ("JPY", "2500")])
def test_currencies_without_decimals_at_paypal_are_sent_right(currency, sent, service, paypal, shop, giver):
    """Currencies without decimals at PayPal are sent right or refused."""
    goal_id = shop.new_goal(Currency=currency, GoalAmount="9999")
    path = f"/api/SavingGoal/{goal_id}/Contributions"
    if currency != "JPY":
        answer = shop.post(path, contribution_xml(Amount="2500.50"))
        assert (answer.status, answer.value("code")) == (400, "amount_refused")
        assert f"The amount must be a whole number: PayPal takes no decimals in {currency}." in answer.text
        assert not Contribution.objects.exists()
    made = shop.post(path, contribution_xml(Amount="2500"))
    assert made.status == 201
    [order] = paypal.orders.values()
    assert order.amount.json == {"currency_code": currency, "value": sent}
    giver.visit(paypal.approve(order.id))
    settled = shop.get(f"/api/Contribution/{made.value('Id')}")
    assert settled.value("Status") == "Settled"
    if currency != "JPY":
        answer = shop.post(f"/api/Contribution/{made.value('Id')}/Refunds", "<Refund><Amount>0.50</Amount></Refund>")
        assert (answer.status, answer.value("code")) == (400, "amount_refused")


def test_gift_that_simulator_opened_stays_with_simulator(settings, paypal, shop, giver):
    """A gift that the simulator opened stays with the simulator."""
    goal_id = shop.new_goal(ConfirmationURL=THANKS, CancelURL=PITY)
    made = shop.new_contribution(goal_id)
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    settings.PAYPAL_API_BASE = paypal.base_url
    assert giver.pay(made.value("ProviderURL") or "").headers["Location"] == f"{THANKS}?Id={made.value('Id')}"
    assert shop.get(f"/api/Contribution/{made.value('Id')}").value("Status") == "Settled"
    assert paypal.calls == []


def test_a_gift_of_paypals_stays_with_paypal_without_keys(gift, settings):
    """A gift of PayPal's stays with PayPal and waits when the keys are gone."""
    gift.paypal.approve(gift.order_id)
    settings.PROVIDERS_WITH_KEYS, settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = set(), "", ""
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Submitted", None)
