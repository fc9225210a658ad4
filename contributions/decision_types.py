"""What decisions.decide is given and what it answers: values, without Django, clock or network."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contributions.entries import CAPTURES, DISPUTES, Entry
from contributions.status import CANCELED, FAILED, SETTLED, Intent, Stage, Status
from providers.base import Payment, PaymentRequest

LAPSE_MARGIN = timedelta(days=1)
"""How long before a hold lapses it is renewed, or let go where the provider cannot renew it."""


class Operation(StrEnum):
    """An order that a provider can be given: the name of a method of its adapter."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    RENEW = "renew"
    VOID = "void"
    CLOSE = "close"
    PAY = "pay"
    CHARGE = "charge"  # under a standing permission: make the payment, and take or hold it, in the giver's place
    PULL_BACK = "pull_back"  # from the payee, what a dispute has taken back from the operator
    SEND_AGAIN = "send_again"  # to the payee, once the dispute is won


BETWEEN_US_AND_PAYEES = frozenset({Operation.PULL_BACK, Operation.SEND_AGAIN})
"""They move no money of the giver's, and no status follows from them."""


TAKING = frozenset({Operation.AUTHORIZE, Operation.CAPTURE, Operation.PAY, Operation.CHARGE})
"""They take or hold the giver's money."""


class Charge(StrEnum):
    """How a checkout stands that is paid under a standing permission, for as long as the provider has not named its payment."""

    DUE = "due"  # nobody has been asked for it, and it may be asked for
    OUT = "out"  # asked for, and what came of it is not known
    WAITS = "waits"  # the same, and the permission was taken back since: it may be asked for again once the provider knows that
    VOID = "void"  # nobody has been asked for it, and the permission is over


@dataclass(frozen=True)
class Known:
    """What our books say of one checkout, at the moment at which it was leased. Amounts are in minor units."""

    request: PaymentRequest
    """The payment as it was asked for: what the provider's answer is compared with."""
    status: Status
    intent: Intent
    intent_reason: str
    """What partners are told when it is released; decides nothing."""
    stage: Stage
    is_current: bool
    """False: another checkout has taken its place, and nothing may be taken in this one any more."""
    expires_at: datetime
    """When a giver who has not paid is given up."""
    hold_expires_at: datetime | None = None
    captured_minor: int = 0
    """What was taken in this checkout, as the books have it."""
    refunded_minor: int = 0
    """Refunds that are done."""
    going_back_minor: int = 0
    """Refunds that are done or on their way."""
    lost_minor: int = 0
    """What the provider has taken back in disputes and has not brought back."""
    no_company: bool = False
    """No company moves the money: there is nobody who could tell of a dispute or a refund."""
    order_is_out: bool = False
    """The provider was told to take or hold the money, and whether it did is not written down yet."""
    can_close: bool = False
    """The provider can close a checkout, so that nobody pays in it."""
    begins_at_the_button: bool = False
    """The checkout came into being on our page, and only the giver has named it: it may be somebody else's."""
    can_pay_by_token: bool = False
    """The giver has just sent a token to pay with, and may still try one."""
    under_permission: bool = False
    """It is paid in the giver's place: nobody else can pay in it."""
    nobody_is_there: bool = False
    """It is a pledge's: no giver waits who could pay it otherwise, and it is charged again another day."""
    charge: Charge | None = None
    """None: it is not paid under a permission, or the provider has named its payment."""
    goal_is_full: bool = False
    """The goal has no room for the gift any more, as was found out before the order to take or hold the money."""
    ordered: Operation | None = None
    """The order that was given since the lease was taken."""
    refused: str = ""
    """Why the provider would not carry it out, where it was asked about the payment once more after that."""

    @property
    def is_captured(self) -> bool:
        """Whether the books have a capture of this checkout."""
        return self.captured_minor > 0

    @property
    def left_minor(self) -> int:
        """What was taken and neither goes back nor was lost."""
        return self.captured_minor - self.going_back_minor - self.lost_minor

    def after(self, move: "Move") -> "Known":
        """What is known once this move is made."""
        known, entry = replace(self, status=move.to), move.entry
        if entry is None:
            return known
        if entry.kind in CAPTURES:
            return replace(known, captured_minor=self.captured_minor + entry.amount_minor)
        if entry.kind in DISPUTES:
            return replace(known, lost_minor=self.lost_minor - entry.collected_delta_minor)
        return known

    def following(self, decision: "Decision") -> "Known":
        """What is known once all of this decision but its order is done."""
        known = self.after(decision.move) if decision.move else self
        if not decision.release:
            return known
        return replace(known, intent=Intent.RELEASE, intent_reason=decision.release)

    def expired(self, now: datetime) -> bool:
        """Whether the giver's time to pay is over."""
        return now >= self.expires_at

    def hold_lapses_soon(self, now: datetime) -> bool:
        """Whether what is held would be let go by the provider itself before long."""
        return self.hold_expires_at is not None and self.hold_expires_at - LAPSE_MARGIN <= now

    def hold_is_over(self, now: datetime) -> bool:
        """Whether what is held must have lapsed by now, by the provider's own word or else by the giver's time."""
        return now >= (self.hold_expires_at or self.expires_at)

    def may_be_tried_again(self, now: datetime) -> bool:
        """Whether the giver could still pay after a decline or a change of mind."""
        return self.status in {FAILED, CANCELED} and self.intent is not Intent.RELEASE and not self.expired(now)

    def owes_back(self) -> bool:
        """Whether money was taken that is not wanted, and not all of it is on its way back."""
        unwanted = self.intent is Intent.RELEASE and self.status in {SETTLED, CANCELED}
        return self.left_minor > 0 and (unwanted or not self.is_current)


