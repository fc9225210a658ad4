"""The first half of `make simulate`: many more histories than the tests live through, on all processors.

    python -m tests.simulation.run [--histories 10000] [--first-seed 1] [--provider simulated] [--followed]

`--provider stripe` plays them with Stripe's adapter in front of its fake; see sides.py for the others. Each process has a
database of its own in a temporary folder. Ends with status 1 where a history goes wrong, and names its seed:
`WHIPROUND_SEED=4711 WHIPROUND_HISTORIES=1 make test TESTS=tests/simulation/test_simulation.py` plays it again, or
`TESTS="tests/simulation/test_adapters.py -k stripe"`.
"""

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

SHARE = 50
"""Histories that one process lives through before it takes the next ones."""


def live_through(provider: str, followed: bool, seeds: range) -> list[str]:
    """What went wrong in these histories, one sentence each."""
    _set_up()
    from tests.simulation.followers import Followed
    from tests.simulation.sides import SIDES
    from tests.simulation.world import World

    wrong, history = [], Followed if followed else World
    for seed in seeds:
        try:
            history(seed, SIDES[provider]).run()
        except AssertionError as error:
            wrong.append(f"{provider}, seed {seed}: {str(error).splitlines()[0]}")
    return wrong


def _set_up() -> None:
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="whipround-simulation-")
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/books.sqlite3"
    os.environ["SANDBOX"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    # What was loaded stays, and of what a history makes little is left for the collector: it need not look so often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def main() -> int:
    parser = argparse.ArgumentParser(description="Many histories of everything that can happen to money.")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--provider", choices=("simulated", "amazon", "google", "paypal", "stripe"), default="simulated")
    parser.add_argument("--followed", action="store_true", help="by two programs of the partner: feed alone, polling alone")
    options = parser.parse_args()
    end, started = options.first_seed + options.histories, time.monotonic()
    shares = [range(seed, min(seed + SHARE, end)) for seed in range(options.first_seed, end, SHARE)]
    wrong: list[str] = []
    with ProcessPoolExecutor() as pool:
        for sentences in pool.map(partial(live_through, options.provider, options.followed), shares):
            wrong += sentences
            for sentence in sentences:
                print(sentence, flush=True)
    lived = f"{options.histories:,} histories of 30 steps in {time.monotonic() - started:.0f} s"
    print(f"{options.provider}: {lived}: {len(wrong)} went wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
