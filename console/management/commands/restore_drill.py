"""restore_drill FILE"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console import backups
from console.operator_command import FOUND, OperatorCommand


class Command(OperatorCommand):
    help = (
        "Restores a backup into a database of its own, proves it there, and drops that database; the real one is not touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="that `backup` has made")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(options["file"])
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with backups.restored(file) as url:
                for command, status, said in backups.prove(url):
                    self.stdout.write(f"{command:<8} {said or 'done'}")
                    if status:
                        self.stdout.write(f"{file} is NOT a good backup: {command} ended with status {status}.")
                        sys.exit(FOUND)
        except backups.BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} can be restored, and its books are right.")
