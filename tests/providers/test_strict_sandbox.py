"""With SANDBOX_STRICT the simulator refuses on the way in what the provider that it plays would refuse."""

import pytest

from providers import registry
from tests.conftest import contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

ACCOUNT = "<PaymentProvider><ProviderName>{}</ProviderName><Credentials>{}</Credentials></PaymentProvider>"
TOO_STRICT = [
    ("PayPal", "anna@example.org", {"Currency": "KWD"}, "PayPal"),
    ("PayPal", "nobody", {}, "an e-mail address"),
    ("Stripe", "anna@example.org", {}, "acct_"),
    ("Amazon", "whoever", {"Currency": "BRL"}, "Amazon"),
]


@pytest.fixture(autouse=True)
def _played_by_nobody_else(settings):
    settings.PROVIDERS_WITH_KEYS = frozenset()


@pytest.mark.parametrize(("provider", "credentials", "goal", "told"), TOO_STRICT)
def test_what_the_provider_would_refuse_is_refused(shop, settings, provider, credentials, goal, told):
    goal = goal | {"PaymentProviders": ACCOUNT.format(provider, credentials)}
    assert shop.new_goal(**goal), "the simulator takes it by itself"
    settings.SANDBOX_STRICT = True
    answer = shop.post("/api/savings", goal_xml(**goal))
    assert (answer.status, told in answer.text) == (400, True)


def test_an_amount_that_it_would_refuse_is_refused(shop, settings):
    settings.SANDBOX_STRICT = True
    goal = shop.new_goal(PaymentProviders=ACCOUNT.format("Stripe", "acct_1234567890"))
    answer = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(Amount="0.10"))
    assert (answer.status, "Stripe" in answer.text) == (400, True)
    assert shop.new_contribution(goal, Amount="10.00").status == 201


def test_it_is_the_same_simulator(settings):
    settings.SANDBOX_STRICT = True
    assert registry.adapter_offered("PayPal", is_test=True).key == "sandbox"
