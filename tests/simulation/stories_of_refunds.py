"""Short histories of money that was taken and goes back: what is refunded, and what banks take back besides."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from contributions.status import REFUNDED, SETTLED, Intent
from providers.base import PaymentState, RefundState
from tests.simulation.cells import Cell
from tests.simulation.directed import AMOUNT_MINOR, Directed
from tests.simulation.roads import ROADS
from tests.simulation.scripted import Fault, lost_answer, meanwhile

SETTLED_ONE = Cell(SETTLED, PaymentState.CAPTURED, Intent.COLLECT)
REFUNDED_ONE = Cell(REFUNDED, PaymentState.CAPTURED, Intent.COLLECT)
QUARTER = AMOUNT_MINOR // 4


def _reviewed(world: Directed) -> Fault:
    """The refund that is asked for is not made at once."""

    def fault(effect: Callable[[], Any]) -> Any:
        answer = effect()
        world.payment.refunds[-1].state = RefundState.PENDING
        return replace(answer, state=RefundState.PENDING)

    return fault


def _refund_without_an_answer(world: Directed) -> None:
    """It was made, and the answer is lost: the worker asks again."""
    world.next_call("refund", lost_answer)
    world.does(lambda: world.refunds_so_much(QUARTER))
    world.time_passes(hours=1)
    world.does(world.worker_comes)


def _undone(world: Directed) -> None:
    world.refund_is_undone()
    world.does(world.somebody_asks)


def _disputed_then_refunded(world: Directed) -> None:
    """Nothing is left of it then, in whatever order that is learnt."""
    world.is_disputed_in_part()
    world.does(world.somebody_asks, world.refunds)


def _refund_fails_after_a_dispute(world: Directed) -> None:
    """All but the refund was taken back: Reversed, until the refund fails and the payee has its amount after all."""
    world.next_call("refund", _reviewed(world))
    world.does(lambda: world.refunds_so_much(QUARTER))
    world.provider.disputed_in_part(world.payment, 3 * QUARTER)
    world.does(world.somebody_asks)
    world.provider.reviews_end(passed=False)


def _refunded_unheard(world: Directed) -> None:
    """Then the client wants all that is left given back, which is less than our books say."""
    world.is_given_back_in_the_dashboard(QUARTER)
    world.does(world.refunds)
    world.expects("nothing of it is kept", world.payment.left == 0)


def _told_by_the_sum(world: Directed) -> None:
    world.provider.tells_sums_only = True
    world.is_given_back_in_the_dashboard(QUARTER)
    for _ in range(2):
        world.time_passes(days=40)
        world.does(world.worker_comes)


def _refunded_meanwhile(world: Directed) -> None:
    """Of what a dispute has left, while somebody is being told of the dispute: nothing is left of it then."""
    world.is_disputed_in_part()
    world.next_call("find", meanwhile(lambda: world.refunds_so_much(3 * QUARTER)))


def _refund_heard_of_at_once(world: Directed) -> None:
    """Before its answer is there, which is lost then."""
    world.next_call("refund", lost_answer)
    world.does(lambda: world.refunds_so_much(QUARTER))


def _refund_heard_of_meanwhile(world: Directed) -> None:
    """Somebody asks about the payment while the answer is on its way."""
    world.next_call("refund", meanwhile(lambda: world.does(world.somebody_asks)))
    world.does(lambda: world.refunds_so_much(QUARTER))


def _refunded_in_two_parts(world: Directed) -> None:
    world.does(lambda: world.refunds_so_much(QUARTER), lambda: world.refunds_so_much(3 * QUARTER, "another-back"))


def _refunded_while_one_is_reviewed(world: Directed) -> None:
    world.next_call("refund", _reviewed(world))
    world.does(lambda: world.refunds_so_much(3 * QUARTER), lambda: world.refunds_so_much(2 * QUARTER, "another-back"))


def _deleted_when_settled(world: Directed) -> None:
    world.does(world._client_deletes)


STORIES_OF_REFUNDS: Mapping[str, Callable[[], Directed]] = {
    "the answer to a refund is lost": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_without_an_answer),
    "a refund fails after a dispute": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_fails_after_a_dispute
    ),
    "a refund is made while a dispute is told": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_meanwhile
    ),
    "a refund without an answer is heard of": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_heard_of_at_once
    ),
    "a refund is heard of twice": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_heard_of_meanwhile),
    "a refund is undone": lambda: Directed(REFUNDED_ONE, ROADS[REFUNDED, Intent.COLLECT], _undone),
    "what a dispute has left is refunded": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _disputed_then_refunded
    ),
    "a refund in the dashboard is unheard": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_unheard),
    "refunds are told by their sum": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _told_by_the_sum),
    "all goes back in two parts": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_in_two_parts),
    "a refund is asked for while one is reviewed": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_while_one_is_reviewed
    ),
    "what is settled is deleted": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _deleted_when_settled),
}
