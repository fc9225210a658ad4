"""The console's cookie, as the address of the service has it."""

import pytest

from tests.config.starting import settings_with

pytestmark = pytest.mark.no_database

REAL = {
    "PUBLIC_BASE_URL": "https://give.example.org/give",
    "SECRET_KEY": "k8Fw3nQz7Lr2Vt9Xb4Hc6Jm1Pd5Sg0Ya",
    "CREDENTIALS_KEYS": "c" + "7Rq2Wz9Lk4Xn6Vb1Mh8Td3Gs5Jp0FyQe",
}


def test_over_https_it_is_of_this_host_alone():
    told = settings_with(**REAL)
    assert told["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert "SESSION_COOKIE_PATH" not in told  # __Host- wants Path=/, which is Django's own
    assert "SESSION_COOKIE_DOMAIN" not in told
    assert (told["SESSION_COOKIE_SECURE"], told["SESSION_COOKIE_HTTPONLY"]) == (True, True)
    assert told["SESSION_COOKIE_SAMESITE"] == "Strict"
    assert told["CSRF_TRUSTED_ORIGINS"] == ["https://give.example.org"]
    assert told["CONSOLE"] is False


def test_on_a_laptop_a_browser_keeps_it_over_http():
    told = settings_with(CONSOLE="1", CONSOLE_NETWORKS="10.0.0.0/8")
    assert (told["SESSION_COOKIE_NAME"], told["SESSION_COOKIE_SECURE"]) == ("console", False)
    assert told["CONSOLE"] is True
    assert [str(one) for one in told["CONSOLE_NETWORKS"]] == ["10.0.0.0/8"]
