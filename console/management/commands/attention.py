"""attention"""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from contributions.attention import KINDS, take_off
from contributions.models import Attention


class Command(OperatorCommand):
    help = "Lists what waits for a person, the oldest first, and what to do about it; exit status 1 where there is something."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--solved", type=int, metavar="NUMBER", help="take the one with this number off the list")

    def handle(self, *args: Any, **options: Any) -> None:
        number = options["solved"]
        if number is not None:
            if not take_off(number):
                raise CommandError(f"There is no {number} on the list.")
            self.stdout.write(f"{number} is off the list.")
            return
        rows = list(Attention.objects.order_by("pk"))
        for row in rows:
            kind = KINDS[row.kind]
            detail = f" ({row.detail})" if row.detail else ""
            self.stdout.write(f"{row.pk}  {row.kind}  {kind.record} {row.about}  since {row.since:%Y-%m-%d %H:%M} UTC{detail}")
            self.stdout.write(f"    {kind.what}\n    {kind.to_do}")
        if rows:
            sys.exit(1)
        self.stdout.write("Nothing waits for a person.")
