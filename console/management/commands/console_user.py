"""console_user NAME [--disable]; console_user --list"""

import getpass
import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console import operators
from console.models import Operator
from console.operator_command import OperatorCommand

PASSWORD = "CONSOLE_PASSWORD"  # noqa: S105 - the name of the variable


class Command(OperatorCommand):
    help = (
        "Makes a login for the console, or sets its password, which is asked for at the terminal, or taken from the "
        f"environment variable {PASSWORD}. Every session of the operator ends."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", metavar="NAME")
        parser.add_argument("--disable", action="store_true", help="no login any more")
        parser.add_argument("--list", action="store_true", help="who may log in, and who has when")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if options["list"] == bool(name):
            raise CommandError("give the NAME of an operator, or --list")
        try:
            if options["list"]:
                self._list()
            elif options["disable"]:
                operators.disable(name)
                self.stdout.write(f"{name} cannot log in any more; every session has ended.")
            else:
                is_new = operators.set_password(name, _password())
                self.stdout.write(
                    f"{name} can log in now." if is_new else f"{name} has a new password; every session has ended."
                )
        except operators.BadOperator as error:
            raise CommandError(str(error)) from None

    def _list(self) -> None:
        for one in Operator.objects.order_by("name"):
            last = f"last login {one.last_login:%Y-%m-%d %H:%M} UTC" if one.last_login else "never logged in"
            self.stdout.write(f"{one.name}  {'may log in' if one.is_active else 'disabled'}  {last}")


def _password() -> str:
    """Raises CommandError."""
    told = os.environ.get(PASSWORD)
    if told is not None:
        return told
    if not sys.stdin.isatty():
        raise CommandError(f"run it at a terminal, where it asks for the password, or set {PASSWORD}")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandError("these were two different passwords: nothing was changed")
    return password
