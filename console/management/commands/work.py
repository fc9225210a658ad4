"""work [--once]"""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError, close_old_connections

from console import database
from console.operator_command import OperatorCommand
from contributions import retention
from contributions.rounds import Rounds
from contributions.running import Heart
from contributions.worker import sync_all_due
from notifications.delivery import Deliverer
from pledges import due as pledges
from pledges import reminders
from providers.sandbox.webhooks import deliver_webhooks
from rehearsals import play

log = logging.getLogger(__name__)
ROUND_SECONDS = 3


class Command(OperatorCommand):
    help = (
        "Finds out about open contributions and delivers webhooks; without --once for ever. "
        "Any number may run at the same time."
    )

    acts_for_the_service = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about everything that is open now, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        trouble = database.trouble()
        if trouble.startswith(database.NOT_MIGRATED) or (trouble and options["once"]):
            raise CommandError(trouble)  # for ever: a database that is away for now comes back
        if options["once"]:
            self._once()
        else:
            self._for_ever()

    def _once(self) -> None:
        Heart().begin()
        deliver_webhooks(most=None)
        pledges.follow_all_due()
        self.stdout.write(f"Followed up {sync_all_due(whether_due_or_not=True)} open contributions.")
        pledges.follow_all_due(whether_due_or_not=True)  # by what was just learnt
        reminders.send_all_due()
        deliverer = Deliverer()
        sent = deliverer.run_once()
        deliverer.close()
        if sent:
            self.stdout.write(f"Sent {sent} webhooks.")
        played = play.play_all_due()
        if played:
            self.stdout.write(f"Played {played} rehearsals.")
        purged = retention.purge_if_due()
        if purged:
            self.stdout.write(f"Purged {purged}.")

    def _for_ever(self) -> None:
        heart, stop = Heart(), threading.Event()
        rounds = Rounds(stop.is_set)
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, lambda *_: stop.set())
        # Beside the rounds, in threads of their own: webhooks do not wait for a provider that takes its time.
        threads = [
            threading.Thread(target=work, args=[stop], name=name)
            for name, work in {
                "purge": retention.run,
                "webhooks": Deliverer().run,
                "rehearsals": play.run,
                "pledges": pledges.run,
                "reminders": reminders.run,
            }.items()
        ]
        for thread in threads:
            thread.start()
        log.info("worker started")
        try:
            while not stop.is_set():
                close_old_connections()
                try:
                    heart.beat()
                    deliver_webhooks(stopped=stop.is_set)
                    rounds.begin()
                except OperationalError:
                    log.exception("the database did not answer; trying again")
                stop.wait(ROUND_SECONDS)
        finally:  # whichever of them ends takes the others along: a worker is whole, or is started again
            stop.set()
            rounds.join()
            for thread in threads:
                thread.join()
        log.info("worker stopped")
