"""The first half of `make simulate`: many more histories than the tests live through, on all processors.

    python -m tests.simulation.run [--histories 10000] [--first-seed 1] [--provider simulated] [--with followers]

`--provider stripe` plays them with Stripe's adapter in front of its fake; see sides.py for the others. `--with permissions`
adds to what can happen; see WITH. Each process has a database of its own in a temporary folder. Ends with status 1 where a
history goes wrong, and names its seed:
`WHIPROUND_SEED=4711 WHIPROUND_HISTORIES=1 make test TESTS=tests/simulation/test_simulation.py` plays it again, or
`TESTS="tests/simulation/test_adapters.py -k stripe"`, or the file of what was added.
"""

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World

SHARE = 50
"""Histories that one process lives through before it takes the next ones."""

PROVIDERS = ("simulated", "amazon", "google", "paypal", "stripe")

WITH = {
    "nothing else": PROVIDERS,
    "followers": PROVIDERS,
    "permissions": ("simulated", "amazon", "paypal", "stripe"),
    "pledges": ("simulated",),
    "certificates": ("simulated",),
}
"""What `--with` adds to gifts, cash and matching, and at whose side it can be played: two programs of the partner, by feed
alone and by polling alone; what a giver has agreed to; pledges under it; gift certificates."""


def live_through(provider: str, added: str, seeds: range) -> list[str]:
    """What went wrong in these histories, one sentence each."""
    _set_up()
    history, wrong = _history(provider, added), []
    for seed in seeds:
        try:
            history(seed).run()
        except AssertionError as error:
            wrong.append(f"{provider} with {added}, seed {seed}: {str(error).splitlines()[0]}")
    return wrong


def _history(provider: str, added: str) -> "Callable[[int], World]":
    from tests.simulation.certificates import WorldWithCertificates
    from tests.simulation.followers import Followed
    from tests.simulation.permissions import WorldWithPermissions
    from tests.simulation.pledges import WorldWithPledges
    from tests.simulation.sides import PERMITTING, SIDES
    from tests.simulation.world import World

    histories: dict[str, Callable[[int], World]] = {
        "nothing else": lambda seed: World(seed, SIDES[provider]),
        "followers": lambda seed: Followed(seed, SIDES[provider]),
        "permissions": lambda seed: WorldWithPermissions(seed, PERMITTING[provider]),
        "pledges": WorldWithPledges,
        "certificates": WorldWithCertificates,
    }
    return histories[added]


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
    parser.add_argument("--provider", choices=PROVIDERS, default="simulated")
    parser.add_argument("--with", dest="added", choices=WITH, default="nothing else")
    options = parser.parse_args()
    if options.provider not in WITH[options.added]:
        parser.error(f"--with {options.added} is played at {' and '.join(WITH[options.added])}")
    end, started = options.first_seed + options.histories, time.monotonic()
    shares = [range(seed, min(seed + SHARE, end)) for seed in range(options.first_seed, end, SHARE)]
    wrong: list[str] = []
    with ProcessPoolExecutor() as pool:
        for sentences in pool.map(partial(live_through, options.provider, options.added), shares):
            wrong += sentences
            for sentence in sentences:
                print(sentence, flush=True)
    lived = f"{options.histories:,} histories of 30 steps in {time.monotonic() - started:.0f} s"
    print(f"{options.provider} with {options.added}: {lived}: {len(wrong)} went wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
