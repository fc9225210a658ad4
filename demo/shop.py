"""The shop opens: its client of the API, and its goal, made on first use and made again if it is gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.urls import reverse
from whipround import Client, PaymentProvider, Problem, SavingGoal, ServiceUnreachable, new_idempotency_key

from demo.models import DemoShop
from partners import keys

ITEM_ID, NAME, AMOUNT, PAYEE = "bicycle-7", "A bicycle for Anna", "250.00", "anna@example.org"

PATIENCE_SECONDS = 10.0
"""How long a visitor waits for the service, at most."""

TRIES = 4
"""With a key that no longer works, for a goal that is gone, on one that somebody has just changed, and once more."""


class WrongService(ServiceUnreachable):
    """A service answers at PUBLIC_BASE_URL, but does not know a key that this database holds: it is another one."""


@contextmanager
def open_shop(on_notice: Callable[[str], None] | None = None) -> Iterator[tuple[Client, SavingGoal]]:
    """The shop's client and its goal as it stands now; `on_notice` is told what the service says besides its answers.

    Raises WhiproundError, WrongService among them.
    """
    tries_left = TRIES
    while True:
        tries_left -= 1
        shop = DemoShop.with_a_key()
        owner = keys.partner_of(shop.api_key)
        if owner is not None and not owner.is_test:  # of a time when there were no test keys: nobody is to pay the shop
            shop.forget_key()
            continue
        with Client(settings.PUBLIC_BASE_URL, shop.api_key, deadline_seconds=PATIENCE_SECONDS, on_notice=on_notice) as client:
            try:
                goal = _goal(client, shop)
            except Problem as problem:
                if not tries_left or not _mended(shop, problem):
                    raise
                continue
            yield client, goal
            return


def _goal(client: Client, shop: DemoShop) -> SavingGoal:
    ways_back = {
        "confirmation_url": settings.PUBLIC_BASE_URL + reverse("demo:thanks"),
        "cancel_url": settings.PUBLIC_BASE_URL + reverse("demo:cancelled"),
    }
    if not shop.goal_id:
        if not shop.goal_idempotency_key:
            shop.start_goal(new_idempotency_key())
        made = client.create_goal(
            external_item_id=ITEM_ID,
            name=NAME,
            goal_amount=AMOUNT,
            payment_providers=[PaymentProvider(provider_name="PayPal", credentials=PAYEE)],
            confirmation_url=ways_back["confirmation_url"],
            cancel_url=ways_back["cancel_url"],
            idempotency_key=shop.goal_idempotency_key,
        )
        shop.remember_goal(made.id)
    goal = client.get_goal(shop.goal_id)
    if {"confirmation_url": goal.confirmation_url, "cancel_url": goal.cancel_url} != ways_back:
        goal = client.update_goal(goal.id, goal.version, **ways_back)  # the service has moved to another address
    return goal


def _mended(shop: DemoShop, problem: Problem) -> bool:
    """Whether the next try may fare better."""
    if problem.status == 401:
        if keys.partner_of(shop.api_key) is not None:
            raise WrongService(f"the service at {settings.PUBLIC_BASE_URL} does not know this shop's key") from problem
        shop.forget_key()
        return True
    if problem.status in {403, 404} or problem.code == "idempotency_key_reused":
        # Deleted; another partner's, in an exchanged database; or made under the same name for another address.
        shop.start_goal(new_idempotency_key())
        return True
    return problem.code == "stale_version"
