"""Money back: never more than is left, however many ask at once, whatever the provider answers."""

import pytest
from django.core.management import call_command

from contributions.causes import Cause
from contributions.models import Contribution, LedgerEntry, Refund, StatusChange
from contributions.refunds import sync_refund
from contributions.worker import sync_all_due
from partners.registration import register
from providers.base import ProviderRefund, RefundState
from providers.sandbox.models import SandboxCheckout, SandboxRefund
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift
from tests.contributions.test_crowds import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(gift):
    gift.pay("approve")
    return gift


def refund(gift, amount=None, reason=None, **headers):
    body = "<Refund>" + (f"<Amount>{amount}</Amount>" if amount else "") + (f"<Reason>{reason}</Reason>" if reason else "")
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body + "</Refund>", **headers)


def refunded(gift):
    return gift.shop.get(f"/api/Contribution/{gift.id}").value("RefundedAmount")


def test_a_full_refund_gives_everything_back(settled):
    answer = refund(settled, reason="The <bike> is sold out")
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    answer = refund(settled, reason="The bike is sold out")
    assert answer.status == 201
    assert [(child.tag, child.text) for child in answer.xml][1:4] == [
        ("Amount", "20.00"),
        ("Reason", "The bike is sold out"),
        ("Status", "Completed"),
    ]
    assert (settled.status, settled.reason, refunded(settled)) == ("Refunded", "refunded", "20.00")
    assert settled.totals() == ("0.00", "0.00")


def test_a_partial_refund_stays_settled_and_shows(settled):
    assert refund(settled, "5.55").status == 201
    assert (settled.status, settled.version, refunded(settled)) == ("Settled", "3", "5.55")
    assert settled.totals() == ("14.45", "0.00")


def test_seven_partial_refunds_add_up_to_the_cent(settled):
    for amount in ("2.85", "2.86", "2.86", "2.86", "2.86", "2.86", "2.85"):
        assert refund(settled, amount).status == 201
    assert (settled.status, refunded(settled), settled.totals()) == ("Refunded", "20.00", ("0.00", "0.00"))
    versions = list(StatusChange.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, 10))
    listed = settled.shop.get(f"/api/Contribution/{settled.id}/Refunds?limit=5")
    assert listed.text.count("<Refund>") == 5
    rest = settled.shop.get(listed.xml.get("Next"))
    assert rest.text.count("<Refund>") == 2


@pytest.mark.parametrize("amount", ["20.01", "999999999999.99"])
def test_more_than_is_left_is_refused_and_changes_nothing(settled, amount, provider):
    answer = refund(settled, amount)
    assert (answer.status, answer.value("code")) == (409, "refund_too_large")
    refund(settled, "15.00")
    assert refund(settled, "5.01").status == 409
    assert (refunded(settled), settled.totals(), provider.calls["refund"]) == ("15.00", ("5.00", "0.00"), 1)


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "abc", "1e1"])
def test_an_amount_that_is_none_is_refused(settled, amount):
    assert refund(settled, amount).status == 400
    assert Refund.objects.count() == 0


@pytest.mark.parametrize("outcome", ["cancel", "decline", "pending", None])
def test_what_was_not_taken_cannot_be_given_back(gift, outcome):
    if outcome:
        gift.pay(outcome)
    answer = refund(gift)
    assert (answer.status, answer.value("code")) == (409, "cannot_refund")


def test_a_refund_belongs_to_its_partner(settled, rival, stranger):
    path = f"/api/Contribution/{settled.id}/Refunds"
    assert rival.post(path, "<Refund/>").status == 403
    assert rival.get(path).status == 403
    assert stranger.get(path).status == 401
    assert settled.shop.get(path).text.endswith("<Refunds/>")
    assert settled.shop.delete(path).status == 405


