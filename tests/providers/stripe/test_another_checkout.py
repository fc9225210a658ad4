"""Stripe closes its sessions: the last one can be paid no more before another is opened at /pay/{id}."""

import pytest
import requests

from contributions.models import LedgerEntry, ProviderRequest, Refund
from tests.providers.gift import PITY, THANKS
from tests.providers.stripe.gift import refund, work

pytestmark = pytest.mark.django_db


def goes_to_another(gift, before: str) -> str:
    """The giver follows ProviderURL once more; the id of the session in which the gift can be paid now."""
    assert gift.giver.checkout(gift.provider_url) == gift.session.url
    assert gift.session_id != before
    assert [id_ for id_, session in gift.stripe.sessions.items() if session.status == "open"] == [gift.session_id]
    return gift.session_id


def pays_at(page: str) -> int:
    """What an old tab is answered."""
    return requests.post(page, data={"choice": "card"}, timeout=5, allow_redirects=False).status_code


def order_of(stripe, *operations: str) -> list[str]:
    return [call.operation for call in stripe.calls if call.operation in operations]


def pays(gift) -> None:
    """In the session that is there now."""
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")


# --- Nobody has paid in it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tried", "status"), [(False, ("Submitted", None)), (True, ("Failed", "instrument_declined"))], ids=["lapsed", "declined"]
)
def test_a_lapsed_session_gives_way_to_another(tried, status, gift, later):
    """Stripe ends a session after a day: a gift that nobody tried to pay stays Submitted, and clients notice nothing."""
    first = gift.session_id
    if tried:
        gift.stripe.pay(first, "card_that_is_declined")
    later(hours=25)
    gift.hear_everything()
    assert (gift.status, gift.session.status) == (status, "expired")
    goes_to_another(gift, first)
    assert gift.status == ("Submitted", None)
    assert tried or gift.value("RecordVersionNumber") == "1"
    pays(gift)


@pytest.mark.parametrize("known_to_stripe", [True, False])
def test_only_our_own_time_ends_what_nobody_pays(known_to_stripe, gift, later):
    """After three days, whether Stripe tells of a session that has lapsed or knows none."""
    if not known_to_stripe:
        del gift.stripe.sessions[gift.session_id]
    later(hours=71)
    work()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert gift.giver.visit(gift.provider_url).status == 200
    assert len(gift.stripe.calls_of("create")) == 1


def test_what_we_give_up_before_stripe_does_is_closed(gift, later, settings):
    settings.CHECKOUT_EXPIRY_HOURS = 1
    later(hours=2)
    work()
    assert (gift.status, gift.session.status) == (("Failed", "checkout_expired"), "expired")


def test_a_debit_that_comes_in_after_all_is_given_back(gift):
    """The bank said no, the giver has paid by card in another session, and then the bank pays all the same."""
    first = gift.session_id
    gift.comes_back("bank_debit")
    gift.stripe.books.end_debit(gift.session, good=False)
    gift.hear_everything()
    assert gift.status == ("Failed", "payment_declined")
    goes_to_another(gift, first)
    pays(gift)
    late = gift.stripe.intent_of(first)
    gift.stripe.books._take(late, late.amount)
    gift.hear_everything()
    work()
    assert (late.given_back, gift.intent.given_back) == (2000, 0)
    assert (gift.status, gift.current_amount, gift.value("RefundedAmount")) == (("Settled", None), "20.00", "0.00")
    entries = LedgerEntry.objects.order_by("pk").values_list("checkout_number", "kind")
    assert list(entries) == [(2, "capture"), (1, "capture"), (1, "refund")]
    assert refund(gift).value("Status") == "Completed", "what went back was not the gift's own"
    assert (gift.status, gift.intent.given_back, Refund.objects.count()) == (("Refunded", "refunded"), 2000, 2)


# --- Cancelled by the giver -------------------------------------------------------------------------------------------


