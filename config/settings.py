"""Settings: the one place where the environment is read. docs/operators.md lists every variable."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import (
    amazon,
    cef,
    cluster,
    databases,
    env,
    key_looks,
    limits,
    log_settings,
    mail,
    production,
    spelling,
    split,
    test_keys,
    unsafe,
)
from partners import fees

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DATA_DIR = BASE_DIR / "var"
"""Everything a laptop run leaves behind; ignored by git, safe to delete."""

VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


# --- What kind of run this is ---------------------------------------------------------------------------------------

env.forget()
_debug = env.switch("DEBUG", default=True)
PUBLIC_BASE_URL, _public = env.web_address("PUBLIC_BASE_URL", "http://127.0.0.1:8000")
env.check_base_path("PUBLIC_BASE_URL", _public.path)
_public_host = _public.hostname or ""

WHY_IN_PRODUCTION = production.why(debug=_debug, public_host=_public_host)
IN_PRODUCTION = bool(WHY_IN_PRODUCTION)
"""Told by DEBUG and PUBLIC_BASE_URL: config/production.py. What is for a laptop does not start there: config/unsafe.py."""

SAYS_LAPTOP = _debug and bool(env.text("DEBUG"))

DEBUG = False
"""Django's own debug mode stays off everywhere: its error pages show variables, and variables hold keys."""

_DEVELOPMENT_SECRET = "for-development-only-set-SECRET_KEY-before-anybody-gives-real-money"  # noqa: S105 - known to all
_DEVELOPMENT_CREDENTIALS_KEY = "for-development-only-set-CREDENTIALS_KEYS"

SECRET_KEY = env.text("SECRET_KEY") or _DEVELOPMENT_SECRET
CREDENTIALS_KEYS = env.words("CREDENTIALS_KEYS") or [_DEVELOPMENT_CREDENTIALS_KEY]
BUILT_IN_SECRETS = (_DEVELOPMENT_SECRET, _DEVELOPMENT_CREDENTIALS_KEY)

# --- Where the service is -------------------------------------------------------------------------------------------

_public_host = f"[{_public_host}]" if ":" in _public_host else _public_host
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or [_public_host, "localhost", "127.0.0.1", "[::1]"]
IS_HTTPS = _public.scheme == "https"

# --- Money and partners ---------------------------------------------------------------------------------------------

key_looks.check()
PROVIDER_PROXY_URL, PROVIDER_PROXY_KEYS = split.read()
PAYPAL_API_BASE, _ = env.web_address("PAYPAL_API_BASE", "https://api-m.paypal.com")
"""PayPal's live API unless told otherwise: keys of PayPal's own sandbox are refused there, and no play money looks real."""

PAYPAL_CLIENT_ID = env.text("PAYPAL_CLIENT_ID")
PAYPAL_CLIENT_SECRET = env.text("PAYPAL_CLIENT_SECRET")
PAYPAL_WEBHOOK_ID = env.text("PAYPAL_WEBHOOK_ID")
"""Empty: no webhook could be registered (a laptop behind its router, say). Reports are refused, and the worker asks."""

