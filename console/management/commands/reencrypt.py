"""reencrypt"""

import sys
from typing import Any

from console.operator_command import FOUND, OperatorCommand
from console.reencryption import reencrypt

MOST_NAMED = 20


class Command(OperatorCommand):
    help = (
        "Puts all that is stored encrypted under the newest of CREDENTIALS_KEYS, so that the older ones can go; safe to stop "
        "and to start again while the service runs. Exit status 1 where something cannot be read with any of them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        for count in reencrypt():
            unreadable = count.unreadable or []
            lost += len(unreadable)
            told = f"{count.renewed} put under the newest key, {count.were_newest} were already, {len(unreadable)} unreadable"
            self.stdout.write(f"{count.column}: {told}")
            if unreadable:
                named = ", ".join(map(str, unreadable[:MOST_NAMED])) + (", ..." if len(unreadable) > MOST_NAMED else "")
                self.stdout.write(f"    no key in CREDENTIALS_KEYS can read the rows with id {named}")
        if lost:
            self.stderr.write(f"{lost} secrets cannot be read: put the key that they are under at the end of CREDENTIALS_KEYS.")
            sys.exit(FOUND)
        self.stdout.write("Everything is under the newest key: the older ones can be taken out of CREDENTIALS_KEYS.")
