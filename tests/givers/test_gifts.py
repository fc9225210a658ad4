"""A gift under a standing permission: paid at once, nobody redirected; otherwise as usual, with a Notice why.

Every fault between the record and the answer: never two payments, never more than the limit, and room is given back once.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, ProviderRequest
from contributions.sync import sync
from contributions.worker import sync_all_due
from givers import permissions
from givers.models import Permission
from providers.base import Capability
from providers.sandbox.models import SandboxCheckout, SandboxPermission
from tests.contributions.conftest import in_place_of_every_provider
from tests.troublesome_provider import ProcessDied, TroublesomeProvider

pytestmark = pytest.mark.django_db

WHY = "The gift was not paid under a permission: {}; send the giver to ProviderURL."


@pytest.fixture
def trouble():
    """The simulator with trouble to order."""
    provider = TroublesomeProvider()
    provider.capabilities = frozenset({Capability.KEEPS_PERMISSIONS})
    with in_place_of_every_provider(provider):
        yield provider


@pytest.fixture(autouse=True)
def _books_are_right(db):
    yield
    assert list(faults_in_the_books()) == []
    _nobody_paid_twice_and_limits_hold()


def _nobody_paid_twice_and_limits_hold():
    paid = SandboxCheckout.objects.filter(state__in=["captured", "authorized"])
    references = list(paid.values_list("reference", flat=True))
    assert len(references) == len(set(references))
    for permission in Permission.objects.exclude(total_minor=None):
        taken = sum(paid.filter(permission__reference=permission.public_id).values_list("amount_minor", flat=True))
        assert taken <= permission.used_minor <= permission.total_minor


def used():
    return Permission.objects.get().used_minor


def the_gift():
    return Contribution.objects.whole().latest("pk")


def charged():
    return SandboxCheckout.objects.exclude(permission=None)


# --- Covered --------------------------------------------------------------------------------------------------------


def test_a_gift_under_a_permission_is_settled_at_once(ann):
    ann.permission()
    made = ann.post_gift()
    assert (made.status, made.value("Status"), made.value("GiverId")) == (201, "Settled", ann.id), made.text
    assert "Notice" not in made.headers
    assert made.value("SettledDate")
    assert used() == 2000
    assert the_gift().checkouts.count() == 1


@pytest.mark.parametrize("policy", ["OnGoalReached", "Manual"])
def test_money_that_is_held_first_is_held_at_once(ann, policy):
    """And voided it gives its room back; a refund does not."""
    ann.permission()
    ann.goal_id = ann.shop.new_goal(CapturePolicy=policy, GoalAmount="30.00")
    made = ann.post_gift()
    assert (made.status, made.value("Status"), used()) == (201, "Authorized", 2000), made.text
    assert ann.shop.delete(f"/api/Contribution/{made.value('Id')}").status == 204
    assert (the_gift().status, used()) == ("Canceled", 0)
    ann.post_gift(Amount="30.00")
    gift = the_gift()
    if policy == "Manual":
        assert ann.shop.post(f"/api/Contribution/{gift.public_id}/Capture").status == 200
    sync_all_due()
    assert (the_gift().status, used()) == ("Settled", 3000)
    assert ann.shop.post(f"/api/Contribution/{gift.public_id}/Refunds", "<Refund/>").status == 201
    assert (the_gift().status, used()) == ("Refunded", 3000)


def test_a_repeated_request_pays_once(ann):
    ann.permission()
    answers = [ann.post_gift(Idempotency_Key="gift-1") for _ in range(3)]
    assert len({one.value("Id") for one in answers}) == 1
    assert (charged().count(), used()) == (1, 2000)


def test_a_review_takes_its_time(ann, later):
    ann.permission()
    assert ann.post_gift(Sandbox_Scenario="review_passed").value("Status") == "Pending"
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, used()) == ("Settled", 2000)


def test_a_review_that_is_denied_gives_room_back_once(ann, later):
    """And the giver can pay it then at the provider's page."""
    ann.permission()
    made = ann.post_gift(Sandbox_Scenario="review_denied")
    assert made.value("Status") == "Pending"
    for minutes in (1, 2, 3):
        later(minutes=minutes)
        sync_all_due(whether_due_or_not=True)
    assert (the_gift().status, the_gift().status_reason, used()) == ("Failed", "review_denied", 0)
    ann.browser.pay(made.value("ProviderURL"))
    assert (the_gift().status, used()) == ("Settled", 0)


# --- Not covered ----------------------------------------------------------------------------------------------------


def _asked(ann):
    ann.permission("")


def _declined(ann):
    ann.permission("decline")


def _revoked(ann):
    permissions.revoke(ann.permission(), "client_revoked")


