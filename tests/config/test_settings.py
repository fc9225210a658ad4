"""Settings: what starts, and which sentence stops what must not start."""

import pytest

from config.limits import NUMBERS
from tests.config.starting import OURS, run, sentence, settings_with
from tests.run_checks import DEPLOYED

LONG = "a-text-of-more-than-fifty-characters-that-nobody-else-can-guess-0123456789"


def test_on_a_laptop_it_starts_without_any_setting():
    expected = {
        "DEBUG": False, "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "127.0.0.1", "[::1]"],
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000", "IS_HTTPS": False, "SANDBOX": False, "ALLOW_QUERY_API_KEY": True,
        "CHECKOUT_EXPIRY_HOURS": 72, "SECRET_KEY": "for-development-only-set-SECRET_KEY-before-anybody-gives-real-money",
        "CREDENTIALS_KEYS": ["for-development-only-set-CREDENTIALS_KEYS"],
    }  # fmt: skip
    settings = settings_with()
    assert {name: settings[name] for name in expected} == expected
    assert settings["DATABASES"]["default"]["ENGINE"] == "config.fair_sqlite3"


STARTS = {
    "empty is unset": (
        dict.fromkeys(OURS - {"DEBUG", "SANDBOX", "ALLOW_QUERY_API_KEY"}, ""),
        {"PUBLIC_BASE_URL": "http://127.0.0.1:8000", "CHECKOUT_EXPIRY_HOURS": 72},
    ),
    "deployed": (
        DEPLOYED,
        {
            "SECRET_KEY": DEPLOYED["SECRET_KEY"],
            "IS_HTTPS": True,
            "ALLOWED_HOSTS": ["give.example.org", "localhost", "127.0.0.1", "[::1]"],
        },
    ),
    "hosts": ({"ALLOWED_HOSTS": "a.example, b.example ,,"}, {"ALLOWED_HOSTS": ["a.example", "b.example"]}),
    "an address with a path and a slash": (
        DEPLOYED | {"PUBLIC_BASE_URL": " https://x.example/give/ "},
        {"PUBLIC_BASE_URL": "https://x.example/give"},
    ),
    "an IPv6 address": (
        {"PUBLIC_BASE_URL": "http://[2001:db8::1]:8000"},
        {"ALLOWED_HOSTS": ["[2001:db8::1]", "localhost", "127.0.0.1", "[::1]"]},
    ),
    "switches": ({"SANDBOX": "TRUE", "ALLOW_QUERY_API_KEY": "off"}, {"SANDBOX": True, "ALLOW_QUERY_API_KEY": False}),
    "more switches": ({"SANDBOX": " yes ", "ALLOW_QUERY_API_KEY": "No"}, {"SANDBOX": True, "ALLOW_QUERY_API_KEY": False}),
    "numbers": ({"CHECKOUT_EXPIRY_HOURS": " 0 "}, {"CHECKOUT_EXPIRY_HOURS": 0}),
    "keys": ({"CREDENTIALS_KEYS": "new, old"}, {"CREDENTIALS_KEYS": ["new", "old"]}),
    "postgresql": ({"DATABASE_URL": "postgresql://u:p@db.example/give"}, {"ENGINE": "config.quick_postgresql"}),
    "postgres on a socket": (
        {"DATABASE_URL": "postgres://postgres:@/give?host=/run/postgresql"},
        {"ENGINE": "config.quick_postgresql"},
    ),
}
SECRET_KEY_WANTED = "Set SECRET_KEY to a long random text of your own"
CREDENTIALS_KEYS_WANTED = "Set CREDENTIALS_KEYS to a long random text of your own"
OWN_PATHS_BELOW = ["api", "pay", "providers", "thank-you", "cancelled", "docs", "problems", "sandbox", "demo", "healthz"]
ODD_PATHS = ["give;x=1", "%67ive", "gäve", "../give", "a/./b", "a//b", "<give>", "'give'"]
ADDRESS_WANTED = "PUBLIC_BASE_URL must be an address such as https://give.example.org"
DATABASE_WANTED = "DATABASE_URL must be such as sqlite:////var/lib/give.sqlite3 or postgresql://user:password@host:5432/name"
KNOWN_SECRET_KEY = "for-development-only-set-SECRET_KEY-before-anybody-gives-real-money"
KNOWN_CREDENTIALS_KEY = "for-development-only-set-CREDENTIALS_KEYS"
NO_ADDRESSES = (
    *("give.example.org", "//x", "ftp://x.example", "https://", "http://[", "http://x:y", "http://x:99999", "http://x:0"),
    *("https://x.example?a=1", "https://x.example#a", "https://u:p@x.example", "https://x y.example"),
)
NO_DATABASES = ("give.sqlite3", "mysql://u:canary@h/x", "foo://u:canary@h/x", "postgres://u:canary@h:port/x")
NO_NUMBERS = ("soon", "-1", "1.5", "8785", "9" * 5000, "٣")


