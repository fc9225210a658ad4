"""A gift under a standing permission: paid at once, nobody redirected; otherwise as usual, with a Notice why."""

import pytest

from contributions.models import Contribution
from contributions.worker import sync_all_due
from givers import permissions
from givers.models import Permission
from tests.givers.charged import charged, the_gift, used

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_hold")]

WHY = "The gift was not paid under a permission: {}; send the giver to ProviderURL."


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