@pytest.mark.parametrize(
    ("prepared", "gift", "why"),
    [
        (lambda ann: None, {}, "the giver has no permission at a provider of the goal"),
        (_asked, {}, "the giver has not agreed to the permission yet"),
        (_declined, {}, "the giver's permission was revoked"),
        (_revoked, {}, "the giver's permission was revoked"),
        (lambda ann: ann.permission(Currency="EUR"), {}, "the giver's permission is for another currency"),
        (lambda ann: ann.permission(ProviderName="Stripe"), {}, "the giver has no permission at a provider of the goal"),
        (lambda ann: ann.permission(), {"Amount": "50.01"}, "Amount is more than the permission's MaximumAmount"),
        (
            lambda ann: [ann.permission(), ann.permission(Currency="EUR")],
            {"Amount": "50.01"},
            "Amount is more than the permission's MaximumAmount",
        ),
        (
            lambda ann: [ann.permission(), ann.post_gift(Amount="50"), ann.post_gift(Amount="30")],
            {"Amount": "20.01"},
            "what is left of the permission's MaximumTotal does not cover Amount",
        ),
    ],
)
def test_what_no_permission_covers_is_paid_as_usual(ann, prepared, gift, why):
    prepared(ann)
    made = ann.post_gift(**gift)
    assert (made.status, made.value("Status")) == (201, "Submitted"), made.text
    assert made.headers["Notice"] == WHY.format(why)
    before = charged().count()
    ann.browser.pay(made.value("ProviderURL"))
    assert (the_gift().status, charged().count()) == ("Settled", before)


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        ("declined", "the giver's instrument was declined"),
        ("open_refused", "the provider refused (provider_refused)"),
        ("authentication_required", "the provider wants the giver to prove who they are"),
        ("permission_revoked", "the giver's permission was revoked"),
    ],
)
def test_what_the_provider_refuses_is_paid_as_usual(ann, scenario, why, later):
    """Its room is given back; and where the permission is over, that is found out."""
    ann.permission()
    made = ann.post_gift(Sandbox_Scenario=scenario)
    assert (made.status, made.value("Status"), made.headers["Notice"]) == (201, "Submitted", WHY.format(why))
    assert (used(), charged().count()) == (0, 0)
    assert [one.stage for one in the_gift().checkouts.order_by("number")] == ["over", "open"]
    ann.browser.pay(made.value("ProviderURL"))
    assert (the_gift().status, used()) == ("Settled", 0)
    sync_all_due()
    assert Permission.objects.get().state == ("Revoked" if scenario == "permission_revoked" else "Active")


def test_what_was_chosen_on_the_simulators_page_is_played(ann):
    """By each gift under the permission, until something else is chosen there."""
    ann.permission(scenario="declined")
    assert ann.post_gift().headers["Notice"] == WHY.format("the giver's instrument was declined")


def test_of_several_permissions_the_first_that_covers_it(ann):
    small, large = ann.permission(MaximumAmount="10.00", MaximumTotal=""), ann.permission()
    assert ann.post_gift().value("Status") == "Settled"
    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.used_minor, large.used_minor) == (0, 2000)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"GiverId": ""}, "UsePermission needs GiverId"),
        ({"GiverId": "nobody"}, "GiverId must be the Id of a giver of yours"),
        ({"Pin": "12"}, "Pin must have 4 to 8 digits, as a string."),
        ({"UsePermission": "perhaps"}, "UsePermission must be true or false"),
    ],
)
def test_what_does_not_go_with_a_gift_is_told(ann, changes, sentence):
    made = ann.post_gift(**changes)
    assert (made.status, sentence in made.text) == (400, True), made.text
    assert not Contribution.objects.exists()


def test_another_partners_giver_is_nobody(ann, rival):
    goal = rival.new_goal()
    from tests.givers.conftest import body

    made = rival.post(
        f"/api/SavingGoal/{goal}/Contributions", body("Contribution", Amount="1", Contributor="E", GiverId=ann.id)
    )
    assert (made.status, "GiverId must be the Id of a giver of yours" in made.text) == (400, True)


def test_validate_only_charges_nothing_and_tries_no_pin(ann):
    ann.permission()
    ann.set_pin()
    from tests.givers.conftest import OTHER_PIN, body

    gift = body("Contribution", Amount="20.00", Contributor="Ann", GiverId=ann.id, UsePermission="true", Pin=OTHER_PIN)
    asked = ann.shop.post(f"/api/SavingGoal/{ann.goal_id}/Contributions?ValidateOnly=1", gift)
    assert (asked.status, ann.row.pin_tries, Contribution.objects.count(), used()) == (200, 0, 0, 0)


# --- Unknown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drops_the_call", "drops_the_answer"])
def test_silence_is_unknown_and_asked_again(ann, trouble, later, fault):
    """Under the same request id; nothing else is opened meanwhile, and /pay/{id} says so."""
    ann.permission()
    getattr(trouble, fault)("charge", 3)
    made = ann.post_gift()
    assert (made.status, made.value("Status"), made.value("StatusReason")) == (201, "Pending", "provider_unreachable")
    assert used() == 2000
    page = ann.browser.visit(made.value("ProviderURL"))
    assert (page.status, trouble.calls["open"]) == (200, 0)
    assert ann.shop.delete(f"/api/Contribution/{made.value('Id')}").status == 409
    for minutes in (1, 3, 10, 30):
        later(minutes=minutes)
        sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    assert len(set(trouble.request_ids["charge"])) == 1
    assert the_gift().checkouts.count() == 1