STOPS = [
    ({"DEBUG": "0"}, SECRET_KEY_WANTED),
    ({"DEBUG": "0", "SECRET_KEY": "  "}, SECRET_KEY_WANTED),
    ({"DEBUG": "0", "CREDENTIALS_KEYS": LONG}, SECRET_KEY_WANTED),
    ({"DEBUG": "0", "CREDENTIALS_KEYS": LONG, "SECRET_KEY": KNOWN_SECRET_KEY}, SECRET_KEY_WANTED),
    ({"DEBUG": "0", "SECRET_KEY": LONG}, CREDENTIALS_KEYS_WANTED),
    ({"DEBUG": "0", "SECRET_KEY": LONG, "CREDENTIALS_KEYS": " , "}, CREDENTIALS_KEYS_WANTED),
    ({"DEBUG": "0", "SECRET_KEY": LONG, "CREDENTIALS_KEYS": f"{LONG},{KNOWN_CREDENTIALS_KEY}"}, CREDENTIALS_KEYS_WANTED),
    ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0, not 'maybe'"),
    ({"SANDBOX": "2"}, "SANDBOX must be 1 or 0, not '2'"),
    ({"ALLOW_QUERY_API_KEY": "never"}, "ALLOW_QUERY_API_KEY must be 1 or 0, not 'never'"),
    *(({"CHECKOUT_EXPIRY_HOURS": text}, "CHECKOUT_EXPIRY_HOURS must be a whole number up to 8784, not") for text in NO_NUMBERS),
    *(({"PUBLIC_BASE_URL": text}, ADDRESS_WANTED) for text in NO_ADDRESSES),
    *(
        ({"PUBLIC_BASE_URL": f"https://x.example/{own}/give"}, f"PUBLIC_BASE_URL must not have a path that begins with /{own}")
        for own in OWN_PATHS_BELOW
    ),
    *(({"PUBLIC_BASE_URL": f"https://x.example/{path}"}, "The path of PUBLIC_BASE_URL must be") for path in ODD_PATHS),
    *(({"DATABASE_URL": text}, DATABASE_WANTED) for text in NO_DATABASES),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'"),
]


@pytest.mark.parametrize(("environment", "expected"), STARTS.values(), ids=STARTS)
def test_what_starts_and_with_which_settings(environment, expected):
    settings = settings_with(**environment)
    settings["ENGINE"] = settings["DATABASES"]["default"]["ENGINE"]
    assert {setting: settings[setting] for setting in expected} == expected


@pytest.mark.parametrize(("environment", "expected"), STOPS, ids=lambda value: str(value)[:60])
def test_what_does_not_start_says_what_to_set(environment, expected):
    told = sentence(**environment)
    assert told.startswith(expected)
    assert "canary" not in told


def test_a_command_stops_as_well():
    for command in (["manage.py", "check"], ["-c", "import config.wsgi"]):
        stopped = run(*command, DEBUG="0")
        assert (stopped.returncode != 0, SECRET_KEY_WANTED in stopped.stderr) == (True, True)


def test_a_deployment_has_nothing_left_to_warn_of():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **DEPLOYED)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (3 silenced).\n"), done.stderr


FEES = ("PLATFORM_FEE_PERCENT", "PLATFORM_FEE_FIXED")
NONE_OF_THEM = ("-1", "1e3", "NaN", "inf", "0x10", "1_000", "٣", "9" * 400, "soon", "1;2")


@pytest.mark.parametrize("name", [*NUMBERS, *FEES])
def test_every_number_has_a_span_and_says_it(name):
    for value in (*NONE_OF_THEM, *(["1.5", str(NUMBERS[name].most + 1)] if name in NUMBERS else ["1.23456"])):
        assert sentence(**{name: value}).startswith(f"{name} must be a "), value


def test_every_switch_is_1_or_0():
    numbers = (*NUMBERS, *FEES)
    switches = [name for name, default in settings_with()["SETTINGS"].items() if default in {"0", "1"} and name not in numbers]
    assert len(switches) >= 8
    for name in switches:
        for value in ("2", "-1", "maybe", "1 0", "ja"):
            assert sentence(**{name: value}).startswith(f"{name} must be 1 or 0"), (name, value)
