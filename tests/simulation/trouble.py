"""What goes wrong in the simulated world: processes die at any statement and call, and others act while one waits."""

from collections.abc import Callable
from random import Random
from typing import Any

from django.db import connection

from contributions import captures, deletion, matchers, opening, refunds, reopening, room, ways_to_pay
from goals import rules
from providers.base import AmountRefused, PaymentState
from tests.simulation.side import ProviderSide, Wrong

REFUSALS = (
    opening.CheckoutRefused,
    opening.GoalIsGone,
    reopening.NotOnOffer,
    reopening.TooManyTries,
    reopening.BeingOpened,
    room.GoalIsFull,
    room.GoalIsReserved,
    rules.GoalHasEnded,
    rules.GoalIsClosed,
    rules.StaleVersion,
    captures.CannotCapture,
    refunds.CannotRefund,
    refunds.RefundTooLarge,
    deletion.CannotDelete,
    deletion.BeingSettled,
    matchers.TooManyMatchers,
    AmountRefused,
    ways_to_pay.PayeeCannotBePaid,
)
"""What a client or a giver may be told without anything being wrong."""


class ProcessDied(BaseException):
    """Outside Exception, as SIGKILL is: nothing in the product sees it."""


class Trouble:
    """A mixin of the World, which gives it what is annotated here."""

    random: Random
    provider: ProviderSide
    dead: bool
    dies_in: int | None
    nesting: int
    others_acted: bool
    savepoints: int
    truth_at_change: dict[tuple[int, int], dict[str, dict[str, PaymentState]]]
    _choose: Callable[[], Callable[[], str]]
    _say: Callable[[str], None]

    def _at_a_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Every SQL statement of the product goes through here: a named point before and after each."""
        housekeeping = sql.startswith(("SAVEPOINT", "ROLLBACK"))
        if self.dead and not housekeeping:
            raise ProcessDied("again")
        if self.dies_in is None or housekeeping or self.nesting:
            result = execute(sql, params, many, context)
            self._notice_a_change(sql, params)
            return result
        self.dies_in -= 1
        # A commit is the release of a savepoint here. Before it is the same as after the statement before it.
        if self.dies_in == 0 and not sql.startswith("RELEASE"):
            self._die(f"before {_name_of(sql)}")
        result = execute(sql, params, many, context)
        self._notice_a_change(sql, params)
        if self.dies_in is not None and self.dies_in < 0:
            self._die(f"after {_name_of(sql)}")
        return result

    def _notice_a_change(self, sql: str, params: Any) -> None:
        """What comes after a change of a status in the same step was not true yet at the moment at which it was made."""
        if not sql.startswith('INSERT INTO "contributions_statuschange"'):
            return
        values = dict(zip(sql.partition("(")[2].partition(")")[0].replace('"', "").split(", "), params, strict=True))
        truth: dict[str, dict[str, PaymentState]] = {}
        for payment in self.provider.payments.values():
            truth.setdefault(payment.reference, {})[payment.checkout_id] = payment.state
        self.truth_at_change[values["contribution_id"], values["version"]] = truth

    def _die(self, where: str) -> None:
        self.dead, self.dies_in = True, None
        raise ProcessDied(where)

    def _at_a_call(self, when: str, operation: str) -> None:
        """Every call to the provider goes through here, before and after."""
        if len(connection.savepoint_ids) != self.savepoints:
            raise Wrong(f"a transaction is open across {operation}")
        if self.dead:
            raise ProcessDied("again")
        if self.provider.calm or self.nesting:
            return
        if self.dies_in is not None and self.random.random() < 0.2:
            self._die(f"{when} {operation}")
        if self.random.random() < 0.25:
            self._meanwhile()

    def _meanwhile(self) -> None:
        """Another process acts while a call is on its way."""
        action, self.nesting, self.others_acted = self._choose(), 1, True
        try:
            self._say(f"   meanwhile {action.__name__.strip('_')}: {action()}")
        except REFUSALS as refusal:
            self._say(f"   meanwhile {action.__name__.strip('_')}: refused, {type(refusal).__name__}")
        finally:
            self.nesting = 0


def _name_of(statement: str) -> str:
    return " ".join(statement.replace('"', "").split()[:3])
