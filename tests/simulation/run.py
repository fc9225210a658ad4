"""The first half of `make simulate`: many more histories than the tests live through, on all processors.

    python -m tests.simulation.run [--histories 10000] [--first-seed 1] [--provider simulated] [--with followers]
        [--database sqlite|postgresql]

`--provider stripe` plays them with Stripe's adapter in front of its fake; see sides.py for the others. `--with permissions`
adds to what can happen; see WITH. Each process has a database of its own: in a temporary folder, or on the PostgreSQL at
TEST_POSTGRES_URL, else an embedded one. Ends with status 1 where a history goes wrong, and names its seed:
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
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import Queue
from pathlib import Path
from typing import TYPE_CHECKING

from tests.migrated import new_database, originals
from tests.on_both_databases import folder_with_room, postgres_url

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


def _set_up(databases: "Queue[str]") -> None:
    """Once in each process, before its first history."""
    os.environ["DATABASE_URL"] = databases.get()
    os.environ["SANDBOX"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    # What was loaded stays, and of what a history makes little is left for the collector: it need not look so often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@contextmanager
def _processes(kind: str) -> Iterator[ProcessPoolExecutor]:
    """As many as there are processors, each with a migrated database of this kind."""
    number, name = os.cpu_count() or 1, f"simulated_{uuid.uuid4().hex[:12]}"
    databases: Queue[str] = Queue()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="whipround-simulation-", dir=folder_with_room())))
        server = stack.enter_context(postgres_url(folder / "data")) if kind == "postgresql" else "sqlite:"
        stack.enter_context(originals(server, f"{name}_original", str(folder)))
        for process in range(number):
            databases.put(stack.enter_context(new_database(server, f"{name}_{process}", folder)))
        yield stack.enter_context(ProcessPoolExecutor(number, initializer=_set_up, initargs=(databases,)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Many histories of everything that can happen to money.")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--provider", choices=PROVIDERS, default="simulated")
    parser.add_argument("--with", dest="added", choices=WITH, default="nothing else")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    if options.provider not in WITH[options.added]:
        parser.error(f"--with {options.added} is played at {' and '.join(WITH[options.added])}")
    end = options.first_seed + options.histories
    shares = [range(seed, min(seed + SHARE, end)) for seed in range(options.first_seed, end, SHARE)]
    wrong: list[str] = []
    with _processes(options.database) as pool:
        started = time.monotonic()
        for sentences in pool.map(partial(live_through, options.provider, options.added), shares):
            wrong += sentences
            for sentence in sentences:
                print(sentence, flush=True)
    lived = f"{options.histories:,} histories of 30 steps in {time.monotonic() - started:.0f} s"
    print(f"{options.provider} with {options.added} on {options.database}: {lived}: {len(wrong)} went wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
