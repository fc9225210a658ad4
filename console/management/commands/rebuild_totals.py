"""rebuild_totals [--dry-run]"""

from typing import Any

from django.core.management.base import CommandParser

from console.operator_command import OperatorCommand
from contributions.totals import rebuild


class Command(OperatorCommand):
    help = "Sets goals' totals that are wrong to what the ledger says. Safe while gifts arrive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print what would be changed")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        goals = 0
        for correction in rebuild(dry_run=dry_run):
            goals += 1
            self.stdout.write(str(correction))
        if not goals:
            self.stdout.write("Every goal's totals are what its ledger says.")
        elif dry_run:
            self.stdout.write(f"{goals} goals would be put right. Nothing was changed.")
        else:
            self.stdout.write(f"{goals} goals put right.")
