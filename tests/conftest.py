"""What every test may ask for: a partner, a client that speaks for it, a goal, and the giver's way through the simulator."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("SANDBOX", "1")

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings

import clock
from notifications import addresses
from partners import registration
from partners.models import Partner
from partners.registration import NewPartner
from web import places, rate_limits
from web.count_file import CountFile

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
"""Bad inputs collected elsewhere; a checkout on its own does without and skips what needs them."""

pytest_plugins = [
    "tests.planted_secrets",
    "tests.recorder",
    "tests.tiers",
    "tests.databases",
    "tests.browsers",
    "tests.providers.through_proxy",
]

BASE_URL = "http://give.example.test"


@pytest.fixture(scope="session", autouse=True)
def _one_address() -> Iterator[None]:
    hosts = [*django_settings.ALLOWED_HOSTS, "give.example.test"]
    with override_settings(PUBLIC_BASE_URL=BASE_URL, ALLOWED_HOSTS=hosts, SANDBOX=True, DEMO_SHOP=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobody_waits_for_a_provider_that_lags() -> Iterator[None]:
    """A giver who has not agreed need not wait in a test; tests/pages/test_a_provider_that_lags.py waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pages.patience.LAG_SECONDS", 0)
        patch.setattr("pages.patience.LAG_AT_BANK_SECONDS", 0)
        yield


@pytest.fixture(scope="session")
def counts(tmp_path_factory: pytest.TempPathFactory) -> CountFile:
    """Where the requests of this process are counted."""
    return CountFile(str(tmp_path_factory.mktemp("counts") / "limits"))


@pytest.fixture(autouse=True)
def _each_test_is_counted_from_nothing(counts: CountFile) -> Iterator[None]:
    counts.reset()
    rate_limits.use(counts)
    yield
    rate_limits.use(None)


def nobody_knows(host: str, port: int) -> list[str]:
    """A resolver that knows no name."""
    raise socket.gaierror(host)


@pytest.fixture(autouse=True)
def _no_test_asks_the_network_for_names() -> Iterator[None]:
    addresses.use(nobody_knows)
    yield
    addresses.use(None)


@dataclass
class Answer:
    """An answer as a client sees it."""

    status: int
    headers: Any
    body: bytes
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = self.body.decode()

    @property
    def xml(self) -> Any:
        from lxml import etree

        return etree.fromstring(self.body)

    @property
    def json(self) -> Any:
        import json

        return json.loads(self.body)

    def value(self, name: str) -> str | None:
        """The text of the root's own element of that name, else of the first one anywhere, whatever its namespace or format."""
        if self.headers.get("Content-Type", "").endswith("json"):
            told = self.json.get(name)
            return None if told is None else str(told)
        own: str | None = self.xml.findtext(f"{{*}}{name}")
        return own if own is not None else self.xml.findtext(f".//{{*}}{name}")


