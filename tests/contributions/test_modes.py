"""What there was before live and test were told apart: what becomes of it at migration, and what an operator can do."""

import importlib
import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from contributions.audit import faults_in_the_books
from contributions.models import Checkout
from partners.models import Partner
from providers.sandbox.models import SandboxCheckout
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db

migration = importlib.import_module("contributions.migrations.0017_mode")


@pytest.fixture
def old_shop(db: None, giver: Giver) -> tuple[PartnerClient, Gift, Gift]:
    """A partner of before, as the migration finds it: live, with a gift that was paid at the simulator and one that is open."""
    new = register("Old Shop")
    shop = PartnerClient(new.api_key)
    paid = Gift(shop, giver)
    paid.pay()
    open_one = Gift(shop, giver, paid.goal_id)
    Partner.objects.update(is_test=False)
    return shop, paid, open_one


@pytest.mark.parametrize(
    ("live_keys", "test_keys", "sandbox", "adapters", "expected"),
    [
        (set(), set(), True, {"sandbox"}, True),
        (set(), set(), True, set(), True),
        (set(), {"PayPal"}, True, {"sandbox", "paypal"}, True),
        (set(), {"PayPal", "Google"}, True, {"paypal", "google_stripe"}, True),
        ({"PayPal"}, set(), True, {"sandbox"}, False),
        ({"PayPal"}, set(), True, {"sandbox", "paypal"}, False),
        (set(), set(), True, {"sandbox", "paypal"}, False),
        (set(), {"PayPal"}, True, {"stripe"}, False),
        (set(), set(), False, {"sandbox"}, False),
        (set(), set(), False, set(), False),
    ],
)
def test_an_instance_is_a_sandbox(settings, live_keys, test_keys, sandbox, adapters, expected):
    """Where nothing that it has ever opened, and nothing that it could open now, moves real money; else all is live."""
    settings.PROVIDERS_WITH_KEYS, settings.PROVIDERS_WITH_TEST_KEYS, settings.SANDBOX = live_keys, test_keys, sandbox
    assert migration.is_sandbox(adapters) is expected


def test_a_sandbox_becomes_test_with_all_that_it_holds(old_shop, settings, giver):
    shop, paid, open_one = old_shop
    other = Gift(PartnerClient(register("Other Old Shop").api_key), giver)
    settings.PROVIDERS_WITH_TEST_KEYS = {"PayPal"}
    Checkout.objects.filter(contribution__public_id=other.id).update(adapter="paypal")
    migration.tell_them_apart(apps, None)
    assert shop.get(f"/api/SavingGoal/{paid.goal_id}").value("Test") == "true"
    assert other.checkout.adapter == "paypal_test"
    settings.PROVIDERS_WITH_TEST_KEYS = set()
    assert open_one.pay() is not None
    assert open_one.status == "Settled"
    assert list(faults_in_the_books()) == []


def test_beside_live_keys_old_records_stay_live(old_shop, settings, giver):
    """And nobody pays them at the simulator any more: a giver is led to the real provider, or told that there is none."""
    shop, paid, open_one = old_shop
    page = open_one.page()
    settings.PROVIDERS_WITH_KEYS = {"Stripe"}
    migration.tell_them_apart(apps, None)
    goal = shop.get(f"/api/SavingGoal/{paid.goal_id}")
    assert (goal.value("Test"), goal.value("CurrentAmount")) == (None, "20.00")
    giver.choose(page, "approve")
    open_one.report()
    assert SandboxCheckout.objects.get(reference=open_one.id).state == "voided"
    assert (open_one.status, open_one.totals()) != ("Settled", ("40.00", "0.00"))
    again = giver.visit(open_one.provider_url)
    assert "sandbox" not in again.headers.get("Location", "")
    assert "cannot be paid at this moment" in again.text
    assert paid.refund().status == 201, "what was simulated is given back in the books by the adapter that has taken it"
    assert paid.totals() == ("0.00", "0.00")


def test_a_partner_that_only_tried_is_moved_to_test(old_shop):
    shop, paid, _ = old_shop
    told = io.StringIO()
    call_command("move_to_test", stdout=told)
    assert told.getvalue() == "Old Shop: 2 checkouts at the simulator, 0 elsewhere\n"
    call_command("move_to_test", "Old Shop", stdout=told)
    assert shop.get(f"/api/Contribution/{paid.id}").value("Test") == "true"
    told = io.StringIO()
    call_command("move_to_test", stdout=told)
    assert told.getvalue() == "No live partner's gifts were ever paid at the simulator.\n"


def test_real_money_is_never_moved_to_test(old_shop):
    _, paid, _ = old_shop
    with pytest.raises(CommandError, match="there is no live partner named 'Nobody'"):
        call_command("move_to_test", "Nobody")
    Partner.objects.create(name="Old Shop", is_test=True)
    with pytest.raises(CommandError, match="two histories cannot be made one"):
        call_command("move_to_test", "Old Shop")
    Checkout.objects.filter(contribution__public_id=paid.id).update(adapter="paypal")
    with pytest.raises(CommandError, match="1 checkouts of its gifts were not at the simulator"):
        call_command("move_to_test", "Old Shop")
    assert not Partner.objects.get(is_test=False).is_test
