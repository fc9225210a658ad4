"""export --partner NAME | --giver WORD [--partner NAME] [--to FILE]"""

import os
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from contributions import erasure, everything_kept
from partners.models import Partner


class Command(OperatorCommand):
    help = "Writes all that is kept of a partner, or of a giver's gifts, as one JSON document. No secret is ever in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partner", metavar="NAME", default="", help="all of this partner, live and test")
        parser.add_argument("--giver", metavar="WORD", default="", help="all of these gifts alone: see erase for what WORD is")
        parser.add_argument("--to", metavar="FILE", default="", help="a new file that only you can read; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        pieces = self._pieces(options["giver"], options["partner"])
        if not options["to"]:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        try:
            descriptor = os.open(options["to"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be made: {error.strerror}") from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(pieces)
        self.stdout.write(f"Written to {options['to']}.")

    def _pieces(self, giver: str, partner: str) -> Iterator[str]:
        if not giver and not partner:
            raise CommandError("say of whom: --partner NAME or --giver WORD")
        if partner and not Partner.objects.filter(name=partner).exists():
            raise CommandError(f"there is no partner named {partner!r}")
        if not giver:
            return everything_kept.of_partner(partner)
        gifts = erasure.gifts_of(giver, partner)
        if not gifts:
            raise CommandError("no gift has this word; a name, a Reference or an e-mail needs --partner as well")
        return everything_kept.of_gifts(giver, gifts)
