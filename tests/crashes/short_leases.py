"""The service with leases that are over in seconds: whoever kills it all the time cannot wait a minute after each kill.

    granian ... tests.crashes.short_leases:application
    python -m tests.crashes.short_leases [--in-two-days] work --once

Not to be imported by a test, whose own leases would be short then. Nothing else differs from what production runs.
`--in-two-days` moves the command's clock: by then everything that is paced has become due, and no giver has been given
up yet.
"""

import sys
from datetime import UTC, datetime, timedelta

from django.core.management import execute_from_command_line

import clock
from config.asgi import application
from tests.crashes.processes import LEASE_SECONDS, LONGEST_REQUEST_SECONDS


def shorten() -> None:
    import leases
    from api import idempotency

    leases.LEASE_SECONDS = LEASE_SECONDS
    idempotency.LONGEST_REQUEST = timedelta(seconds=LONGEST_REQUEST_SECONDS)


shorten()

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--in-two-days"]:
        arguments = arguments[1:]
        clock.use(lambda: datetime.now(UTC) + timedelta(days=2))
    execute_from_command_line(["manage.py", *arguments])

__all__ = ["application"]
