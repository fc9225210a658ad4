"""What must hold of ends: nothing is called failed or canceled at a moment at which it is taken or on its way to that.

A step is looked at when it is over, and what happens in it after the end was written down says nothing against the end: a
giver tries again in the same checkout, or comes back with another one, and money wins over status. So where others acted in
the step, what was true when the end was written counts besides.
"""

from typing import Any, Protocol

from providers.base import PaymentState
from tests.simulation.books import Books
from tests.simulation.side import ProviderSide, TruePayment, Wrong

ON_ITS_WAY = {PaymentState.CAPTURED, PaymentState.PENDING}


class Watched(Protocol):
    """What is looked at: the world."""

    provider: ProviderSide
    others_acted: bool
    truth_at_change: dict[tuple[int, int], dict[str, dict[str, PaymentState]]]
    """By contribution and version: what was true when it was written down, by reference and checkout."""


def check_end(world: Watched, books: Books, change: Any) -> None:
    """Raises Wrong. `change`: of a status, in the step that is over."""
    one = books.contributions[change.contribution_id]
    payment = world.provider.payments.get(books.checkouts[one.checkout_id].provider_checkout_id)
    if change.to_status not in {"Failed", "Canceled"} or payment is None or payment.by_itself:
        return
    if one.status != change.to_status:
        return  # it has been found out since
    unasked = world.others_acted or one.deleted_at is not None or change.reason == "goal_deleted"
    if payment.by_the_giver and unasked:
        return  # nobody could have known
    if change.reason == "giver_cancelled" and payment.was_shown_late:
        return  # as approved, and until then it was open for whoever asked
    wrong = _wrong(world, change, payment)
    if world.others_acted and not _was(world, change, payment) & wrong:
        return  # it has come to that since
    if change.reason == "giver_cancelled" and world.others_acted:  # and may have approved after all, in the same step
        wrong = {PaymentState.CAPTURED}
    if payment.state in wrong:
        raise Wrong(f"{one.public_id} was called {change.to_status} while it is {payment.state}")


def _wrong(world: Watched, change: Any, payment: TruePayment) -> set[PaymentState]:
    """In which states it must not be when the end is written down.

    At Amazon the session comes into being at the button, and its id is told by the giver alone, who comes back with it: until
    then a "no" has no session to ask about, approved or not.
    https://developer.amazon.com/docs/amazon-pay-checkout/verify-and-complete-checkout.html (2026-11). Who cancels in one
    tab and comes back from Amazon in another has agreed to pay, and that is taken after the "no".
    """
    if change.reason == "giver_cancelled":
        may_be_approved = payment.approved_in_vain or (world.provider.on_our_page and world.others_acted)
        return ON_ITS_WAY if may_be_approved else {*ON_ITS_WAY, PaymentState.APPROVED}
    # What is held and cannot be taken today is held all the same.
    held = (change.from_status, change.to_status) == ("Authorized", "Failed")
    return {*ON_ITS_WAY, PaymentState.AUTHORIZED} if held else ON_ITS_WAY


def _was(world: Watched, change: Any, payment: TruePayment) -> set[PaymentState]:
    """What was true of it when the end was written down; of the gift's other checkouts where it was not there yet."""
    states = world.truth_at_change[change.contribution_id, change.version].get(payment.reference, {})
    return {states[payment.checkout_id]} if payment.checkout_id in states else set(states.values())
