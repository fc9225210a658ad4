"""The simulated world with givers who have agreed once: gifts under permissions, limits, revocations here and there.

A world of its own, so that the histories of the other one stay what they are. What must hold besides: never more than a limit,
never two payments, nothing newly asked for under a permission that is over, and room that is given back exactly once.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from django.db.models import F

from contributions import charges, giving, opening
from contributions.models import Checkout, Contribution
from contributions.status import Stage
from givers import permissions, sync
from givers.models import Giver, Permission
from givers.states import ACTIVE, OVER, REQUESTED
from goals import rules
from goals.models import SavingGoal
from providers.base import (
    PaymentState,
    ProviderUnavailable,
)
from providers.permissions import Standing
from tests.simulation.goal_owners import magnitude_of
from tests.simulation.invariants import Promise
from tests.simulation.outside import OwnPayment
from tests.simulation.permitting_provider import PermittingProvider, TruePermission
from tests.simulation.side import Wrong
from tests.simulation.world import World

LIVING = {PaymentState.CAPTURED, PaymentState.REVERSED, PaymentState.AUTHORIZED, PaymentState.PENDING}
"""The money was taken, is held, or may be yet."""


class WorldWithPermissions(World):
    """One history; see World."""

    provider: Any
    """One with `permissions`, `giver_answers` and `tells_of`; `giver_presses_to_agree` where givers agree on our page."""

    def __init__(self, seed: int, side: Callable[[Random, Callable[[str, str], None]], Any] = PermittingProvider) -> None:
        super().__init__(seed, side)

    def _actions(self) -> dict[Callable[[], str], int]:
        own = {self._asks: 6, self._giver_answers: 8, self._gives: 45, self._permission_is_synced: 5, self._revokes: 2}
        return super()._actions() | own

    def _live(self, steps: int) -> None:
        columns = {"public_id": "giver-1", "external_id": "1", "created_at": self.now}
        self.giver = Giver.objects.create(partner=self._partner, **columns)
        self._create_goal()
        self.provider.calm = True  # at first nothing goes wrong: the sooner a giver has agreed, the more can happen
        for _ in range(2):
            self._one_step(self._asks)
        self.provider.calm = False
        super()._live(steps)

    # --- what happens ---------------------------------------------------------------------------------------------

    def _asks(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        currency = goal.currency if goal else "USD"
        most = self.random.choice([1000, 2500]) * magnitude_of(goal.goal_minor if goal else 1)
        total = self.random.choice([None, most, 2 * most, 4 * most])
        wish = permissions.Wish(provider=self.provider.name, currency=currency, maximum_minor=most, total_minor=total)
        try:
            made = permissions.ask(self.giver, wish, public_id=f"permission-{next(self._numbers)}")
        except permissions.PermissionRefused as refused:
            return f"refused, {refused.reason}"
        answered = self._giver_answers() if self.provider.calm or self.random.random() < 0.8 else "later"
        return f"{made} {made.state} {currency} {most} {total}, {answered}"

    def _giver_answers(self) -> str:
        if self.provider.on_our_page:
            self._giver_comes_to_agree()
        if not self.provider.permissions:
            return "nobody was asked"
        setup_id = self.random.choice(list(self.provider.permissions)[-3:])
        true = self.provider.permissions[setup_id]
        told = self.provider.giver_answers(true)
        if self.random.random() < 0.3:
            return f"{setup_id} {told}"
        return f"{setup_id} {told}, {self._giver_comes_back(true)}"

    def _giver_comes_to_agree(self) -> None:
        """To the button on our page, perhaps not for the first time: as pages/permission_page.py leads on."""
        permission = self._some(Permission.objects.select_related("giver__partner").filter(state=REQUESTED))
        if permission is None or (not self.provider.calm and self.random.random() < 0.3):
            return
        if permission.setup_id:
            permission = sync.sync(permission).permission
        if permission.state == REQUESTED:
            self.provider.giver_presses_to_agree(permission)

    def _giver_comes_back(self, true: TruePermission) -> str:
        """As pages/permission_page.py answers, which asks nobody about what is not open: its provider tells of that."""
        permission = Permission.objects.select_related("giver__partner").get(public_id=true.request.reference)
        if permission.state != REQUESTED:
            return self._provider_tells_of(permission)
        if self.provider.on_our_page and true.request.setup_id != permission.setup_id:
            try:
                if not sync.bring_back(permission, true.request.setup_id):
                    raise Wrong(f"{true.request.setup_id} is called another permission's than {permission}'s")
            except (ProviderUnavailable, sync.BeingAsked) as error:
                return f"look again, {type(error).__name__}"
        return sync.sync(sync.read(permission)).permission.state

    def _gives(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        amount = self.random.choice([300, 999, 1000, 2500]) * magnitude_of(goal.goal_minor)
        account = rules.live_accounts(goal)[0]
        gift = opening.NewGift(
            amount_minor=amount, contributor="Ann", message=None, account=account, giver=self.giver, uses_permission=True
        )
        public_id = f"gift-{next(self._numbers)}"
        given = giving.give(goal, gift, public_id=public_id)
        self.promises[public_id] = Promise(public_id)
        return f"{public_id} of {amount} to {goal.public_id}, {given.contribution.status} {given.why_not}"

    def _permission_is_synced(self) -> str:
        permission = self._some(Permission.objects.select_related("giver__partner"))
        if permission is None:
            return "none"
        if self.provider.has_messages and self.random.random() < 0.3:
            return self._provider_tells_of(permission)
        return f"{permission} {sync.sync(permission).permission.state}"

    def _provider_tells_of(self, permission: Permission) -> str:
        told = self.provider.tells_of(permission)
        return f"{permission} {told}, {sync.read(permission).state}"

    def _revokes(self) -> str:
        permission = self._some(Permission.objects.select_related("giver__partner").exclude(state__in=OVER))
        if permission is None:
            return "none"
        done = permissions.revoke(permission, "giver_revoked")
        return f"{done} {done.state}"

    # --- what must hold -------------------------------------------------------------------------------------------

    def _one_step(self, action: Callable[[], str] | None = None) -> None:
        super()._one_step(action)
        self.check_permissions()

    def _come_to_rest(self) -> None:
        super()._come_to_rest()
        self.check_permissions()
        self._check_at_rest()

    def check_permissions(self) -> None:
        """At every moment at which nobody is in the middle of something. Raises Wrong."""
        taken: Counter[str] = Counter()
        for true in self.provider.permissions.values():
            for charge in true.charges:
                if charge.state in LIVING:
                    taken[true.request.reference] += charge.amount_minor
                    self._check_is_alone(charge)
        checkouts = list(Checkout.objects.exclude(permission=None))
        for permission in Permission.objects.filter(giver=self.giver):
            limit = permission.total_minor
            if limit is not None and taken[permission.public_id] > limit:
                raise Wrong(f"{permission}: {taken[permission.public_id]} were taken, and {limit} is the limit")
            reserved = sum(one.permission_minor or 0 for one in checkouts if one.permission_id == permission.pk)
            if permission.used_minor != reserved:
                raise Wrong(f"{permission} says that {permission.used_minor} are used, its gifts say {reserved}")
            self._check_it_was_agreed_to(permission)
        self._check_orders()

    def _check_is_alone(self, charge: OwnPayment) -> None:
        """No other checkout is opened beside a payment that was made under a permission."""
        others = [one for one in self.provider.payments.values() if one.reference == charge.reference and one is not charge]
        if any(one.state is not PaymentState.LAPSED and self._came_later(one, charge) for one in others):
            raise Wrong(f"{charge.reference} was paid under a permission, and {others} was opened beside it")

    def _came_later(self, one: Any, charge: OwnPayment) -> bool:
        numbers = list(self.provider.payments)
        return numbers.index(one.checkout_id) > numbers.index(charge.checkout_id)

    def _check_it_was_agreed_to(self, permission: Permission) -> None:
        if permission.state == ACTIVE:
            true = self.provider.permissions.get(permission.setup_id)
            if true is None or not true.was_agreed:
                raise Wrong(f"{permission} is Active, and nobody has agreed to it")

    def _check_orders(self) -> None:
        """Nothing is ordered under a permission that is over: whatever was stored before may be asked for again."""
        late = Checkout.objects.filter(
            contribution__provider_requests__operation="charge",
            contribution__provider_requests__checkout_number=F("number"),
            contribution__provider_requests__created_at__gt=F("permission__ended_at"),
        )
        for checkout in late:
            raise Wrong(f"{checkout} was ordered under {checkout.permission}, which was over")

    def waits_for_a_person(self, contribution: Contribution) -> bool:
        """It was to be paid under a permission, nothing came of that, and nobody can find it out: the answer was lost, and the
        provider has forgotten the request."""
        paid = [one for one in self.provider.payments.values() if one.reference == contribution.public_id]
        came_to_nothing = all(one.state not in LIVING for one in paid)
        unknown: bool = self.provider.forgets_request_ids and charges.is_unknown(contribution.current_checkout)
        return unknown and came_to_nothing

    def _check_at_rest(self) -> None:
        for checkout in Checkout.objects.exclude(permission=None).select_related("contribution__checkout__permission"):
            charge = self.provider.payments.get(checkout.provider_checkout_id)
            living = charge is not None and charge.state in LIVING
            if self.waits_for_a_person(checkout.contribution):
                continue
            if living != (checkout.permission_minor is not None):
                raise Wrong(f"{checkout} is {charge.state if charge else 'nothing'} and takes {checkout.permission_minor}")
            if not living and checkout.stage != Stage.OVER:
                raise Wrong(f"{checkout} came to nothing, and is {checkout.stage}")
        told = Permission.objects.filter(giver=self.giver, state__in=OVER, told_at=None).exclude(setup_id="")
        if told.exists():
            raise Wrong(f"{told.first()} is over, and its provider was not told")
        for permission in Permission.objects.filter(giver=self.giver).exclude(told_at=None):
            true = self.provider.permissions.get(permission.setup_id)
            if true is not None and true.standing in {Standing.OPEN, Standing.ACTIVE}:
                raise Wrong(f"{permission} is over, and still {true.standing} at its provider")
        for permission in Permission.objects.filter(giver=self.giver, state=REQUESTED):
            raise Wrong(f"{permission} is stuck")
        if self.provider.tokens_take_us:
            self._check_known_tokens()

    def _check_known_tokens(self) -> None:
        """What a giver has agreed to comes to a token only when we say so: then nothing stands that we know nothing of."""
        known = {permission.token for permission in Permission.objects.filter(giver=self.giver, state=ACTIVE)}
        for true in self.provider.permissions.values():
            if true.standing is Standing.ACTIVE and true.token not in known:
                raise Wrong(f"{true.request.reference} stands at its provider, and nobody here knows of it")
