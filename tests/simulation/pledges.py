"""The simulated world with pledges: workers that sleep for weeks, months that end, gifts that fail, pauses at any moment.

What must hold besides what holds of permissions: one gift for each number; a gift's number is that of the last moment that had
come as it was made, told by another arithmetic than the product's; none after a pause or an end; four tries and no more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from contributions.models import Checkout
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from pledges import agreeing, changes, due
from pledges.models import Pledge, PledgedGift
from pledges.schedule import Every
from pledges.states import ACTIVE
from providers.base import OpenedCheckout, PaymentRequest, ProviderRefused
from tests.simulation.invariants import Promise
from tests.simulation.permissions import WorldWithPermissions
from tests.simulation.side import Wrong

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia")
MOST_TRIES = 4


class WorldWithPledges(WorldWithPermissions):
    """One history; see World. In it days pass faster, and goals have no end."""

    rounds_of_rest = 9  # a pledge's gift can be paid for so many days

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.frozen: dict[str, tuple[int, int]] = {}
        """Of pledges that are not Active: the version and how many gifts they had, when that was first seen."""
        self.failed_first: dict[tuple[int, int], datetime] = {}
        """When a gift, by its pledge and number, could not be made at first: tried again later it is still that one."""
        self.is_broke = seed % 3 == 0
        """The giver's card is declined whenever it is charged."""
        charge = self.provider._charge

        def charge_if_not_broke(order: PaymentRequest, token: str) -> OpenedCheckout:
            if self.is_broke and not self.provider.calm:
                raise ProviderRefused("instrument_declined")
            return charge(order, token)

        self.provider._charge = charge_if_not_broke  # type: ignore[method-assign]

    def _actions(self) -> dict[Callable[[], str], int]:
        of_gifts = {
            self._contribute: 2,
            self._giver_opens: 8,
            self._giver_acts: 6,
            self._giver_returns: 6,
            self._client_deletes: 2,
        }
        of_others = {self._provider_reports: 5, self._worker: 6, self._client_refunds: 2, self._time: 3}
        of_permissions = {self._asks: 4, self._giver_answers: 2, self._permission_is_synced: 2, self._revokes: 1}
        of_pledges = {
            self._pledges: 12,
            self._worker_looks_at_pledges: 24,
            self._worker_wakes_up: 24,
            self._days_pass: 20,
            self._pauses: 3,
            self._resumes: 6,
            self._ends: 1,
            self._a_card_breaks_or_is_mended: 1,
        }
        return of_gifts | of_others | of_permissions | of_pledges

    def run(self, steps: int = 50) -> list[str]:
        return super().run(steps)

    def _create_goal(self) -> str:
        """One without an end: a pledge would end with it."""
        made = super()._create_goal()
        SavingGoal.objects.update(ends_at=None)
        return made

    # --- what happens ---------------------------------------------------------------------------------------------

    def _contribute(self) -> str:
        """At first it is pledges that are made."""
        return super()._contribute() if self.step else self._pledges()

    def _pledges(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None).select_related("partner"))
        if goal is None:
            return "no goal"
        zone = ZoneInfo(self.random.choice(ZONES))
        today = self.now.astimezone(zone).date()
        start = self.random.choice([today, today + timedelta(days=3), _end_of_month(today)])
        wish = agreeing.NewPledge(
            giver=self.giver,
            permission=None,
            amount_minor=max(1, goal.goal_minor // 1000),
            every=self.random.choice([Every.WEEK, Every.MONTH]),
            start=start,
            end=self.random.choice([None, None, start + timedelta(days=100)]),
            zone=zone,
            contributor="Ann",
        )
        try:
            made = agreeing.make(goal, wish, public_id=f"pledge-{next(self._numbers)}")
        except (agreeing.PledgeNotCovered, agreeing.GoalTakesNoPledges) as refused:
            return f"refused, {refused}"
        return f"{made} {made.every} from {made.start_date} to {made.end_date}, {made.zone_name}"

    def _worker_looks_at_pledges(self) -> str:
        return f"{due.follow_all_due(whether_due_or_not=self.random.random() < 0.5)} looked at"

    def _worker_wakes_up(self) -> str:
        """It does what all of its threads do."""
        looked = due.follow_all_due(whether_due_or_not=True)
        return f"{looked} looked at, {sync_all_due()} asked about, {due.follow_all_due(whether_due_or_not=True)} looked at"

    def _days_pass(self) -> str:
        days = self.random.choice([1, 1, 2, 3, 4, 7, 7, 28, 31])
        self.now += timedelta(days=days)
        self.provider.time_passes()
        return f"{days}, it is {self.now:%Y-%m-%d %H:%M}"

    def _a_card_breaks_or_is_mended(self) -> str:
        self.is_broke = not self.is_broke
        return f"is broke: {self.is_broke}"

    def _pauses(self) -> str:
        return self._changed(lambda pledge: changes.pause(pledge, "client_paused"))

    def _resumes(self) -> str:
        return self._changed(changes.resume)

    def _ends(self) -> str:
        return self._changed(lambda pledge: changes.end(pledge, "giver_ended"))

    def _changed(self, change: Callable[[Pledge], Pledge]) -> str:
        pledge = self._some(changes.whole())
        if pledge is None:
            return "none"
        try:
            now = change(pledge)
        except changes.PledgeIsOver:
            return f"{pledge} is over"
        return f"{now} {now.state}"

    # --- what must hold -------------------------------------------------------------------------------------------

    def check_permissions(self) -> None:
        made: dict[int, list[PledgedGift]] = defaultdict(list)
        for one in PledgedGift.objects.select_related("contribution").order_by("pk"):
            self.promises.setdefault(one.contribution.public_id, Promise(one.contribution.public_id))
            made[one.pledge_id].append(one)
        super().check_permissions()
        self.check_pledges(made)

    def check_pledges(self, made: Mapping[int, list[PledgedGift]]) -> None:
        """`made`: the gifts by their pledge's key, the oldest first. Raises Wrong."""
        tries = Counter(Checkout.objects.exclude(permission=None).values_list("contribution", flat=True))
        for pledge in Pledge.objects.all():
            gifts = made.get(pledge.pk, [])
            if pledge.failed_at is not None:
                self.failed_first.setdefault((pledge.pk, pledge.number), pledge.failed_at)
            if len({one.number for one in gifts}) != len(gifts):
                raise Wrong(f"{pledge} has made a number twice: {[one.number for one in gifts]}")
            for one in gifts:
                self._check_its_number(pledge, one)
                if tries[one.contribution_id] > MOST_TRIES:
                    raise Wrong(f"{pledge}: gift {one.number} was tried {tries[one.contribution_id]} times")
            self._check_nothing_is_begun(pledge, len(gifts))
            if (
                not pledge.tries
                and not pledge.is_out
                and pledge.next_at != _moment(pledge, pledge.number, ZoneInfo(pledge.zone_name))
            ):
                raise Wrong(f"{pledge}: gift {pledge.number} is due at {pledge.next_at}")

    def _check_its_number(self, pledge: Pledge, one: PledgedGift) -> None:
        last = last_due(pledge, min(one.created_at, self.failed_first.get((pledge.pk, one.number), one.created_at)))
        if one.number != last:
            raise Wrong(f"{pledge}: gift {one.number} was made at {one.created_at}, when {last} was the last one that was due")

    def _check_nothing_is_begun(self, pledge: Pledge, gifts: int) -> None:
        """While it is not Active. To resume it and pause it again raises its version by more than an outcome does."""
        if pledge.state == ACTIVE:
            self.frozen.pop(pledge.public_id, None)
            return
        version, before = self.frozen.setdefault(pledge.public_id, (pledge.version, gifts))
        if gifts > before and pledge.version - version < 2:
            raise Wrong(f"{pledge} is {pledge.state}, and a gift was begun")

    def _come_to_rest(self) -> None:
        """Nothing stays on its way."""
        super()._come_to_rest()
        due.follow_all_due(whether_due_or_not=True)
        sync_all_due(whether_due_or_not=True)
        due.follow_all_due(whether_due_or_not=True)
        self.check_permissions()
        for pledge in Pledge.objects.exclude(state=ACTIVE).filter(is_out=True):
            raise Wrong(f"{pledge} is {pledge.state}, and waits for a gift for ever")


def last_due(pledge: Pledge, at: datetime) -> int:
    """The number of the last gift that was due by then, counted day by day from the first."""
    zone, number = ZoneInfo(pledge.zone_name), 0
    while _moment(pledge, number + 1, zone) <= at:
        number += 1
    return number


def _moment(pledge: Pledge, number: int, zone: ZoneInfo) -> datetime:
    step: Any = relativedelta(months=number - 1) if pledge.every == Every.MONTH else timedelta(weeks=number - 1)
    return datetime.combine(pledge.start_date + step, time(9), zone).astimezone(UTC)


def _end_of_month(day: date) -> date:
    made: date = day + relativedelta(day=31)
    return made
