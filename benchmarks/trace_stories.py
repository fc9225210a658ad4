"""How far a reader has to travel: three stories traced at run time, in the product's own code.

    python -m benchmarks.trace_stories [--calls]

For each story: how many files it passes through, how often it changes from one file to another, and how deep our own calls
are nested. `--calls` lists every call. The simulator plays the provider; the database is a SQLite file of its own.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOT_THE_PRODUCT = ("tests", "benchmarks", ".venv", "demo", "var", "providers/sandbox", "config")

GOAL = (
    "<SavingGoal><ExternalItemId>bike</ExternalItemId><Name>A bicycle</Name><GoalAmount>250.00</GoalAmount>"
    "<PaymentProviders><PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials>"
    "</PaymentProvider></PaymentProviders></SavingGoal>"
)
GIFT = "<Contribution><Amount>20.00</Amount><Contributor>Uncle Bob</Contributor></Contribution>"


class Trace:
    """Calls of the product's functions, while it is on."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.changes = self.deepest = self._depth = 0
        self._last = ""
        self.calls: list[str] = []

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event not in {"call", "return"} or frame.f_code.co_name.startswith("<"):
            return
        path = Path(frame.f_code.co_filename)
        if not path.is_relative_to(ROOT) or str(path.relative_to(ROOT)).startswith(NOT_THE_PRODUCT):
            return
        name = str(path.relative_to(ROOT))
        if event == "return":
            self._depth -= 1
            return
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        self.files.add(name)
        if name != self._last:
            self.changes += 1
            self._last = name
        self.calls.append(f"{'  ' * self._depth}{name}:{frame.f_code.co_name}")

    def of(self, story: Callable[[], Any]) -> Any:
        sys.setprofile(self)
        try:
            return story()
        finally:
            sys.setprofile(None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", action="store_true", help="list every call")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(folder)
        for name, trace in _stories():
            print(f"{name}: {len(trace.files)} files, {trace.changes} changes of file, {trace.deepest} calls deep")
            if options.calls:
                print("\n".join(trace.calls))


def _set_up(folder: str) -> None:
    os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/trace.sqlite3", "SANDBOX": "1", "DEBUG": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def _stories() -> list[tuple[str, Trace]]:
    from django.test import Client

    from partners.registration import register

    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {register('Tracer', is_test=True).api_key}"})

    def post(path: str, body: str) -> Any:
        return client.post(path, body, content_type="application/xml")

    def element(answer: Any, name: str) -> str:
        return str(answer.content.decode().partition(f"<{name}>")[2].partition("<")[0])

    def play() -> list[tuple[str, Trace]]:
        opening, returning, refunding = Trace(), Trace(), Trace()
        goal_id = element(post("/api/savings", GOAL), "Id")
        made = opening.of(lambda: post(f"/api/SavingGoal/{goal_id}/Contributions", GIFT))
        checkout = _browser().get(element(made, "ProviderURL"))["Location"]
        back = _browser().post(checkout, {"outcome": "approve"})["Location"]
        returning.of(lambda: _browser().get(back))
        refunding.of(lambda: _hear_of_a_refund(element(made, "Id")))
        return [("POST to ProviderURL", opening), ("return to 303", returning), ("refund webhook to feed event", refunding)]

    play()  # statements are compiled, templates read and tables looked up when a process needs them first
    return play()


def _browser() -> Any:
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")


def _hear_of_a_refund(contribution_id: str) -> None:
    """All of it is given back in the simulated provider's dashboard, and its webhook tells us."""
    import providers.sandbox.models as sandbox
    from providers.sandbox import webhooks

    checkout = sandbox.SandboxCheckout.objects.get(reference=contribution_id)
    sandbox.SandboxRefund.objects.create(
        refund_id=contribution_id,
        checkout=checkout,
        request_id=contribution_id,
        amount_minor=checkout.amount_minor,
        state="completed",
    )
    body = json.dumps({"id": contribution_id, "checkout_id": checkout.checkout_id, "what": "refunded"}).encode()
    headers = {"Sandbox-Signature": webhooks.sign_webhook(body)}
    answer = _browser().post("/providers/paypal/webhook", body, content_type="application/json", headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"the webhook was answered {answer.status_code}")


if __name__ == "__main__":
    main()
