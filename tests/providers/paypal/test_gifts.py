"""A gift by PayPal, from the partner's POST to the books, over our own paths and in front of the fake: the giver's way."""

import pytest

from contributions.models import Contribution, LedgerEntry, ProviderRequest
from contributions.worker import sync_all_due
from tests.conftest import PartnerClient, contribution_xml, goal_xml, register
from tests.providers.gift import PITY, THANKS
from tests.providers.paypal.gift import PAYEE, PayPalGift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def careless(settings, service, careless_paypal):
    """The service talks to a PayPal whose violations are not judged."""
    settings.PAYPAL_API_BASE = careless_paypal.base_url
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = careless_paypal.client_id, careless_paypal.client_secret
    return careless_paypal


def test_a_gift_goes_through(gift):
    assert gift.status == ("Submitted", None)
    assert gift.page() == f"{gift.paypal.base_url}/checkoutnow?token={gift.order_id}"
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    entry, [capture] = LedgerEntry.objects.get(), gift.order.captures
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (119, 1881, capture.id)
    assert [call.debug_id for call in gift.paypal.calls_of("capture")] == [entry.correlation_id]


def test_what_paypal_is_asked_for(gift, settings):
    [create] = gift.paypal.calls_of("create")
    base = f"{settings.PUBLIC_BASE_URL}/providers/paypal"
    unit = {
        "reference_id": "default", "custom_id": gift.id, "invoice_id": gift.id,
        "description": "Gift for A bicycle for Anna", "soft_descriptor": "Annas Shop",
        "payee": {"email_address": "anna@example.org"},
        "amount": {"currency_code": "USD", "value": "20.00"},
    }  # fmt: skip
    context = {
        "brand_name": "Anna's Shop",
        "locale": "en-US", "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING", "landing_page": "NO_PREFERENCE",
        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
        "return_url": f"{base}/return/{gift.id}", "cancel_url": f"{base}/cancel/{gift.id}",
    }  # fmt: skip
    source = {"paypal": {"experience_context": context}}
    assert create.json == {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": source}
    request = ProviderRequest.objects.get(operation="open")
    assert (create.request_id, create.debug_id) == (request.request_id, request.correlation_id)


def test_a_merchant_id_is_a_payee_as_well(service, paypal, shop, giver):
    anna = paypal.account("anna@example.org")
    gift = PayPalGift(paypal, shop, giver, PaymentProviders=PAYEE.format(anna.merchant_id))
    gift.comes_back()
    assert (gift.status, gift.order.payee) == (("Settled", None), anna)


def test_an_address_in_other_letters_is_the_same_payee(gift):
    gift.order.unit["payee"]["email_address"] = "Anna@Example.ORG"
    gift.comes_back()
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("fault", ["other_payee", "other_merchant_id"])
def test_no_money_moves_to_another_payee_by_whatever_name(fault, gift):
    gift.paypal.next("get", fault, times=9)
    assert gift.comes_back() == f"{PITY}?Id={gift.id}"
    assert (gift.status, gift.order.captures) == (("Failed", "payee_mismatch"), [])


def test_the_merchant_id_that_came_with_the_order_is_believed(gift):
    """It names the same payee from then on, also where PayPal tells nothing else."""
    assert gift.checkout.payee_id == gift.paypal.account("anna@example.org").merchant_id
    for operation, times in (("get", 9), ("capture", 1)):
        gift.paypal.next(operation, "merchant_id_alone", times=times)
    gift.comes_back()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


def test_a_merchant_id_that_came_later_proves_nothing(service, paypal, shop, giver):
    paypal.next("create", "no_payee")
    gift = PayPalGift(paypal, shop, giver)
    paypal.next("get", "merchant_id_alone", times=9)
    gift.comes_back()
    assert (gift.status, gift.order.captures) == (("Pending", "provider_unreachable"), [])
    paypal.no_more_faults()
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)


def test_a_merchant_id_beside_another_address_is_not_kept(careless, shop, giver):
    careless.next("create", "other_payee")
    assert PayPalGift(careless, shop, giver).checkout.payee_id == ""


@pytest.mark.parametrize("found_by", ["return", "worker"])
def test_who_is_declined_pays_otherwise_in_the_same_order(found_by, gift):
    """The next try to take it is a new request."""
    back = gift.paypal.approve(gift.order_id, "card_that_is_declined")
    if found_by == "return":
        assert gift.lands_at(back) == gift.page()
    else:
        sync_all_due(whether_due_or_not=True)
        gift.hear_everything()
    assert (gift.status, gift.order_now()) == (("Submitted", None), gift.order_id)
    back = gift.paypal.approve(gift.order_id)
    if found_by == "return":
        assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    else:
        sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)
    request_ids = [call.request_id for call in gift.paypal.calls_of("capture")]
    assert request_ids[0] != request_ids[-1]


