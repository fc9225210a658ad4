"""A process of its own for each case: the settings are read once, when they are imported."""

import os
import subprocess
import sys
from pathlib import Path

from tests.eventually import SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {
    *("DEBUG", "SECRET_KEY", "CREDENTIALS_KEYS", "PUBLIC_BASE_URL", "ALLOWED_HOSTS", "SANDBOX", "ALLOW_QUERY_API_KEY"),
    *("CHECKOUT_EXPIRY_HOURS", "LOG_LEVEL", "DATABASE_URL"),
    *("PAYPAL_API_BASE", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID", "SSL_CERT_FILE"),
    *("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PUBLISHABLE_KEY"),
    *("GOOGLE_PAY_MERCHANT_ID", "GOOGLE_PAY_ENVIRONMENT", "GOOGLE_PAY_COUNTRY", "GOOGLE_PAY_SCRIPT_URL"),
    *("AMAZON_PAY_API_BASE", "AMAZON_PAY_PUBLIC_KEY_ID", "AMAZON_PAY_PRIVATE_KEY", "AMAZON_PAY_MERCHANT_ID"),
    *(
        "AMAZON_PAY_STORE_ID",
        "AMAZON_PAY_REGION",
        "AMAZON_PAY_LEDGER_CURRENCY",
        "AMAZON_PAY_CURRENCIES",
        "AMAZON_PAY_SCRIPT_URL",
        "AMAZON_PAY_TOPIC_ARN",
    ),
}
"""What the processes start without, whatever this one has."""


def run(*command, **environment):
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, *command],
        env=inherited | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def sentence(**environment):
    """The sentence that stopped the start."""
    done = run("-c", "import config.settings", **environment)
    assert done.returncode != 0
    *_, last = done.stderr.strip().splitlines()
    kind, _, told = last.partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured", done.stderr
    return told


def settings_with(*names, **environment):
    """The values of these settings, as they are printed."""
    code = f"from config import settings as s; print({', '.join(f's.{name}' for name in names)})"
    done = run("-c", code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
