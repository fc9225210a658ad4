"""What the giver's page posts to us to pay with: once, twice, junk, at once, and into silence."""

import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

import leases
from contributions.causes import Cause
from contributions.models import Contribution, LedgerEntry, ProviderRequest
from contributions.status import Intent
from contributions.sync import sync
from providers.google.adapter import GoogleProvider
from tests.conftest import Giver
from tests.providers.amazon.service import token_in
from tests.providers.gift import PITY, THANKS
from tests.providers.google.gift import GoogleGift
from tests.providers.stripe.gift import work

pytestmark = pytest.mark.django_db


def test_nothing_of_the_card_or_token_is_stored_or_logged(gift, caplog):
    caplog.set_level("DEBUG")
    gift.post(gift.chooses())
    assert gift.status == ("Settled", None)
    [card] = gift.google.books.cards.values()
    stored = [
        str(getattr(row, field.attname))
        for model in (Contribution, ProviderRequest, LedgerEntry)
        for row in model.objects.all()
        for field in model._meta.fields
    ]
    of_every_record = vars(logging.makeLogRecord({}))  # whose numbers, of processes and moments, may look like a card's
    told = [record for record in caplog.records if not record.name.startswith("urllib3")]
    logged = [
        (record.getMessage(), record.exc_info, {name: of for name, of in vars(record).items() if name not in of_every_record})
        for record in told
    ]
    for secret in (card.token, r"(?<!\d)4242(?!\d)", r"203\.0\.113\.7"):
        assert not re.search(secret, "\n".join(stored))
        assert not re.search(secret, str(logged))


@pytest.mark.parametrize(
    "junk",
    [
        "", "tok_1", "null", "[]", "{}", '"tok_1"', '{"id": "tok_1"}', '{"id": "pm_1", "object": "token"}',
        '{"id": 7, "object": "token"}', '{"id": "tok_1/../x", "object": "token"}', '{"id": "tok_", "object": "token"}',
        '{"id": "tok_1&amount=1", "object": "token"}', '{"id": "tok_é", "object": "token"}', "\x00", "[" * 8000,
        '{"id": "tok_1", "object": "token", "x": "' + "x" * 8192 + '"}',
    ],
)  # fmt: skip
def test_junk_for_a_token_is_a_400_page_and_asks_nobody(junk, gift, caplog):
    before = len(gift.google.calls)
    answer = gift.post({"token": token_in(gift.page()), "outcome": "pay", "payment": junk})
    assert answer.status_code == 400
    assert "was not something to pay with, and nothing was paid" in answer.content.decode()
    assert len(gift.google.calls) == before
    assert gift.status == ("Submitted", None)
    assert [record.message for record in caplog.records].count("payment token refused") == 1
    if len(junk) > 12:
        assert junk not in "".join(str(record.__dict__) for record in caplog.records)


def test_a_token_that_stripe_does_not_take_is_a_decline(gift):
    fields = gift.chooses()
    [card] = gift.google.books.cards.values()
    card.was_taken = True
    for token in ("tok_nobodys", card.token):
        answer = gift.post(fields | {"payment": json.dumps({"id": token, "object": "token"})})
        assert answer["Location"] == f"{gift.tried}declined"
    assert gift.status == ("Submitted", None)


def test_a_form_that_is_stale_or_anothers_pays_nothing(gift, google, shop, giver):
    other = GoogleGift(google, shop, giver)
    good = gift.chooses()
    for bad in ("", "x", good["token"][:-1], token_in(other.page())):
        answer = gift.post(good | {"token": bad})
        assert answer.status_code == 400
        assert "This page was out of date" in answer.content.decode()
    assert google.calls_of("take_token") == []
    assert gift.post(good)["Location"] == f"{THANKS}?Id={gift.id}"


