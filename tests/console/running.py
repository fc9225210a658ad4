"""Commands, run in process: what each printed, and how it ended."""

import io
from dataclasses import dataclass

from django.core.management import CommandError, call_command


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def run(*arguments: str) -> Ended:
    """As `manage.py` would: what cannot be done is told in a sentence."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except CommandError as error:
        return Ended(error.returncode, f"{out.getvalue()}{error}\n")
    except SystemExit as end:
        return Ended(int(end.code or 0), out.getvalue())
    return Ended(0, out.getvalue())
