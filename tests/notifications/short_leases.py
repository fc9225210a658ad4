"""`manage.py`, with deliveries whose leases are over in seconds: whoever kills workers cannot wait a minute after each.

python -m tests.notifications.short_leases work
"""

import os
import sys

import django
from django.core.management import execute_from_command_line

LEASE_SECONDS = 2

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    import leases

    leases.LEASE_SECONDS = LEASE_SECONDS
    execute_from_command_line(["manage.py", *sys.argv[1:]])
