"""erase WORD [--partner NAME] [--dry-run] [--keep-file]"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from console import freed_space
from console.operator_command import OperatorCommand
from contributions import erased_matchers, erasure
from contributions.models import Contribution
from money import text_of
from partners.models import Partner
from pledges import erasing
from pledges.models import Pledge


class Command(OperatorCommand):
    help = "Erases a giver everywhere: names, messages, references, in gifts, events, kept answers. Amounts and proofs stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "word", help="the Id of a gift; with --partner also a giver's exact name, a Reference, or an e-mail"
        )
        parser.add_argument(
            "--partner", metavar="NAME", default="", help="all gifts of this partner, live and test, with the word"
        )
        parser.add_argument("--dry-run", action="store_true", help="only list the gifts")
        parser.add_argument("--keep-file", action="store_true", help="do not write the database file anew, which takes a while")

    def handle(self, *args: Any, **options: Any) -> None:
        matchers = erased_matchers.named(options["word"], options["partner"]) if options["partner"] else []
        gifts, pledges = self._found(options["word"], options["partner"], or_matchers=bool(matchers))
        if options["dry_run"]:
            for gift in gifts:
                self.stdout.write(f"{_line(gift)}{', erased before' if gift.erased_at else ''}")
            for pledge in pledges:
                self.stdout.write(f"pledge {pledge.public_id} of {pledge.created_at:%Y-%m-%d}, {pledge.state}")
            self.stdout.write(f"{len(gifts)} gifts would be erased. Nothing was changed.")
            return
        erasing.erase_all(pledges)  # first: they would make more
        for pledge in pledges:
            self.stdout.write(f"pledge {pledge.public_id}: ended, and its words are erased")
        number, left = self._erase(gifts)
        for matcher in matchers:
            erased_matchers.erase(matcher)
            self.stdout.write(f"matcher {matcher.public_id}: its name is erased")
        self.stdout.write(f"{number} of {len(gifts)} gifts were erased now; what was erased before is as it was.")
        if not options["keep_file"]:
            try:
                self.stdout.write(freed_space.overwrite())
            except freed_space.StillThere as error:
                raise CommandError(str(error)) from None
        if left:
            raise CommandError(f"{left} gifts could not be erased yet: see above, and run the command again")

    def _found(self, word: str, partner: str, *, or_matchers: bool) -> tuple[list[Contribution], list[Pledge]]:
        if partner and not Partner.objects.filter(name=partner).exists():
            raise CommandError(f"there is no partner named {partner!r}")
        gifts = erasure.gifts_of(word, partner)
        pledges = erasing.named_by(word, partner, gifts)
        if not gifts and not pledges and not or_matchers:
            advice = "" if partner else " A name, a Reference or an e-mail needs --partner."
            raise CommandError(f"no gift has this word.{advice}")
        return gifts, pledges

    def _erase(self, gifts: list[Contribution]) -> tuple[int, int]:
        number = left = 0
        for gift in gifts:
            try:
                erased = erasure.erase(gift)
            except (erasure.BeingAsked, erasure.KeepsChanging) as error:
                left += 1
                self.stdout.write(str(error))
                continue
            number += bool(erased)
            told = (
                f"{erased.events} events, {erased.answers} kept answers, {erased.refunds} refunds" if erased else "nothing left"
            )
            self.stdout.write(f"{_line(gift)}: {told}")
        return number, left


def _line(gift: Contribution) -> str:
    """Without the name: it is what is to go, and terminals keep what they print."""
    amount = f"{text_of(gift.amount_minor, gift.currency)} {gift.currency}"
    return f"{gift.public_id} of {gift.created_at:%Y-%m-%d}, {amount}, {gift.status}"