env.needs("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", provider="PayPal")
env.needs("PAYPAL_CLIENT_SECRET", "PAYPAL_CLIENT_ID", provider="PayPal")
env.needs("PAYPAL_WEBHOOK_ID", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", provider="PayPal")

STRIPE_API_BASE, _ = env.web_address("STRIPE_API_BASE", "https://api.stripe.com")
"""The same for test and live: which of the two it is, is said by the secret key."""

STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRETS = env.words("STRIPE_WEBHOOK_SECRET")
"""Several while they are being changed: a report may be signed with any of them. Empty: as PAYPAL_WEBHOOK_ID."""

env.needs("STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY", provider="Stripe")

STRIPE_OWN_ACCOUNT = env.text("STRIPE_OWN_ACCOUNT")
"""The id of the account that the secret key is of, where gifts may be paid to it: it needs no Connect then."""

if STRIPE_OWN_ACCOUNT and not re.fullmatch(r"acct_[A-Za-z0-9]{1,250}", STRIPE_OWN_ACCOUNT):
    raise ImproperlyConfigured("STRIPE_OWN_ACCOUNT must be the id of a Stripe account: acct_ and letters and digits")

env.needs("STRIPE_OWN_ACCOUNT", "STRIPE_SECRET_KEY", provider="Stripe")

PAYPAL_PARTNER_ID = env.text("PAYPAL_PARTNER_ID")
"""PayPal's merchant id of the operator, where PayPal has approved it as a partner: payees are onboarded and checked then."""

if PAYPAL_PARTNER_ID and not re.fullmatch(r"[2-9A-HJ-NP-Z]{13}", PAYPAL_PARTNER_ID):
    raise ImproperlyConfigured("PAYPAL_PARTNER_ID must be PayPal's merchant id of the operator: 13 capital letters and digits")

env.needs("PAYPAL_PARTNER_ID", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", provider="PayPal")

STRIPE_PUBLISHABLE_KEY = env.text("STRIPE_PUBLISHABLE_KEY")
"""For Google Pay alone: givers' browsers are shown it, so nothing else may stand there."""

if STRIPE_PUBLISHABLE_KEY and not STRIPE_PUBLISHABLE_KEY.startswith("pk_"):
    raise ImproperlyConfigured(
        "STRIPE_PUBLISHABLE_KEY must begin with pk_: it is shown to every giver, so no other key may be it"
    )

GOOGLE_PAY_MERCHANT_ID = env.text("GOOGLE_PAY_MERCHANT_ID")
_for_money = "PRODUCTION" if STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")) else "TEST"
GOOGLE_PAY_ENVIRONMENT = env.word("GOOGLE_PAY_ENVIRONMENT", _for_money, ("TEST", "PRODUCTION"))
"""Goes with the secret key unless told otherwise: real cards for a live key, Google's test cards for any other."""

GOOGLE_PAY_COUNTRY = env.text("GOOGLE_PAY_COUNTRY", "US").upper()
GOOGLE_PAY_SCRIPT_URL, _ = env.web_address("GOOGLE_PAY_SCRIPT_URL", "https://pay.google.com/gp/p/js/pay.js")

if not re.fullmatch(r"[A-Z]{2}", GOOGLE_PAY_COUNTRY):
    raise ImproperlyConfigured("GOOGLE_PAY_COUNTRY must be the two letters of a country, such as US or DE")

env.needs("GOOGLE_PAY_MERCHANT_ID", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", provider="Google")

AMAZON_PAY_ACCOUNTS = amazon.names()
"""Further accounts at Amazon Pay, beside the one without a name. Each has settings of its own: config/amazon.py."""

amazon.read(globals())

SSL_CERT_FILE = env.certificates_in("SSL_CERT_FILE")
"""PEM certificates that providers are believed by, beside the public authorities."""

test_keys.read(globals())
PROVIDERS_WITH_KEYS = test_keys.with_keys(globals(), is_test=False)
"""Who can be paid for live records. The simulator never is: nobody is to believe that a simulated gift was real."""

PROVIDERS_WITH_TEST_KEYS = test_keys.with_keys(globals(), is_test=True)
"""Whose test environment pays test records. Every other provider is played for them by the simulator."""

SANDBOX = env.switch("SANDBOX", default=bool(PROVIDERS_WITH_TEST_KEYS))
SANDBOX_STRICT = env.switch("SANDBOX_STRICT", default=False)
"""There are test records, and a provider without test keys is played for them by the simulator in providers/sandbox/."""

DEMO_SHOP = SANDBOX and not PROVIDERS_WITH_KEYS
"""Served at /demo/, where nobody could take it for a shop."""

test_keys.check_they_are_wanted(PROVIDERS_WITH_TEST_KEYS, sandbox=SANDBOX)

ALLOW_QUERY_API_KEY = env.switch("ALLOW_QUERY_API_KEY", default=True)
ALLOW_PRIVATE_WEBHOOKS = env.switch("ALLOW_PRIVATE_WEBHOOKS", default=False)
"""Webhooks may go to private addresses too: for a laptop, where the partner's site is on the same machine."""

TRUSTED_PROXIES_ARE_NAMED = bool(env.words("TRUSTED_PROXIES"))
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8, ::1")
"""Whose X-Forwarded-For and X-Forwarded-Proto are believed (web/proxies.py)."""

# What each of these is, and what it may be: config/limits.py.
REQUEST_THREADS = limits.number("REQUEST_THREADS")
PROVIDER_PLACES = limits.number("PROVIDER_PLACES")
PROVIDER_PLACES_FOR_A_PARTNER = limits.number("PROVIDER_PLACES_FOR_A_PARTNER")
PROVIDER_PLACES_FOR_A_PROVIDER = limits.number("PROVIDER_PLACES_FOR_A_PROVIDER")
BODY_SECONDS = limits.number("BODY_SECONDS")
WAITING_REQUESTS = limits.number("WAITING_REQUESTS")
RATE_LIMIT_KEY = limits.number("RATE_LIMIT_KEY")
RATE_LIMIT_ADDRESS = limits.number("RATE_LIMIT_ADDRESS")
RATE_LIMIT_FAILED_KEYS = limits.number("RATE_LIMIT_FAILED_KEYS")
RATE_LIMIT_GIFT = limits.number("RATE_LIMIT_GIFT")
RATE_LIMIT_CHANGES = limits.number("RATE_LIMIT_CHANGES")
CHECKOUT_EXPIRY_HOURS = limits.number("CHECKOUT_EXPIRY_HOURS")
RESERVATION_MINUTES = limits.number("RESERVATION_MINUTES")
RETAIN_NAMES_DAYS = limits.number("RETAIN_NAMES_DAYS")
RETAIN_MESSAGES_DAYS = limits.number("RETAIN_MESSAGES_DAYS")
RETAIN_EVENTS_DAYS = limits.number("RETAIN_EVENTS_DAYS")
RETAIN_IDEMPOTENCY_DAYS = limits.number("RETAIN_IDEMPOTENCY_DAYS")
RETAIN_DELIVERIES_DAYS = limits.number("RETAIN_DELIVERIES_DAYS")

try:
    PLATFORM_FEE_PERCENT = fees.percent(env.text("PLATFORM_FEE_PERCENT", "0"), "PLATFORM_FEE_PERCENT") or Decimal(0)
    PLATFORM_FEE_FIXED = fees.fixed(env.text("PLATFORM_FEE_FIXED", "0"), "PLATFORM_FEE_FIXED") or Decimal(0)
except fees.BadFee as error:
    raise ImproperlyConfigured(str(error)) from None
"""What the operator keeps of each gift, where the provider can do that: percent of it, and so much besides in its currency."""

PARTNER_IN_IDS = env.switch("PARTNER_IN_IDS", default=False)
"""New ids end with their partner's tag: for a database that is spread by partner (docs/scale.md)."""
PLATFORM_FEE_REFUND = env.switch("PLATFORM_FEE_REFUND", default=True)
"""Given back with a refund, in proportion; else the operator keeps it and the payee bears it."""

PAYPAL_PARTNER = env.switch("PAYPAL_PARTNER", default=False)
"""The account is an approved partner of PayPal's for marketplaces and platforms: nobody else may keep a fee there."""

PAYPAL_VAULT = env.switch("PAYPAL_VAULT", default=False)
"""The app may save givers' wallets: then they can agree once, and give again without being asked."""

AMAZON_PAY_RECURRING = env.switch("AMAZON_PAY_RECURRING", default=False)
"""Amazon lets the accounts charge under recurring permissions: then givers can agree once, and give again unasked."""

STRIPE_ON_BEHALF_OF = env.switch("STRIPE_ON_BEHALF_OF", default=False)
"""The payee is Stripe's merchant of record: needed where its country is another than the platform's."""

CONSOLE = env.switch("CONSOLE", default=False)
"""The operators' site at /console/ (console/site/); without it 404."""

CONSOLE_NETWORKS = env.networks("CONSOLE_NETWORKS", "")
"""Where operators may come from, 404 to others; empty: from anywhere."""

MAIL_IS_ON = mail.read(globals())
"""Givers are reminded of their pledges by mail (pledges/reminders.py)."""

# --- Django ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = ["partners", "goals", "notifications", "givers", "contributions", "pledges", "providers", "providers.sandbox"]
INSTALLED_APPS += ["certificates", "rehearsals"]
INSTALLED_APPS += ["web", "api", "pages", "console", "moving_in", "demo"]
MIDDLEWARE = ["web.middleware.Doorkeeper", "web.address_limits.AddressLimits", "web.docs_site.DocsSite"]
DOCS_SITE_DIR = LOCAL_DATA_DIR / "site" / "docs"
"""Where `make docs` puts the partners' guide."""

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"builtins": ["web.templatetags.money", "web.templatetags.strangers"]},
    }
]
# The console's session (console/site/sessions.py), in the one cookie beside the demo shop's; its middleware wraps its views.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = (
    "__Host-console" if IS_HTTPS else "console"
)  # browsers take __Host- with Secure alone, from this host alone
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "console.site.doors.refused_as_forged"
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]  # behind a proxy that ends TLS, requests look like http
PIN_HASHER = "scrypt"
"""How givers' PINs are hashed: one of Django's hashers that takes memory as well as time."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 10
TEST_RUNNER = "django.test.runner.DiscoverRunner"

DATABASE_URL = env.text("DATABASE_URL") or f"sqlite:///{LOCAL_DATA_DIR / 'whipround.sqlite3'}"
DATABASES: dict[str, Any] = {"default": databases.read(DATABASE_URL, LOCAL_DATA_DIR)}
_database, _is_sqlite = DATABASES["default"], databases.is_sqlite(DATABASES["default"])
DATABASE_ROUTERS = cluster.read(DATABASES, is_sqlite=_is_sqlite)

RATE_LIMIT_STORE = env.count_store("RATE_LIMIT_STORE", _database["NAME"] if _is_sqlite else "", LOCAL_DATA_DIR)
"""Where requests are counted: the path of a file that all server processes of this machine share, or a redis:// address."""

