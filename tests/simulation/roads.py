"""How a gift comes to each status with each intent, on a short road: the beginning of the histories in words.py."""

from collections.abc import Callable, Mapping

from contributions.status import AUTHORIZED, CANCELED, FAILED, PENDING, REFUNDED, REVERSED, SETTLED, SUBMITTED, Intent
from providers.base import Capability, PaymentState
from tests.simulation.cells import OLDER
from tests.simulation.directed import Directed
from tests.simulation.scripted import lost_call, meanwhile, refused

Road = Callable[[Directed], None]


# --- Roads: to each status with each intent -----------------------------------------------------------------------------


def _submitted(world: Directed) -> None:
    world.does(world.gives)


def _submitted_unwanted(world: Directed) -> None:
    """The goal is deleted while somebody is asking."""
    _submitted(world)
    world.next_call("find", meanwhile(world._client_deletes_goal))
    world.does(world.comes_back)


def _submitted_to_be_captured(world: Directed) -> None:
    """The hold lapsed before it was taken, and the giver opens another checkout."""
    _authorized_to_be_captured(world)
    world.is_at_the_provider(PaymentState.VOIDED)
    world.does(world.somebody_asks, world._giver_opens)


def _pending(world: Directed) -> None:
    _submitted(world)
    world.next_call("find", lost_call)
    world.does(world.comes_back)


def _pending_to_be_captured(world: Directed) -> None:
    _submitted_to_be_captured(world)
    world.next_call("find", lost_call)
    world.does(world.comes_back)


def _authorized(world: Directed) -> None:
    _submitted(world)
    world.is_at_the_provider(PaymentState.AUTHORIZED)
    world.does(world.comes_back)


def _authorized_to_be_captured(world: Directed) -> None:
    _authorized(world)
    world.next_call("capture", lost_call)
    world.does(world._client_captures)


def _authorized_unwanted(world: Directed) -> None:
    _authorized(world)
    world.next_call("void", lost_call)
    world.does(world._client_deletes)


def _settled(world: Directed) -> None:
    _submitted(world)
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.does(world.comes_back)


def _settled_unwanted(world: Directed) -> None:
    """What was to be let go was taken in the dashboard, and is on its way back."""
    _authorized_unwanted(world)
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.next_call("refund", lost_call)
    world.does(world.somebody_asks)


def _refunded(world: Directed) -> None:
    _settled(world)
    world.does(world.refunds)


def _refunded_unwanted(world: Directed) -> None:
    _authorized_unwanted(world)
    world.is_at_the_provider(PaymentState.CAPTURED)
    world.does(world.somebody_asks)


def _reversed(world: Directed) -> None:
    _settled(world)
    world.is_at_the_provider(PaymentState.REVERSED)
    world.does(world.somebody_asks)


def _reversed_unwanted(world: Directed) -> None:
    _authorized_unwanted(world)
    world.is_at_the_provider(PaymentState.REVERSED)
    world.does(world.somebody_asks)


def _failed(world: Directed) -> None:
    _submitted(world)
    world.is_at_the_provider(PaymentState.DECLINED)
    world.does(world.comes_back)


def _failed_to_be_captured(world: Directed) -> None:
    _submitted_to_be_captured(world)
    world.is_at_the_provider(PaymentState.DECLINED)
    world.does(world.comes_back)


def _canceled(world: Directed) -> None:
    _submitted(world)
    world.does(world.cancels)


def _canceled_unwanted(world: Directed) -> None:
    _submitted(world)
    world.does(world._client_deletes)


def _canceled_to_be_captured(world: Directed) -> None:
    _submitted_to_be_captured(world)
    world.does(world.cancels)


def _older(world: Directed) -> None:
    _failed(world)
    world.does(world._giver_opens)


def _then_goal_deleted(road: Road) -> Road:
    return lambda world: (road(world), world.does(world._client_deletes_goal))[-1]


ROADS: Mapping[tuple[str, str], Road] = {
    (SUBMITTED, Intent.COLLECT): _submitted,
    (SUBMITTED, Intent.CAPTURE): _submitted_to_be_captured,
    (SUBMITTED, Intent.RELEASE): _submitted_unwanted,
    (PENDING, Intent.COLLECT): _pending,
    (PENDING, Intent.CAPTURE): _pending_to_be_captured,
    (PENDING, Intent.RELEASE): _then_goal_deleted(_pending),
    (AUTHORIZED, Intent.COLLECT): _authorized,
    (AUTHORIZED, Intent.CAPTURE): _authorized_to_be_captured,
    (AUTHORIZED, Intent.RELEASE): _authorized_unwanted,
    (SETTLED, Intent.COLLECT): _settled,
    (SETTLED, Intent.RELEASE): _settled_unwanted,
    (REFUNDED, Intent.COLLECT): _refunded,
    (REFUNDED, Intent.RELEASE): _refunded_unwanted,
    (REVERSED, Intent.COLLECT): _reversed,
    (REVERSED, Intent.RELEASE): _reversed_unwanted,
    (FAILED, Intent.COLLECT): _failed,
    (FAILED, Intent.CAPTURE): _failed_to_be_captured,
    (FAILED, Intent.RELEASE): _then_goal_deleted(_failed),
    (CANCELED, Intent.COLLECT): _canceled,
    (CANCELED, Intent.CAPTURE): _canceled_to_be_captured,
    (CANCELED, Intent.RELEASE): _canceled_unwanted,
    (OLDER, ""): _older,
}


# --- Roads to where nothing is open at a provider -----------------------------------------------------------------------


def _unopened(world: Directed) -> None:
    world.next_call("open", lost_call)
    world.does(world.gives)


def _unopened_and_unwanted(world: Directed) -> None:
    """The goal is deleted while the provider is being asked for a checkout."""
    world.next_call("open", meanwhile(world._client_deletes_goal, lost_call))
    world.does(world.gives)


def _refused_to_open(world: Directed) -> None:
    world.next_call("open", refused)
    world.does(world.gives)


def _forgotten(world: Directed) -> None:
    """The giver names somebody else's checkout while the provider is silent, and is taken at their word until it is not."""
    world.provider.capabilities = frozenset({Capability.PAID_ON_OUR_PAGE})
    world.does(world.gives, world.another_gives)
    world.next_call("find", lost_call)
    world.does(world.names_the_others_checkout)
    world.next_call("find", lost_call)
    world.does(world.comes_back)


def _canceled_unopened(world: Directed) -> None:
    _unopened(world)
    world.does(world.says_no)


def _canceled_unopened_and_unwanted(world: Directed) -> None:
    _unopened(world)
    world.does(world._client_deletes)


def _older_unopened(world: Directed) -> None:
    """The worker had it on its list when another one took its place."""
    _refused_to_open(world)
    world.does(world._giver_opens)


UNOPENED: Mapping[tuple[str, str], Road] = {
    (SUBMITTED, Intent.COLLECT): _unopened,
    (SUBMITTED, Intent.RELEASE): _unopened_and_unwanted,
    (PENDING, Intent.COLLECT): _forgotten,
    (PENDING, Intent.RELEASE): _then_goal_deleted(_forgotten),
    (FAILED, Intent.COLLECT): _refused_to_open,
    (FAILED, Intent.RELEASE): _then_goal_deleted(_refused_to_open),
    (CANCELED, Intent.COLLECT): _canceled_unopened,
    (CANCELED, Intent.RELEASE): _canceled_unopened_and_unwanted,
    (OLDER, ""): _older_unopened,
}
