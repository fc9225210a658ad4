"""A partner with many gifts, stored without the API: what is listed here and not what is made."""

from datetime import timedelta

from django.db import connection
from django.db.models import OuterRef, Subquery

import clock
from contributions.models import Checkout, Contribution, Refund
from contributions.status import SETTLED
from goals.models import PaymentAccount, SavingGoal
from ids import new_id

AMOUNT_MINOR = 2000
EVERY = timedelta(minutes=1)


def fill(partner, number, *, goals=10, share=2000):
    """So many Settled gifts, one a minute up to now, the last one `Reference` n-1; every tenth has a refund."""
    now = clock.now()
    made = [
        SavingGoal(public_id=new_id(), partner=partner, external_item_id=f"item-{n}", name="Goal", currency="USD", goal_minor=1)
        for n in range(goals)
    ]
    made = SavingGoal.objects.bulk_create(made)
    accounts = PaymentAccount.objects.bulk_create(
        PaymentAccount(goal=goal, provider="PayPal", credentials_encrypted="") for goal in made
    )
    begun = now - EVERY * number
    for first in range(0, number, share):
        gifts = Contribution.objects.bulk_create(
            Contribution(
                public_id=new_id(), goal=made[n % goals], partner=partner, amount_minor=AMOUNT_MINOR, currency="USD",
                contributor=f"Giver {n}", message="Ride well! " * 10, reference=f"order-{n}", created_at=begun + EVERY * n,
                settled_at=begun + EVERY * n,
            )
            for n in range(first, min(first + share, number))
        )  # fmt: skip
        Checkout.objects.bulk_create(
            Checkout(
                contribution=gift, account=accounts[n % goals], adapter="sandbox", capture_policy="Immediate", stage="taken",
                created_at=now,
            )
            for n, gift in enumerate(gifts, first)
        )  # fmt: skip
        its_own = Checkout.objects.filter(contribution=OuterRef("pk")).values("pk")
        stored = Contribution.objects.filter(partner=partner, checkout=None)
        stored.update(checkout=Subquery(its_own), status=SETTLED, settled_minor=AMOUNT_MINOR)
        Refund.objects.bulk_create(
            Refund(
                public_id=new_id(), contribution=gift, partner=partner, amount_minor=100, status="Completed", cause="client",
                created_at=gift.created_at, settled_at=gift.created_at,
            )
            for gift in gifts[::10]
        )  # fmt: skip
    if connection.vendor == "postgresql":
        _count_rows()


def _count_rows():
    """As PostgreSQL's autovacuum does by itself; SQLite plans without having counted."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
