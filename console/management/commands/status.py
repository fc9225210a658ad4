"""status [--json]"""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from console.operator_command import OperatorCommand
from console.vital_checks import Level, look
from contributions.waiting import without_outcome


class Command(OperatorCommand):
    help = (
        "How the service is, for monitoring: database, worker, late questions and webhooks, the oldest Pending gift, what is "
        "outstanding on gift certificates, what waits for a person, the last audit. Exit status 0: all is well; 1: a warning; "
        "2: critical."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--waiting", action="store_true", help="list the gifts without an outcome by provider instead")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["waiting"]:
            self._tell_waiting(as_json=options["json"])
            return
        findings = list(look())
        worst = max(one.level for one in findings)
        if options["json"]:
            told = [{"name": one.name, "level": one.level.name.lower(), "what": one.what} for one in findings]
            self.stdout.write(json.dumps({"status": worst.name.lower(), "findings": told}))
        else:
            for one in findings:
                self.stdout.write(f"{one.level.name.lower():<9}{one.name:<13}{one.what}")
        if worst != Level.OK:
            sys.exit(int(worst))

    def _tell_waiting(self, *, as_json: bool) -> None:
        rows = list(without_outcome())
        if as_json:
            self.stdout.write(json.dumps([asdict(row) for row in rows]))
            return
        for row in rows:
            self.stdout.write(f"{row.number:>8}  {row.provider or '(none picked)'}  {row.status}  {row.reason or '-'}")
        if not rows:
            self.stdout.write("No gift waits for an outcome.")
