"""Whose session it is that a giver brings, which of several counts, and that only one is ever completed."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from contributions.models import LedgerEntry
from tests.conftest import Giver
from tests.providers.amazon.gift import AmazonGift
from tests.providers.amazon.service import button_in
from tests.providers.gift import PITY, THANKS
from tests.providers.stripe.gift import work

pytestmark = pytest.mark.django_db


def test_the_session_of_another_gift_changes_neither(gift, amazon, shop, giver):
    other = AmazonGift(amazon, shop, giver)
    session = other.press_button()
    amazon.approve(session)
    assert gift.return_with(session) == 400
    assert (gift.status, other.status) == (("Submitted", None), ("Submitted", None))
    assert (gift.checkout_id, amazon.calls_of("complete")) == ("", [])
    assert gift.giver.visit(f"/providers/amazon/cancel/{gift.id}?amazonCheckoutSessionId={session}").status == 400
    assert gift.status == ("Submitted", None)


def test_a_session_that_amazon_does_not_know_is_400(gift):
    for query in (
        "", "?amazonCheckoutSessionId=", "?amazonCheckoutSessionId=7efe55c3-38c7-4a1b-944d-aded27032b9a", "?token=x",
        "?amazonCheckoutSessionId=../charges/S01-1111111-1111111-C000001", "?amazonCheckoutSessionId=" + "x" * 300,
        "?amazonCheckoutSessionId=a&amazonCheckoutSessionId=b",
    ):  # fmt: skip
        for way in ("return", "cancel"):
            assert gift.giver.visit(f"/providers/amazon/{way}/{gift.id}{query}").status == 400, query
        assert (gift.status, gift.checkout_id) == (("Submitted", None), "")


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


def test_what_was_taken_on_trust_and_is_anothers_is_forgotten(gift, amazon, shop, giver):
    """While Amazon is silent the first that comes is believed; nothing is paid with it before Amazon has spoken."""
    other = AmazonGift(amazon, shop, giver)
    own, session = gift.press_button(), other.press_button()
    amazon.approve(session)
    amazon.next("get_session", "error_503", times=9)
    assert gift.return_with(session) == 303
    amazon.no_more_faults()
    work()
    assert (gift.status, gift.checkout_id) == (("Pending", "provider_unreachable"), "")
    assert amazon.calls_of("complete") == []
    assert gift.lands_at(amazon.approve(own)) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert other.lands_at(amazon.approve(session)) == f"{THANKS}?Id={other.id}"


def test_a_second_session_in_a_silence_is_asked_to_wait(gift, amazon):
    back = amazon.approve(gift.press_button())
    amazon.next("get_session", "error_503", times=9)
    gift.return_with("7efe55c3-38c7-4a1b-944d-aded27032b9a")
    answer = gift.giver.visit(back)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert 'http-equiv="refresh"' in answer.text
    amazon.no_more_faults()
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_two_sessions_that_are_both_approved_are_paid_once(gift):
    first, second = gift.press_button(), gift.press_button()
    back = [gift.amazon.approve(session) for session in (first, second)]
    assert [gift.lands_at(address) for address in back] == [f"{THANKS}?Id={gift.id}"] * 2
    assert gift.status == ("Settled", None)
    assert [gift.amazon.sessions[session].state for session in (first, second)] == ["Completed", "Open"]
    assert gift.checkout_id == first


def test_a_session_left_behind_gives_way_to_the_one_paid(gift):
    left_behind = gift.press_button()
    gift.amazon.sign_in(left_behind)
    told = gift.giver.visit(f"/providers/amazon/return/{gift.id}?amazonCheckoutSessionId={left_behind}")
    assert (told.status, "Not confirmed yet" in told.text, f'href="{gift.provider_url}"' in told.text) == (200, True, True)
    assert (gift.status, gift.checkout_id) == (("Submitted", None), left_behind)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.checkout_id != left_behind


def test_the_session_of_a_hold_that_was_let_go_stays(service, amazon, shop, giver):
    """The hold of a deleted gift is voided, unheard, and the giver comes back with another session."""
    gift = AmazonGift(amazon, shop, giver, CapturePolicy="Manual")
    other = gift.press_button()
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    amazon.next("cancel", "do_then_drop", times=9)
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    amazon.no_more_faults()
    assert (gift.row.status, gift.charge.state) == ("Authorized", "Canceled")
    gift.return_with(other)
    work()
    assert (gift.row.status, gift.row.goal.authorized_minor) == ("Canceled", 0)


def test_a_session_with_unknown_completion_gives_way_to_none(gift):
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.amazon.next("get_charge", "drop", times=9)
    first = gift.press_button()
    gift.lands_at(gift.amazon.approve(first))
    assert gift.status == ("Pending", "provider_unreachable")
    gift.amazon.no_more_faults()
    second = gift.amazon.books.begin(gift.amazon.sessions[first].payload)
    assert gift.lands_at(gift.amazon.approve(second.id)) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert (gift.checkout_id, second.state, gift.charge.captures) == (first, "Open", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sessions", [1, 4])
def test_many_returns_at_once_take_the_money_once(sessions, gift):
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


def pays_anew(gift: AmazonGift) -> None:
    """In a session of a button of the page as it is now."""
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert [charge.captures for charge in gift.amazon.charges.values()] == [1]


def test_a_lapsed_session_gives_way_to_another(gift, later):
    """Amazon ends a session after a day; the gift stays Submitted until our own time is over."""
    first = gift.press_button()
    gift.amazon.sign_in(first)
    gift.return_with(first)
    later(hours=25)
    work()
    assert (gift.status, gift.amazon.sessions[first].state) == (("Submitted", None), "Canceled")
    pays_anew(gift)
    assert (gift.row.current_checkout.number, gift.value("RecordVersionNumber")) == (2, "2")


def test_a_lapsed_session_fails_when_our_own_time_is_over(gift, later):
    gift.return_with(gift.press_button())
    later(hours=73)
    work()
    assert gift.status == ("Failed", "checkout_expired")
    assert "pay-data" not in gift.giver.visit(gift.provider_url).text


@pytest.mark.parametrize("at", ["Amazon's page", "the completion"])
def test_a_giver_who_was_declined_pays_in_another_session(at, gift):
    if at == "Amazon's page":
        assert gift.lands_at(gift.amazon.decline(gift.press_button())) == f"{PITY}?Id={gift.id}"
    else:
        assert gift.comes_back("declined") == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "instrument_declined")
    assert "The last try did not go through, and nothing was paid." in gift.giver.visit(gift.provider_url).text
    assert gift.status == ("Submitted", None)
    pays_anew(gift)


def began_anew(gift: AmazonGift) -> str:
    """The giver was at Amazon's, cancelled, and has come to the page again: the session of the first attempt, still open."""
    first = gift.press_button()
    gift.amazon.sign_in(first)
    gift.return_with(first)
    gift.amazon.names_the_session_on_cancel = True
    assert gift.lands_at(gift.amazon.give_up(first)) == f"{PITY}?Id={gift.id}"
    assert "pay-data" in gift.giver.visit(gift.provider_url).text
    assert (gift.status, gift.checkout_id, gift.row.current_checkout.number) == (("Submitted", None), "", 2)
    return first


