"""What the providers' tables of faults have in common: how a cell is tried, and what is looked at each time.

A provider's own test_fault_table.py has the table, and a Try that sets the stage for each of its operations.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from contributions.decisions import mismatch
from ids import new_id
from providers.base import (
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
)
from providers.kit import deadline
from tests.providers.fake_server import FakeServer
from tests.providers.paypal.faults import BEFORE

PATIENCE_SECONDS = {"silence": 0.25, "slow": 0.25, "slow_start": 0.25}
"""How long a call may take where the answer never comes, or drips for longer than that."""


def patience(fault: str) -> float:
    """The most seconds that a call may take with such a fault."""
    return PATIENCE_SECONDS.get(fault, 20.0)


Cell = tuple[str, str, str]
"""A fault, the operation that it happens to, and what the adapter makes of it. The fault happens nine times in a row, or once
where it says *1; what the adapter makes of it is

fine       the right answer, got in the end, or after asking for what the first one left out
unknown    ProviderUnavailable: asked again later, under the same request id
no:WHY     ProviderRefused
giver:WHY  PayerActionRequired
pending    the provider has not made up its mind, or says a word that nobody knows: no money is counted
...        what mismatches.mismatch() finds: the answer speaks of another gift than ours
"""


def cells_of(table: str) -> list[Cell]:
    """A table names its operations in the first line, and a fault at the start of each other one."""
    (_, *operations), *rows = [line.split() for line in table.strip().splitlines()]
    return [(fault, operation, cell) for fault, *cells in rows for operation, cell in zip(operations, cells, strict=True)]


LINE = """
drop reset silence                                          -> unknown
error_500 error_502 error_503 teapot                        -> unknown
rate_limited                                                -> unknown
unauthorized unauthorized*1                                 -> unknown
redirect                                                    -> unknown
do_then_drop                                                -> unknown
do_then_500 do_then_503 do_then_html_502                    -> unknown
slow slow_start                                             -> unknown
cut_off truncated rubbish empty                             -> unknown
endless huge                                                -> unknown
deep not_utf8 a_list null a_string                          -> unknown
early_hints wrong_content_type duplicate_keys not_a_number  -> fine
drop*1 error_503*1 do_then_drop*1 rate_limited*1            -> fine
"""
"""What comes of faults of the line, whatever is asked for: see by_kind."""


def by_kind(table: str, operations: Collection[str]) -> list[Cell]:
    """A line of the table is one kind: its faults, an arrow, what comes of them, `operation=...` where something else does."""
    cells = []
    for line in filter(None, table.splitlines()):
        faults, _, outcomes = line.partition("->")
        mostly, *others = outcomes.split()
        but = dict(other.split("=") for other in others)
        assert set(but) <= set(operations), line
        cells += [(fault, operation, but.get(operation, mostly)) for fault in faults.split() for operation in operations]
    return cells


def not_first_of(table: str) -> frozenset[str]:
    """All faults of a table by kind but the first of each: for `make full`, as those of the line are everybody's."""
    return frozenset(fault for line in table.splitlines() for fault in line.partition("->")[0].split()[1:])


def each(cells: list[Cell], only_in_full: Collection[str] = ()) -> pytest.MarkDecorator:
    """Of a test with `fault`, `operation` and `cell`. Each fault meets each of its outcomes on one operation, and where
    an outcome repeats itself along the row, the other operations are for `make full`."""
    params = _params(cells, [(fault, cell, operation) for fault, operation, cell in cells if fault not in only_in_full])
    return pytest.mark.parametrize(("fault", "operation", "cell"), params)


def each_unknown(cells: list[Cell], only_in_full: Collection[str] = ()) -> pytest.MarkDecorator:
    """Of a test with `fault` and `operation`, where the cell is `unknown`: each fault on one, on all in `make full`."""
    lost = [(fault, operation) for fault, operation, cell in cells if cell == "unknown"]
    params = _params(lost, [(fault, "unknown", operation) for fault, operation in lost if fault not in only_in_full])
    return pytest.mark.parametrize(("fault", "operation"), params)


def _params(ones: Sequence[tuple[str, ...]], in_question: list[tuple[str, str, str]]) -> list[Any]:
    chosen = {(fault, operation) for fault, _, operation in _one_of_each(in_question)}
    return [pytest.param(*one, id=f"{one[0]}-{one[1]}", marks=[] if one[:2] in chosen else pytest.mark.full) for one in ones]


