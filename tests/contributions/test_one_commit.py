"""An answer is stored with the move that follows from it, and the lease given back with both; where that fails, by itself."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from contributions import transitions
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, ProviderRequest
from contributions.sync import sync
from providers.sandbox.models import SandboxRequest

pytestmark = pytest.mark.django_db


def outcomes():
    return [*ProviderRequest.objects.filter(operation="capture").values_list("outcome", flat=True)]


def is_leased():
    return Checkout.objects.filter(lease_until__gt=timezone.now()).exists()


def test_an_answer_is_stored_where_somebody_else_moved_first(gift, giver, provider):
    """The gift has changed while the provider took the money: nothing of the move; the answer and the lease by themselves."""
    back = giver.choose(gift.provider_url, "approve")
    provider.afterwards("capture", lambda: Contribution.objects.update(version=F("version") + 1))
    giver.visit(back)
    assert (gift.status, outcomes(), is_leased()) == ("Submitted", ["answered"], False)
    assert sync(gift.row, cause=Cause.WORKER).contribution.status == "Settled"
    assert SandboxRequest.objects.filter(operation="capture").count() == 1


def test_a_move_that_fails_leaves_nothing_half_done(gift, giver, monkeypatch):
    """The database fails at the event, the last statement of the move: neither move nor entry; what we learnt by itself."""
    back = giver.choose(gift.provider_url, "approve")
    with monkeypatch.context() as patch:
        patch.setattr(transitions, "_announce", _full)
        assert giver.visit(back).status == 503
    row = gift.row
    assert (row.status, row.version, row.ledger_entries.count(), row.goal.collected_minor) == ("Submitted", 1, 0, 0)
    assert (outcomes(), is_leased()) == (["answered"], False)
    assert sync(gift.row, cause=Cause.WORKER).contribution.status == "Settled"
    assert SandboxRequest.objects.filter(operation="capture").count() == 1


def _full(*_arguments):
    raise OperationalError("database or disk is full")


def test_what_is_returned_is_as_it_is_in_the_database(gift, giver):
    """Nobody reads it again: each column of the gift, its checkout and its goal has to be the stored one."""
    giver.choose(gift.provider_url, "approve")
    told = sync(gift.row, cause=Cause.WEBHOOK).contribution
    assert told.status == "Settled"
    stored = Contribution.objects.whole().get(pk=told.pk)
    for mine, theirs in ((told, stored), (told.current_checkout, stored.current_checkout), (told.goal, stored.goal)):
        for field in mine._meta.concrete_fields:
            assert getattr(mine, field.attname) == getattr(theirs, field.attname), field


def test_a_gift_that_was_just_made_is_as_in_the_database(gift, shop):
    """The same of a POST, whose answer is what GET tells."""
    made = shop.new_contribution(gift.goal_id)
    assert shop.get(made.headers["Location"]).body == made.body


def test_who_sets_it_due_meanwhile_is_looked_after(gift, giver, provider):
    """Somebody wants something of the checkout while it is taken: it is due when they said, though the lease is given back."""
    soon = timezone.now() + timedelta(seconds=7)
    back = giver.choose(gift.provider_url, "approve")
    provider.afterwards("capture", lambda: Checkout.objects.update(due_at=soon))
    giver.visit(back)
    assert (gift.status, gift.checkout.due_at, is_leased()) == ("Settled", soon, False)