# --- What `check --deploy` asks for ---------------------------------------------------------------------------------

# Our own middleware writes these headers (web/middleware.py), for the API and the pages alike, so Django's is not there.
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # SecurityMiddleware: its headers are written by Doorkeeper; redirecting http to https would
    #                   teach API clients to send their key in the clear first
    "security.W002",  # XFrameOptionsMiddleware: Content-Security-Policy frame-ancestors 'none' on every page
    "security.W003",  # CsrfViewMiddleware wraps the console's views (console/site/doors.py); the demo shop has its own tokens
]

SECURITY_LOG = cef.channel(env.text("SECURITY_LOG"))
"""Where the security log goes (security_log.py); without it its events stand in the ordinary log."""

METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS", "" if METRICS_TOKEN else "127.0.0.0/8, ::1")
"""Who may read /metrics: whoever knows the token, and whoever asks directly from one of these networks. 404 to all others."""

if METRICS_TOKEN and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", METRICS_TOKEN):
    raise ImproperlyConfigured("METRICS_TOKEN must have 16 to 200 letters, digits and ._~+/=- : it is sent as a Bearer token.")

PROMETHEUS_MULTIPROC_DIR = env.folder("PROMETHEUS_MULTIPROC_DIR")
"""Where processes put what they count, so that whichever is asked for /metrics can add it up."""

LOGGING = log_settings.logging(SECURITY_LOG, version=VERSION)

# --- What must not start --------------------------------------------------------------------------------------------

SETTINGS = dict(env.ASKED)
"""Every variable that was read, with its default: docs/operators.md has a row for each."""

MISSPELT_SETTINGS = spelling.misspelt_now(SETTINGS)
SETTINGS_FINDINGS = unsafe.findings(globals())
"""What `check --deploy` tells of these settings."""

unsafe.stop_where_needed(SETTINGS_FINDINGS, why_in_production=WHY_IN_PRODUCTION)
