"""audit"""

import sys
import time
from typing import Any

from console.operator_command import OperatorCommand
from contributions.audit import faults_in_the_books
from contributions.running import record_audit


class Command(OperatorCommand):
    help = "Proves the books: every total is the sum of its ledger entries. Otherwise a list and exit status 1."

    def handle(self, *args: Any, **options: Any) -> None:
        faults, started = 0, time.monotonic()
        for fault in faults_in_the_books():
            faults += 1
            self.stdout.write(fault)
        record_audit(seconds=time.monotonic() - started, faults=faults)
        if faults:
            self.stderr.write(f"{faults} faults in the books.")
            self.stderr.write("Wrong totals of goals are put right by `manage.py rebuild_totals`.")
            sys.exit(1)
        self.stdout.write("The books are right.")
