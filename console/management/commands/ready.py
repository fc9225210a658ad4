"""manage.py ready [--keys-are-lost]: what /readyz would say, for checks that have no HTTP."""

import sys
from argparse import ArgumentParser
from typing import Any

from console import readiness
from console.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = "Say whether the service could serve: the database can be written, is up to date and fits the secrets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keys-are-lost",
            action="store_true",
            help="no key of before will ever be found: from now on those that are set count, whatever they cannot read",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keys_are_lost"]:
            readiness.begin_anew()
        reason = readiness.trouble()
        self.stdout.write(reason or "ready")
        if reason:
            sys.exit(1)
