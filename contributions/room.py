"""Room in goals whose gifts are limited (Overfunding): open checkouts reserve their amount, so that no two take the same rest.

A contribution reserves its amount until `reserved_until`: while its giver pays, and for as long as a provider has not said
what became of it. Nothing is kept beside that, so a reservation ends by itself, and nothing has to be given back.

There is room or not under the lock of the goal's row, counted by a statement that comes after the lock: PostgreSQL would
look at a subquery of the locking statement itself as it was before the other one committed. See
docs/decisions/0056-overfunding.md.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Min, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

import clock
from bigint import bigint
from contributions import provider_requests
from contributions.content import utc_text
from contributions.models import Checkout, Contribution
from contributions.status import AUTHORIZED, MAY_BE_PAID, PENDING, SUBMITTED, WITHOUT_END, Intent, Status
from goals import state
from goals.models import Overfunding, SavingGoal
from goals.state import NOTHING, Reserved
from money import text_of
from ownership import row_key

_ANNOTATION = "reserved_minor"


class GoalIsFull(Exception):
    """There is no room for the gift, whatever becomes of what open checkouts have reserved."""

    def __init__(self, goal: SavingGoal, amount_minor: int, reserved: Reserved) -> None:
        self.missing_minor = state.missing_minor(goal)
        self.is_reached = state.reached_minor(goal) >= goal.goal_minor
        super().__init__(self._too_large(goal, amount_minor, reserved) if self.missing_minor else self._nothing_missing(goal))
        self.extra = {"RemainingAmount": text_of(state.remaining_minor(goal, reserved), goal.currency)}

    def _nothing_missing(self, goal: SavingGoal) -> str:
        if self.is_reached:
            return f"The goal is reached and takes no further gift: its Overfunding is {goal.overfunding}."
        held = f"{text_of(goal.authorized_minor, goal.currency)} {goal.currency}"
        return (
            f"All that is missing to GoalAmount is held and not yet taken ({held}), and the goal's Overfunding is "
            f"{goal.overfunding}: it takes no further gift, unless what is held is let go."
        )

    def _too_large(self, goal: SavingGoal, amount_minor: int, reserved: Reserved) -> str:
        missing, amount = (text_of(minor, goal.currency) for minor in (self.missing_minor, amount_minor))
        held = " beside what is held" if state.reached_minor(goal) + self.missing_minor < goal.goal_minor else ""
        taken = f", of which open checkouts have reserved {text_of(reserved.minor, goal.currency)}" if reserved.minor else ""
        return (
            f"Only {missing} {goal.currency} is missing to GoalAmount{held}{taken}, and the goal's Overfunding is "
            f"{goal.overfunding}: a gift of {amount} is too large."
        )


class GoalIsReserved(Exception):
    """There is no room for the gift now; there will be where what open checkouts have reserved is not paid."""

    def __init__(self, goal: SavingGoal, reserved: Reserved) -> None:
        remaining = text_of(state.remaining_minor(goal, reserved), goal.currency)
        when = f"until {utc_text(reserved.until)}" if reserved.until else "until a provider has said what became of a payment"
        super().__init__(
            f"Open checkouts have reserved what is missing to GoalAmount, some of it {when}; {remaining} {goal.currency} "
            "remains now. Try again then: what is not paid by then is free again."
        )
        self.until = reserved.until
        self.extra = {"RemainingAmount": remaining} | ({"ReservedUntil": utc_text(reserved.until)} if reserved.until else {})


def reserved_from_now() -> datetime:
    """Until when a checkout that is opened now reserves its amount."""
    return clock.now() + timedelta(minutes=settings.RESERVATION_MINUTES)


# --- Looked at --------------------------------------------------------------------------------------------------------


def with_reserved(goals: QuerySet[SavingGoal], *, beside: Contribution | None = None) -> QuerySet[SavingGoal]:
    """The goals with what is reserved of each: in the same statement, and only where gifts are limited.

    `beside` this contribution: what the others have reserved.
    """
    others = _reserving(beside).filter(goal=OuterRef("pk"), partner=OuterRef("partner_id")).order_by().values("goal")
    total = Coalesce(Subquery(others.annotate(total=Sum("amount_minor")).values("total")), bigint(0))
    reserved = Case(When(overfunding=Overfunding.ALLOWED, then=bigint(0)), default=total)
    return goals.annotate(**{_ANNOTATION: reserved})


def remember(goal: SavingGoal, reserved_minor: int) -> None:
    """What is reserved of the goal, where it was read with it in another way than `with_reserved`."""
    vars(goal)[_ANNOTATION] = reserved_minor


def reserved_of(goal: SavingGoal) -> Reserved:
    """What was reserved of the goal when it was read `with_reserved`; else what is now."""
    return Reserved(_annotated(goal)) if _ANNOTATION in vars(goal) else reserved_now(goal)


def reserved_now(goal: SavingGoal) -> Reserved:
    """What is reserved of the goal; the database is asked only where gifts are limited and there are any."""
    if not state.is_limited(goal) or not goal.activity:
        return NOTHING
    return Reserved(_annotated(with_reserved(SavingGoal.objects.all()).get(**row_key(goal))))


def _annotated(goal: SavingGoal) -> int:
    minor: int = vars(goal)[_ANNOTATION]
    return minor


def no_room_for(contribution: Contribution) -> GoalIsFull | GoalIsReserved | None:
    """Why a giver who comes to pay it would find no room; None where there is room, as things are at this moment."""
    if not state.is_limited(contribution.goal) or _holds_its_place(contribution):
        return None
    try:
        check_room(contribution)
    except (GoalIsFull, GoalIsReserved) as why:
        return why
    return None


# --- Reserved ---------------------------------------------------------------------------------------------------------


def check_room(contribution: Contribution) -> SavingGoal:
    """The goal as it is now. Raises GoalIsFull, GoalIsReserved where the contribution does not fit beside the others."""
    return check_amount(contribution.goal, contribution.amount_minor, beside=contribution)


def check_amount(known: SavingGoal, amount_minor: int, *, beside: Contribution | None = None) -> SavingGoal:
    """As check_room, for a gift of this amount, which need not be recorded; `beside`: itself, where it is."""
    goals = with_reserved(SavingGoal.objects.all(), beside=beside)  # invariant: what-others-have-reserved-counts
    goal = goals.get(**row_key(known))
    reserved = Reserved(_annotated(goal))
    if state.has_room(goal, amount_minor, reserved):
        return goal
    if not state.has_room(goal, amount_minor, NOTHING):
        raise GoalIsFull(goal, amount_minor, reserved)
    lapsing = _reserving(beside).filter(goal=goal, reserved_until__lt=WITHOUT_END)
    first: datetime | None = lapsing.aggregate(first=Min("reserved_until"))["first"]
    raise GoalIsReserved(goal, Reserved(reserved.minor, first))


def reserve(contribution: Contribution, *, until: datetime | None = None) -> None:
    """Reserve its amount (again), for a giver who comes to pay it. Raises GoalIsFull, GoalIsReserved.

    `until` None: as a checkout that is opened now. Nothing is changed where it was paid or called off meanwhile.
    """
    unpaid = Contribution.objects.filter(**row_key(contribution), status__in=[*MAY_BE_PAID, PENDING])
    with transaction.atomic():
        if not unpaid.exclude(intent=Intent.RELEASE).update(reserved_until=until or reserved_from_now()):
            return
        if state.is_limited(contribution.goal):
            lock_goal(contribution)
            check_room(contribution)


def lock_goal(contribution: Contribution) -> None:
    """Its goal, after the contribution's row, and its checkout's: everybody locks them in this order."""
    rows = SavingGoal.objects.select_for_update(no_key=True)
    rows.filter(pk=contribution.goal_id, partner_id=contribution.partner_id).values_list("pk").get()


def reserve_before_lapse(contribution: Contribution) -> None:
    """As `reserve`, where gifts are limited and its reservation has lapsed: for who comes again to an open checkout."""
    if state.is_limited(contribution.goal) and not _holds_its_place(contribution):
        reserve(contribution)


def is_kept_for(contribution: Contribution, checkout: Checkout) -> bool:
    """Whether there is room for it, which it keeps from now on until its outcome is known: asked before money is taken or held.

    Asked anew where its reservation has lapsed; not where it may have been taken already, which no refusal would undo.
    """
    if not state.is_limited(contribution.goal) or contribution.status == AUTHORIZED:  # what is held counts already
        return True
    if _holds_its_place(contribution) or provider_requests.order_is_out(checkout, Status(contribution.status)):
        Contribution.objects.filter(**row_key(contribution), status__in=MAY_BE_PAID).update(reserved_until=WITHOUT_END)
        return True
    try:
        reserve(contribution, until=WITHOUT_END)  # invariant: who-finds-room-takes-it
    except (GoalIsFull, GoalIsReserved):
        return False
    return True


def wait_for_payer(contribution: Contribution) -> None:
    """The order was refused until its giver has acted: nothing is out any more, and the giver has so much time as at first."""
    if state.is_limited(contribution.goal):
        waiting = Contribution.objects.filter(**row_key(contribution), status=SUBMITTED, reserved_until=WITHOUT_END)
        waiting.update(reserved_until=reserved_from_now())


def let_go(contribution: Contribution) -> None:
    """Where it turns out that nobody can pay it now."""
    Contribution.objects.filter(**row_key(contribution), status__in=MAY_BE_PAID).update(reserved_until=None)


def _holds_its_place(contribution: Contribution) -> bool:
    until = contribution.reserved_until
    return until is not None and clock.now() < until < WITHOUT_END


def _reserving(beside: Contribution | None = None) -> QuerySet[Contribution]:
    live = Contribution.objects.filter(reserved_until__gt=clock.now())
    return live if beside is None else live.exclude(pk=beside.pk)
