"""What is alike for every real adapter in front of its fake: one process after another, no order twice, real messages."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from random import Random
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import RequestFactory

import clock
from contributions.models import Contribution
from hooks.webhook import hear
from providers import registry
from providers.base import Provider
from tests.providers.line import Call, Reply, call_of
from tests.simulation.line import Line, damaged, in_process
from tests.simulation.provider import LONGEST_CALL
from tests.simulation.side import TruePayment, Wrong

KEYS = ("paypal-request-id", "idempotency-key", "x-amz-pay-idempotency-key")
"""Headers in which a request is named, to be obeyed once."""

FEES = {
    "PLATFORM_FEE_PERCENT": (Decimal(0), Decimal("2.5"), Decimal(4)),
    "PLATFORM_FEE_FIXED": (Decimal(0), Decimal("0.30"), Decimal("0.07")),
    "PLATFORM_FEE_REFUND": (True, False),
}
"""What the operator may have set."""

Message = tuple[bytes, dict[str, str]]


class WithFake(ABC):
    """A ProviderSide. Its books are the fake's, read without the adapter."""

    name: str
    payee: str
    magnitudes: Mapping[str, tuple[int, ...]]
    on_our_page = False
    gifts_at_first = 2
    restricts_payees = False
    tells_by_reports_alone = False
    """Some of what happens nobody learns by asking: these reports come in the end, or the books cannot be right."""
    patterns: Any
    """The fake's routes."""
    orders: frozenset[str]
    """The fake's names of what moves money."""
    faults: Mapping[str, Mapping[str, float]] = {}
    """By operation: what of the fake's own faults may come of it, and how often."""

    def __init__(self, random: Random, around: Callable[[str, str], None]) -> None:
        self.random = random
        self._around_the_world = around
        self._line = Line(random, self._around, self._read, self._answer, self._alone)
        self._processes: list[Provider] = []
        self._depth = 0
        self._on_its_way: dict[str, Any] = {}
        self.effects = 0
        self._captured_at: dict[str, int] = {}
        self._heard: set[Any] = set()
        self._taken_by_hand: set[str] = set()
        """What was captured without an order of ours, by the provider's id."""
        self._undone: set[str] = set()
        """Refunds that were done, and failed after that, by the provider's id."""
        self._obeyed: set[Any] = set()
        """Orders whose repetition is answered as before: nobody refuses then."""

    # --- what each has of its own -----------------------------------------------------------------------------------

    @abstractmethod
    def new_fake(self) -> Any:
        """One that listens to nobody."""

    @abstractmethod
    def new_adapter(self) -> Provider:
        """The real one, with the fake's keys."""

    @abstractmethod
    def truth(self) -> Iterable[TruePayment]:
        """The fake's books, in the order in which the gifts were opened."""

    @abstractmethod
    def messages(self, reference: str) -> list[tuple[Any, Callable[[], Message]]]:
        """Every event so far about one gift, the oldest first: something that tells it from others, and the delivery."""

    def kind_of(self, call: Call) -> str:
        """What a call is called in `orders` and `faults`: the fake's name for it."""
        return call.operation

    def order_about(self, call: Call) -> str:
        """What an order is about: each refund is one of its own."""
        return f"{call.path} {call.body.decode()}" if call.operation == "refund" else call.path

    # --- ProviderSide -----------------------------------------------------------------------------------------------

    @property
    def calm(self) -> bool:
        return self._line.calm

    @calm.setter
    def calm(self, calm: bool) -> None:
        self._line.calm = calm

    @property
    def payments(self) -> Mapping[str, TruePayment]:
        found = {}
        for payment in self.truth():
            if (payment.captures or payment.being_taken) and payment.checkout_id not in self._captured_at:
                self.effects += 1
                self._captured_at[payment.checkout_id] = self.effects
            payment.captured_at_effect = self._captured_at.get(payment.checkout_id)
            found[payment.checkout_id] = payment
        return found

    @contextmanager
    def laws(self, sleep: Callable[[float], None]) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(in_process(self._line, Random(self.random.random()), sleep))
            self.fake = self.new_fake()
            self._processes = [self.new_adapter(), self.new_adapter()]
            key = self._processes[0].key
            stack.enter_context(mock.patch.object(settings, "PROVIDERS_WITH_KEYS", {self.name}))
            for name, choices in FEES.items():
                stack.enter_context(mock.patch.object(settings, name, self.random.choice(choices)))
            stack.enter_context(mock.patch.dict(registry._WITH_KEYS, {self.name: self._adapter}))
            stack.enter_context(mock.patch.dict(registry._BY_KEY, {key: self._adapter}))
            yield
            if self.fake.violations:
                raise Wrong(f"{self.name} was asked what it does not know: {self.fake.violations}")

    def giver_presses_the_button(self, contribution: Contribution) -> None:
        raise NotImplementedError(f"{self.name} has a page of its own")

    def restricts(self, restricted: bool) -> None:
        raise NotImplementedError(f"{self.name} pays everybody")

    def brings_back(self, contribution: Contribution) -> str:
        return ""

    def takes_it_by_itself(self, payment: TruePayment) -> bool:
        return False

    def chargeback(self, payment: TruePayment) -> bool:
        return False

    def dispute_is_won(self, payment: TruePayment) -> bool:
        return False

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        return {}

    def rings(self, contribution: Contribution) -> str:
        """Any of its messages, be it for the second time, or for the first after all the others; or a forged one."""
        messages = self.messages(contribution.public_id)
        told = self.delivers_one_of(messages)
        contribution.refresh_from_db()
        return f"{contribution}: {told}, {contribution.status} {contribution.status_reason}"

    def delivers_one_of(self, messages: Sequence[tuple[Any, Callable[[], Message]]]) -> str:
        """What it was answered."""
        if not messages:
            return "nothing"
        what, deliver = self.random.choice(messages[-self.random.choice([1, 2, 20]) :])
        body, headers = deliver()
        if self.random.random() < 0.1:
            status = self._post(damaged(body, self.random), headers)
            if status not in {400, 503}:
                raise Wrong(f"a forged report was answered {status}")
            return f"forged, {status}"
        status = self._post(body, headers)
        if status not in {200, 503}:
            raise Wrong(f"a report was answered {status}")
        if status == 200:
            self._heard.add(what)
        return str(status)

    def reports_what_is_unheard(self) -> None:
        if not self.tells_by_reports_alone:
            return
        for reference in sorted({payment.reference for payment in self.payments.values()}):
            for what, deliver in self.messages(reference):
                if what not in self._heard and self._post(*deliver()) == 200:
                    self._heard.add(what)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _adapter(self) -> Any:
        """Everybody who acts meanwhile is another process, with an adapter of its own."""
        return self._processes[self._depth]

    def _around(self, when: str, operation: str) -> None:
        self._depth += 1
        try:
            self._around_the_world(when, operation)
        finally:
            self._depth -= 1

    def _read(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Call:
        if not url.startswith(self.fake.base_url):
            raise Wrong(f"{url} is not at {self.name}'s")
        return call_of(self.patterns, method, url, headers, body)

    @contextmanager
    def _alone(self, call: Call) -> Iterator[None]:
        """No order is given twice at once: not even under one idempotency key."""
        if self.kind_of(call) not in self.orders:
            yield
            return
        about = self.order_about(call)
        began = self._on_its_way.get(about)
        if began is not None and clock.now() - began < LONGEST_CALL:
            raise Wrong(f"{call.operation} while another one about {about} is on its way")
        self._on_its_way[about] = clock.now()
        try:
            yield
        finally:
            self._on_its_way.pop(about, None)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        path = f"/providers/{self.name.lower()}/webhook"
        kind = headers.get("Content-Type", "application/json")
        request = RequestFactory().post(path, data=body, content_type=kind, headers=dict(headers))
        return hear(request, self.name.lower()).status_code

    def _answer(self, call: Call) -> Reply:
        luck = self.random.random()
        order = (call.path, *(call.headers.get(name, "") for name in KEYS))
        for fault, how_often in () if self.calm or order in self._obeyed else self.faults.get(self.kind_of(call), {}).items():
            luck -= how_often
            if luck < 0:
                self.fake.next(call.operation, fault)
                break
        reply = self.fake.answer(call)
        if self.kind_of(call) in self.orders and reply.status < 300:
            self._obeyed.add(order)
        _ = self.payments  # whatever was taken just now is noted
        return reply

    def chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability
