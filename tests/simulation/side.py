"""What the world needs of a provider's side: somewhere to pay, and books that tell what is true.

The simulated provider (provider.py) is one, which stands in for an adapter as well. The others (with_paypal.py and its
like) are the fake of a real provider, with the real adapter in front of it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from contributions.models import Contribution
from providers.base import PaymentState, RefundState


class Wrong(AssertionError):
    """An invariant does not hold."""


@dataclass
class TrueRefund:
    """Money that really went back, or is on its way."""

    number: str
    """The provider's own id of it."""
    reference: str
    """Our id of it, where the provider keeps one."""
    amount_minor: int
    state: RefundState
    by_hand: bool = False
    """Somebody made it in the provider's dashboard."""
    was_done: bool = False
    """It was called done once; where it is FAILED now, it failed after that."""
    platform_fee_minor: int | None = None
    """What the operator gave back of its fee with it, where the provider tells."""


@dataclass
class TruePayment:
    """One checkout as it really is at the provider's. Amounts are in minor units."""

    reference: str
    """Our public id of the contribution."""
    checkout_id: str
    currency: str
    payee: str
    state: PaymentState = PaymentState.OPEN
    amount_minor: int = 0
    captures: int = 0
    being_taken: bool = False
    """Its capture was ordered, and is under review."""
    captured_at_effect: int | None = None
    """When it was taken, or began to be."""
    by_itself: bool = False
    """The provider took it without being told to."""
    was_shown_late: bool = False
    """That the giver has approved was told only after a while."""
    approved_in_vain: bool = False
    """It is called approved, and the giver's bank has said no to that: the giver must choose something else to pay with."""
    by_the_giver: bool = False
    """Paying takes or holds it: no order of ours is needed."""
    taken_minor: int | None = None
    """How much of it was taken; None: all, once it is taken."""
    lost_minor: int | None = None
    """What disputes have taken and not brought back; None: all that is left, as long as it is REVERSED."""
    chargebacks: int = 0
    """How many times the provider has taken it, or a part of it, back."""
    refunds: list[TrueRefund] = field(default_factory=list)
    shares: tuple[int, int, int] | None = None
    """The provider's fee, the payee's net and the operator's fee of all that was taken, where the provider tells."""
    payee_has: int | None = None
    """What the payee has of it before fees, where that is another's than the books' business."""
    payee_is_due: int | None = None
    """What the payee is to have of that: what the operator's refunds and disputes have left."""
    refuses_refunds: bool = False
    """As it stands now the provider gives nothing of it back."""

    @property
    def given_back(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds if refund.state is RefundState.COMPLETED)

    @property
    def going_back(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds if refund.state is not RefundState.FAILED)

    @property
    def taken(self) -> int:
        """What was taken of it in all, whatever became of it since."""
        if not self.captures:
            return 0
        return self.amount_minor if self.taken_minor is None else self.taken_minor

    @property
    def lost(self) -> int:
        """What disputes have taken and not brought back."""
        if self.lost_minor is None:
            return self.taken - self.going_back if self.state is PaymentState.REVERSED else 0
        return self.lost_minor

    @property
    def left(self) -> int:
        """What can still be given back, or be taken back by the giver's bank."""
        return self.taken - self.going_back - self.lost

    @property
    def kept(self) -> int:
        """What the payee really has of it."""
        return self.taken - self.given_back - self.lost


def part_of(random: Random, amount: int, step: int = 1) -> int:
    """From the smallest there is to all of it."""
    steps = amount // step
    return step * min(steps, random.choice([1, random.randint(1, max(steps, 1)), steps]))


class ProviderSide(Protocol):
    """Made as `side(random, around)`. `around("before" or "after", operation)` is called at every call to the provider: it
    may die there, or let others act meanwhile."""

    name: str
    """The provider's, as it is printed."""
    payee: str
    """The credentials of every goal."""
    magnitudes: Mapping[str, tuple[int, ...]]
    """How much larger than small change the amounts are, by goal, in the currencies that it takes."""
    calm: bool
    """No more trouble from now on."""
    effects: int
    """How often anything was changed here: a clock that tells what came first."""
    gifts_at_first: int
    """With so many a history begins: the sooner there is money, the more can happen to it."""
    restricts_payees: bool
    """It may come to let nobody pay a payee, and tells."""
    on_our_page: bool
    """The giver pays by a button on our page."""

    @property
    def payments(self) -> Mapping[str, TruePayment]:
        """What is true, by the provider's id of the checkout, in the order in which they were opened."""

    def laws(self, sleep: Callable[[float], None]) -> AbstractContextManager[None]:
        """The registry leads to this provider for as long as it lasts. `sleep` is how seconds pass for who waits."""

    # --- the giver ------------------------------------------------------------------------------------------------

    def giver_presses_the_button(self, contribution: Contribution) -> None:
        """Opens our page. Some checkouts only come into being there. Called only where `on_our_page`."""

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        """A giver at the checkout, who approves, or comes away DECLINED. False: it is too late."""

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        """What was approved just now is not the amount that we wanted."""

    def brings_back(self, contribution: Contribution) -> str:
        """The id of the checkout with which the giver comes back; empty where it is the one that we know."""

    # --- the provider ---------------------------------------------------------------------------------------------

    def rings(self, contribution: Contribution) -> str:
        """The provider reports something about it, not for the first time perhaps; what was made of that."""

    def reviews_end(self, passed: bool) -> None:
        """What is PENDING, payments and refunds, has an outcome."""

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool: ...

    def chargeback(self, payment: TruePayment) -> bool: ...

    def takes_it_by_itself(self, payment: TruePayment) -> bool: ...

    def dispute_is_won(self, payment: TruePayment) -> bool: ...

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        """What else can happen to a payment at this provider, by what it is called; each says whether it did."""

    def restricts(self, restricted: bool) -> None:
        """Nobody can pay the payee from now on, or everybody again. Called only where `restricts_payees`."""

    def time_passes(self) -> None:
        """What is too old lapses."""

    def reports_what_is_unheard(self) -> None:
        """Deliver what was never delivered, and what nobody learns by asking: the provider would go on trying for days."""
