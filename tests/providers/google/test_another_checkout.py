"""A PaymentIntent that is given up is cancelled before another one is opened on the same page."""

import pytest
import requests

from contributions.models import LedgerEntry
from tests.providers.gift import PITY, THANKS
from tests.providers.stripe.gift import work

pytestmark = pytest.mark.django_db


def statuses(gift) -> list[str]:
    """Of its PaymentIntents, the oldest first."""
    return [intent.status for intent in gift.google.intents_of(gift.id)]


def test_a_no_closes_the_payment_and_an_old_form_pays_nothing(gift):
    fields = gift.chooses()
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    assert (gift.status, statuses(gift)) == (("Canceled", "giver_cancelled"), ["canceled"])
    assert gift.intent.cancellation_reason == "abandoned"
    assert gift.post(fields)["Location"] == f"{PITY}?Id={gift.id}"
    page = gift.page()
    assert "You cancelled before, and nothing was paid." in page
    assert (gift.status, statuses(gift)) == (("Submitted", None), ["canceled", "requires_payment_method"])
    for outcome in ("pay", "cancel"):
        answer = gift.post(fields | {"outcome": outcome})
        assert answer.status_code == 400, "the form of the first payment is not the second's"
    assert gift.google.calls_of("take_token") == []
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert statuses(gift) == ["canceled", "succeeded"]


def test_it_is_closed_before_another_is_opened(gift):
    """Where Stripe was silent at the giver's no, another comes only once it has cancelled the last one."""
    gift.google.next("cancel", "drop", times=6)
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    assert gift.giver.visit(gift.provider_url).status == 503, "there is nowhere to lead to"
    assert (gift.status[0], statuses(gift)) == ("Canceled", ["requires_payment_method"])
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    orders = [call.operation for call in gift.google.calls if call.operation in ("create_intent", "cancel")]
    assert orders == ["create_intent", *["cancel"] * 7, "create_intent"]
    assert len({call.headers["idempotency-key"] for call in gift.google.calls_of("cancel")}) == 1


def test_an_old_tab_at_the_bank_cannot_pay_any_more(gift):
    """The giver stands at the bank's question in one tab, and says no and pays in another."""
    bank = gift.gives("card_that_wants_a_word")
    first = gift.intent
    back = f"/providers/google/return/{gift.id}?payment_intent={first.id}"
    gift.says_no()
    gift.page()
    assert gift.lands_at(back) == gift.provider_url, "where the second can be paid"
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert requests.post(bank, data={"choice": "prove"}, timeout=5, allow_redirects=False).status_code == 409
    assert (first.captures, gift.intent.captures) == (0, 1)
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"


def test_what_the_first_takes_after_all_is_given_back(gift):
    """Stripe does not take what it has cancelled; should it do so once, the giver does not pay twice."""
    first = gift.intent
    gift.says_no()
    gift.gives()
    gift.google.books._charge(first)
    gift.hear_everything()
    work()
    assert (first.given_back, gift.intent.given_back) == (2000, 0)
    assert (gift.status, gift.current_amount, gift.value("RefundedAmount")) == (("Settled", None), "20.00", "0.00")
    entries = LedgerEntry.objects.order_by("pk").values_list("checkout_number", "kind")
    assert list(entries) == [(2, "capture"), (1, "capture"), (1, "refund")]


def test_who_proves_it_in_another_tab_while_cancelling_has_paid(gift):
    """The payment waits for the bank when it is asked about, and is paid when it is to be cancelled."""
    gift.gives("card_that_wants_a_word")
    ask, tabs, intent_id = gift.google.operates["get_intent"], [], gift.intent.id

    def asked_then_proven(*call):
        told = ask(*call)
        tabs.append(call)
        if len(tabs) == 2:  # the second question is the one before the cancellation
            gift.google.prove(intent_id)
        return told

    gift.google.operates["get_intent"] = asked_then_proven
    assert gift.says_no() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("before", ["nothing", "a decline", "a bank that waits"])
def test_when_its_time_is_over_it_is_closed(before, gift, later):
    """A PaymentIntent never lapses by itself: ours is the time that counts."""
    if before != "nothing":
        gift.gives("card_that_is_declined" if before == "a decline" else "card_that_wants_a_word")
    fields = gift.chooses()
    later(hours=73)
    text = gift.page()
    assert "pay-data" not in text
    assert "The time for this gift is over" in text
    assert gift.post(fields)["Location"] == f"{PITY}?Id={gift.id}"
    assert (gift.status, statuses(gift)) == (("Failed", "checkout_expired"), ["canceled"])


def test_what_was_cancelled_in_the_dashboard_is_cancelled(gift):
    gift.google.books.cancel(gift.intent)
    gift.hear_everything()
    assert gift.status == ("Canceled", "voided_by_provider")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