def test_made_and_then_not_told_how_it_stands(ann, trouble, later):
    ann.permission()
    trouble.drops_the_call("find")
    assert ann.post_gift().value("Status") == "Pending"
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, trouble.calls["charge"]) == ("Settled", 1)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("then", ["the client", "the worker", "the giver"])
def test_who_dies_over_it_leaves_a_gift_that_is_paid_once(ann, trouble, later, after, then):
    ann.permission()
    trouble.crashes("charge", after=after)
    with pytest.raises(ProcessDied):
        ann.post_gift(Idempotency_Key="gift-1")
    assert the_gift().status == "Submitted"
    later(minutes=3)
    if then == "the client":
        assert ann.post_gift(Idempotency_Key="gift-1").value("Status") == "Settled"
    elif then == "the giver":
        assert ann.browser.visit(the_gift().pay_url).status == 200
    else:
        sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    assert (len(set(trouble.request_ids["charge"])), trouble.calls["open"]) == (1, 0)


def test_a_process_that_dies_before_the_order_is_stored(ann, monkeypatch, later):
    """The gift is recorded, and its room is taken: the worker has it paid."""
    ann.permission()

    def dies(*told, **how):
        raise ProcessDied

    with monkeypatch.context() as patch:
        patch.setattr("contributions.giving.sync", dies)
        with pytest.raises(ProcessDied):
            ann.post_gift()
    assert (used(), ProviderRequest.objects.filter(operation="charge").count()) == (2000, 0)
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, used()) == ("Settled", 2000)


def test_revoked_before_the_order_was_stored(ann, monkeypatch, later):
    """Then it is not paid under it, and its room is given back; the giver can pay it."""
    permission = ann.permission()

    def dies(*told, **how):
        raise ProcessDied

    with monkeypatch.context() as patch:
        patch.setattr("contributions.giving.sync", dies)
        with pytest.raises(ProcessDied):
            ann.post_gift()
    permissions.revoke(permission, "giver_revoked")
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Submitted", 0, 0)
    ann.browser.pay(the_gift().pay_url)
    assert the_gift().status == "Settled"


@pytest.mark.parametrize("arrived", [False, True])
def test_revoked_while_the_outcome_is_unknown(ann, trouble, later, arrived):
    """The token is not used again before the provider has confirmed that it takes it no more; then it only repeats itself."""
    permission = ann.permission()
    (trouble.drops_the_answer if arrived else trouble.drops_the_call)("charge")
    assert ann.post_gift().value("Status") == "Pending"
    trouble.drops_the_call("revoke", 2)
    permissions.revoke(Permission.objects.select_related("giver__partner").get(), "giver_revoked")
    before = trouble.calls["charge"]
    sync(the_gift(), cause=Cause.WORKER)
    assert trouble.calls["charge"] == before, "the provider may still take it"
    for minutes in (10, 30, 90):
        later(minutes=minutes)
        sync_all_due(whether_due_or_not=True)
    permission.refresh_from_db()
    assert permission.told_at is not None
    if arrived:
        assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    else:
        assert (the_gift().status, used()) == ("Failed", 0)
        assert not charged().filter(state="captured").exists()


def test_a_goal_deleted_while_the_outcome_is_unknown(ann, trouble, later):
    """What was taken is given back; its room is not, since it was taken."""
    ann.permission()
    trouble.drops_the_answer("charge")
    assert ann.post_gift().value("Status") == "Pending"
    assert ann.shop.delete(f"/api/SavingGoal/{ann.goal_id}").status == 204
    for minutes in (1, 5, 30):
        later(minutes=minutes)
        sync_all_due(whether_due_or_not=True)
    gift = the_gift()
    assert (gift.refunded_minor, gift.settled_minor) == (2000, 2000)
    assert SandboxCheckout.objects.get().refunds.get().amount_minor == 2000


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_16_gifts_at_once_never_exceed_the_total(ann, room_for_everybody):
    """5 of 20.00 fit into 100.00; the others are paid as usual."""
    ann.permission()
    start = threading.Barrier(16)

    def give(number):
        start.wait(timeout=60)
        try:
            return ann.post_gift(Idempotency_Key=f"gift-{number}").value("Status")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(give, range(16)))
    assert sorted(statuses) == ["Settled"] * 5 + ["Submitted"] * 11
    assert (used(), charged().filter(state="captured").count()) == (10000, 5)


def test_room_is_given_back_once_however_many_look(ann, later):
    ann.permission()
    ann.post_gift(Sandbox_Scenario="review_denied")
    later(minutes=1)
    for cause in (Cause.WORKER, Cause.CLIENT, Cause.RETURN):
        sync(the_gift(), cause=cause)
    assert (used(), Checkout.objects.get().permission_minor) == (0, None)


def test_a_revocation_at_the_provider_is_no_second_payment(ann, later):
    """Revoked there while a gift is Pending here: the review goes on, and is asked about as ever."""
    ann.permission()
    ann.post_gift(Sandbox_Scenario="review_passed")
    SandboxPermission.objects.update(state="revoked")
    later(hours=30)
    sync_all_due()
    assert (the_gift().status, Permission.objects.get().state) == ("Settled", "Revoked")
