"""What the bank, the provider's dashboard or a failed refund does to a certificate whose purchase it was."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.expiry import expire_all_due
from certificates.models import CertificateEntry
from contributions.causes import Cause
from contributions.models import Attention, Contribution
from contributions.sync import sync
from providers.sandbox.events import let_it_happen
from providers.sandbox.models import SandboxCheckout
from tests.certificates.conftest import row

pytestmark = pytest.mark.django_db


def happens(what, certificate_id):
    """At the provider, and we are told."""
    let_it_happen(what, SandboxCheckout.objects.get(reference=certificate_id))
    sync(Contribution.objects.whole().get(public_id=certificate_id), cause=Cause.WORKER)


def test_a_chargeback_of_what_is_spent_waits_for_a_person(counter, ann):
    certificate_id = counter.claimed(ann)
    gift = counter.give(counter.shop.new_goal(), ann)
    happens("chargeback", certificate_id)
    now = counter.get(certificate_id)
    assert [now.value(name) for name in ("Status", "Balance", "ReversedAmount")] == ["Reversed", "0.00", "25.00"]
    assert row(certificate_id).balance_minor == -1000
    waiting = Attention.objects.get()
    assert (waiting.kind, waiting.about) == ("certificate_overspent", certificate_id)
    assert counter.shop.get(f"/api/Contribution/{gift.value('Id')}").value("Status") == "Settled", "the gift stands"
    assert counter.shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund/>").status == 201
    assert (row(certificate_id).balance_minor, counter.balance(certificate_id)) == (0, "0.00"), "there is no money to give"
    assert not Attention.objects.exists()


def test_a_dispute_that_is_won_brings_it_back(counter, ann):
    certificate_id = counter.claimed(ann)
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    happens("chargeback", certificate_id)
    happens("dispute_won", certificate_id)
    assert counter.balance(certificate_id) == "15.00"
    assert not Attention.objects.exists()
    assert [one.kind for one in CertificateEntry.objects.order_by("pk")] == ["issued", "spent", "reversed", "reversal_won"]


@pytest.mark.parametrize("days_until_won", [1, 91])
def test_a_dispute_won_after_its_end_leaves_time_to_spend(counter, ann, later, days_until_won):
    """Nobody could have spent it while the bank had it."""
    ends = (timezone.now() + timedelta(days=60)).date().isoformat()
    certificate_id = counter.claimed(ann, ExpiresDate=ends)
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    happens("chargeback", certificate_id)
    later(days=days_until_won)
    happens("dispute_won", certificate_id)
    expire_all_due()
    assert counter.balance(certificate_id) == "15.00"
    later(days=days_until_won + 91)
    expire_all_due()
    assert counter.balance(certificate_id) == "0.00"


def test_a_refund_in_the_dashboard_takes_it_all(counter, ann):
    certificate_id = counter.claimed(ann)
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    happens("refund_in_dashboard", certificate_id)
    assert row(certificate_id).balance_minor == -1000
    assert Attention.objects.get().kind == "certificate_overspent"
    assert counter.get(certificate_id).value("Status") == "Refunded"


def test_what_a_slow_refund_has_set_aside_is_not_spent(counter, ann):
    certificate_id = counter.claimed(ann, Sandbox_Scenario="refund_denied")
    refund = counter.refund(certificate_id, Amount="20.00")
    assert refund.value("Status") == "Pending"
    goal_id = counter.shop.new_goal()
    assert (counter.balance(certificate_id), counter.give(goal_id, ann, "5.01").status) == ("5.00", 409)
    happens("refund_over", certificate_id)
    counter.shop.post(f"/api/GiftCertificate/{certificate_id}/Refunds", "<Refund><Amount>99.00</Amount></Refund>")
    from contributions.worker import sync_all_due

    sync_all_due(whether_due_or_not=True)
    assert counter.balance(certificate_id) == "25.00"
    assert counter.give(goal_id, ann, "25.00").status == 201


def test_a_chargeback_takes_what_has_expired_first(counter, ann, later):
    from contributions.worker import sync_all_due

    certificate_id = counter.claimed(ann, ExpiresDate="2031-12-31")
    later(days=3650)
    sync_all_due()
    assert row(certificate_id).expired_minor == 2500
    happens("chargeback", certificate_id)
    assert (row(certificate_id).expired_minor, row(certificate_id).balance_minor) == (0, 0)
    assert not Attention.objects.exists()
    happens("dispute_won", certificate_id)
    expire_all_due()
    assert (row(certificate_id).expired_minor, row(certificate_id).balance_minor) == (2500, 0), "as it was"


def test_what_was_called_off_and_paid_all_the_same_goes_back(counter, ann):
    """Nobody can claim it: the money is on its way back."""
    made = counter.post()
    certificate_id = made.value("Id")
    back = counter.browser.choose(made.value("ProviderURL"), "approve")
    assert counter.shop.delete(f"/api/GiftCertificate/{certificate_id}").status == 204
    assert counter.get(certificate_id).status == 404
    counter.browser.visit(back)
    assert counter.claim(certificate_id, ann).status == 404
    assert (row(certificate_id).balance_minor, row(certificate_id).status) == (0, "Canceled")
    assert counter.events()[-1] == "giftcertificate.canceled"