def test_a_giver_is_sent_to_stripe_and_nowhere_else(gift):
    """Another payment is opened instead. Other wrong pages: the table of faults."""
    gift.google.next("confirm", "lookalike_bank")
    assert gift.gives("card_that_wants_a_word") == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", "unsafe_page")
    assert "The last try did not go through, and nothing was paid." in gift.page()
    assert [intent.status for intent in gift.google.intents_of(gift.id)] == ["canceled", "requires_payment_method"]
    assert gift.gives() == f"{THANKS}?Id={gift.id}"


def test_a_gift_takes_ten_cards_and_no_more(gift):
    """However many checkouts they are tried in."""
    for _ in range(4):
        assert gift.gives("card_that_is_declined") == f"{gift.tried}declined"
    assert gift.says_no() == f"{PITY}?Id={gift.id}"
    for _ in range(5):
        assert gift.gives("card_that_is_declined") == f"{gift.tried}declined"
    tenth, eleventh = gift.chooses("card_that_is_declined"), gift.chooses()
    assert gift.post(tenth)["Location"] == f"{gift.tried}declined"
    for answer in (gift.post(eleventh), gift.giver.client.get(f"/pay/{gift.id}")):
        assert answer.status_code == 429
        assert "Too many cards were tried" in answer.content.decode()
    assert len(gift.google.calls_of("confirm")) == 10
    assert gift.status == ("Submitted", None)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert {intent.status for intent in gift.google.intents_of(gift.id)} == {"canceled"}


@pytest.mark.parametrize(("pays_with", "ends"), [("card", "thanks"), ("card_that_is_declined", "tried")])
def test_the_same_form_again_is_one_try(pays_with, ends, gift):
    where = f"{THANKS}?Id={gift.id}" if ends == "thanks" else f"{gift.tried}declined"
    fields = gift.chooses(pays_with)
    assert [gift.post(fields)["Location"] for _ in range(3)] == [where] * 3
    assert len(gift.google.calls_of("confirm")) == 1
    assert gift.intent.captures == (ends == "thanks")


@pytest.fixture
def died_after_the_payment(gift, monkeypatch):
    """The gift is paid, and the process that had it paid died before it could write that down."""
    pay = GoogleProvider.pay

    def pays_and_dies(*arguments, **named):
        pay(*arguments, **named)
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(GoogleProvider, "pay", pays_and_dies)
        with pytest.raises(SystemExit):
            gift.post(gift.chooses())
    assert gift.status == ("Submitted", None)
    return gift


def test_who_dies_after_the_payment_leaves_nothing_to_pay(died_after_the_payment):
    gift = died_after_the_payment
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount, gift.intent.captures) == (("Settled", None), "20.00", 1)
    assert len(gift.google.calls_of("confirm")) == 1


def test_what_was_paid_and_not_written_down_is_not_deleted(died_after_the_payment):
    """Whether it was paid is asked before the gift is called cancelled."""
    gift = died_after_the_payment
    gift.google.next("get_intent", "drop", times=3)
    unknown = gift.shop.delete(f"/api/Contribution/{gift.id}")
    assert (unknown.status, unknown.value("code"), gift.status) == (409, "being_settled", ("Submitted", None))
    paid = gift.shop.delete(f"/api/Contribution/{gift.id}")
    assert (paid.status, gift.status, gift.current_amount) == (409, ("Settled", None), "20.00")


def test_a_goals_deletion_asks_what_was_paid(died_after_the_payment):
    gift = died_after_the_payment
    assert gift.shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    assert gift.status == ("Submitted", None)
    work()
    assert (gift.status, gift.intent.given_back) == (("Refunded", "refunded"), 2000)


def in_tabs_of_their_own(gift: GoogleGift, forms: list[dict[str, str]]) -> list[str]:
    """Where the giver lands who sends all these forms in the same instant."""
    gate = threading.Barrier(len(forms))

    def press(mine: dict[str, str]) -> str:
        try:
            gate.wait(timeout=60)
            return Giver().client.post(f"/pay/{gift.id}", mine)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(press, forms))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tokens", ["the same", "of their own", "one that is declined"])
