"""How much memory and time the audit of 100,000 contributions takes.

    python -m benchmarks.audit_of_100000

On the database that DATABASE_URL names, which must be an empty one; without it, on a SQLite file in a temporary folder.
"""

import os
import subprocess
import sys
import tempfile
import time

CONTRIBUTIONS, PER_GOAL, SHARE = 100_000, 200, 5_000
AMOUNT_MINOR = 2000


def fill() -> None:
    """Settled contributions with their entries, and the goals that they add up to."""
    import django

    django.setup()
    from django.core.management import call_command

    import clock
    from contributions.models import Checkout, Contribution, LedgerEntry
    from goals.models import PaymentAccount, SavingGoal
    from ids import new_id
    from partners.models import Partner

    call_command("migrate", verbosity=0)
    partner, now = Partner.objects.create(name="Benchmark", is_test=True), clock.now()
    for first in range(0, CONTRIBUTIONS, SHARE):
        goals = SavingGoal.objects.bulk_create(
            SavingGoal(
                public_id=new_id(),
                partner=partner,
                external_item_id="item",
                name="Goal",
                currency="USD",
                goal_minor=AMOUNT_MINOR * PER_GOAL,
                collected_minor=AMOUNT_MINOR * PER_GOAL,
            )
            for _ in range(SHARE // PER_GOAL)
        )
        accounts = PaymentAccount.objects.bulk_create(
            PaymentAccount(goal=goal, provider="PayPal", credentials_encrypted="") for goal in goals
        )
        contributions = Contribution.objects.bulk_create(
            Contribution(
                public_id=new_id(),
                goal=account.goal,
                partner=partner,
                amount_minor=AMOUNT_MINOR,
                currency="USD",
                contributor=f"Giver {first}",
                created_at=now,
            )
            for account in accounts
            for _ in range(PER_GOAL)
        )
        account_of = {account.goal_id: account for account in accounts}
        checkouts = Checkout.objects.bulk_create(
            Checkout(
                contribution=one,
                account=account_of[one.goal_id],
                adapter="sandbox",
                capture_policy="Immediate",
                stage="taken",
                created_at=now,
            )
            for one in contributions
        )
        for checkout in checkouts:
            checkout.contribution.checkout, checkout.contribution.status = checkout, "Settled"
        Contribution.objects.bulk_update(contributions, ["checkout", "status"], batch_size=400)
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                contribution=one,
                goal_id=one.goal_id,
                kind="capture",
                currency="USD",
                amount_minor=AMOUNT_MINOR,
                collected_delta_minor=AMOUNT_MINOR,
                authorized_delta_minor=0,
                cause="return",
                at=now,
            )
            for one in contributions
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/books.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        subprocess.run([sys.executable, "-c", "from benchmarks.audit_of_100000 import fill; fill()"], check=True)
        started = time.monotonic()
        audit = subprocess.Popen([sys.executable, "manage.py", "audit"])
        _, status, used = os.wait4(audit.pid, 0)
        seconds = time.monotonic() - started
    print(f"audit of {CONTRIBUTIONS:,} contributions: {seconds:.1f} s, {used.ru_maxrss // 1024} MiB at most, status {status}")


if __name__ == "__main__":
    main()
