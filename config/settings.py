"""Settings: the one place where the environment is read. docs/operators.md lists every variable."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DATA_DIR = BASE_DIR / "var"
"""Everything a laptop run leaves behind; ignored by git, safe to delete."""


def _switch(name: str, default: bool) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


# --- What kind of run this is ---------------------------------------------------------------------------------------

DEVELOPMENT = _switch("DEBUG", default=True)
"""DEBUG=1, the default: a laptop may run with the built-in secrets. DEBUG=0: it must bring its own."""

DEBUG = False
"""Django's own debug mode stays off everywhere: its error pages show variables, and variables hold keys."""

_DEVELOPMENT_SECRET = "for-development-only-set-SECRET_KEY-before-anybody-gives-real-money"  # noqa: S105 - known to all
_DEVELOPMENT_CREDENTIALS_KEY = "for-development-only-set-CREDENTIALS_KEYS"

SECRET_KEY = os.environ.get("SECRET_KEY", "").strip() or _DEVELOPMENT_SECRET
CREDENTIALS_KEYS = _list("CREDENTIALS_KEYS") or [_DEVELOPMENT_CREDENTIALS_KEY]
USES_DEVELOPMENT_SECRETS = SECRET_KEY == _DEVELOPMENT_SECRET or _DEVELOPMENT_CREDENTIALS_KEY in CREDENTIALS_KEYS

if not DEVELOPMENT:
    _recipe = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
    if SECRET_KEY == _DEVELOPMENT_SECRET:
        raise ImproperlyConfigured(f"Set SECRET_KEY to a long random text of your own ({_recipe}), or DEBUG=1 on a laptop.")
    if _DEVELOPMENT_CREDENTIALS_KEY in CREDENTIALS_KEYS:
        raise ImproperlyConfigured(
            f"Set CREDENTIALS_KEYS to a long random text of your own ({_recipe}), newest first where there are several; "
            "it encrypts the payment credentials of your partners' users."
        )

# --- Where the service is -------------------------------------------------------------------------------------------

PUBLIC_BASE_URL = os.environ.get("PUBLIC_BASE_URL", "http://127.0.0.1:8000").strip().rstrip("/")
_public = urlsplit(PUBLIC_BASE_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname or _public.query or _public.fragment:
    raise ImproperlyConfigured("PUBLIC_BASE_URL must be an address such as https://give.example.org, without a query")

ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or [_public.hostname, "localhost", "127.0.0.1", "[::1]"]
IS_HTTPS = _public.scheme == "https"

# --- Money and partners ---------------------------------------------------------------------------------------------

SANDBOX = _switch("SANDBOX", default=False)
"""A provider without keys of its own is played by the simulator in providers/sandbox/."""

PROVIDERS_WITH_KEYS = {
    name
    for name, variable in {
        "PayPal": "PAYPAL_CLIENT_ID",
        "Amazon": "AMAZON_PAY_PUBLIC_KEY_ID",
        "Google": "GOOGLE_PAY_MERCHANT_ID",
        "Stripe": "STRIPE_SECRET_KEY",
    }.items()
    if os.environ.get(variable, "").strip()
}
"""The simulator never plays a provider for whom real keys were set: nobody is to believe that a simulated gift was real."""

ALLOW_QUERY_API_KEY = _switch("ALLOW_QUERY_API_KEY", default=True)
CHECKOUT_EXPIRY_HOURS = _number("CHECKOUT_EXPIRY_HOURS", 72)

# --- Django ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = ["partners", "goals", "contributions", "providers.sandbox", "api", "demo"]
MIDDLEWARE = ["api.middleware.Doorkeeper"]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"builtins": ["api.templatetags.money"]},
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
TEST_RUNNER = "django.test.runner.DiscoverRunner"

DATABASE_URL = os.environ.get("DATABASE_URL", "").strip() or f"sqlite:///{LOCAL_DATA_DIR / 'whipround.sqlite3'}"
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False  # a transaction must never be open while a provider is asked

if _database["ENGINE"] == "django.db.backends.sqlite3":
    if str(LOCAL_DATA_DIR) in DATABASE_URL:
        LOCAL_DATA_DIR.mkdir(exist_ok=True)
    # A deferred transaction that reads and then writes fails at once under WAL; an immediate one waits its turn.
    # FULL: a commit that was answered survives a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    _database.setdefault("OPTIONS", {}).update({"server_side_binding": True, "prepare_threshold": 1, "connect_timeout": 10})

# --- What `check --deploy` asks for ---------------------------------------------------------------------------------

# Our own middleware writes these headers (api/middleware.py), for the API and the pages alike, so Django's is not there.
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # SecurityMiddleware: its headers are written by Doorkeeper; redirecting http to https would
    #                   teach API clients to send their key in the clear first
    "security.W002",  # XFrameOptionsMiddleware: Content-Security-Policy frame-ancestors 'none' on every page
    "security.W003",  # CsrfViewMiddleware: there are no cookies and no sessions, so there is nothing to forge
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json_lines": {"()": "config.log_lines.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json_lines"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO").strip().upper()},
    # Django's own line about each 4xx says nothing that the access line does not.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": False},
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
    },
}
