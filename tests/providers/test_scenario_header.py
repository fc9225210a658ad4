"""The header in which a partner names the bad day that it wants to rehearse."""

from types import SimpleNamespace

import pytest

from contributions.models import Contribution
from providers import registry
from providers.sandbox.models import SandboxCheckout
from tests.conftest import contribution_xml
from tests.providers.conftest import MAGIC

pytestmark = pytest.mark.django_db


def with_header(shop, scenario, **more):
    goal = more.pop("goal", None) or shop.new_goal()
    body = contribution_xml(**more.pop("body", {}))
    return shop.post(f"/api/SavingGoal/{goal}/Contributions", body, Sandbox_Scenario=scenario, **more)


@pytest.mark.parametrize("name", ["", "Declined", "declined,slow", "declined\xe9"])
def test_another_header_is_refused_and_the_names_are_told(shop, name):
    answer = with_header(shop, name)
    assert (answer.status, answer.value("code")) == (400, "invalid_header")
    told = answer.value("detail")
    assert told.startswith("Sandbox-Scenario must be one of open_refused, open_silent, call_lost, ")
    assert told.endswith(" captured_in_part, hold_ended, capture_refused, authentication_required, permission_revoked.")
    assert Contribution.objects.count() == 0


def test_a_header_for_a_provider_that_is_real_is_refused(shop, monkeypatch):
    goal = shop.new_goal()
    monkeypatch.setattr(registry, "adapter_offered", lambda name, is_test: SimpleNamespace(key="paypal"))
    answer = with_header(shop, "declined", goal=goal)
    assert (answer.status, answer.value("code")) == (400, "invalid_header")
    assert answer.value("detail") == "Sandbox-Scenario is for the simulator, and PayPal is not simulated here: leave it out."
    assert Contribution.objects.count() == 0


def test_the_header_outranks_the_magic_amount(shop):
    with_header(shop, "declined", goal=shop.new_goal(GoalAmount="9999"), body={"Amount": MAGIC["slow"]})
    assert SandboxCheckout.objects.get().scenario == "declined"


def test_the_header_is_part_of_what_is_done_once(shop):
    """The same idempotency key with another scenario is 422."""
    goal = shop.new_goal()
    first, again = (with_header(shop, "declined", goal=goal, Idempotency_Key="gift-1") for _ in range(2))
    other = with_header(shop, "slow", goal=goal, Idempotency_Key="gift-1")
    without = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Idempotency_Key="gift-1")
    assert (first.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert [(answer.status, answer.value("code")) for answer in (other, without)] == [(422, "idempotency_key_reused")] * 2
