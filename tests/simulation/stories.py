"""Short histories that go on where those of the cells end, for mistakes that no single answer of a provider brings to light."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from contributions.status import AUTHORIZED, REFUNDED, SETTLED, SUBMITTED, Intent
from providers.base import PaymentState, RefundState
from tests.simulation.cells import OLDER, Cell, every_cell
from tests.simulation.directed import AMOUNT_MINOR, Directed
from tests.simulation.roads import ROADS, Road
from tests.simulation.scripted import beforehand, lost_answer, lost_call, meanwhile, refused
from tests.simulation.words import history_of

SUBMITTED_ONE = Cell(SUBMITTED, PaymentState.CAPTURED, Intent.COLLECT)
SETTLED_ONE = Cell(SETTLED, PaymentState.CAPTURED, Intent.COLLECT)
REFUNDED_ONE = Cell(REFUNDED, PaymentState.CAPTURED, Intent.COLLECT)
HELD_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.COLLECT)
UNWANTED_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.RELEASE)
OLDER_ONE = Cell(OLDER, PaymentState.CAPTURED, "")


def _refund_without_an_answer(world: Directed) -> None:
    """It was made, and the answer is lost: the worker asks again."""
    world.next_call("refund", lost_answer)
    world.does(lambda: world.refunds_so_much(QUARTER))
    world.time_passes(hours=1)
    world.does(world.worker_comes)


def _captured_after_all(world: Directed) -> None:
    """The client has deleted it, the provider has not heard of that, and the client asks for the money."""
    world.next_call("void", lost_call)
    world.does(world._client_captures)


def _refund_refused_once(world: Directed) -> None:
    """What an older checkout took is sent back in vain, and once more."""
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.next_call("refund", refused)


def _dispute_won_late(world: Directed) -> None:
    """What an older checkout took cannot go back, is taken back by the bank, and comes back."""
    _refund_refused_once(world)
    world.does(world.somebody_asks)
    world.is_at_the_provider(PaymentState.REVERSED)
    world.does(world.somebody_asks)
    world.is_at_the_provider(PaymentState.CAPTURED)


def _goal_ends(world: Directed) -> None:
    """Before it is reached."""
    world.time_passes(days=8)


QUARTER = AMOUNT_MINOR // 4


def _taken_part_by_part(world: Directed) -> None:
    world.is_taken_in_part(QUARTER)
    world.does(world.somebody_asks)
    world.is_taken_in_part(QUARTER)


def _undone(world: Directed) -> None:
    world.refund_is_undone()
    world.does(world.somebody_asks)


def _disputed_then_refunded(world: Directed) -> None:
    """Nothing is left of it then, in whatever order that is learnt."""
    world.is_disputed_in_part()
    world.does(world.somebody_asks, world.refunds)


def _refund_fails_after_a_dispute(world: Directed) -> None:
    """All but the refund was taken back: Reversed, until the refund fails and the payee has its amount after all."""

    def is_reviewed(effect: Callable[[], Any]) -> Any:
        answer = effect()
        world.payment.refunds[-1].state = RefundState.PENDING
        return replace(answer, state=RefundState.PENDING)

    world.next_call("refund", is_reviewed)
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


def _lost_hold(world: Directed) -> None:
    """A hold has ended, unheard, and with another gift the goal only seems to be reached."""
    world.is_at_the_provider(PaymentState.VOIDED)
    world.time_passes(hours=1)
    world.does(world.another_gives)
    world.provider.make(world.anothers, PaymentState.AUTHORIZED)
    world.does(world.another_comes_back, world.worker_comes, world.worker_comes)
    world.expects("nothing is taken of a goal that is not reached", world.anothers.state is PaymentState.AUTHORIZED)


def _ends_while_one_is_pending(world: Directed) -> None:
    """Whether the goal is reached is decided once that has an outcome."""
    world.does(world.another_gives)
    world.provider.make(world.anothers, PaymentState.PENDING)
    world.does(world.another_comes_back)
    world.time_passes(days=8)
    world.does(world.worker_comes)
    world.expects("what is held waits for what is pending", world.payment.state is PaymentState.AUTHORIZED)
    world.provider.reviews_end(passed=True)
    for _ in range(2):
        world.time_passes(days=1)
        world.does(world.worker_comes, world.worker_comes)
    both = {world.payment.state, world.anothers.state}
    world.expects("both are taken, as the goal was reached with them", both == {PaymentState.CAPTURED})


def _another_is_settled_meanwhile(world: Directed) -> None:
    world.does(world.another_gives)
    world.provider.make(world.anothers, PaymentState.CAPTURED)
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.next_call("find", meanwhile(world.another_comes_back))


def _refunded_meanwhile(world: Directed) -> None:
    """Of what a dispute has left, while somebody is being told of the dispute: nothing is left of it then."""
    world.is_disputed_in_part()
    world.next_call("find", meanwhile(lambda: world.refunds_so_much(3 * QUARTER)))


def _deleted_while_it_is_taken(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("capture", beforehand(lambda: world.does(world._client_deletes)))


def _deleted_after_a_long_answer(world: Directed) -> None:
    """Who asked has been overtaken when the answer comes."""

    def overtaken() -> None:
        world.time_passes(minutes=2)
        world.does(world._client_deletes)

    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("find", meanwhile(overtaken))


def _refund_heard_of_at_once(world: Directed) -> None:
    """Before its answer is there, which is lost then."""
    world.next_call("refund", lost_answer)
    world.does(lambda: world.refunds_so_much(QUARTER))


def _refund_heard_of_meanwhile(world: Directed) -> None:
    """Somebody asks about the payment while the answer is on its way."""
    world.next_call("refund", meanwhile(lambda: world.does(world.somebody_asks)))
    world.does(lambda: world.refunds_so_much(QUARTER))


def _pays_something_else(world: Directed) -> None:
    world.provider.lets_approve_something_else(world.payment)
    world.is_at_the_provider(PaymentState.CAPTURED)


def _dies_at_every_statement(world: Directed) -> None:
    """Whoever asks about what was taken dies, each time a statement later, until nobody does."""
    world.is_at_the_provider(PaymentState.CAPTURED)
    for statements in range(1, 40):
        world.dies_at(statements, world.somebody_asks)
        world.time_passes(minutes=2)


def _another_wants_the_last_place(world: Directed) -> None:
    """What only one of them can give is reserved; whoever got in all the same pays."""
    world.does(world.another_gives)
    world.is_at_the_provider(PaymentState.APPROVED)
    world.does(world.comes_back)
    for payment in world.provider.payments.values():
        if payment.reference == "another":
            world.provider.make(payment, PaymentState.APPROVED)
            world.does(world.another_comes_back)


def _two_come_back_late(world: Directed) -> None:
    """To a goal with room for one of them; each had come when what the one before had reserved was free again."""
    world.time_passes(minutes=31)
    world.does(world.another_gives)
    world.time_passes(minutes=31)
    world.is_at_the_provider(PaymentState.APPROVED)
    world.provider.make(world.anothers, PaymentState.APPROVED)
    world.next_call("capture", beforehand(lambda: world.does(world.another_comes_back)))
    world.does(world.comes_back)
    world.expects("one is taken", world.payment.captures + world.anothers.captures == 1)


def _with_room_for_one(script: Road) -> Directed:
    return Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], script, gifts_wanted=1, overfunding="Never")


def _waiting_for_the_goal(script: Road) -> Directed:
    """One of the two gifts that the goal needs is held."""
    return Directed(HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], script, policy="OnGoalReached", gifts_wanted=2)


STORIES: Mapping[str, Callable[[], Directed]] = {
    "the answer to a refund is lost": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_without_an_answer),
    "a deleted gift is asked for": lambda: Directed(UNWANTED_ONE, ROADS[AUTHORIZED, Intent.RELEASE], _captured_after_all),
    "a refund of an older checkout fails": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _refund_refused_once),
    "a dispute about an older checkout is won": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _dispute_won_late),
    "a goal ends before it is reached": lambda: Directed(
        HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _goal_ends, policy="OnGoalReached"
    ),
    "a gift is taken part by part": lambda: Directed(HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _taken_part_by_part),
    "a refund fails after a dispute": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_fails_after_a_dispute
    ),
    "another gift is settled meanwhile": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _another_is_settled_meanwhile
    ),
    "a refund is made while a dispute is told": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_meanwhile
    ),
    "a gift is deleted while it is taken": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _deleted_while_it_is_taken
    ),
    "a gift is deleted after a long answer": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _deleted_after_a_long_answer
    ),
    "a refund without an answer is heard of": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_heard_of_at_once
    ),
    "a refund is heard of twice": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_heard_of_meanwhile),
    "something else is paid": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _pays_something_else),
    "death at every statement": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _dies_at_every_statement),
    "a refund is undone": lambda: Directed(REFUNDED_ONE, ROADS[REFUNDED, Intent.COLLECT], _undone),
    "what a dispute has left is refunded": lambda: Directed(
        SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _disputed_then_refunded
    ),
    "a refund in the dashboard is unheard": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refunded_unheard),
    "refunds are told by their sum": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _told_by_the_sum),
    "another wants the last place": lambda: _with_room_for_one(_another_wants_the_last_place),
    "two come back late": lambda: _with_room_for_one(_two_come_back_late),
    "a goal only seems to be reached": lambda: _waiting_for_the_goal(_lost_hold),
    "a goal ends while a gift is pending": lambda: _waiting_for_the_goal(_ends_while_one_is_pending),
}


def short_histories() -> Mapping[str, Callable[[], Directed]]:
    """Those of the cells by the cell's name, and those above."""
    return {**{str(cell): lambda cell=cell: history_of(cell) for cell in every_cell()}, **STORIES}  # type: ignore[misc]
