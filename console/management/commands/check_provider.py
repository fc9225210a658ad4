"""manage.py check_provider NAME: is everything there that a provider needs to take money for us?"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers import registry


class Command(BaseCommand):
    help = "Ask a payment provider whether its keys and its webhook are right, and say what to fix. Moves no money."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the provider, such as paypal")

    def handle(self, *args: Any, **options: Any) -> None:
        name = registry.canonical_name(options["name"])
        checks = registry.checks_of(name) if name else None
        if checks is None:
            raise CommandError(f"There is nothing to check: the service knows {', '.join(registry.names_with_checks())}.")
        good = True
        for finding in checks:
            mark = "ok" if finding.good else "WARN" if finding.can_wait else "FIX"
            self.stdout.write(f"{mark:<5}{finding.what}")
            if not finding.good:
                self.stdout.write(f"     {finding.how_to_fix}")
                good = good and finding.can_wait
        if not good:
            sys.exit(1)
        self.stdout.write(f"{name} is ready.")
