"""Settings that are for a laptop: they stop the start in production, and `check --deploy` names each."""

import re

import pytest

from tests.config.starting import run, sentence, settings_with
from tests.run_checks import DEPLOYED

UNSET = "(unset)"
OTHER = "another-text-that-nobody-can-guess-0123456789-abcdefgh"
POSTGRES = "postgres://give:a-password-of-its-own@db.example/give"

UNSAFE = [
    ("E001", {"DEBUG": UNSET, "SECRET_KEY": UNSET}, "Set SECRET_KEY to a long random text of your own"),
    ("E002", {"DEBUG": UNSET, "CREDENTIALS_KEYS": UNSET}, "Set CREDENTIALS_KEYS to a long random text of your own"),
    ("E003", {"SECRET_KEY": "x"}, "SECRET_KEY is too easy to guess"),
    ("E003", {"SECRET_KEY": "x" * 60}, "SECRET_KEY is too easy to guess"),
    ("E003", {"SECRET_KEY": "change-me" * 8}, "SECRET_KEY is too easy to guess"),
    ("E003", {"SECRET_KEY": f"django-insecure-{OTHER}"}, "SECRET_KEY is too easy to guess"),
    ("E004", {"CREDENTIALS_KEYS": "x"}, "The first of CREDENTIALS_KEYS is too easy to guess"),
    ("E004", {"CREDENTIALS_KEYS": f"x,{OTHER}"}, "The first of CREDENTIALS_KEYS is too easy to guess"),
    ("E005", {"CREDENTIALS_KEYS": DEPLOYED["SECRET_KEY"]}, "SECRET_KEY is one of CREDENTIALS_KEYS"),
    ("E005", {"CREDENTIALS_KEYS": f"{OTHER},{DEPLOYED['SECRET_KEY']}"}, "SECRET_KEY is one of CREDENTIALS_KEYS"),
    ("E006", {"DEBUG": "1"}, "DEBUG=1 is for a laptop"),
    ("E006", {"DEBUG": "true", "PUBLIC_BASE_URL": "https://203.0.113.7.example.org"}, "DEBUG=1 is for a laptop"),
    ("E007", {"PUBLIC_BASE_URL": "http://give.example.org"}, "PUBLIC_BASE_URL must begin with https://"),
    ("E007", {"DEBUG": UNSET, "PUBLIC_BASE_URL": "http://8.8.8.8:8000"}, "PUBLIC_BASE_URL must begin with https://"),
    ("E008", {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must not hold *"),
    ("E008", {"ALLOWED_HOSTS": "give.example.org, *"}, "ALLOWED_HOSTS must not hold *"),
    ("E009", {"ALLOW_PRIVATE_WEBHOOKS": "1"}, "ALLOW_PRIVATE_WEBHOOKS=1 is for a laptop"),
    ("E010", {"CHECKOUT_EXPIRY_HOURS": "0"}, "CHECKOUT_EXPIRY_HOURS=0 ends each gift before anybody can pay it"),
    ("E011", {"DATABASE_URL": "postgres://give@db.example/give"}, "DATABASE_URL has no password"),
    ("E012", {"DATABASE_URL": "postgres://postgres:postgres@db.example/give"}, "DATABASE_URL has a password that everybody"),
    ("E012", {"DATABASE_URL": "postgres://give:give@127.0.0.1/shop"}, "DATABASE_URL has a password that everybody"),
    ("E012", {"DATABASE_URL": "postgres://give:Password@db.example/shop"}, "DATABASE_URL has a password that everybody"),
    (
        "E012",
        {"DATABASE_URL": POSTGRES, "DATABASE_REPLICA_URL": "postgres://give:give@db2.example/give"},
        "DATABASE_REPLICA_URL",
    ),
    ("E013", {"DATABASE_URL": "sqlite://:memory:"}, "DATABASE_URL is a database in memory"),
    ("E014", {"STRIPE_API_BASE": "http://stripe.example.org"}, "STRIPE_API_BASE must begin with https://"),
    ("E014", {"GOOGLE_PAY_SCRIPT_URL": "http://cdn.example.org/x.js"}, "GOOGLE_PAY_SCRIPT_URL must begin with https://"),
    ("E014", {"AMAZON_PAY_TEST_API_BASE": "http://a.example.org"}, "AMAZON_PAY_TEST_API_BASE must begin with https://"),
]
WORTH_A_WARNING = [
    ("W101", {"PUBLIC_BASE_URL": "http://127.0.0.1:8000"}, "PUBLIC_BASE_URL is an address of this machine"),
    ("W102", {"CREDENTIALS_KEYS": f"{OTHER},short"}, "An old one of CREDENTIALS_KEYS is easy to guess"),
    ("W103", {"ALLOWED_HOSTS": "other.example.org"}, "ALLOWED_HOSTS lacks give.example.org"),
    ("W104", {"LOG_LEVEL": "DEBUG"}, "LOG_LEVEL=DEBUG"),
    ("W104", {"LOG_LEVEL": "CRITICAL"}, "LOG_LEVEL=CRITICAL"),
    ("W105", {"PAYPAL_CLIENTID": "x"}, "PAYPAL_CLIENTID is no setting"),
    ("W106", {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_API_BASE": "https://s.example"}, "STRIPE_API_BASE is not Stripe's own"),
    ("W107", {"SANDBOX": "1"}, "The demo shop is served to everybody"),
    ("W108", {"PLATFORM_FEE_PERCENT": "50"}, "PLATFORM_FEE_PERCENT=50"),
]
SAFE = [
    {},
    {"DATABASE_URL": POSTGRES},
    {"DATABASE_URL": "postgres://give:@/give?host=/run/postgresql"},
    {"DATABASE_URL": "postgres://give@db.example/give?passfile=/etc/give.pgpass"},
    {"ALLOWED_HOSTS": ".example.org"},
    {"STRIPE_SECRET_KEY": "sk_live_1", "SANDBOX": "1"},
    {"CREDENTIALS_KEYS": f"{OTHER},{OTHER[::-1]}"},
    {"DEBUG": UNSET},
]


def deployed_with(changes):
    return {name: value for name, value in (DEPLOYED | changes).items() if value != UNSET}


@pytest.mark.parametrize(("number", "changes", "told"), UNSAFE, ids=lambda value: str(value)[:40])
def test_what_is_for_a_laptop_does_not_start(number, changes, told):
    """With DEBUG=0, and with DEBUG unset where PUBLIC_BASE_URL is an address of the world."""
    said = sentence(**deployed_with(changes))
    assert told in said
    assert f"(whipround.{number})" in said
    assert OTHER not in said
    assert DEPLOYED["SECRET_KEY"] not in said


@pytest.mark.parametrize(("number", "changes", "told"), WORTH_A_WARNING, ids=lambda value: str(value)[:40])
def test_what_is_odd_is_told_and_starts(number, changes, told):
    settings = settings_with(**deployed_with(changes))
    assert [one.id for one in settings["SETTINGS_FINDINGS"]] == [f"whipround.{number}"]
    assert settings["SETTINGS_FINDINGS"][0].message.startswith(told)


@pytest.mark.parametrize("changes", SAFE, ids=str)
def test_what_is_safe_starts_without_a_word(changes):
    assert settings_with(**deployed_with(changes))["SETTINGS_FINDINGS"] == []


@pytest.mark.parametrize("address", [
    "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000", "https://localhost", "http://192.168.1.7",
    "http://give.test", "https://give.localhost", "http://give", "http://10.0.0.1", "http://shop.local",
])  # fmt: skip
def test_a_laptop_may_do_what_it_likes(address):
    odd = {"ALLOW_PRIVATE_WEBHOOKS": "1", "CHECKOUT_EXPIRY_HOURS": "0", "ALLOWED_HOSTS": "*", "CREDENTIALS_KEYS": "x"}
    assert not settings_with(PUBLIC_BASE_URL=address, **odd)["IN_PRODUCTION"]


def test_all_that_is_wrong_is_told_at_once():
    said = sentence(PUBLIC_BASE_URL="https://give.example.org", ALLOW_PRIVATE_WEBHOOKS="1")
    assert re.findall(r"whipround\.E\d+", said) == ["whipround.E001", "whipround.E002", "whipround.E009"]
    assert "PUBLIC_BASE_URL is an address of the world" in said


def test_check_deploy_lists_each_with_its_id():
    done = run("manage.py", "check", "--deploy", PUBLIC_BASE_URL="https://give.example.org", PAYPAL_CLIENTID="x")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert set(re.findall(r"whipround\.[EW]\d+", done.stderr)) == {"whipround.E001", "whipround.E002", "whipround.W105"}
    on_a_laptop = run("manage.py", "check", "--deploy")
    assert on_a_laptop.returncode == 1
    assert {"whipround.E001", "whipround.E002"} <= set(re.findall(r"whipround\.[EW]\d+", on_a_laptop.stderr))


@pytest.mark.parametrize("command", ["audit", "migrate", "work", "check"])
def test_a_command_ends_in_sentences_and_with_2(command):
    stopped = run("manage.py", command, DEBUG="0", CHECKOUT_EXPIRY_HOURS="0")
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert "Traceback" not in stopped.stderr
    assert [line for line in stopped.stderr.splitlines() if "(whipround.E010)" in line] != []


def test_the_guide_is_made_without_the_secrets_of_production():
    done = run("-c", "from docs import build_site; build_site.read_reference()", DEBUG="0", ALLOWED_HOSTS="*")
    assert (done.returncode, done.stderr) == (0, "")