class PartnerClient:
    """Speaks to the API for one partner, in process, as over the wire: exceptions become answers."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        self.client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)

    def call(self, verb: str, path: str, body: str | bytes = b"", *, media: str = "application/xml", **headers: str) -> Answer:
        """`headers` by name with underscores: If_Match='"1.0x"'. A full address of ours may be given as path."""
        parts = urlsplit(path)
        path = path if not parts.scheme else path[len(f"{parts.scheme}://{parts.netloc}") :]
        meta = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if self.key is not None:
            meta.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.key}")
        if isinstance(body, str):
            body = body.encode()
        response = self.client.generic(verb, path, body, content_type=media, **meta)
        return Answer(response.status_code, response.headers, response.getvalue())

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: str | bytes = b"", *, media: str = "application/xml", **headers: str) -> Answer:
        return self.call("POST", path, body, media=media, **headers)

    def put(self, path: str, body: str | bytes, *, media: str = "application/xml", **headers: str) -> Answer:
        return self.call("PUT", path, body, media=media, **headers)

    def patch(self, path: str, body: str | bytes, *, media: str = "application/xml", **headers: str) -> Answer:
        return self.call("PATCH", path, body, media=media, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)

    def new_goal(self, **changes: str) -> str:
        """Make a goal and return its Id; `changes` replaces or adds elements, an empty text leaves one out."""
        made = self.post("/api/savings", goal_xml(**changes))
        assert made.status == 201, made.text
        return made.value("Id") or ""

    def new_contribution(self, goal_id: str, **changes: str) -> Answer:
        """Make a contribution and return the 201."""
        made = self.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(**changes))
        assert made.status == 201, made.text
        return made


PAYPAL = "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials></PaymentProvider>"


def goal_xml(**changes: str) -> str:
    """A SavingGoal body. Values are XML as it stands; an empty one leaves the element out."""
    elements = {
        "ExternalItemId": "bike-7",
        "Name": "A bicycle for Anna",
        "GoalAmount": "250.00",
        "PaymentProviders": PAYPAL,
    } | changes
    return "<SavingGoal>" + "".join(f"<{n}>{v}</{n}>" for n, v in elements.items() if v) + "</SavingGoal>"


def contribution_xml(**changes: str) -> str:
    """A Contribution body, as goal_xml."""
    elements = {"Amount": "20.00", "Contributor": "Uncle Bob", "Message": "Ride well!"} | changes
    return "<Contribution>" + "".join(f"<{n}>{v}</{n}>" for n, v in elements.items() if v) + "</Contribution>"


class Giver:
    """A gift-giver's browser: follows what it is given, believes nothing, keeps nothing."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)

    def visit(self, address: str) -> Answer:
        response = self.client.get(self._path(address))
        return Answer(response.status_code, response.headers, response.content)

    def checkout(self, provider_url: str) -> str:
        """Where ProviderURL leads on to: the provider's own page."""
        answer = self.visit(provider_url)
        assert answer.status == 303, answer.text
        return str(answer.headers["Location"])

    def choose(self, provider_url: str, outcome: str) -> str:
        """Press a button on the checkout page; returns the address that the provider sends the browser to."""
        if "/pay/" in provider_url:
            provider_url = self.checkout(provider_url)
        response = self.client.post(self._path(provider_url), {"outcome": outcome})
        assert response.status_code == 303, response.content
        return response["Location"]

    def pay(self, provider_url: str, outcome: str = "approve") -> Answer:
        """Press a button and follow the provider's redirect to us; returns our bounce."""
        return self.visit(self.choose(provider_url, outcome))

    @staticmethod
    def _path(address: str) -> str:
        parts = urlsplit(address)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def register(name: str, *, is_test: bool = True, **how: Any) -> NewPartner:
    """A partner in test: its gifts are paid at the simulator."""
    return registration.register(name, is_test=is_test, **how)


@pytest.fixture
def moved_clock() -> Iterator[Callable[[datetime], None]]:
    """Says what time it is for the service, for the rest of the test."""
    yield lambda moment: clock.use(lambda: moment)
    clock.use(None)


@pytest.fixture
def partner(db: None) -> Partner:
    return register("Wishes & Co").partner


@pytest.fixture
def shop(db: None) -> PartnerClient:
    """The client of a partner of its own."""
    return PartnerClient(register("Anna's Shop").api_key)


@pytest.fixture
def rival(db: None) -> PartnerClient:
    """The client of another partner."""
    return PartnerClient(register("Rival Shop").api_key)


@pytest.fixture
def stranger(db: None) -> PartnerClient:
    """A client without a key."""
    return PartnerClient(None)


@pytest.fixture
def giver() -> Giver:
    return Giver()


@pytest.fixture
def room_for_everybody(settings, monkeypatch):
    """So many wait for a provider at once as come: what they do to each other is asked here, not who may wait."""
    settings.PROVIDER_PLACES = settings.PROVIDER_PLACES_FOR_A_PARTNER = settings.PROVIDER_PLACES_FOR_A_PROVIDER = 100
    monkeypatch.setattr(places, "MOST_FOR_ONE_GIFT", 100)
