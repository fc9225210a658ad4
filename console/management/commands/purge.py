"""purge [--dry-run]"""

from typing import Any

from django.core.management.base import CommandParser

from console.operator_command import OperatorCommand
from contributions.retention import purge


class Command(OperatorCommand):
    help = "Lets go what is older than RETAIN_... say. The worker does it once a day; money is never purged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        purged = purge(dry_run=options["dry_run"])
        for what, number in purged.numbers.items():
            self.stdout.write(f"{what}: {number}")
        self.stdout.write("Nothing was changed." if options["dry_run"] else f"Purged: {purged}.")
