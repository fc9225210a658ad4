"""What every provider's fake is: a server that starts and stops, a clock of its own, and a plan of what is to go wrong."""

import contextlib
import json
import secrets
import socket
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

import clock
from tests.eventually import join
from tests.providers.line import Call, Handler, NoServer, Reply, Server
from tests.providers.paypal.faults import everywhere

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class FakeServer:
    """A context manager; `base_url` is set from the start, and answers once it is entered."""

    handler: type[Handler]
    operations: Collection[str]
    """The fake's names of what it can be asked for."""
    faults: Collection[str]
    """Names of everything that can go wrong with that."""
    content: Mapping[str, tuple[str, Any]]
    """The faults of what is answered: what each is, and how it changes every object in an answer."""
    refusal: type[Exception]
    """What `do` raises where the provider says no."""

    def __init__(self, *, listens: bool = True) -> None:
        """`listens`: over HTTP; otherwise `answer` is all there is, and nothing is to be entered."""
        self._lock = threading.RLock()
        self._ahead = timedelta()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        """What was asked that the provider would not accept, in words."""
        self.slow_seconds = 10.0
        self.retry_after = "0"
        """The header of a 429 or a 503."""
        self._next: dict[str, deque[str]] = {}
        self.stopped = threading.Event()
        self.open_connections: set[socket.socket] = set()
        self._server: Any = Server(self, self.handler) if listens else NoServer()
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        join(self._thread)
        for connection in list(self.open_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def now(self) -> datetime:
        """The provider's clock: the service's, and as much ahead of it as somebody has set it."""
        return clock.now() + self._ahead

    @now.setter
    def now(self, moment: datetime) -> None:
        with self._lock:
            self._ahead = moment - clock.now()
            self.time_has_passed()

    def later(self, **by: float) -> None:
        """The provider's clock alone runs ahead: later(hours=4)."""
        self.now += timedelta(**by)

    def time_has_passed(self) -> None:
        """What the provider does by itself, such as letting go what is too old."""

    def calls_of(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    # --- one request --------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Reply:
        """What a request is answered, faults of the line aside; the same as over HTTP."""
        with self._lock:
            self.calls.append(call)
            call.debug_id = self.new_debug_id()
            self.judge_request(call)
            call.fault = self.next_fault_of(call.operation)
            try:
                reply = self.do(call)
            except self.refusal as no:
                reply = self.refused(call, no)
            call.status, call.answer = reply.status, reply.value
            reply = replace(reply, headers=self.headers_of(call) | reply.headers)
            self.judge_answer(call)
            if call.fault in self.content and reply.status < 400 and reply.value is not None:
                reply.value = everywhere(json.loads(json.dumps(reply.value)), self.content[call.fault][1])
            return reply

    def do(self, call: Call) -> Reply:
        """Obeys, or goes wrong as `call.fault` says. Raises `refusal`."""
        raise NotImplementedError

    def refused(self, call: Call, no: Any) -> Reply:
        """A refusal in the provider's words."""
        raise NotImplementedError

    def headers_of(self, call: Call) -> dict[str, str]:
        """What every answer has in its header."""
        return {}

    def judge_request(self, call: Call) -> None:
        """Notes in `violations` what the provider would not accept."""

    def judge_answer(self, call: Call) -> None:
        """Notes in `violations` what the provider would not say."""

    def new_debug_id(self) -> str:
        return "f" + secrets.token_hex(6)

    def _elsewhere(self, call: Call) -> Reply:
        """Where redirects lead: what arrives here should not have."""
        return Reply(200, {"id": "ELSEWHERE", "status": "COMPLETED"})

    # --- faults -------------------------------------------------------------------------------------------------------

    def next(self, operation: str, fault: str, times: int = 1) -> None:
        """Let the next calls of an operation go wrong; faults for one operation queue up. See the provider's faults.py."""
        if operation not in self.operations:
            raise ValueError(f"operation must be one of {', '.join(sorted(self.operations))}")
        if not self.can_go_wrong_by(fault):
            raise ValueError(f"fault must be one of {', '.join(sorted(self.faults))}, or an error of the provider's")
        with self._lock:
            self._next.setdefault(operation, deque()).extend([fault] * times)

    def no_more_faults(self) -> None:
        with self._lock:
            self._next.clear()

    def can_go_wrong_by(self, fault: str) -> bool:
        return fault in self.faults

    def next_fault_of(self, operation: str) -> str:
        """Takes it from the plan; empty where all is to go well."""
        planned = self._next.get(operation)
        return planned.popleft() if planned else ""

    def answer_of_somebody_else(self, fault: str) -> Reply | None:
        """What a fault has answered by nobody, a proxy or a stranger; None where the provider itself answers."""
        if fault in ("drop", "reset", "silence"):
            return Reply(0)
        if fault == "error_502":
            return Reply(502, BAD_GATEWAY, "text/html")
        if fault in ("redirect", "redirect_307"):
            elsewhere = f"{self.base_url.replace('127.0.0.1', 'localhost')}/elsewhere"
            return Reply(307 if fault == "redirect_307" else 302, "", "text/html", {"Location": elsewhere})
        return Reply(418, {}) if fault == "teapot" else None