@pytest.mark.parametrize("paid_before", [False, True])
def test_an_old_session_approved_late_takes_nothing(paid_before, gift):
    """Amazon cannot close a session, and takes nothing in it without our order: none is given."""
    first = began_anew(gift)
    if paid_before:
        pays_anew(gift)
    where = f"{THANKS}?Id={gift.id}" if paid_before else gift.provider_url
    assert gift.lands_at(gift.amazon.approve(first)) == where
    gift.hear_everything()
    work()
    assert gift.amazon.sessions[first].state == "Open"
    if not paid_before:
        assert gift.status == ("Submitted", None)
        pays_anew(gift)


def test_what_an_old_session_took_all_the_same_is_given_back(gift):
    """By an order that nobody here has given; Amazon tells of the charge, and the giver does not pay twice."""
    first = gift.amazon.sessions[began_anew(gift)]
    pays_anew(gift)
    gift.amazon.approve(first.id)
    gift.amazon.books.complete(first, {"chargeAmount": first.price})
    assert gift.return_with(first.id) == 303
    [back] = gift.amazon.refunds.values()
    gift.amazon.books.end_refund(back)
    gift.hear_everything()
    work()
    assert (back.charge, back.amount) == (first.charge, first.charge.amount)
    assert (gift.status, gift.current_amount, gift.value("RefundedAmount")) == (("Settled", None), "20.00", "0.00")
    entries = LedgerEntry.objects.order_by("pk").values_list("checkout_number", "kind")
    assert list(entries) == [(2, "capture"), (1, "capture"), (1, "refund")]
