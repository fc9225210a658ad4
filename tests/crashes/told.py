"""What the people in the storm were told, and how they speak to the service: what the proof holds it to."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.crashes.processes import PATIENCE_SECONDS

NO, ASKED, DONE = "no", "asked", "done"
"""How far a deletion or a capture has come, as its client knows it: asked for without a final answer, or acknowledged."""

LEFT_ALONE_SECONDS = 2 * PATIENCE_SECONDS
"""A client that is not answered for so long is stuck, and says so."""


@dataclass
class TheirGoal:
    """A goal as its shop knows it."""

    key: str
    policy: str
    goal_minor: int
    id: str = ""
    deletion: str = NO


@dataclass
class TheirRefund:
    """A refund as its shop knows it; `amount_minor` None asks for all that is left."""

    key: str
    amount_minor: int | None
    id: str = ""
    acknowledged_minor: int = 0
    refused: bool = False


@dataclass
class TheirGift:
    """A gift as its shop and its giver know it."""

    key: str
    goal: str
    policy: str
    amount_minor: int
    id: str = ""
    refused: bool = False
    outcome: str = "none"
    scenario: str = ""
    bounced_to: str = ""
    deletion: str = NO
    capture: str = NO
    refunds: list[TheirRefund] = field(default_factory=list)


@dataclass
class Told:
    """Everything that the people were told, and what they found wrong with it."""

    goals: list[TheirGoal] = field(default_factory=list)
    gifts: list[TheirGift] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    interrupted: int = 0
    """Requests that a kill cut off."""

    @classmethod
    def read(cls, written: dict[str, Any]) -> "Told":
        """What dataclasses.asdict() made of it, and JSON of that."""
        gifts = [
            TheirGift(**{**gift, "refunds": [TheirRefund(**refund) for refund in gift["refunds"]]}) for gift in written["gifts"]
        ]
        return cls([TheirGoal(**goal) for goal in written["goals"]], gifts, written["faults"])


class LeftAlone(Exception):
    """The service did not answer for so long that a client gives up. Noted as a fault."""


class Person:
    """One thread's way of speaking to the service: JSON, and again until there is an answer."""

    def __init__(self, base_url: str, key: str, told: Told) -> None:
        self.base_url, self.told = base_url, told
        self.http = requests.Session()
        self.http.trust_env = False
        self.headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def once(self, verb: str, address: str, **how: Any) -> requests.Response | None:
        """One try; None where the line was cut."""
        address = address if address.startswith("http") else self.base_url + address
        try:
            answer = self.http.request(verb, address, timeout=PATIENCE_SECONDS, allow_redirects=False, **how)
        except requests.ReadTimeout:
            self.told.faults.append(f"{verb} {address}: no answer in {PATIENCE_SECONDS} s")
            return None
        except requests.RequestException as error:
            # Refused: nobody was there. Anything else was cut off in the middle.
            self.told.interrupted += "refused" not in str(error)
            return None
        self.told.answers[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code != 503:
            self.told.faults.append(f"{verb} {address}: {answer.status_code} {answer.text[:300]}")
        return answer

    def until_answered(self, verb: str, address: str, **how: Any) -> tuple[requests.Response, bool]:
        """The first answer that is not "try again", and whether an earlier try was cut off or left in the dark."""
        give_up, in_the_dark = time.monotonic() + LEFT_ALONE_SECONDS, False
        while time.monotonic() < give_up:
            answer = self.once(verb, address, **how)
            if answer is not None and answer.status_code < 500 and code_of(answer) not in {"idempotency_key_in_use"}:
                return answer, in_the_dark
            in_the_dark = True
            time.sleep(0.2)
        self.told.faults.append(f"{verb} {address}: not answered within {LEFT_ALONE_SECONDS} s")
        raise LeftAlone

    def post(self, path: str, body: dict[str, Any] | None, key: str) -> tuple[requests.Response, bool]:
        """A POST to the API under an Idempotency-Key."""
        return self.until_answered("POST", path, json=body, headers=self.headers | {"Idempotency-Key": key})

    def delete(self, path: str) -> tuple[requests.Response, bool]:
        """A DELETE to the API, which needs no key: the second one finds nothing."""
        return self.until_answered("DELETE", path, headers=self.headers)

    def unexpected(self, answer: requests.Response) -> None:
        where = f"{answer.request.method} {answer.request.url}"
        self.told.faults.append(f"{where}: {answer.status_code} {answer.text[:300]}")


def code_of(answer: requests.Response) -> str:
    """The `code` of a problem document; empty for anything else."""
    problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    return str(answer.json()["code"]) if problem else ""


class Town:
    """The goals that are collected for at this moment, shared by all the people: some goals are crowded."""

    def __init__(self, told: Told) -> None:
        self.told, self.lock = told, threading.Lock()
        self.collecting: list[TheirGoal] = []
        self.over = threading.Event()

    @contextmanager
    def noting(self) -> Iterator[Told]:
        with self.lock:
            yield self.told

    def has_given_up(self, goal_id: str) -> bool:
        """Whether somebody has asked for the goal's deletion."""
        with self.lock:
            return any(goal.id == goal_id and goal.deletion != NO for goal in self.told.goals)


def text_of(minor: int) -> str:
    """US dollars and cents, as they stand in a body."""
    return f"{minor // 100}.{minor % 100:02}"


def minor_of(text: str) -> int:
    """Cents."""
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents)
