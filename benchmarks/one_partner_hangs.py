"""100 partners, one of which hangs: how much longer do the others wait for their events?

    python -m benchmarks.one_partner_hangs [--rounds 3] [--events 10]

Runs on DATABASE_URL, or on a SQLite file of its own. Each round delivers the same events twice, with everybody well and
with one partner that never answers, in turn; what counts is the ratio of the others' waiting times.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time

PARTNERS = 100
ANSWER_SECONDS = 0.01
PAUSE_SECONDS = 0.03
"""Some 30 events a second: what is measured is waiting for each other, not a worker that is worked to its limit."""
TIMES_OUT_AFTER_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=10, help="events a partner and round")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="whipround-benchmark-")
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/benchmark.sqlite3")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "CRITICAL"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    partners = _partners()
    waits: dict[bool, list[float]] = {False: [], True: []}
    for number in range(options.rounds):
        for hangs in (False, True) if number % 2 == 0 else (True, False):
            waits[hangs] += _deliver(partners, options.events, hangs)
    for hangs, title in ((False, "everybody well"), (True, "one hangs")):
        print(f"{title:>15}: {_text(waits[hangs])}")
    ratio = _p99(waits[True]) / _p99(waits[False])
    print(f"the others' p99 with one that hangs: {ratio:.2f} of what it is without")


def _partners() -> list[int]:
    from notifications import endpoints
    from partners.registration import register

    made = []
    for number in range(PARTNERS):
        partner = register(f"Partner {number} {time.time()}").partner
        endpoints.create(partner, f"https://198.41.0.4/{number}")
        made.append(partner.pk)
    return made


def _deliver(partners: list[int], events: int, hangs: bool) -> list[float]:
    """How long each event of those who do not hang waited, in seconds."""
    from django.db import transaction

    import clock
    from notifications import outbox
    from notifications.delivery import Deliverer
    from notifications.models import Delivery
    from notifications.posting import Answer

    announced: dict[str, float] = {}
    waited: list[float] = []
    over, stop = threading.Event(), threading.Event()
    expected = (len(partners) - 1) * events

    def send(url: str, headers: object, body: bytes) -> Answer:
        if url.endswith("/0"):
            if hangs:
                over.wait(TIMES_OUT_AFTER_SECONDS)
                return Answer(failure="timeout")
            return Answer(200)
        waited.append(time.monotonic() - announced[headers["webhook-id"]])  # type: ignore[index]
        time.sleep(ANSWER_SECONDS)
        if len(waited) == expected:
            over.set()
        return Answer(200)

    delivering = threading.Thread(target=Deliverer(send=send).run, args=[stop])
    delivering.start()
    for _ in range(events):
        for partner in partners:
            with transaction.atomic():
                event = outbox.announce(partner, "contribution.settled", {}, at=clock.now())
            announced[event.public_id] = time.monotonic()
            time.sleep(PAUSE_SECONDS)
    over.wait(120)
    stop.set()
    delivering.join()
    Delivery.objects.filter(due_at__isnull=False).update(due_at=None)
    return waited


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _text(seconds: list[float]) -> str:
    return f"{len(seconds)} events, p50 {statistics.median(seconds) * 1000:.0f} ms, p99 {_p99(seconds) * 1000:.0f} ms"


if __name__ == "__main__":
    main()
