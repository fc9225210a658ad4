#!/usr/bin/env python
"""Runs the service's commands: `python manage.py help` lists them."""

import os
import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config import unsafe

WRONG_SETTINGS = 2
"""Exit status where settings stop the start."""

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    lists_everything = sys.argv[1:2] == ["check"] and "--deploy" in sys.argv
    try:
        with unsafe.telling_only() if lists_everything else nullcontext():
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_SETTINGS)
