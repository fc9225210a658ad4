"""manage.py check_provider NAME [--test]: is everything there that a provider needs to take money for us?"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from console.operator_command import OperatorCommand
from providers import registry


class Command(OperatorCommand):
    help = "Ask a payment provider whether its keys and its webhook are right, and say what to fix. Moves no money."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the provider, such as paypal")
        parser.add_argument("--test", action="store_true", help="its test environment, which pays test records")

    def handle(self, *args: Any, **options: Any) -> None:
        name = registry.canonical_name(options["name"])
        is_test = options["test"] or name in settings.PROVIDERS_WITH_TEST_KEYS - settings.PROVIDERS_WITH_KEYS
        checks = registry.checks_of(name, is_test=is_test) if name else None
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
        self.stdout.write(f"{name} is ready for tests." if is_test else f"{name} is ready.")
