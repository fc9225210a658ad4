"""What both commands do alike."""

import hashlib
import sys
import tempfile
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from moving_in.csv_lines import UnreadableFile
from moving_in.importing import CannotStore, Faults, Import, Records
from partners.models import Partner

PIECE = 1 << 16


class ImportCommand(OperatorCommand):
    """One file of lines, for one partner."""

    what = ""

    def records(self, partner: Partner) -> Records[Any]:
        """What becomes of the lines."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="CSV in UTF-8, its first line the names of its columns; - reads it from stdin"
        )
        parser.add_argument("--partner", metavar="NAME", required=True, help="whose they are")
        parser.add_argument("--test", action="store_true", help="into the partner's test records")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done, and what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = self._partner(options["partner"], is_test=options["test"])
        with tempfile.TemporaryFile() as copied:  # read twice: it must not change in between
            job = Import(partner, self.records(partner), copied, _copy(options["file"], copied))
            try:
                found = job.check()
                if options["dry_run"]:
                    self.stdout.write(
                        f"{found.new} {self.what} would be imported, {found.known} are there. Nothing was changed."
                    )
                    return
                done = job.store()
            except UnreadableFile as error:
                raise CommandError(f"{error}. Nothing was imported.") from None
            except Faults as faults:
                raise CommandError(self._told(faults)) from None
            except CannotStore as error:
                raise CommandError(f"{error} What was stored before that stays, and counts once.") from None
        self.stdout.write(f"{done.new} {self.what} were imported, {done.known} were there.")

    def _partner(self, name: str, *, is_test: bool) -> Partner:
        partner = Partner.objects.filter(name=name, is_test=is_test).first()
        if partner is None:
            other = Partner.objects.filter(name=name).exists()
            mode, advice = ("test", ": leave --test out") if is_test else ("live", ": add --test")
            raise CommandError(f"there is no {mode} partner named {name!r}{advice if other else ''}")
        return partner

    def _told(self, faults: Faults) -> str:
        for fault in faults.told:
            self.stdout.write(str(fault))
        more = f", of which the first {len(faults.told)} stand above" if faults.number > len(faults.told) else ""
        return f"{faults.number} faults{more}. Nothing was imported."


def _copy(name: str, to: BinaryIO) -> str:
    """The file's SHA-256."""
    digest = hashlib.sha256()
    try:
        source = sys.stdin.buffer if name == "-" else open(name, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from None
    try:
        while piece := source.read(PIECE):
            digest.update(piece)
            to.write(piece)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from None
    finally:
        if name != "-":
            source.close()
    return digest.hexdigest()
