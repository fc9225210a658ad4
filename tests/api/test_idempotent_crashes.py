"""An Idempotency-Key after a crash, and under a crowd."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError
from django.utils import timezone

import leases
from api import idempotency
from api.models import IdempotencyKey
from api.resources.base import PartnerResource
from api.serializer import StrictSerializer
from contributions.models import Checkout, ProviderRequest
from contributions.worker import sync_all_due
from goals import rules
from goals.models import SavingGoal
from goals.rules import GoalHasEnded
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.models import SandboxCheckout
from tests.api.kinds import Kind
from tests.at_once import all_at_once
from tests.conftest import PartnerClient, goal_xml, register
from tests.raising import raising
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db


def after(call, error):
    """The call is made, and then this happens."""

    def broken(*arguments, **options):
        call(*arguments, **options)
        raise error

    return broken


OPEN_CHECKOUT = SandboxProvider.open_checkout
MOMENTS = {
    "before the body is read": (PartnerResource, "body_node", raising),
    "before the provider has opened a checkout": (SandboxProvider, "open_checkout", raising),
    "after the provider has opened a checkout": (
        SandboxProvider,
        "open_checkout",
        partial(after, SandboxProvider.open_checkout),
    ),
    "before the answer is written": (StrictSerializer, "serialize", raising),
}
"""When it goes wrong: whose call, which one, and what takes its place."""


EACH_KIND_AND_MOMENT = [
    pytest.param(f"{what}-{media}", moment, id=f"{what}-{media}, {moment}")
    for what in ("goal", "gift")
    for media in ("xml", "json")
    for moment in MOMENTS
    if what == "gift" or "checkout" not in moment
]


def break_at(patch, moment, error):
    owner, name, replacement = MOMENTS[moment]
    patch.setattr(owner, name, replacement(error))


@pytest.mark.parametrize(("kind", "moment"), EACH_KIND_AND_MOMENT, indirect=["kind"])
def test_a_try_after_a_crash_makes_no_second_record(shop, giver, goal, kind, monkeypatch, moment):
    with monkeypatch.context() as patch:
        break_at(patch, moment, ProcessDied())
        with pytest.raises(ProcessDied):
            kind.post(shop, goal, "k-1")
    left_behind = made_so_far(kind, goal)

    # For as long as the first may still be alive, nobody else does its work.
    for _ in range(2):
        waiting = kind.post(shop, goal, "k-1")
        assert (waiting.status, "idempotency_key_in_use" in waiting.text) == (409, True)
    assert kind.post(shop, goal, "k-1", body=kind.other_body).status == 422
    assert kind.made() == len(left_behind)

    IdempotencyKey.objects.update(running_until=timezone.now() - timedelta(seconds=1))
    goes_on_with_it(shop, giver, goal, kind, left_behind)


@pytest.mark.parametrize(("kind", "moment"), EACH_KIND_AND_MOMENT, indirect=["kind"])
@pytest.mark.parametrize("trouble", [RuntimeError("a bug"), OperationalError("the database is locked")], ids=["bug", "busy"])
def test_a_try_after_our_error_makes_no_second_record(shop, giver, goal, kind, monkeypatch, moment, trouble):
    with monkeypatch.context() as patch:
        break_at(patch, moment, trouble)
        assert kind.post(shop, goal, "k-1").status == (503 if isinstance(trouble, OperationalError) else 500)
    goes_on_with_it(shop, giver, goal, kind, made_so_far(kind, goal))


def made_so_far(kind, goal):
    return list(kind.model.objects.exclude(public_id=goal).values_list("public_id", flat=True))


def goes_on_with_it(shop, giver, goal, kind, left_behind):
    """The next try makes the one record, or goes on with the one that was left behind; a gift can be paid."""
    done = kind.post(shop, goal, "k-1")
    assert (done.status, kind.made()) == (201, 1)
    assert left_behind in ([], [done.headers["Location"].rsplit("/", 1)[1]])
    assert kind.post(shop, goal, "k-1").body == done.body
    if kind.what == "gift":
        check_its_giver_can_pay(shop, giver, done)


def check_its_giver_can_pay(shop, giver, made):
    """Once the lease of whoever died is over; with one checkout at the provider, opened under one request id."""
    Checkout.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))
    sync_all_due(whether_due_or_not=True)
    gift = shop.get(made.headers["Location"])
    assert gift.value("Status") == "Submitted"
    giver.pay(gift.value("ProviderURL"))
    assert shop.get(made.headers["Location"]).value("Status") == "Settled"
    assert SandboxCheckout.objects.count() == 1
    assert ProviderRequest.objects.filter(operation="open").count() == 1


@pytest.mark.parametrize(
    "end", [None, GoalHasEnded("too late"), RuntimeError("a bug")], ids=["answers", "is refused", "breaks"]
)
def test_a_slow_first_that_was_overtaken_changes_nothing(shop, goal, monkeypatch, end):
    """It took longer than a request may: the second has gone on with its record and answered; the record has changed since."""
    kind, create, seconds = Kind("goal", "application/xml"), rules.create, []

    def overtaken(*arguments, **options):
        made = create(*arguments, **options)
        if seconds:
            return made
        seconds.append(None)
        IdempotencyKey.objects.update(running_until=timezone.now() - timedelta(seconds=1))
        seconds.append(kind.post(shop, goal, "k-1"))
        shop.patch(seconds[1].headers["Location"], goal_xml(Name="Changed", RecordVersionNumber="1"))
        if end:
            raise end
        return SavingGoal.objects.get(pk=made.pk)

    monkeypatch.setattr(rules, "create", overtaken)
    first = kind.post(shop, goal, "k-1")
    assert first.status == (500 if isinstance(end, RuntimeError) else 409 if end else 201)
    again = kind.post(shop, goal, "k-1")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (seconds[1].body, "true")
    assert again.value("Name") == "A bicycle for Anna"
    assert (kind.made(), IdempotencyKey.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["goal", "gift"])
def test_16_requests_at_once_under_one_key_make_one_record(what, room_for_everybody):
    shop = PartnerClient(register("Shop").api_key)
    kind, goal = Kind(what, "application/json"), shop.new_goal()
    answers = all_at_once(16, lambda _: kind.post(shop, goal, "k-1"))
    assert kind.made() == 1
    told = Counter((answer.status, answer.headers.get("Idempotent-Replayed")) for answer in answers)
    assert told[201, None] == 1
    assert set(told) <= {
        (201, None),
        (201, "true"),
        (409, None),
        (503, None),
    }  # no more than 12 of a partner wait for a provider
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert {answer.json["code"] for answer in answers if answer.status == 409} <= {"idempotency_key_in_use"}
    assert kind.post(shop, goal, "k-1").headers["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_an_old_key_again_one_has_it(room_for_everybody):
    shop = PartnerClient(register("Shop").api_key)
    kind, goal = Kind("goal", "application/json"), shop.new_goal()
    first = kind.post(shop, goal, "k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    answers = all_at_once(8, lambda _: kind.post(shop, goal, "k-1"))
    made = {answer.body for answer in answers if answer.status == 201}
    assert (kind.made(), len(made), first.body in made) == (2, 1, False)
    assert {answer.json["code"] for answer in answers if answer.status != 201} <= {"idempotency_key_in_use"}


def test_a_request_may_run_longer_than_a_lease():
    assert timedelta(seconds=leases.LEASE_SECONDS) < idempotency.LONGEST_REQUEST
