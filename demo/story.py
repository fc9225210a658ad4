"""`make demo`: a gift, told on the terminal. Every request that a partner and a giver make, and what comes back.

Starts a service of its own, on a free port and with a database that is removed afterwards. Ends with status 1 where
anything is not as it should be.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import requests
from whipround import Client, Contribution, PaymentProvider, Problem, WhiproundError, new_idempotency_key

from demo import serving

SHOWN_HEADERS_SENT = ("Authorization", "Idempotency-Key", "Content-Type")
SHOWN_HEADERS_RECEIVED = ("Location", "ETag", "Content-Type")


class NotAsExpected(Exception):
    """The service did something else than the story tells."""


class Teller:
    """Prints what happens."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def chapter(self, title: str) -> None:
        self.out.write(f"\n{title}\n{'=' * len(title)}\n")

    def say(self, sentence: str) -> None:
        self.out.write(f"\n# {sentence}\n")
        self.out.flush()

    def exchange(self, answer: requests.Response, *args: Any, **kwargs: Any) -> None:
        """A hook for requests: what was sent (> ) and what came back (< )."""
        sent, body = answer.request, answer.request.body or b""
        self._lines("> ", f"{sent.method} {sent.path_url}", sent.headers, SHOWN_HEADERS_SENT, _text(body))
        came = answer.text if "json" in answer.headers.get("Content-Type", "") else ""
        self._lines("< ", f"{answer.status_code} {answer.reason}", answer.headers, SHOWN_HEADERS_RECEIVED, came)

    def _lines(self, mark: str, first: str, headers: Any, shown: tuple[str, ...], body: str) -> None:
        lines = [first, *(f"{name}: {_without_key(headers[name])}" for name in shown if name in headers)]
        if body:
            lines += ["", *_indented(body).splitlines()]
        self.out.write("\n" + "".join(f"{mark}{line}".rstrip() + "\n" for line in lines))


def tell(address: str, api_key: str, *, work_once: Callable[[], str], out: TextIO) -> None:
    """The whole story, against the service at `address`; `work_once` runs the worker's round
    and returns what it printed.

    Raises NotAsExpected, and WhiproundError where the service is not the one it should be.
    """
    teller = Teller(out)
    with Client(address, api_key) as partner, requests.Session() as giver:
        giver.trust_env = False
        for session in (partner.connection.session, giver):
            session.hooks["response"].append(teller.exchange)
        _the_partner_asks_for_gifts(partner, giver, teller, work_once)


def _the_partner_asks_for_gifts(partner: Client, giver: requests.Session, teller: Teller, work_once: Callable[[], str]) -> None:
    teller.chapter("A goal and a gift")
    teller.say("The partner makes a saving goal. An Idempotency-Key makes it safe to send again.")
    goal = partner.create_goal(
        external_item_id="bicycle-7",
        name="A bicycle for Anna",
        goal_amount="250.00",
        payment_providers=[PaymentProvider(provider_name="PayPal", credentials="anna@example.org")],
    )
    teller.say("Uncle Bob wants to chip in: the partner makes a contribution and gets a ProviderURL for him.")
    gift = _contribute(partner, goal.id, amount="20.00", contributor="Uncle Bob", message="Ride well, & wear a helmet!")
    teller.say("Uncle Bob's browser goes there. The simulator stands in for PayPal's page: he approves, and is sent back.")
    _choose(giver, gift, "approve", ends_at="/thank-you")
    teller.say("The partner asks how the contribution stands.")
    _expect("the contribution", partner.get_contribution(gift.id).status, "Settled")

    teller.chapter("A gift that is declined")
    declined = _contribute(partner, goal.id, amount="35.50", contributor="Cousin Dan")
    _choose(giver, declined, "decline", ends_at="/cancelled")
    found = partner.get_contribution(declined.id)
    _expect("the declined contribution", (found.status, found.status_reason), ("Failed", "instrument_declined"))

    teller.chapter("A gift whose outcome is not known at once")
    pending = _contribute(partner, goal.id, amount="5.00", contributor="Grandma", message="For the bell")
    _choose(giver, pending, "pending", ends_at="/thank-you")
    _expect("the pending contribution", partner.get_contribution(pending.id).status, "Pending")
    teller.say("The worker asks the provider what became of it: python manage.py work --once")
    teller.out.write(work_once())
    _expect("the pending contribution after the worker's round", partner.get_contribution(pending.id).status, "Settled")

    _the_giver_is_known_again(partner, giver, goal.id, teller)
    _the_partner_makes_a_mistake(partner, goal.id, teller)

    teller.chapter("The goal now")
    _expect("the goal's CurrentAmount", str(partner.get_goal(goal.id).current_amount), "40.00")
    teller.say("20.00, 5.00 and 15.00 have arrived, 35.50 was declined: 40.00 of 250.00 USD. That is the story.")


