"""move_to_test [NAME]"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from contributions.modes import CannotMove, live_partners_at_the_simulator, move_to_test


class Command(OperatorCommand):
    help = "Lists live partners whose gifts were paid at the simulator; with a NAME makes that one a partner in test."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"]:
            try:
                partner = move_to_test(options["name"])
            except CannotMove as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{partner.name} is in test now, with its keys and everything that they have made.")
            self.stdout.write("Make it a live key with create_api_key when it is to take real money.")
            return
        found = live_partners_at_the_simulator()
        for one in found:
            self.stdout.write(f"{one.partner.name}: {one.at_simulator} checkouts at the simulator, {one.elsewhere} elsewhere")
        if not found:
            self.stdout.write("No live partner's gifts were ever paid at the simulator.")
