"""A short history for every cell of the decision table: a road to the status and the intent, then what the provider says.

Whatever chance finds only once in thousands of histories happens here each time.
"""

from collections.abc import Mapping

from contributions.decision_cases import IN_PART, NOT_OPENED, PAYER, REFUSES, SILENT, SILENT_TO_ORDER, UNKNOWN_THERE
from contributions.decision_types import Operation
from contributions.status import AUTHORIZED, FAILED, REFUNDED, SUBMITTED, Intent
from providers.base import PaymentState
from tests.simulation.cells import TAKEN, Cell
from tests.simulation.directed import Directed
from tests.simulation.outside import HOLD
from tests.simulation.roads import ROADS, UNOPENED, Road
from tests.simulation.scripted import lost_call, payer_must_act, refused, unknown_word


def history_of(cell: Cell) -> Directed:
    """A world in which the cell is reached, once it is run."""
    if cell.says == NOT_OPENED:
        return Directed(cell, UNOPENED[cell.status, cell.intent])
    # Failed with a token refused is what becomes of Submitted by the move that follows.
    status = SUBMITTED if (cell.status, cell.says) == (FAILED, REFUSES[Operation.PAY]) else cell.status
    return Directed(cell, ROADS[status, cell.intent], WORDS[cell.says])


def _it_is(state: PaymentState) -> Road:
    return lambda world: world.is_at_the_provider(state)


def _reversed_there(world: Directed) -> None:
    """Of what was given back nothing can be taken back, but where the refund was none after all."""
    if world.cell.status == REFUNDED:
        world.refund_is_undone()
    world.is_at_the_provider(PaymentState.REVERSED)


def _reversed_in_part_there(world: Directed) -> None:
    if world.cell.status == REFUNDED:
        world.refund_is_undone()
    world.is_disputed_in_part()


def _pending_there(world: Directed) -> None:
    """It is thinking; or says a word that nobody knows, where there is nothing to think about any more."""
    if world.cell.status in {AUTHORIZED, *TAKEN}:
        world.next_call("find", unknown_word)
    else:
        world.is_at_the_provider(PaymentState.PENDING)


def _forgotten_there(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.LAPSED)
    world.payment.is_forgotten = True


def _silent(world: Directed) -> None:
    world.next_call("find", lost_call)


def _silent_to_an_order(world: Directed) -> None:
    """To let go what nobody wants, to hold for longer what is held, or to take what the giver has approved."""
    if world.cell.intent != Intent.COLLECT:
        world.is_at_the_provider(PaymentState.AUTHORIZED)
        world.next_call("void", lost_call)
    elif world.cell.status == AUTHORIZED:
        _nearly_lapsed(world)
        world.next_call("renew", lost_call)
    else:
        world.is_at_the_provider(PaymentState.APPROVED)
        world.next_call("capture", lost_call)


def _payer_must_act(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("authorize" if world.cell.status == AUTHORIZED else "capture", payer_must_act)


def _refuses_to_hold(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.APPROVED)
    world.next_call("authorize", refused)


def _refuses_to_take(world: Directed) -> None:
    world.next_call("capture", refused)
    if world.cell.status == AUTHORIZED:
        world.does(world._client_captures)
    else:
        world.is_at_the_provider(PaymentState.APPROVED)


def _refuses_the_token(world: Directed) -> None:
    world.next_call("pay", refused)


def _refuses_to_renew(world: Directed) -> None:
    _nearly_lapsed(world)
    world.next_call("renew", refused)


def _nearly_lapsed(world: Directed) -> None:
    world.now += HOLD * 0.99


def _refuses_to_let_go(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.AUTHORIZED)
    world.next_call("void", refused)


def _refuses_to_close(world: Directed) -> None:
    world.is_at_the_provider(PaymentState.OPEN)
    world.next_call("close", refused)


WORDS: Mapping[str, Road] = {
    **{state: _it_is(state) for state in PaymentState},
    PaymentState.PENDING: _pending_there,
    PaymentState.REVERSED: _reversed_there,
    IN_PART[PaymentState.CAPTURED]: _it_is(PaymentState.CAPTURED),
    IN_PART[PaymentState.REVERSED]: _reversed_in_part_there,
    SILENT: _silent,
    SILENT_TO_ORDER: _silent_to_an_order,
    UNKNOWN_THERE: _forgotten_there,
    PAYER: _payer_must_act,
    REFUSES[Operation.AUTHORIZE]: _refuses_to_hold,
    REFUSES[Operation.CAPTURE]: _refuses_to_take,
    REFUSES[Operation.PAY]: _refuses_the_token,
    REFUSES[Operation.RENEW]: _refuses_to_renew,
    REFUSES[Operation.VOID]: _refuses_to_let_go,
    REFUSES[Operation.CLOSE]: _refuses_to_close,
}
