#!/usr/bin/env python
"""Runs the service's commands: `python manage.py help` lists them. What stops one is told in a sentence, with status 2."""

import os
import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

from config import unsafe

CANNOT = 2
INTERRUPTED = 130


def main() -> int:
    """The exit status. Commands of Django's own tell nothing of a database that is away but a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    lists_everything = sys.argv[1:2] == ["check"] and "--deploy" in sys.argv
    try:
        with unsafe.telling_only() if lists_everything else nullcontext():
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        return _stopped(str(error))
    except (OperationalError, InterfaceError) as error:
        return _stopped(f"The database does not answer: {(str(error).strip() or 'no reason given').splitlines()[0]}")
    except BrokenPipeError:  # whoever read the output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _stopped(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return CANNOT


if __name__ == "__main__":
    sys.exit(main())