def test_a_giver_is_sent_to_paypal_and_nowhere_else(careless, shop):
    """Other wrong links: the table of faults."""
    goal_id = shop.new_goal()
    careless.next("create", "lookalike_link")
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml())
    assert (answer.status, answer.value("code")) == (502, "checkout_refused")
    assert "example.net" not in answer.text
    assert Contribution.objects.get().status_reason == "unsafe_page"


def test_the_token_of_another_order_opens_nothing(gift, paypal, shop, giver):
    other = PayPalGift(paypal, shop, giver)
    paypal.approve(other.order_id)
    answer = giver.visit(gift.order.return_url + f"?token={other.order_id}&PayerID=X")
    assert answer.status == 400
    assert gift.status == other.status == ("Submitted", None)


def test_money_for_an_unconfirmed_address_waits_for_the_payee(gift):
    gift.paypal.account("anna@example.org").confirmed = False
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Pending", "payee_must_accept"), "0.00")
    gift.paypal.complete(gift.order.captures[0].id)
    gift.hear_everything()
    assert gift.status == ("Settled", None)


def test_a_capture_whose_answer_is_lost_is_found_by_asking(gift):
    gift.paypal.next("capture", "do_then_drop", times=3)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "provider_unreachable")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)
    assert len(gift.order.captures) == 1
    assert len({call.request_id for call in gift.paypal.calls_of("capture")}) == 1


@pytest.mark.parametrize("credentials", ["anna@", "QYR5Z8XDVJNX"])
def test_credentials_that_are_no_payee_are_400(credentials, service, shop):
    """With a sentence that says what would be one."""
    answer = shop.post("/api/savings", goal_xml(PaymentProviders=PAYEE.format(credentials)))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "an e-mail address such as anna@example.org, or a merchant ID of 13 characters" in answer.text
    assert credentials not in answer.text.replace("anna@example.org", "")


def test_a_currency_that_paypal_does_not_take_is_400(service, shop):
    answer = shop.post("/api/savings", goal_xml(Currency="KWD", GoalAmount="250.000"))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert "PayPal takes no KWD; it takes AUD, BRL," in answer.text
    body = "<Currency>KWD</Currency><GoalAmount>250</GoalAmount><RecordVersionNumber>1</RecordVersionNumber>"
    answer = shop.patch(f"/api/SavingGoal/{shop.new_goal()}", f"<SavingGoal>{body}</SavingGoal>")
    assert answer.status == 400
    assert "PayPal takes no KWD" in answer.text


def test_an_amount_in_whole_forints_is_sent_right_or_refused(service, paypal, shop, giver):
    """HUF has two decimals, and none at PayPal."""
    path = f"/api/SavingGoal/{shop.new_goal(Currency='HUF', GoalAmount='9999')}/Contributions"
    answer = shop.post(path, contribution_xml(Amount="2500.50"))
    assert (answer.status, answer.value("code")) == (400, "decimals_refused")
    assert "The amount must be a whole number: PayPal takes no decimals in HUF." in answer.text
    assert not Contribution.objects.exists()
    made = shop.post(path, contribution_xml(Amount="2500"))
    [order] = paypal.orders.values()
    assert order.amount.json == {"currency_code": "HUF", "value": "2500"}
    giver.visit(paypal.approve(order.id))
    contribution = f"/api/Contribution/{made.value('Id')}"
    assert shop.get(contribution).value("Status") == "Settled"
    answer = shop.post(f"{contribution}/Refunds", "<Refund><Amount>0.50</Amount></Refund>")
    assert (answer.status, answer.value("code")) == (400, "decimals_refused")


def test_a_gift_of_the_simulators_stays_with_the_simulator(settings, paypal, giver):
    shop = PartnerClient(register("Tester").api_key)
    made = shop.new_contribution(shop.new_goal(ConfirmationURL=THANKS, CancelURL=PITY))
    settings.PROVIDERS_WITH_TEST_KEYS, settings.PAYPAL_TEST_API_BASE = {"PayPal"}, paypal.base_url
    assert giver.pay(made.value("ProviderURL") or "").headers["Location"] == f"{THANKS}?Id={made.value('Id')}"
    assert shop.get(f"/api/Contribution/{made.value('Id')}").value("Status") == "Settled"
    assert paypal.calls == []


def test_a_gift_of_paypals_waits_when_the_keys_are_gone(gift, settings):
    gift.paypal.approve(gift.order_id)
    settings.PROVIDERS_WITH_KEYS, settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = set(), "", ""
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Submitted", None)