def _the_giver_is_known_again(partner: Client, giver: requests.Session, goal_id: str, teller: Teller) -> None:
    teller.chapter("A second gift, without a redirect")
    teller.say("Uncle Bob comes often. The partner keeps him as a giver, and asks him to agree to gifts of up to 50.00 each.")
    bob = partner.create_giver(external_id="customer-7", name="Uncle Bob")
    asked = partner.ask_permission(bob.id, provider_name="PayPal", currency="USD", maximum_amount="50.00")
    _press(giver, asked.permission_url, "agree", ends_at=f"/providers/paypal/agreed/{asked.id}")
    _expect("the permission", partner.get_permission(asked.id).state, "Active")
    teller.say("From now on the partner gives in his name: the answer says Settled, and nobody is sent anywhere.")
    gift = partner.create_contribution(goal_id, amount="15.00", contributor="Uncle Bob", giver_id=bob.id, use_permission=True)
    _expect("the second gift", gift.status, "Settled")


def _the_partner_makes_a_mistake(partner: Client, goal_id: str, teller: Teller) -> None:
    teller.chapter("A mistake")
    teller.say("What is wrong with a request, and what would be right, comes back as a problem document.")
    try:
        _contribute(partner, goal_id, amount="5,00", contributor="")
    except Problem as problem:
        at_fault = [fault.path for fault in problem.faults]
        _expect("the problem", (problem.status, problem.code), (400, "invalid_body"))
        _expect("what is at fault", sorted(at_fault), ["Contribution/Amount", "Contribution/Contributor"])
    else:
        raise NotAsExpected("A contribution of 5,00 from nobody was taken.")


def _contribute(partner: Client, goal_id: str, *, amount: str, contributor: str, message: str = "") -> Contribution:
    gift = partner.create_contribution(
        goal_id, amount=amount, contributor=contributor, message=message or None, idempotency_key=new_idempotency_key()
    )
    _expect("a new contribution", gift.status, "Submitted")
    return gift


def _choose(giver: requests.Session, gift: Contribution, outcome: str, *, ends_at: str) -> None:
    _press(giver, gift.provider_url, outcome, ends_at=ends_at)


def _press(giver: requests.Session, address: str, outcome: str, *, ends_at: str) -> None:
    """Press a button of the provider's page and go where the answers lead."""
    page = giver.get(address, timeout=30)
    answer = giver.post(page.url, data={"outcome": outcome}, timeout=30)
    _expect("the page that the giver ends on", (answer.status_code, urlsplit(answer.url).path), (200, ends_at))


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise NotAsExpected(f"{what[:1].upper()}{what[1:]} is {found!r}; it should be {wanted!r}.")


def _text(body: bytes | str) -> str:
    return body.decode() if isinstance(body, bytes) else body


def _without_key(header: str) -> str:
    return re.sub(r"wr_\w+", "wr_...", header)


def _indented(body: str) -> str:
    if not body.lstrip().startswith("{"):
        return body
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)


def main() -> int:
    """Starts the service, tells the story, stops and forgets the service; returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # as Ctrl-C: the service is stopped on the way out
    with tempfile.TemporaryDirectory(prefix="whipround-demo-") as folder:
        log = Path(folder) / "server.log"
        try:
            _tell_it_to_a_service_of_its_own(Path(folder), log)
        except KeyboardInterrupt:
            return 130
        except (NotAsExpected, WhiproundError, serving.DidNotStart, subprocess.CalledProcessError) as error:
            sys.stdout.flush()
            sys.stderr.write(f"\nThe story broke off: {error}\n")
            if log.exists():
                sys.stderr.write("The last lines of the server's log:\n" + serving.end_of(log) + "\n")
            return 1
    return 0


def _tell_it_to_a_service_of_its_own(folder: Path, log: Path) -> None:
    port = serving.free_port()
    address = f"http://{serving.HOST}:{port}"
    environment = os.environ | _settings(address, folder)
    sys.stdout.write(f"Starting a service at {address}, with a database of its own ...\n")
    sys.stdout.flush()
    serving.manage(environment, "migrate", "--verbosity", "0")
    key = json.loads(serving.manage(environment, "create_partner", "Anna's Shop", "--json"))["test_api_key"]
    server = serving.start_server(port, environment, log)
    try:
        serving.wait_until_ready(port, server, address=address)
        tell(address, key, work_once=lambda: serving.manage(environment, "work", "--once"), out=sys.stdout)
    finally:
        serving.stop([server])


def _settings(address: str, folder: Path) -> dict[str, str]:
    """What keeps the service apart from whatever else is configured here; the simulator plays every provider."""
    of_providers = ("PAYPAL_", "AMAZON_PAY_", "GOOGLE_PAY_", "STRIPE_")
    return {
        "DEBUG": "1",
        "SANDBOX": "1",
        "PUBLIC_BASE_URL": address,
        "ALLOWED_HOSTS": "",
        "DATABASE_URL": f"sqlite:///{folder / 'whipround.sqlite3'}",
        "LOG_LEVEL": "WARNING",
        **{name: "" for name in os.environ if name.startswith(of_providers)},
    }


if __name__ == "__main__":
    sys.exit(main())
