"""Who comes to the service in crowds: shops and givers, each with a connection of its own that is kept open."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from providers.sandbox.webhooks import sign_webhook

PATIENCE_SECONDS = 60
Result = TypeVar("Result")


class Visitor:
    """One keep-alive connection. Follows no redirect and asks nothing twice."""

    def __init__(self, base_url: str) -> None:
        self.base_url, self.session = base_url, requests.Session()
        self.session.trust_env = False

    def ask(self, verb: str, address: str, **how: Any) -> requests.Response:
        address = address if address.startswith("http") else self.base_url + address
        return self.session.request(verb, address, timeout=PATIENCE_SECONDS, allow_redirects=False, **how)

    def checkout(self, provider_url: str) -> str:
        """The simulator's page, to which ProviderURL leads."""
        answer = self.ask("GET", provider_url)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def come_back(self, address: str) -> requests.Response:
        """The return, again where that is the page that looks again: two wait for one gift, and others are at it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (answer := self.ask("GET", address)).status_code == 503 and time.monotonic() < until:
            time.sleep(0.2)
        return answer

    def choose(self, page: str, outcome: str) -> requests.Response:
        """Press a button on the simulator's page."""
        return self.ask("POST", page, data={"outcome": outcome})

    def report(self, page: str, number: int) -> requests.Response:
        """Tell the service, as the simulator does, that something has happened to this checkout."""
        checkout_id = urlsplit(page).path.rpartition("/")[2]
        body = json.dumps({"id": f"report-{number}", "checkout_id": checkout_id, "what": "approve"}).encode()
        headers = {"Content-Type": "application/json", "Sandbox-Signature": sign_webhook(body)}
        return self.ask("POST", "/providers/paypal/webhook", data=body, headers=headers)


class Shop(Visitor):
    """A visitor with a partner's key, who speaks JSON."""

    def __init__(self, base_url: str, key: str) -> None:
        super().__init__(base_url)
        self.key = key

    def another(self) -> "Shop":
        """The same partner on a connection of its own."""
        return Shop(self.base_url, self.key)

    def ask(self, verb: str, address: str, **how: Any) -> requests.Response:
        if urlsplit(address).path.startswith("/api/"):
            how.setdefault("headers", {"Authorization": f"Bearer {self.key}", "Accept": "application/json"})
        return super().ask(verb, address, **how)

    def new_goal(self) -> str:
        """The Id of a goal of 100,000.00 USD that takes gifts at PayPal's, the money taken at once."""
        goal = {
            "ExternalItemId": "crowd",
            "Name": "What everybody wants",
            "GoalAmount": "100000",
            "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]},
            "ConfirmationURL": "https://shop.example/thanks",
            "CancelURL": "https://shop.example/pity",
        }
        made = self.ask("POST", "/api/savings", json=goal)
        assert made.status_code == 201, made.text
        return str(made.json()["Id"])

    def give(self, goal: str, amount: str) -> requests.Response:
        return self.ask("POST", f"/api/SavingGoal/{goal}/Contributions", json={"Amount": amount, "Contributor": "Somebody"})

    def refund(self, contribution: str, amount: str) -> requests.Response:
        return self.ask("POST", f"/api/Contribution/{contribution}/Refunds", json={"Amount": amount})

    def read(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def all_at_once(deeds: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each deed returned, in their order; each has a thread of its own, and all start in the same instant."""
    gate = threading.Barrier(len(deeds))

    def one(deed: Callable[[], Result]) -> Result:
        gate.wait(PATIENCE_SECONDS)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))