@dataclass(frozen=True)
class NotOpened:
    """There is no checkout at a provider yet: nobody to ask."""


@dataclass(frozen=True)
class Silence:
    """The provider did not answer, or not so that it can be understood."""

    why: str = ""


@dataclass(frozen=True)
class Refusal:
    """A definite no: to the question (the provider knows no such checkout), or to the order that was given."""

    reason: str
    payer_can_act: bool = False
    """Not before the giver has done something at the provider's; the checkout stays open."""
    payer_action_url: str = ""


Told = Payment | NotOpened | Silence | Refusal


@dataclass(frozen=True)
class Move:
    """A new status, or the same one with something that clients can see, and its entry in the books."""

    to: Status
    reason: str = ""
    entry: Entry | None = None


class Look(StrEnum):
    """When to ask the provider again."""

    NEVER = "never"
    PACED = "at growing intervals"
    DAILY = "daily"  # the provider will not take what it holds, until a person has seen to it
    SLOW = "for months, now and then"  # for a chargeback or a refund that no webhook told us of
    WHEN_EXPIRED = "when the giver's time is over"


@dataclass(frozen=True)
class Decision:
    """At most one order, at most one move, and what else follows."""

    order: Operation | None = None
    needs_room: bool = False
    """The order is to be given only if the goal has room for the gift; else decide is asked again, with goal_is_full."""
    amount_minor: int = 0
    """How much the order is for, where it is one between us and the payee."""
    move: Move | None = None
    look: Look = Look.NEVER
    stage: Stage = Stage.OPEN
    payment_reference: str = ""
    """The provider's id of what it has held or taken; empty: as it was."""
    hold_expires_at: datetime | None = None
    release: str = ""
    """Why nothing more is to be taken from now on; empty: the intent stays as it is."""
    look_again: bool = False
    """The order was refused: what the provider says of the payment now decides, since our books may be behind."""
    seen_held: bool = False
    """The provider has just said that the money is held."""
    refunds_told: bool = False
    """The answer's refunds are to be recorded."""
    forget_checkout: bool = False
    """The checkout that the giver has named is somebody else's."""
    for_a_person: str = ""
    """What only a person can decide."""
    silent: bool = False
    may_have_been_paid: bool = False
    """The giver had approved, and the provider did not answer the order to take or hold the money."""
    waits_for_payer: str = ""
    """Why nothing is paid yet, where the provider says so: `open`, `approved`, or the reason of a decline."""
    payer_action_url: str = ""

    @property
    def is_the_end(self) -> bool:
        """Whether nothing follows but to write down what was learnt, and when to look again."""
        goes_on = self.look_again or self.forget_checkout or self.needs_room or self.release
        return self.order is None and self.move is None and not goes_on
