"""A slow provider: the others' p99, without and with 32 givers whose captures take the provider three seconds each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import load, servers
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.parts.waiting import LONGER, polls_of
from benchmarks.servers import Server
from benchmarks.stage import Effort, Kind, interleaved, stage

HANGING = 32
SECONDS_OF_A_CAPTURE = 3


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    seconds = effort.seconds * LONGER
    share = HANGING * (4 + round(seconds / SECONDS_OF_A_CAPTURE))
    with (
        stage(kind, partners=4, goals=5, settled=200, slow=share * effort.rounds) as there,
        servers.service(there.environment(), there.folder) as service,
    ):
        gifts = iter(there.told["slow"])
        polls = polls_of(there, service, seconds)
        polls()

        def beside_who_hang() -> Load:
            with _hanging(service, [next(gifts)["return"] for _ in range(share)], seconds):
                return polls()

        found = interleaved(effort.rounds, {"undisturbed": polls, "32 hang": beside_who_hang})
    p99 = {name: [one.p99 * 1000 for one in loads] for name, loads in found.items()}
    title = "others' p99, 32 captures hang / none does"
    return [ratio("p99/slow provider", title, kind.name, p99["32 hang"], p99["undisturbed"], ("32 hang", "none hangs", "ms"))]


@contextmanager
def _hanging(service: Server, paths: list[str], seconds: float) -> Iterator[None]:
    """Givers who return, each to a gift of its own, and the next one after that. They come one by one, as people do: all at
    once, they would hang and be settled all at once, every three seconds, and that would be measured."""
    requests = [load.request("GET", path, {}) for path in paths]
    how = {"connections": HANGING, "once": True, "begin_within": SECONDS_OF_A_CAPTURE, "patience": 30}
    with load.sending(service.port, requests, seconds=seconds + 2 * SECONDS_OF_A_CAPTURE, **how):
        time.sleep(SECONDS_OF_A_CAPTURE)
        yield