def test_an_old_tab_cannot_pay_what_the_giver_cancelled(gift):
    """The session is closed at once, and another is there for a giver who has second thoughts."""
    first, page = gift.session_id, gift.session.url
    assert gift.cancels() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")
    [expire] = gift.stripe.calls_of("expire")
    request = ProviderRequest.objects.get(operation="close")
    assert (expire.headers["idempotency-key"], request.outcome) == (request.request_id, "answered")
    assert pays_at(page) == 409
    gift.hear_everything()
    work()
    assert (gift.status, len(gift.stripe.calls_of("expire"))) == (("Canceled", "giver_cancelled"), 1)
    goes_to_another(gift, first)
    assert (gift.status, pays_at(page)) == (("Submitted", None), 409)
    pays(gift)


def test_it_is_closed_before_another_is_opened(gift):
    """Where Stripe was silent when the giver cancelled, another comes only once it has closed the last one."""
    first = gift.session_id
    gift.stripe.next("expire", "drop", times=6)
    assert gift.cancels() == f"{PITY}?Id={gift.id}"
    assert gift.giver.visit(gift.provider_url).status == 503, "there is nowhere to lead to"
    assert (gift.session_id, gift.session.status, gift.status[0]) == (first, "open", "Canceled")
    goes_to_another(gift, first)
    assert order_of(gift.stripe, "create", "expire") == ["create", *["expire"] * 7, "create"]
    assert len({call.headers["idempotency-key"] for call in gift.stripe.calls_of("expire")}) == 1
    pays(gift)


def test_who_has_paid_in_the_old_tab_pays_no_second_time(gift):
    """It could not be closed when the giver cancelled: the gift is paid, and /pay says so instead of asking again."""
    gift.stripe.next("expire", "drop", times=3)
    gift.cancels()
    gift.stripe.pay(gift.session_id)
    assert "Already given: thank you, <bdi>Uncle Bob</bdi>!" in gift.giver.visit(gift.provider_url).text
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert order_of(gift.stripe, "create") == ["create"]


def test_who_pays_in_another_tab_while_cancelling_has_paid(gift):
    """The session is still open when it is asked about, and complete when it is to be closed."""
    told, tabs, session_id = gift.stripe.operates["get"], [], gift.session_id

    def told_then_paid(*asked):
        answer = told(*asked)
        if not tabs:
            tabs.append(gift.stripe.pay(session_id))
        return answer

    gift.stripe.operates["get"] = told_then_paid
    assert gift.cancels() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert len(gift.stripe.calls_of("expire")) == 1


@pytest.mark.parametrize("fault", ["drop", "error_500_kept", "do_then_drop"])
def test_what_could_not_be_closed_is_closed_by_the_worker(fault, gift, later):
    """Under the same request id."""
    gift.stripe.next("expire", fault, times=3)
    assert gift.cancels() == f"{PITY}?Id={gift.id}"
    gift.stripe.no_more_faults()
    later(hours=23)  # a kept 500 is kept for a day, and a session open for no longer
    work()
    gift.stripe.later(hours=2)
    work()
    assert (gift.session.status, gift.status) == ("expired", ("Canceled", "giver_cancelled"))
    assert len({call.headers["idempotency-key"] for call in gift.stripe.calls_of("expire")}) == 1


# --- Taken back by the client -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["the gift", "the goal"])
def test_what_the_client_deletes_is_closed(what, gift):
    path = f"/api/Contribution/{gift.id}" if what == "the gift" else f"/api/SavingGoal/{gift.goal_id}"
    assert gift.shop.delete(path).status == 204
    if what == "the goal":
        work()
    assert (gift.session.status, gift.row.status) == ("expired", "Canceled")
    assert gift.row.current_checkout.due_at is None
    assert gift.giver.visit(gift.provider_url).status == 200
    assert len(gift.stripe.calls_of("create")) == 1


def test_money_that_came_before_a_deletion_goes_back(gift):
    gift.stripe.pay(gift.session_id)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    work()
    assert (gift.intent.given_back, gift.row.status) == (2000, "Canceled")
