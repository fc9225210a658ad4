"""Many requests made up from the OpenAPI description.

    python -m tests.api.fuzz [--cases 5000] [--seed 1]

On a database of its own (made_up_requests.py). Ends with status 1 where an answer is a 5xx that we are to blame for, or is
not in the description; prints each request that went wrong as a curl command.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from typing import Any

ADDRESS = "http://give.example.test"


def _set_up() -> Any:
    folder = tempfile.mkdtemp(prefix="whipround-fuzz-")
    os.environ |= {
        "SANDBOX": "1",
        "DATABASE_URL": f"sqlite:///{folder}/books.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_BASE_URL": ADDRESS,
        "ALLOWED_HOSTS": "give.example.test",
    }
    from config.wsgi import application  # sets Django up

    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return application


def main() -> int:
    parser = argparse.ArgumentParser(description="Requests made up from the OpenAPI description.")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    application, started = _set_up(), time.monotonic()
    from notifications import addresses
    from tests.api.fuzz_records import Records
    from tests.api.made_up_requests import Fuzz
    from tests.conftest import PartnerClient, nobody_knows, register

    addresses.use(nobody_knows)
    shops = [PartnerClient(register(name).api_key) for name in ("Anna's Shop", "Rival Shop")]
    told = Fuzz(application, Records(*shops)).play(options.cases, options.seed)
    for operation, counts in told.statuses.items():
        print(f"{operation:55}", "  ".join(f"{status}: {number}" for status, number in sorted(counts.items())))
    print(", ".join(f"{kind}: {number}" for kind, number in sorted(told.kinds.items())))
    for sentence in told.wrong[:50]:
        print(sentence)
    print(f"{told.cases:,} requests in {time.monotonic() - started:.0f} s: {len(told.wrong)} answers were not as described.")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