def test_a_refund_repeated_under_its_key_is_made_once(settled, provider):
    """A refund repeated under its idempotency key is made once."""
    first, again = (refund(settled, "5.00", Idempotency_Key="back-1") for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    assert (provider.calls["refund"], refunded(settled)) == (1, "5.00")


@pytest.mark.parametrize("trouble", ["drops_the_call", "drops_the_answer"])
def test_a_refund_without_an_answer_counts_and_is_asked_again(settled, provider, trouble):
    """A refund without an answer is pending counts and is asked for again under the same id."""
    getattr(provider, trouble)("refund")
    answer = refund(settled, "15.00")
    assert (answer.status, answer.value("Status")) == (201, "Pending")
    assert (refunded(settled), settled.totals()) == ("0.00", ("20.00", "0.00"))
    assert refund(settled, "5.01").status == 409, "what is on its way counts"
    sync_all_due(whether_due_or_not=True)
    assert (refunded(settled), settled.totals()) == ("15.00", ("5.00", "0.00"))
    assert len(set(provider.request_ids["refund"])) == 1
    assert SandboxRefund.objects.count() == 1


def test_a_refused_refund_frees_what_it_reserved(settled, provider):
    """A refused refund fails and what it reserved is free again."""
    provider.refuses("refund", "refund_time_limit_exceeded")
    answer = refund(settled)
    assert (answer.status, answer.value("Status")) == (201, "Failed")
    assert (settled.status, refunded(settled)) == ("Settled", "0.00")
    assert refund(settled).value("Status") == "Completed"


def test_a_refund_that_takes_its_time_is_followed_to_its_end(settled, provider):
    SandboxCheckout.objects.update(scenario="refund_pending")
    assert refund(settled).value("Status") == "Pending"
    assert settled.status == "Settled"
    sync_all_due(whether_due_or_not=True)
    assert (settled.status, refunded(settled)) == ("Refunded", "20.00")
    assert (provider.calls["refund"], provider.calls["find_refund"]) == (1, 1)


def test_a_refund_over_another_amount_is_not_counted(settled, provider):
    provider.lies("refund", amount_minor=1)
    assert refund(settled, "5.00").value("Status") == "Pending"
    assert refunded(settled) == "0.00"


# --- Given back or taken back at the provider's -------------------------------------------------------------------


def provider_says(provider, **changes):
    provider.lies("find", **changes)


def report(gift):
    """The provider's webhook rings."""
    from contributions.causes import Cause
    from contributions.sync import sync

    sync(Contribution.objects.get(public_id=gift.id), cause=Cause.WEBHOOK)


def test_a_refund_made_in_the_dashboard_is_entered_once(settled, provider):
    """A refund made in the providers dashboard reaches the books once."""
    made = ProviderRefund(RefundState.COMPLETED, 700, "", "DASHBOARD-1")
    for _ in range(3):
        provider_says(provider, refunds=(made,))
        report(settled)
    assert (settled.status, refunded(settled), settled.totals()) == ("Settled", "7.00", ("13.00", "0.00"))
    assert Refund.objects.get().cause == "provider"


def test_our_refund_whose_answer_was_lost_is_recognised(settled, provider):
    """Our own refund whose answer was lost is recognised and counted once."""
    provider.drops_the_answer("refund")
    refund(settled, "7.00")
    report(settled)
    assert refunded(settled) == "7.00"
    sync_all_due(whether_due_or_not=True)
    assert (refunded(settled), Refund.objects.count()) == ("7.00", 1)


def test_a_chargeback_takes_the_rest_until_it_is_won(settled, provider):
    """A chargeback takes what is left and a won dispute brings it back."""
    refund(settled, "5.00")
    SandboxCheckout.objects.update(state="reversed")
    report(settled)
    assert (settled.status, settled.reason, settled.totals()) == ("Reversed", "chargeback", ("0.00", "0.00"))
    assert refund(settled).value("code") == "cannot_refund"
    SandboxCheckout.objects.update(state="captured")
    report(settled)
    assert (settled.status, refunded(settled), settled.totals()) == ("Settled", "5.00", ("15.00", "0.00"))
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", "collected_delta_minor")) == [
        ("capture", 2000),
        ("refund", -500),
        ("reversal", -1500),
        ("reversal_won", 1500),
    ]
    call_command("audit")


def test_what_was_charged_back_unheard_is_settled_and_reversed(gift, giver):
    """A payment that was charged back before we heard of it is settled and reversed."""
    giver.choose(gift.provider_url, "approve")
    SandboxCheckout.objects.update(state="reversed", payment_id="SIM1")
    report(gift)
    assert gift.status == "Reversed"
    assert gift.totals() == ("0.00", "0.00")
    call_command("audit")


def test_a_chargeback_that_is_reported_twice_is_one_chargeback(settled):
    SandboxCheckout.objects.update(state="reversed")
    for _ in range(3):
        report(settled)
    assert (settled.status, settled.version) == ("Reversed", "3")
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["capture", "reversal"]


def test_a_refund_that_fails_after_a_chargeback_is_reversed(settled, provider):
    """A refund that fails after a chargeback was taken back with the rest."""
    provider.drops_the_call("refund")
    refund(settled, "5.00")
    SandboxCheckout.objects.update(state="reversed")
    report(settled)
    assert (settled.status, settled.totals()) == ("Reversed", ("5.00", "0.00"))  # 5.00 may still reach the giver
    call_command("audit")
    provider.refuses("refund", "chargeback")
    sync_all_due(whether_due_or_not=True)
    assert (settled.status, settled.totals()) == ("Reversed", ("0.00", "0.00"))
    call_command("audit")
    SandboxCheckout.objects.update(state="captured")
    report(settled)
    assert (settled.status, settled.totals()) == ("Settled", ("20.00", "0.00"))
    call_command("audit")