def test_many_tabs_at_once_pay_once(tokens, gift, room_for_everybody):
    forms = [gift.chooses()] * 6 if tokens == "the same" else [gift.chooses() for _ in range(6)]
    if tokens == "one that is declined":
        forms = [gift.chooses("card_that_is_declined"), gift.chooses()]
    ends, thanks = in_tabs_of_their_own(gift, forms), f"{THANKS}?Id={gift.id}"
    assert set(ends[1:]) == {thanks}
    assert ends[0] == thanks or (tokens == "one that is declined" and ends[0] == f"{gift.tried}declined")
    assert (gift.status, gift.current_amount, gift.intent.captures) == (("Settled", None), "20.00", 1)
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("somebody", ["is at it", "is silent"])
def test_while_nothing_is_known_no_token_is_sent(somebody, gift, monkeypatch):
    """The giver is asked to wait."""
    monkeypatch.setattr("pages.patience.PATIENCE_SECONDS", 0.2)
    fields = gift.chooses()
    if somebody == "is at it":
        assert leases.take(gift.row.current_checkout)
    else:
        gift.google.next("get_intent", "drop", times=3)
    answer = gift.post(fields)
    assert (answer.status_code, answer["Retry-After"], gift.status) == (503, "5", ("Submitted", None))
    assert "nothing was taken yet" in answer.content.decode() or somebody == "is at it"
    assert gift.google.calls_of("take_token") == []


@pytest.mark.parametrize("over", ["cancelled", "unwanted", "expired"])
def test_a_token_that_comes_a_moment_too_late_pays_nothing(over, gift, later):
    """The page was still open to payment when the form was looked at, and is not any more when the gift is leased."""
    if over == "cancelled":
        gift.google.next("cancel", "drop", times=3)
        gift.says_no()
    if over == "unwanted":
        Contribution.objects.update(intent=Intent.RELEASE, intent_reason="goal_deleted")
    if over == "expired":
        later(hours=73)
    sync(gift.row, cause=Cause.PAY, token=gift.google.books.new_token())
    assert gift.google.calls_of("take_token") == []
    assert gift.row.status in ("Canceled", "Failed")


def test_a_payment_whose_answer_is_lost_is_found(gift):
    """By the page itself, which asks before it lets the giver pay again."""
    gift.google.next("confirm", "do_then_drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    gift.google.next("get_intent", "drop", times=3)
    waiting = gift.page()
    assert 'http-equiv="refresh"' in waiting
    assert "still confirming" in waiting
    assert gift.lands_at(gift.provider_url) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


@pytest.mark.parametrize("then", ["pays", "says no", "leaves"])
def test_a_payment_that_never_arrived_can_be_made_again(then, gift, later):
    gift.google.next("confirm", "drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    assert "The last try did not get through, and nothing was paid." in gift.page()
    if then == "pays":
        assert gift.gives() == f"{THANKS}?Id={gift.id}"
        assert (gift.status, gift.intent.captures) == (("Settled", None), 1)
        return
    if then == "says no":
        assert gift.says_no() == f"{PITY}?Id={gift.id}"
    later(hours=73)
    work()
    assert gift.status == (("Canceled", "giver_cancelled") if then == "says no" else ("Failed", "checkout_expired"))
    assert gift.intent.status == "canceled"


def test_who_comes_from_the_bank_into_silence_waits_with_us(gift):
    gift.gives("card_that_wants_a_word")
    back = gift.google.prove(gift.intent.id, good=False)
    gift.google.next("get_intent", "drop", times=3)
    assert gift.lands_at(back) == gift.provider_url
    assert gift.status == ("Pending", "provider_unreachable")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_a_token_taken_before_the_silence_is_not_needed_again(gift):
    gift.google.next("take_token", "do_then_drop", times=3)
    assert gift.gives() == gift.provider_url
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
