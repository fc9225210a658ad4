"""What the bad days of a rehearsal share: whose they are, how much time is left, and the sheet's lines."""

import time
from dataclasses import dataclass, field

from contributions.causes import Cause
from contributions.models import Contribution
from contributions.status import SETTLED
from goals.models import SavingGoal
from notifications.models import WebhookEndpoint
from notifications.outbox import endpoints_of
from notifications.posting import SECONDS_IN_ALL
from partners.models import Partner
from rehearsals import gifts

SECONDS_A_DAY = 45.0
"""How long one day may take, whatever the partner does: less than a lease."""


@dataclass(frozen=True)
class Check:
    """One line of the sheet. `passed` None: it is shown, and a person has to judge."""

    name: str
    passed: bool | None
    detail: str


class OutOfTime(Exception):
    """The time of the day, or of the whole rehearsal, is over."""


@dataclass
class Stage:
    """One rehearsal while it is played. `until`: the monotonic moment at which it ends."""

    partner: Partner
    goal: SavingGoal
    until: float
    day_until: float = 0.0
    _paid: Contribution | None = field(default=None)

    def seconds(self) -> float:
        """How long the next call to the partner may take. Raises OutOfTime."""
        left = self.day_until - time.monotonic()
        if left < 1:
            raise OutOfTime
        return min(SECONDS_IN_ALL, left)

    def begin_day(self) -> None:
        """Its time runs from now. Raises OutOfTime."""
        self.day_until = min(self.until, time.monotonic() + SECONDS_A_DAY)
        self.seconds()

    def listening(self) -> list[WebhookEndpoint]:
        """The partner's endpoints that are on."""
        return [one for one in endpoints_of(self.partner.pk) if one.is_on()]

    def gift(self, contributor: str, *, scenario: str = "") -> Contribution:
        return gifts.new_gift(self.goal, contributor, scenario=scenario)

    def becomes(self, gift: Contribution, status: str, cause: Cause) -> Contribution:
        """The gift once it stands so. Raises NotHeard."""
        return gifts.heard(gift, status, cause, until=self.day_until)

    def paid_gift(self) -> Contribution:
        """A gift that was paid without any trouble; the same for all days that need one."""
        if self._paid is None:
            gift = self.gift("Rehearsal: pays")
            gifts.at_the_simulator(gift, "approve")
            self._paid = self.becomes(gift, SETTLED, Cause.RETURN)
        return self._paid