def test_a_refund_asked_for_during_a_chargeback_counts_once(settled, provider):
    """A refund asked for while a chargeback is found out is not taken back twice."""
    SandboxCheckout.objects.update(state="reversed")
    provider.drops_the_call("refund")
    provider.afterwards("find", lambda: refund(settled, "5.00"))
    report(settled)
    provider.refuses("refund", "chargeback")
    sync_all_due(whether_due_or_not=True)
    report(settled)
    assert (settled.status, settled.totals()) == ("Reversed", ("0.00", "0.00"))
    assert -sum(LedgerEntry.objects.filter(kind="reversal").values_list("collected_delta_minor", flat=True)) == 2000
    call_command("audit")


def test_a_refund_that_fails_during_a_chargeback_leaves_nothing(settled, provider):
    """A refund that fails while a chargeback is found out leaves nothing in the books."""
    provider.drops_the_call("refund")
    refund(settled, "5.00")
    SandboxCheckout.objects.update(state="reversed")
    provider.refuses("refund", "chargeback")
    provider.afterwards("find", lambda: [sync_refund(one, cause=Cause.WORKER) for one in Refund.objects.all()])
    report(settled)
    report(settled)
    assert (settled.status, settled.totals()) == ("Reversed", ("0.00", "0.00"))
    call_command("audit")


# --- Money that nobody wants --------------------------------------------------------------------------------------


def test_money_for_what_the_client_deleted_goes_back(gift, shop, provider):
    """Money that arrives for what the client deleted goes back and it stays canceled."""
    gift.shop.delete(f"/api/Contribution/{gift.id}")
    SandboxCheckout.objects.update(state="captured", payment_id="SIM1")  # it was on its way already
    report(gift)
    contribution = Contribution.objects.get()
    assert (contribution.status, contribution.refunded_minor) == ("Canceled", 2000)
    assert gift.totals() == ("0.00", "0.00")
    assert Refund.objects.get().cause == "service"
    call_command("audit")


def test_unwanted_money_charged_back_is_not_refunded_as_well(gift, provider):
    """Money that nobody wants and the provider takes back first is not given back as well."""
    gift.shop.delete(f"/api/Contribution/{gift.id}")
    SandboxCheckout.objects.update(state="captured", payment_id="SIM1")
    provider.refuses("refund", "not_now")
    report(gift)
    SandboxCheckout.objects.update(state="reversed")
    report(gift)
    contribution = Contribution.objects.get()
    assert (contribution.status, contribution.refunded_minor, gift.totals()) == ("Reversed", 0, ("0.00", "0.00"))
    call_command("audit")
    SandboxCheckout.objects.update(state="captured")  # the dispute is won, and still nobody wants it
    report(gift)
    contribution.refresh_from_db()
    assert (contribution.status, contribution.refunded_minor, gift.totals()) == ("Refunded", 2000, ("0.00", "0.00"))
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "capture",
        "reversal",
        "reversal_won",
        "refund",
    ]
    call_command("audit")


def test_a_chargeback_of_what_went_back_finds_nothing(gift, provider):
    """A chargeback of what went back already finds nothing left."""
    gift.shop.delete(f"/api/Contribution/{gift.id}")
    SandboxCheckout.objects.update(state="captured", payment_id="SIM1")
    report(gift)
    SandboxCheckout.objects.update(state="reversed")
    report(gift)
    assert (Contribution.objects.get().status, gift.totals()) == ("Canceled", ("0.00", "0.00"))
    call_command("audit")


def test_what_could_not_go_back_is_tried_again_until_it_has(gift, provider):
    gift.shop.delete(f"/api/Contribution/{gift.id}")
    SandboxCheckout.objects.update(state="captured", payment_id="SIM1")
    provider.refuses("refund", "insufficient_funds")
    report(gift)
    assert Contribution.objects.get().refunded_minor == 0
    sync_all_due(whether_due_or_not=True)
    assert Contribution.objects.get().refunded_minor == 2000
    assert [one.status for one in Refund.objects.order_by("pk")] == ["Failed", "Completed"]


# --- Crowds -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("amount", "made"), [("1.00", 20), (None, 1), ("7.00", 2)])
def test_32_refunds_at_once_never_give_back_more_than_was_given(provider, amount, made):
    gift = Gift(PartnerClient(register("Shop").api_key), Giver())
    gift.pay("approve")
    answers = all_at_once(32, lambda _: refund(gift, amount))
    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [201] * made + [409] * (32 - made), [
        answer.value("detail") for answer in answers if answer.status == 409
    ]
    given_back = sum(SandboxRefund.objects.values_list("amount_minor", flat=True))
    assert given_back == {20: 2000, 1: 2000, 2: 1400}[made]
    assert Contribution.objects.get().refunded_minor == given_back
    call_command("audit")


def test_the_error_says_what_is_wrong(settled):
    refund(settled)
    answer = refund(settled)
    assert answer.value("detail") == "Only a Settled contribution can be refunded; this one is Refunded."
