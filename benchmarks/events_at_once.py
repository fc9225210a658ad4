"""16 writers: what does counting a partner's events in commit order cost?

    python -m benchmarks.events_at_once [--events 100] [--rounds 3]

Each writes events in transactions of their own: all for one partner, and each for a partner of its own. On
DATABASE_URL, or on a SQLite file of its own.
"""

import argparse
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

WRITERS = 16


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100, help="events a writer and round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="whipround-benchmark-")
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/benchmark.sqlite3")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "CRITICAL"}
    import django
    from django.core.management import call_command
    from django.db import connection, transaction

    django.setup()
    call_command("migrate", verbosity=0)

    import clock
    from notifications import outbox
    from partners.registration import register

    partners = [register(f"Partner {number} {time.time()}").partner.pk for number in range(WRITERS)]

    def write(partner: int) -> None:
        try:
            for _ in range(options.events):
                with transaction.atomic():
                    outbox.announce(partner, "contribution.settled", {}, at=clock.now())
        finally:
            connection.close()

    rates: dict[str, list[float]] = {"one partner": [], "16 partners": []}
    for _ in range(options.rounds):
        for title, whose in (("one partner", partners[:1] * WRITERS), ("16 partners", partners)):
            began = time.monotonic()
            with ThreadPoolExecutor(WRITERS) as pool:
                list(pool.map(write, whose))
            rates[title].append(WRITERS * options.events / (time.monotonic() - began))
    for title, rate in rates.items():
        print(f"{title}: {statistics.median(rate):.0f} events a second")
    print(f"ratio {statistics.median(rates['one partner']) / statistics.median(rates['16 partners']):.2f}")


if __name__ == "__main__":
    main()