def _one_of_each(cells: list[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """(fault, outcome, operation): of what differs in the operation alone the next in turn, so that each operation has its
    share of the faults."""
    groups: dict[tuple[str, str], list[str]] = {}
    for fault, outcome, operation in cells:
        groups.setdefault((fault, outcome), []).append(operation)
    return {(*key, operations[turn % len(operations)]) for turn, (key, operations) in enumerate(groups.items())}


class Try:
    """One call that can be made again under the same request id."""

    operations: dict[str, tuple[str, str]]
    """By their names in the table: the adapter's method, and the state that is right in the end (a checkout has none)."""
    called: dict[str, str] = {}
    """What the fake calls an operation, where that is something else."""

    def __init__(self, fake: FakeServer, adapter: Any, operation: str, order: PaymentRequest) -> None:
        self.fake, self.adapter, self.operation, self.order = fake, adapter, operation, order
        self.method, self.right_state = self.operations[operation]
        self.request_id = f"{operation}-{new_id()}"

    # --- a provider's own ---------------------------------------------------------------------------------------------

    def is_known(self, checkout: OpenedCheckout) -> bool:
        """Whether the fake has such a checkout."""
        raise NotImplementedError

    def is_ours(self, refund: ProviderRefund) -> bool:
        """Whether it speaks of the refund that was asked for."""
        return (refund.amount_minor, refund.reference) == (700, "refund-of-ours") and bool(refund.provider_reference)

    def effects(self) -> int:
        """How often the provider did what it was told to."""
        raise NotImplementedError

    def asks_the_giver(self, refusal: PayerActionRequired) -> str:
        return f"giver:{refusal.reason}"

    # --- alike everywhere ---------------------------------------------------------------------------------------------

    def open(self) -> None:
        opened = self.adapter.open_checkout(self.order, request_id=f"open-{new_id()}")
        self.order = replace(self.order, checkout_id=opened.checkout_id)

    def call(self) -> OpenedCheckout | Payment | ProviderRefund:
        adapter, order, request_id = self.adapter, self.order, self.request_id
        calls: dict[str, Callable[[], OpenedCheckout | Payment | ProviderRefund]] = {
            "open_checkout": lambda: adapter.open_checkout(order, request_id=request_id),
            "find": lambda: adapter.find(order),
            "close": lambda: adapter.close(order, request_id=request_id),
            "authorize": lambda: adapter.authorize(order, request_id=request_id),
            "capture": lambda: adapter.capture(order, request_id=request_id),
            "void": lambda: adapter.void(order, request_id=request_id),
            "refund": lambda: adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id=request_id),
        }
        return calls[self.method]()

    def outcome(self, *, seconds: float = 20.0) -> str:
        """A word for what came of it, as it is in the table."""
        try:
            with deadline.at_most(seconds):
                answer = self.call()
        except PayerActionRequired as refusal:
            return self.asks_the_giver(refusal)
        except ProviderRefused as refusal:
            return f"no:{refusal.reason}"
        except ProviderUnavailable:
            return "unknown"
        if isinstance(answer, OpenedCheckout):
            return "fine" if self.is_known(answer) else "wrong"
        if isinstance(answer, Payment) and (otherwise := mismatch(self.order, answer)):
            return otherwise
        if isinstance(answer, ProviderRefund) and not self.is_ours(answer):
            return "mismatch"
        return "fine" if answer.state == self.right_state else answer.state

    def goes_wrong(self, fault: str) -> float:
        """Plans the fault; how many seconds the call may take."""
        name, once, _ = fault.partition("*1")
        self.fake.next(self.called.get(self.operation, self.operation), name, times=1 if once else 9)
        return patience(name)

    def what_comes_of(self, fault: str) -> str:
        """The outcome; the fault has come about, nothing is done twice, and nobody is sent elsewhere."""
        outcome = self._outcome_of(fault)
        assert self.effects() <= (0 if fault in BEFORE else 1)
        assert self.fake.calls_of("elsewhere") == []
        return outcome

    def is_lost_to(self, fault: str) -> None:
        """The outcome is unknown; from then on nothing goes wrong."""
        assert self._outcome_of(fault) == "unknown"
        self.fake.no_more_faults()

    def _outcome_of(self, fault: str) -> str:
        """On a busy machine a call with little patience may be over before it has come to the fake: then with more."""
        seconds = self.goes_wrong(fault)
        for patience_seconds in (seconds, 4 * seconds, 8 * seconds):
            outcome = self.outcome(seconds=patience_seconds)
            if {call.fault for call in self.fake.calls} - {""}:
                return outcome
        raise AssertionError("the fault has not come about")
