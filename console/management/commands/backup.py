"""backup FILE"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console import backups
from console.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = "Copies the database, as it is at this moment, into a new file, while the service runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="which must not be there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(options["file"])
        if file.exists():
            raise CommandError(f"{file} is there already: a backup is never written over another file.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}.")
        try:
            backups.make(file)
        except backups.BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} holds everything that was committed, {file.stat().st_size} bytes.")
