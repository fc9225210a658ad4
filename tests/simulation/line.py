"""The line between an adapter and a fake in the same process: no sockets, the simulated clock, and trouble by chance.

Of providers.kit.transport everything is at work but the connections, so that what is lost, late or garbled here is what the
adapter would make of it anywhere.
"""

import json
import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from random import Random
from typing import Any
from unittest import mock

import requests
from requests.structures import CaseInsensitiveDict

import clock
from providers.kit import budgets, calls, certificates, deadline, retries, transport
from providers.paypal import client as paypal_client
from tests.providers.line import Call, Reply

LOST_CALLS, LOST_ANSWERS = 0.05, 0.08
"""How often trouble begins at a call."""
GOES_ON = 0.6
"""How often what has gone wrong goes wrong at the next call as well: whoever asks three times at once is to fail too."""

BAD_ANSWERS: tuple[tuple[int, bytes], ...] = (
    (500, b""),
    (502, b"<html><h1>502 Bad Gateway</h1></html>"),
    (503, b'{"message": "Service Unavailable"}'),
    (200, b"<!doctype html><title>We'll be back soon</title>"),
    (200, b""),
    (200, b"null"),
)
"""Told in place of the right answer, though the deed is done."""

_WITH_A_CLOCK = (deadline, calls, retries, budgets, paypal_client, certificates)


class Answer:
    """As much of a requests.Response as providers.kit.transport reads. `late`: called before it is read."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, late: Callable[[], bool]) -> None:
        self.status_code, self.headers = status, CaseInsensitiveDict(headers)
        self._body, self._late = body, late
        self.raw = self

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        if self._late():
            raise requests.ReadTimeout("the answer came too late")
        yield self._body

    def close(self) -> None:
        """There is nothing to close."""


class Line:
    """Carries one call of an adapter to `answer`, as `read` reads it. Looks like a requests.Session to providers.kit.transport.

    `around` as in ProviderSide; `alone(call)` lasts as long as the call is on its way.
    """

    def __init__(
        self,
        random: Random,
        around: Callable[[str, str], None],
        read: Callable[[str, str, dict[str, str], bytes], Call],
        answer: Callable[[Call], Reply],
        alone: Callable[[Call], AbstractContextManager[None]],
    ) -> None:
        self._random, self._around, self._read, self._answer, self._alone = random, around, read, answer, alone
        self.calm = False
        self.answers_to_lose: Counter[str] = Counter()
        """By operation: to how many of the next calls the answer is lost, whatever chance has in mind."""
        self._trouble = ""

    def send(self, request: requests.PreparedRequest, **_: Any) -> Answer:
        body = request.body or b""
        call = self._read(request.method, request.url, dict(request.headers), body.encode() if isinstance(body, str) else body)
        with self._alone(call):
            return self._carried(call)

    def _carried(self, call: Call) -> Answer:
        self._others_act("before", call)
        trouble = self._some_trouble(call)
        if trouble == "lost call":
            raise requests.ConnectionError("the call was lost")
        reply = self._answer(call)
        self._others_act("after", call)
        if trouble == "lost answer":
            raise requests.ConnectionError("the answer was lost")
        status, body = self._random.choice(BAD_ANSWERS) if trouble == "bad answer" else (reply.status, reply.content())
        return Answer(status, {**reply.headers, "Content-Type": reply.content_type}, body, self._is_late)

    def _others_act(self, when: str, call: Call) -> None:
        """They are other processes: how long this one may still wait is nothing to them."""
        own, deadline._deadline = deadline._deadline, deadline._Deadline()
        try:
            self._around(when, call.operation)
        finally:
            deadline._deadline = own

    def _is_late(self) -> bool:
        """Half of the time it had come in time, and it is the process that has stood still."""
        return deadline.seconds_left() <= 0 and self._random.random() < 0.5

    def _some_trouble(self, call: Call) -> str:
        if self.answers_to_lose[call.operation] > 0:
            self.answers_to_lose[call.operation] -= 1
            return "lost answer"
        if self.calm:
            return ""
        if self._trouble and self._random.random() < GOES_ON:
            return self._trouble
        luck = self._random.random()
        lost_answers = {"refund": 0.3, "capture": 0.15}.get(call.operation, LOST_ANSWERS)  # more where that is dangerous
        if luck < LOST_CALLS:
            self._trouble = "lost call"
        elif luck < LOST_CALLS + lost_answers:
            self._trouble = self._random.choice(["lost answer", "lost answer", "bad answer"])
        else:
            self._trouble = ""
        return self._trouble


class _Time:
    """In place of the module `time`: the simulated clock. Whoever sleeps makes it go on."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.sleep = sleep

    @staticmethod
    def monotonic() -> float:
        return clock.now().timestamp()


@contextmanager
def in_process(line: Line, random: Random, sleep: Callable[[float], None]) -> Iterator[None]:
    """Every call of an adapter goes over this line, for as long as it lasts; what is random comes from `random`."""

    def id_of(*_: Any) -> uuid.UUID:
        return uuid.UUID(int=random.getrandbits(128), version=4)

    def token(size: int = 16) -> str:
        return random.randbytes(size).hex()

    with ExitStack() as stack:
        for module in _WITH_A_CLOCK:
            stack.enter_context(mock.patch.object(module, "time", _Time(sleep)))
        for owner, name, instead in (
            (transport.Transport, "_session", lambda _: line),
            (retries, "random", random),
            (secrets, "choice", random.choice),
            (secrets, "randbelow", random.randrange),
            (secrets, "token_hex", token),
            (secrets, "token_urlsafe", token),
            (uuid, "uuid1", id_of),
            (uuid, "uuid4", id_of),
        ):
            stack.enter_context(mock.patch.object(owner, name, instead))
        yield


UNSIGNED = {"UnsubscribeURL"}
"""In a message of Amazon SNS's: to change it is no forgery."""


def damaged(body: bytes, random: Random) -> bytes:
    """A message with one member of it changed on the way, or cut off."""
    told = json.loads(body)
    name = random.choice(sorted(told.keys() - UNSIGNED))
    return random.choice([body[:-1], json.dumps(told | {name: "another"}).encode()])
