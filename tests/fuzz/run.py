"""Fuzzes each target for so many seconds, and tells how many inputs had which kind of answer. Part of `make full`.

    python -m tests.fuzz.run [TARGET ...] [--seconds 60] [--seed 1]

On a database of its own. Ends with status 1 where an input brought something else than it may, or the process grew too much.
"""

import argparse
import logging
import os
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fuzz.target import Target, play_for, resident_mebibytes

MOST_GROWTH_MEBIBYTES = 400
"""Of the process while one target is fuzzed: what Hypothesis keeps is in it."""


def set_up(folder: str) -> None:
    """Django, on an empty database in the folder."""
    os.environ |= {
        "SANDBOX": "1",
        "DATABASE_URL": f"sqlite:///{folder}/books.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_BASE_URL": "http://give.example.test",
        "ALLOWED_HOSTS": "give.example.test",
    }
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def fuzz(name: str, target: Target, seconds: float, seed_number: int) -> bool:
    """Whether all went well; prints what came of it."""
    before = resident_mebibytes()
    try:
        kinds = play_for(target, seconds, seed_number=seed_number)
    except Exception:  # noqa: BLE001 - it is printed, and the others have their turn
        print(f"{name:18} FAILED\n{traceback.format_exc()}", flush=True)
        return False
    grown = resident_mebibytes() - before
    told = ", ".join(f"{kind} {number:,}" for kind, number in kinds.most_common())
    print(f"{name:18} {kinds.total():>9,} inputs: {told}; {grown:+.0f} MiB", flush=True)
    if grown > MOST_GROWTH_MEBIBYTES:
        print(f"{name:18} FAILED: the process has grown by {grown:.0f} MiB", flush=True)
        return False
    return True


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Fuzzing of whatever reads what comes from outside.")
    parser.add_argument("targets", nargs="*", help="all of them, where none is named")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="whipround-fuzz-", ignore_cleanup_errors=True) as folder:
        set_up(folder)
        from tests.fuzz.targets import TARGETS

        if unknown := set(options.targets) - set(TARGETS):
            parser.error(f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
        good = [fuzz(name, TARGETS[name](Path(folder)), options.seconds, options.seed) for name in options.targets or TARGETS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
