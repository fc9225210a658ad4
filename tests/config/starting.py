"""What config/settings.py makes of an environment; and processes that start in one."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.eventually import SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {
    *("PAYPAL_TEST_API_BASE", "PAYPAL_TEST_CLIENT_ID", "PAYPAL_TEST_CLIENT_SECRET", "PAYPAL_TEST_WEBHOOK_ID"),
    *("STRIPE_TEST_API_BASE", "STRIPE_TEST_SECRET_KEY", "STRIPE_TEST_WEBHOOK_SECRET", "STRIPE_TEST_PUBLISHABLE_KEY"),
    *("STRIPE_TEST_OWN_ACCOUNT", "PAYPAL_TEST_PARTNER_ID", "GOOGLE_PAY_TEST_MERCHANT_ID", "AMAZON_PAY_TEST_API_BASE"),
    *("AMAZON_PAY_TEST_PUBLIC_KEY_ID", "AMAZON_PAY_TEST_PRIVATE_KEY", "AMAZON_PAY_TEST_MERCHANT_ID"),
    *("AMAZON_PAY_TEST_STORE_ID", "AMAZON_PAY_TEST_TOPIC_ARN", "AMAZON_PAY_ACCOUNTS"),
    *("DEBUG", "SECRET_KEY", "CREDENTIALS_KEYS", "PUBLIC_BASE_URL", "ALLOWED_HOSTS", "SANDBOX", "ALLOW_QUERY_API_KEY"),
    *("SECURITY_LOG", "METRICS_TOKEN", "METRICS_NETWORKS", "CONSOLE", "CONSOLE_NETWORKS", "PROMETHEUS_MULTIPROC_DIR"),
    *("CHECKOUT_EXPIRY_HOURS", "LOG_LEVEL", "DATABASE_URL", "DATABASE_POOLER", "DATABASE_REPLICA_URL"),
    *("PROVIDER_PROXY_URL", "PROVIDER_PROXY_KEYS"),
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
"""What every case starts without, whatever this process has."""


def environment_with(**ours):
    return {name: value for name, value in os.environ.items() if name not in OURS} | ours


def settings_with(**ours):
    """All settings, by name: the module is run anew."""
    with mock.patch.dict(os.environ, environment_with(**ours), clear=True):
        return runpy.run_path(str(ROOT / "config" / "settings.py"))


def sentence(**ours):
    """The sentence that stops the start."""
    with pytest.raises(ImproperlyConfigured) as stopped:
        settings_with(**ours)
    return str(stopped.value)


def run(*command, **ours):
    """Python in a process of its own."""
    wanted = {"env": environment_with(**ours), "cwd": ROOT, "capture_output": True, "text": True, "check": False}
    return subprocess.run([sys.executable, *command], timeout=SECONDS, **wanted)
