"""work [--once]"""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from contributions.worker import sync_all_due
from notifications.delivery import Deliverer
from providers.sandbox.webhooks import deliver_webhooks
from rehearsals import play

log = logging.getLogger(__name__)
ROUND_SECONDS = 3


class Command(BaseCommand):
    help = (
        "Finds out about open contributions and delivers webhooks; without --once for ever. "
        "Any number may run at the same time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about everything that is open now, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            deliver_webhooks(most=None)
            self.stdout.write(f"Followed up {sync_all_due(whether_due_or_not=True)} open contributions.")
            deliverer = Deliverer()
            sent = deliverer.run_once()
            deliverer.close()
            if sent:
                self.stdout.write(f"Sent {sent} webhooks.")
            played = play.play_all_due()
            if played:
                self.stdout.write(f"Played {played} rehearsals.")
            return
        stop = threading.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, lambda *_: stop.set())
        # Beside the rounds, in threads of their own: webhooks do not wait for a provider that takes its time.
        delivering = threading.Thread(target=Deliverer().run, args=[stop], name="webhooks")
        rehearsing = threading.Thread(target=play.run, args=[stop], name="rehearsals")
        delivering.start()
        rehearsing.start()
        log.info("worker started")
        try:
            while not stop.is_set():
                close_old_connections()
                try:
                    deliver_webhooks(stopped=stop.is_set)
                    sync_all_due(stopped=stop.is_set)
                except OperationalError:
                    log.exception("the database did not answer; trying again")
                stop.wait(ROUND_SECONDS)
        finally:  # whichever of the two ends takes the other along: a worker is whole, or is started again
            stop.set()
            delivering.join()
            rehearsing.join()
        log.info("worker stopped")
