"""`manage.py gift`: from whatever an operator has in hand to the cause, by one command."""

import json
import re

import pytest

from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest
from contributions.running import WorkerHeartbeat
from notifications.models import Event
from partners.models import AuditEntry
from tests.console.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(shop, giver):
    """A giver says that he paid, and the gift says Pending."""
    goal = shop.new_goal(ExternalItemId="bike-42")
    made = shop.new_contribution(goal, Contributor="Änne Bell-O'Hara", Amount="37.50", Reference="order 9")
    giver.pay(made.value("ProviderURL"), "pending")
    shop.new_contribution(shop.new_goal())
    return Contribution.objects.whole().get(public_id=made.value("Id"))


def ways_to_name(gift):
    checkout = gift.checkout
    requests = list(gift.provider_requests.order_by("pk"))
    event = Event.objects.filter(about=gift.public_id).first()
    return [
        *(gift.public_id, gift.pay_url, f"{gift.pay_url}?token=x", f"  {gift.public_id}\n"),
        *(checkout.provider_checkout_id, checkout.payment_reference),
        f"https://pay.example/checkout?token={checkout.provider_checkout_id}",
        *(requests[0].request_id, requests[-1].correlation_id, event.public_id),
        *("order 9", "bike-42", gift.goal.public_id),
        *("37.50", "37.5", "37,50", "USD 37.50", "37.50 usd"),
        *("Bell-O'", "bell", "änne", "ÄNNE"),
    ]


def test_from_any_word_to_the_cause(pending):
    for word in ways_to_name(pending):
        told = run("gift", word)
        assert told.status == 0, (word, told.text)
        assert told.lines[0].startswith(f"{pending.public_id}  "), word
        assert told.lines[1] == (
            "why       Pending: the giver has approved, and PayPal is still looking into the payment: it has not decided yet."
        )


@pytest.mark.parametrize(
    "word", ["nobody", "37.51", "EUR 37.50", "9" * 40, "%", "_", "\\", "' OR 1=1 --", "x" * 5000, "\x00", " "]
)
def test_a_word_that_names_no_gift(pending, word):
    assert run("gift", word).status == 2


def test_several_are_listed_the_newest_first(shop):
    goal = shop.new_goal()
    ids = [shop.new_contribution(goal).value("Id") for _ in range(3)]
    told = run("gift", "20.00")
    assert [line[:22] for line in told.lines] == ids[::-1]
    assert json.loads(run("gift", "20.00", "--json").text)[0]["cause"].startswith("Submitted: a checkout is open")
    refused = run("gift", "20.00", "--ask-now")
    assert (refused.status, refused.text) == (2, "3 gifts are found by '20.00': say the Id of one with --ask-now.\n")


def test_more_than_are_listed_are_told_of(shop):
    goal = shop.new_goal()
    for _ in range(21):
        shop.new_contribution(goal)
    assert run("gift", "Bob").lines[20:] == ["There are more: say more of it."]


def test_asking_now_tells_what_has_changed(pending):
    """And leaves a row of who has asked, with what the gift was before."""
    told = run("gift", pending.public_id, "--ask-now")
    assert told.lines[:3] == [
        "Asked: the provider's answer has changed this.",
        "    Pending -> Settled (contribution.settled)",
        "    entered in the books: capture 37.50 USD",
    ]
    assert "why       Settled: PayPal has taken the money, and it is counted." in told.lines
    (row,) = AuditEntry.objects.filter(action="gift.asked_now")
    assert (row.about, row.before["status"], row.actor_kind) == (pending.public_id, "Pending", "operator")
    assert run("gift", pending.public_id, "--ask-now").lines[0] == "Asked: the provider's answer changes nothing."
    capture = LedgerEntry.objects.get().provider_reference
    assert run("gift", capture).lines[0].startswith(pending.public_id)


def test_who_asks_next(pending):
    """A worker that is not there is part of the cause, once the provider should have been asked."""
    assert "none is at work (none was ever seen): start `manage.py work`" in run("gift", pending.public_id).text
    late = pending.created_at.replace(year=2020)
    Checkout.objects.filter(pk=pending.checkout_id).update(due_at=late)
    why = run("gift", pending.public_id).lines[1]
    assert why.endswith("; and no worker is at work, so nobody asks the provider any more.")
    WorkerHeartbeat.objects.create(worker="here:1", started_at=pending.created_at, seen_at=pending.created_at)
    told = run("gift", pending.public_id)
    assert told.lines[1].endswith("it has not decided yet.")
    assert re.fullmatch(rf"next      the worker, who is \d+ seconds late, 2020-{late:%m-%d %H:%M:%S}", told.lines[2])


def test_the_story_is_whole(shop, giver):
    made = shop.new_contribution(shop.new_goal())
    giver.pay(made.value("ProviderURL"))
    gift = made.value("Id")
    assert shop.post(f"/api/Contribution/{gift}/Refunds", "<Refund><Amount>5.00</Amount></Refund>").status == 201
    story = json.loads(run("gift", gift, "--json").text)
    assert [one["to_status"] for one in story["history"]] == ["Submitted", "Settled", "Settled"]
    assert [one["kind"] for one in story["ledger"]] == ["capture", "refund"]
    assert [one["operation"] for one in story["requests"]] == ["open", "capture", "refund"]
    assert {one["outcome"] for one in story["requests"]} == {"answered"}
    assert (story["refunds"][0]["status"], story["refunds"][0]["amount"]) == ("Completed", "5.00")
    assert len(story["events"]) == 3
    assert [one["action"] for one in story["audit_log"]] == ["gift.refund_asked"]
    assert run("gift", story["refunds"][0]["id"]).lines[0].startswith(gift)
    assert run("gift", story["refunds"][0]["provider_reference"]).lines[0].startswith(gift)


def test_what_strangers_wrote_does_nothing_to_a_terminal(shop):
    """Bidirectional marks and control characters in a name, a goal or a Reference."""
    evil = "x\N{RIGHT-TO-LEFT OVERRIDE}y"
    gift = shop.new_contribution(shop.new_goal(Name=evil), Contributor=evil, Reference=evil).value("Id")
    assert all(line.isprintable() for line in run("gift", gift).lines)


def test_an_answer_that_was_lost(shop, giver):
    """The provider has taken the money and nobody heard it: the order without an answer is named."""
    made = shop.post(
        f"/api/SavingGoal/{shop.new_goal()}/Contributions",
        "<Contribution><Amount>20.00</Amount><Contributor>Bob</Contributor></Contribution>",
        Sandbox_Scenario="answer_lost",
    )
    giver.pay(made.value("ProviderURL"))
    assert ProviderRequest.objects.filter(outcome="unknown").exists()
    assert run("gift", made.value("Id")).lines[1] == (
        "why       Pending: PayPal did not answer, so nobody knows yet whether the money has moved "
        "(the order to capture has no answer)."
    )
