"""Short histories that go on where those of the cells end, for mistakes that no single answer of a provider brings to light."""

from collections.abc import Callable, Mapping

from contributions.status import AUTHORIZED, SUBMITTED, Intent
from providers.base import Capability, PaymentState
from tests.simulation.cells import OLDER, Cell, every_cell
from tests.simulation.directed import Directed, Told
from tests.simulation.roads import ROADS, Road
from tests.simulation.scripted import beforehand, lost_answer, lost_call, meanwhile, refused
from tests.simulation.stories_at_adapters import STORIES_AT_ADAPTERS
from tests.simulation.stories_of_refunds import QUARTER, STORIES_OF_REFUNDS
from tests.simulation.words import history_of

SUBMITTED_ONE = Cell(SUBMITTED, PaymentState.CAPTURED, Intent.COLLECT)
HELD_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.COLLECT)
UNWANTED_ONE = Cell(AUTHORIZED, PaymentState.AUTHORIZED, Intent.RELEASE)
OLDER_ONE = Cell(OLDER, PaymentState.CAPTURED, "")


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


def _agreed_once_more(world: Directed) -> None:
    """After a hold of ours that has ended unheard: that is held by an order of its own."""
    world.is_at_the_provider(PaymentState.APPROVED)
    world.does(world.comes_back)
    world.is_at_the_provider(PaymentState.APPROVED)
    world.does(world.somebody_asks, world.comes_back)
    world.expects("what the giver has agreed to once more is held", world.payment.state is PaymentState.AUTHORIZED)


def _goal_ends(world: Directed) -> None:
    """Before it is reached."""
    world.time_passes(days=8)


def _taken_part_by_part(world: Directed) -> None:
    world.is_taken_in_part(QUARTER)
    world.does(world.somebody_asks)
    world.is_taken_in_part(QUARTER)


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


def _edited_while_it_is_taken(world: Directed) -> None:
    """Down to what another gift has brought, up, and down again: reached twice, in the step in which a gift is taken."""

    def edits() -> None:
        for gifts in (1, 100, 1):
            world.edits_the_goal(world.amount_minor * gifts)

    world.does(world.another_gives)
    world.provider.make(world.anothers, PaymentState.CAPTURED)
    world.does(world.another_comes_back)
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.next_call("find", meanwhile(edits))


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


def _pays_something_else(world: Directed) -> None:
    world.provider.lets_approve_something_else(world.payment)
    world.is_at_the_provider(PaymentState.CAPTURED)


def _dies_at_every_statement(world: Directed) -> None:
    """Whoever asks about what was taken dies, each time a statement later, until nobody does."""
    world.is_at_the_provider(PaymentState.CAPTURED)
    for statements in range(1, 40):
        world.dies_at(statements, world.somebody_asks)
        world.time_passes(minutes=2)


def _asked_while_it_is_taken(world: Directed) -> None:
    """Two processes hear at once that the giver has approved."""
    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("capture", beforehand(lambda: world.does(world.somebody_asks)))


def _taken_without_an_answer(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("capture", lost_answer)


def _paid_and_forgotten(world: Directed) -> None:
    """The giver has paid, nobody has told us, and the time is over."""
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.time_passes(days=60)
    world.does(world.worker_comes)


def _paid_and_cancelled(world: Directed) -> None:
    """The giver pays in one window, and follows the link that cancels in another one."""
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.does(world.cancels)


def _goal_deleted_while_held(world: Directed) -> None:
    world.does(world._client_deletes_goal)
    world.time_passes(hours=1)
    world.does(world.worker_comes)
    world.expects("nothing is held for a goal that was deleted", world.payment.state is PaymentState.VOIDED)


def _reached_to_the_cent(world: Directed) -> None:
    world.time_passes(hours=1)
    world.does(world.worker_comes, world.worker_comes)
    world.expects("what reaches the goal is taken", world.payment.state is PaymentState.CAPTURED)


def _close_is_lost(world: Directed) -> None:
    """Twice, where an approval takes money without us: the giver cannot open another checkout beside the first one."""
    world.provider.capabilities = frozenset({Capability.CLOSES_CHECKOUTS, Capability.APPROVAL_TAKES_MONEY})
    world.next_call("close", lost_call)
    world.does(world.cancels)
    world.next_call("close", lost_call)
    world.does(world._giver_opens)
    payable = [one for one in world.provider.payments.values() if one.state is PaymentState.OPEN]
    world.expects("the giver can pay in one checkout only", len(payable) == 1)


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


STORIES: Mapping[str, Callable[[], Told]] = {
    "a deleted gift is asked for": lambda: Directed(UNWANTED_ONE, ROADS[AUTHORIZED, Intent.RELEASE], _captured_after_all),
    "a refund of an older checkout fails": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _refund_refused_once),
    "a dispute about an older checkout is won": lambda: Directed(OLDER_ONE, ROADS[OLDER, ""], _dispute_won_late),
    "a goal ends before it is reached": lambda: Directed(
        HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _goal_ends, policy="OnGoalReached"
    ),
    "a giver agrees once more": lambda: Directed(HELD_ONE, ROADS[SUBMITTED, Intent.COLLECT], _agreed_once_more),
    "a gift is taken part by part": lambda: Directed(HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _taken_part_by_part),
    "another gift is settled meanwhile": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _another_is_settled_meanwhile
    ),
    "another gift comes after the last that was needed": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _another_is_settled_meanwhile, gifts_wanted=1
    ),
    "a goal is edited while a gift is taken": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _edited_while_it_is_taken
    ),
    "a gift is deleted while it is taken": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _deleted_while_it_is_taken
    ),
    "a gift is deleted after a long answer": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _deleted_after_a_long_answer
    ),
    "something else is paid": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _pays_something_else),
    "death at every statement": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _dies_at_every_statement),
    "another wants the last place": lambda: _with_room_for_one(_another_wants_the_last_place),
    "two come back late": lambda: _with_room_for_one(_two_come_back_late),
    "a goal only seems to be reached": lambda: _waiting_for_the_goal(_lost_hold),
    "a goal ends while a gift is pending": lambda: _waiting_for_the_goal(_ends_while_one_is_pending),
    "two ask while it is taken": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _asked_while_it_is_taken),
    "the answer to a capture is lost": lambda: Directed(
        SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _taken_without_an_answer
    ),
    "what was paid is found out late": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _paid_and_forgotten),
    "a giver pays and cancels": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _paid_and_cancelled),
    "a goal is deleted while a gift is held": lambda: Directed(
        HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _goal_deleted_while_held
    ),
    "one gift reaches the goal": lambda: Directed(
        HELD_ONE, ROADS[AUTHORIZED, Intent.COLLECT], _reached_to_the_cent, policy="OnGoalReached", gifts_wanted=1
    ),
    "an order to close is lost": lambda: Directed(SUBMITTED_ONE, ROADS[SUBMITTED, Intent.COLLECT], _close_is_lost),
    **STORIES_OF_REFUNDS,
    **STORIES_AT_ADAPTERS,
}


def short_histories() -> Mapping[str, Callable[[], Told]]:
    """Those of the cells by the cell's name, and those above."""
    return {**{str(cell): lambda cell=cell: history_of(cell) for cell in every_cell()}, **STORIES}  # type: ignore[misc]
