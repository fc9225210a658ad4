"""rehearse NAME [--confirmation-url URL] [--cancel-url URL]"""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from partners.redirects import BadRedirectURL, check_redirect_url
from partners.registration import named
from rehearsals import play
from rehearsals.gifts import CannotRehearse
from rehearsals.models import Rehearsal
from rehearsals.stage import Check

WORDS = {True: "passed", False: "FAILED", None: "look"}


class Command(OperatorCommand):
    help = (
        "Plays bad days against the webhook and the pages of the partner in test of this name, prints the sheet, and exits "
        "with 1 where something failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--confirmation-url", default="", help="else that of the partner's newest goal in test")
        parser.add_argument("--cancel-url", default="", help="likewise")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = named(options["name"], is_test=True)
        if partner is None:
            raise CommandError(f"there is no partner in test named {options['name']!r}: create_api_key --test makes it one")
        urls = {name: options[name] for name in ("confirmation_url", "cancel_url")}
        try:
            for url in filter(None, urls.values()):
                check_redirect_url(partner, url)
            rehearsal = play.begin(partner, **urls, leased=True)
        except BadRedirectURL as error:
            raise CommandError(f"the address {error}") from None
        except (CannotRehearse, play.RehearsalRunning) as error:
            raise CommandError(str(error)) from None
        play.play_leased(rehearsal, tell=self._tell)
        if not play.passed(Rehearsal.objects.get(pk=rehearsal.pk)):
            sys.exit(1)

    def _tell(self, check: Check) -> None:
        self.stdout.write(f"{WORDS[check.passed]:<6}  {check.name}: {check.detail}")
        self.stdout.flush()
