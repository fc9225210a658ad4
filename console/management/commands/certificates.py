"""certificates [--partner NAME] [--days N] [--json]"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from certificates.report import Outstanding, outstanding
from console.operator_command import OperatorCommand
from console.story_lines import printable

_DAYS = 30


class Command(OperatorCommand):
    help = (
        "What is outstanding on gift certificates, by partner and currency: what was issued, what became of it, what is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partner", default="", metavar="NAME", help="of this partner alone")
        parser.add_argument(
            "--days", type=int, default=_DAYS, help="what expires within so many days is expiring (%(default)s)"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(outstanding(days=options["days"], partner=options["partner"]))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
            return
        for row in rows:
            self._tell(row, options["days"])
        if not rows:
            self.stdout.write("No gift certificate was paid for.")

    def _tell(self, row: Outstanding, days: int) -> None:
        self.stdout.write(printable(f"{row.partner} ({row.mode})  {row.certificates} certificates, {row.currency}"))
        for what, amount, why in (
            ("outstanding", row.outstanding, f"{row.unclaimed} of it unclaimed, {row.expiring} expiring within {days} days"),
            (
                "issued",
                row.issued,
                f"spent {row.spent}, expired {row.expired}, refunded {row.refunded}, reversed {row.reversed}",
            ),
            ("overdue", row.overdue, "expired, and not entered yet: the worker does it"),
            ("missing", row.missing, "taken back after it was spent: see manage.py attention"),
        ):
            if what in {"outstanding", "issued"} or {*amount} - {*"0."}:
                self.stdout.write(f"    {what:<12}{amount}  {why}")
