"""audit"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from contributions.audit import faults_in_the_books


class Command(BaseCommand):
    help = "Proves the books: every total is the sum of its ledger entries. Otherwise a list and exit status 1."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for fault in faults_in_the_books():
            faults += 1
            self.stdout.write(fault)
        if faults:
            self.stderr.write(f"{faults} faults in the books.")
            self.stderr.write("Wrong totals of goals are put right by `manage.py rebuild_totals`.")
            sys.exit(1)
        self.stdout.write("The books are right.")
