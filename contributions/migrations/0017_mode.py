"""Which partners that there are already are in test, and which are live. docs/decisions/0055-live-and-test.md says why.

Live, unless the instance is a sandbox: unless nothing it has ever opened, and nothing it could open now, moves real money.
"""

import logging

from django.conf import settings
from django.db import migrations

log = logging.getLogger(__name__)

PROVIDERS = {"paypal": "PayPal", "amazon": "Amazon", "google_stripe": "Google", "stripe": "Stripe"}
TEST_KEYS = {key: f"{provider.lower()}_test" for key, provider in PROVIDERS.items()}
SIMULATOR = "sandbox"
OPEN_AT_THE_SIMULATOR = ("open", "approved", "declined")


def is_sandbox(adapters: set[str]) -> bool:
    """By the settings, and by the keys of the adapters that have ever opened a checkout."""
    if settings.PROVIDERS_WITH_KEYS or not settings.SANDBOX:
        return False
    opened_for_real = {PROVIDERS.get(adapter, adapter) for adapter in adapters - {SIMULATOR}}
    return opened_for_real <= set(settings.PROVIDERS_WITH_TEST_KEYS)


def tell_them_apart(apps, schema_editor):
    Partner, Checkout = apps.get_model("partners", "Partner"), apps.get_model("contributions", "Checkout")
    if not Partner.objects.exists():
        return
    adapters = set(Checkout.objects.exclude(adapter="").values_list("adapter", flat=True).distinct())
    if is_sandbox(adapters):
        Partner.objects.update(is_test=True)
        for adapter, test_key in TEST_KEYS.items():
            Checkout.objects.filter(adapter=adapter).update(adapter=test_key)
        log.warning("this instance is a sandbox: all partners and their records are in test from now on")
        return
    if SIMULATOR in adapters:
        _close_what_is_open_at_the_simulator(apps)
        log.warning("live records were paid at the simulator: see manage.py move_to_test")


def _close_what_is_open_at_the_simulator(apps):
    """From now on nobody pays a live gift there. Its giver is offered another way, at the address that it always had."""
    open_ones = apps.get_model("sandbox", "SandboxCheckout").objects.filter(state__in=OPEN_AT_THE_SIMULATOR)
    open_ones.update(state="voided")


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0016_events"),
        ("partners", "0004_mode"),
        ("sandbox", "0007_payees"),
    ]

    operations = [migrations.RunPython(tell_them_apart, migrations.RunPython.noop)]
