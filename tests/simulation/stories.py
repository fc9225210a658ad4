"""Short histories that go on where those of the cells end, for mistakes that no single answer of a provider brings to light."""

from collections.abc import Callable, Mapping

from contributions.status import AUTHORIZED, SETTLED, Intent
from providers.base import PaymentState
from tests.simulation.cells import OLDER, Cell, every_cell
from tests.simulation.directed import Directed
from tests.simulation.roads import ROADS
from tests.simulation.scripted import lost_answer, lost_call, refused
from tests.simulation.words import history_of

SETTLED_ONE = Cell(SETTLED, PaymentState.CAPTURED, Intent.COLLECT)
HELD_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.COLLECT)
UNWANTED_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.RELEASE)
OLDER_ONE = Cell(OLDER, PaymentState.CAPTURED, "")


def _refund_without_an_answer(world: Directed) -> None:
    """It was made, and the answer is lost: the worker asks again."""
    world.next_call("refund", lost_answer)
    world.does(world.refunds)
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


STORIES: Mapping[str, Callable[[], Directed]] = {
    "the answer to a refund is lost": lambda: Directed(SETTLED_ONE, ROADS[SETTLED, Intent.COLLECT], _refund_without_an_answer),
    "a deleted gift is asked for": lambda: Directed(UNWANTED_ONE, ROADS[AUTHORIZED, Intent.RELEASE], _captured_after_all),
    "a refund of an older checkout fails": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _refund_refused_once),
    "a dispute about an older checkout is won": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _dispute_won_late),
    "a goal ends before it is reached": lambda: Directed(
        HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _goal_ends, policy="OnGoalReached"
    ),
}


def short_histories() -> Mapping[str, Callable[[], Directed]]:
    """Those of the cells by the cell's name, and those above."""
    return {**{str(cell): lambda cell=cell: history_of(cell) for cell in every_cell()}, **STORIES}  # type: ignore[misc]
