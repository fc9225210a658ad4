"""revoke_api_key PREFIX"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from partners import keys


class Command(OperatorCommand):
    help = "Revokes the one key that starts with PREFIX (12 characters or more), from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = keys.revoke(options["prefix"])
        except (keys.NoSuchKey, keys.AmbiguousPrefix) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Revoked {key} of {key.partner.name}.")
