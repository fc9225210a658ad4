"""The service as it runs, a wire to it on which things may go wrong, and each package on the other end."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.clients.driving import LANGUAGES, Driver
from tests.clients.troublesome_wire import Wire, wire_to
from tests.crashes.processes import Service, new_service

PAYPAL = {"providerName": "PayPal", "credentials": "anna@example.org"}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all scenarios of this process; each has a partner of its own."""
    with new_service(tmp_path_factory.mktemp("service"), os.environ.get("DATABASE_URL", "sqlite:///")) as service:
        service.start_server()
        yield service


@pytest.fixture(scope="session")
def full_house(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Another server on the same database, without room for anybody who would wait for news."""
    full = Service(service.environment["DATABASE_URL"], tmp_path_factory.mktemp("full"))
    full.environment["WAITING_REQUESTS"] = "0"
    try:
        full.start_server()
        yield full
    finally:
        full.kill_everything()


REGISTER_MANY = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from tests.conftest import register
for number in range(100):
    print(register(f"Shop {number}").api_key)
"""


@pytest.fixture(scope="session")
def keys(service: Service) -> list[str]:
    """Those of partners whom nobody has been yet; made at once, since a process for each takes seconds."""
    made = service.python("-c", REGISTER_MANY)
    assert made.returncode == 0, made.stderr
    return made.stdout.split()


@pytest.fixture
def wire(service: Service) -> Iterator[Wire]:
    with wire_to(service.base_url) as wire:
        yield wire


@pytest.fixture(params=LANGUAGES)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """A package that is told where to go by the test."""
    driver = Driver(request.param)
    yield driver
    driver.close()


@dataclass
class Partner:
    """A partner's program, written with one of the packages; calling it calls a method of the client."""

    driver: Driver
    wire: Wire
    key: str

    def __call__(self, what: str, **given: Any) -> Any:
        return self.driver(what, **given)

    def new_goal(self, **changes: Any) -> Any:
        given = {"externalItemId": "bike-7", "name": "A bicycle for Anna", "goalAmount": "250.00", "paymentProviders": [PAYPAL]}
        return self("createGoal", **given | changes)

    def new_gift(self, goal_id: str, **changes: Any) -> Any:
        return self("createContribution", **{"goalId": goal_id, "amount": "20.00", "contributor": "Uncle Bob"} | changes)


@pytest.fixture
def partner(wire: Wire, driver: Driver, keys: list[str]) -> Partner:
    key = keys.pop()
    driver("open", address=wire.address, apiKey=key)
    return Partner(driver, wire, key)


def pay(service: Service, provider_url: str, outcome: str = "approve") -> str:
    """What the giver's browser does; returns the address that it is sent to in the end."""
    with requests.Session() as browser:
        browser.trust_env = False
        checkout = browser.get(provider_url, timeout=30)
        assert urlsplit(checkout.url).path.startswith("/sandbox/checkout/"), checkout.url
        back = browser.post(checkout.url, data={"outcome": outcome}, timeout=30, allow_redirects=False).headers["Location"]
        assert back.startswith(service.base_url)
        returned = browser.get(back, timeout=30, allow_redirects=False)
        assert returned.status_code == 303
        return returned.headers["Location"]
