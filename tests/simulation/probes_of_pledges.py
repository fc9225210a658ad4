"""Short stories for mistakes with pledges that take two at the same row: an AssertionError where one goes wrong."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

import clock
import encryption
from contributions import charging_again
from contributions.models import Checkout, Contribution
from contributions.status import Stage
from givers import people, permissions
from givers.models import Permission
from goals import rules
from notifications.models import Event
from partners import registration
from partners.models import Partner
from pledges import agreeing, changes, steps
from pledges.models import Pledge, PledgedGift
from pledges.schedule import Every


def _pledge() -> Pledge:
    """Whose first gift has been due since yesterday."""
    partner = registration.register(f"Shop of pledges {Partner.objects.count()}", is_test=True).partner
    giver = people.create(partner, {"external_id": "1"}, public_id=permissions.new_id())
    columns = {"provider": "PayPal", "adapter": "sandbox", "currency": "USD", "maximum_minor": 5000, "state": "Active"}
    Permission.objects.create(
        public_id=permissions.new_id(), giver=giver, request_id=permissions.new_id(), created_at=clock.now(),
        token_encrypted=encryption.encrypt("a token"), **columns,
    )  # fmt: skip
    values = {"external_item_id": "1", "name": "A bicycle", "currency": "USD", "goal_minor": 25000}
    goal = rules.create(partner, rules.GoalChange(values, {"PayPal": "anna@example.org"}), public_id=permissions.new_id())
    today = clock.now().date()
    wish = agreeing.NewPledge(
        giver=giver, permission=None, amount_minor=1000, every=Every.WEEK, start=today - timedelta(days=1), end=None,
        zone=ZoneInfo("UTC"), contributor="Ann",
    )  # fmt: skip
    return agreeing.make(goal, wish, public_id=permissions.new_id())


def _two_have_read_it() -> None:
    pledge = _pledge()
    first, second = changes.read(pledge), changes.read(pledge)
    steps.follow(first)
    try:
        with transaction.atomic():
            steps.follow(second)
    except IntegrityError as error:
        raise AssertionError("the second worker made the same step, and the database had to stop it") from error
    assert PledgedGift.objects.filter(pledge=pledge).count() == 1


def _its_giver_pays_it() -> None:
    """The giver is at the provider's page when the next try is due."""
    pledge = _pledge()
    steps.follow(changes.read(pledge))
    gift = Contribution.objects.whole().get(pledge_public_id=pledge.public_id)
    own = {"permission": None, "permission_minor": None, "stage": Stage.OPEN, "provider_checkout_id": "C1"}
    Checkout.objects.filter(contribution=gift).update(**own)
    account = rules.live_accounts(gift.goal)[0]
    try:
        with transaction.atomic():
            charging_again.charge_again(gift, pledge.permission, account)
    except charging_again.BeingPaid:
        return
    raise AssertionError("two checkouts can take money")


def _fails_on_and_on() -> None:
    """The permission covers none of its gifts any more; a worker looks on the days of its tries, and long after."""
    pledge, begin = _pledge(), clock.now()
    Permission.objects.filter(pk=pledge.permission_id).update(total_minor=1)
    try:
        for days in (0, 1, 3, 7, 8, 9):
            clock.use(lambda days=days: begin + timedelta(days=days, minutes=1))  # type: ignore[misc]
            pledge = steps.follow(changes.read(pledge))
    finally:
        clock.use(None)
    told = Event.objects.filter(about=pledge.public_id, type="pledge.gift_failed").count()
    assert (pledge.state, told) == ("Paused", 4), (pledge.state, told)


PROBES: Mapping[str, Callable[[], None]] = {
    "two workers have read the same pledge": _two_have_read_it,
    "a gift fails on and on": _fails_on_and_on,
    "a giver pays a gift that is to be charged again": _its_giver_pays_it,
}
