"""The second half of `make simulate`: people use the service while its processes are killed and deployed; then the proof.

    python -m tests.crashes.storm --kills 200 [--seed N]      on SQLite and on PostgreSQL, side by side

A kill is SIGKILL for the server with all its processes, the worker, or both; a deployment is SIGTERM for both, and new
ones when they have ended.

What chance decides (who gives what, when somebody is killed) comes from the seed; what the machine decides (who comes
first) does not, so a seed makes a like storm, not the same one.
"""

import argparse
import json
import logging
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import Process
from pathlib import Path
from random import Random
from typing import Any

from tests.crashes.people import ShopAndGivers
from tests.crashes.processes import LEASE_SECONDS, SHORT_LEASES, Service, new_service
from tests.crashes.promises import LOST, STUCK, TWICE, WRONG, Fault
from tests.crashes.told import Person, Told, Town
from tests.eventually import join
from tests.on_both_databases import postgres_url

PEOPLE = 16
KILLS_IN_A_ROUND = 20
BEGINNINGS = ["chargeback"] * 3 + [""] * (PEOPLE - 3)
VICTIMS = {("server",): 6, ("worker",): 2, ("server", "worker"): 2}
KILLS_TO_A_DEPLOYMENT = 5
QUIET_SECONDS = (0.1, 1.4)
"""How long, at least and at most, the people are left in peace before somebody is killed."""
MOST_ROUNDS_OF_WORK = 20

ANNOUNCED = ("OperationalError", "CheckoutNotOpened")
"""Errors with which the service answers 503 as it should: the database was too busy, a first try had died too early."""
_RAISED = re.compile(r"^[\w.]*[a-z][\w.]*(?=:|$)", re.MULTILINE)
"""The names of the exceptions in a traceback, the one that was seen outside last."""


@dataclass
class Outcome:
    """What a storm left behind."""

    seed: int = 0
    kills: int = 0
    deployments: int = 0
    told: Told = field(default_factory=Told)
    faults: list[Fault] = field(default_factory=list)
    sums: dict[str, Any] = field(default_factory=dict)
    audit: str = ""

    @property
    def acknowledged(self) -> int:
        return sum(bool(gift.id) for gift in self.told.gifts)

    def summary(self) -> str:
        kinds = Counter(fault.kind for fault in self.faults)
        words = [f"{self.kills} kills", f"{self.deployments} deployments", f"{self.acknowledged:,} gifts acknowledged"]
        words += [f"{self.told.interrupted:,} requests cut off", f"{self.told.answers[503]} answered 503"]
        words += [f"{self.sums.get('orders_asked_again', 0)} orders sent again"]
        words += [f"{kinds[kind]} {kind}" for kind in (LOST, TWICE, STUCK)]
        words += [f"{kinds[WRONG]} otherwise wrong"] if kinds[WRONG] else []
        return ", ".join([*words, f"audit {self.audit}"])

    def report(self) -> str:
        """The summary and each fault, for whoever has to find out."""
        lines = [f"seed {self.seed}: {self.summary()}", f"  {json.dumps(self.sums)}"]
        return "\n".join([*lines, *(f"  {fault.kind}: {fault.what}" for fault in self.faults[:50])])


SECONDS_TO_FINISH = 600
"""For the people, to finish what they were at when the last process was killed; then a storm hangs."""

SECONDS_A_KILL = 60
"""The most that a kill takes, with its share of the proof."""


def storm(folder: Path, configured_url: str, *, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Kill the service so many times, a few rounds of it, with the proof after each; stops at the first round with a fault.

    `tell` hears the summary after each round.
    """
    outcome = Outcome(seed)
    with new_service(folder, configured_url, SHORT_LEASES) as service:
        key = service.new_partner("Shop")
        round_number = 0
        while outcome.kills < kills and not outcome.faults:
            round_number += 1
            number = min(KILLS_IN_A_ROUND, kills - outcome.kills)
            _storm_round(service, key, outcome, number, f"{seed}-{round_number}")
            let_everything_be_found_out(service)
            prove(service, outcome)
            service.kill_everything()
            tell(outcome.summary())
        outcome.faults += [Fault(STUCK, f"process {process} is still there") for process in service.still_there()]
    return outcome


def _storm_round(service: Service, key: str, outcome: Outcome, kills: int, seed: str) -> None:
    """People live, processes die; at the end everything runs again and everybody finishes what they were at."""
    service.start_server()
    service.start_worker()
    told, town, chance = outcome.told, Town(outcome.told), Random(seed)
    shops = [
        ShopAndGivers(Person(service.base_url, key, told), town, Random(name), name, begins_with=begins_with)
        for name, begins_with in zip((f"{seed}-{number}" for number in range(PEOPLE)), BEGINNINGS, strict=True)
    ]
    threads = [threading.Thread(target=shop.live, name=shop.name) for shop in shops]
    try:
        for thread in threads:
            thread.start()
        for number in range(1, kills + 1):
            time.sleep(chance.uniform(*QUIET_SECONDS))
            _kill(service, chance)
            outcome.kills += 1
            if number % KILLS_TO_A_DEPLOYMENT == 0:
                time.sleep(chance.uniform(*QUIET_SECONDS))
                told.faults += _deploy(service)
                outcome.deployments += 1
    finally:
        town.over.set()
        join(*threads, seconds=SECONDS_TO_FINISH)


def _kill(service: Service, chance: Random) -> None:
    victims = chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
    for victim in victims:
        service.kill(victim)
    time.sleep(chance.uniform(0, 0.3))
    for victim in victims:
        service.start_server() if victim == "server" else service.start_worker()


def _deploy(service: Service) -> list[str]:
    """Everything old ends, everything new starts; returns what did not end in good order."""
    wrong = [service.stop("worker"), service.stop("server")]
    service.start_server()
    service.start_worker()
    return [f"deployment: {what}" for what in wrong if what]


def let_everything_be_found_out(service: Service) -> None:
    """Wait until the leases of the dead have run out, then work until there is nothing left to do, today and in two days."""
    service.kill("worker")
    time.sleep(LEASE_SECONDS)
    for when in ([], ["--in-two-days"]):
        said, rounds = [""], 0
        while rounds < 3 or (said[-1] != said[-2] and rounds < MOST_ROUNDS_OF_WORK):
            done = service.manage(*when, "work", "--once")
            if done.returncode:
                raise RuntimeError(done.stderr)
            said.append(done.stdout)
            rounds += 1


def prove(service: Service, outcome: Outcome) -> None:
    told = json.dumps(asdict(outcome.told) | {"answers": {}})
    proven = service.python("-m", "tests.crashes.proof", stdin=told)
    if proven.returncode:
        raise RuntimeError(proven.stderr)
    found = json.loads(proven.stdout)
    outcome.faults += [Fault(*fault) for fault in found.pop("faults")]
    outcome.faults += [Fault(WRONG, what) for what in _crashes(service)]
    outcome.sums = found
    audit = service.manage("audit")
    outcome.audit = "clean" if audit.returncode == 0 else f"exit {audit.returncode}"
    outcome.faults += [Fault(WRONG, f"audit: {line}") for line in audit.stdout.splitlines() if audit.returncode]


def _crashes(service: Service) -> list[str]:
    """What the service has logged with a traceback, but for a database that was too busy and said so."""
    return [
        f"{line['event']}: {line['traceback']}"
        for line in service.logged()
        if "traceback" in line and not _was_announced(str(line["traceback"]))
    ]


def _was_announced(traceback: str) -> bool:
    raised = _RAISED.findall(traceback)
    return bool(raised) and raised[-1].rpartition(".")[2] in ANNOUNCED


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crashes.storm", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that whoever ends it leaves no process of it behind
    logging.disable(logging.INFO)
    with postgres_url() as url:
        databases = {"SQLite": "sqlite:///", "PostgreSQL": url}
        storms = [Process(target=_told_of, args=(*database, asked.kills, asked.seed)) for database in databases.items()]
        try:
            for one in storms:
                one.start()
            give_up = time.monotonic() + SECONDS_TO_FINISH + SECONDS_A_KILL * asked.kills
            for one in storms:
                one.join(max(0, give_up - time.monotonic()))
        finally:
            for one in storms:
                one.terminate()
                one.join(SECONDS_TO_FINISH)
    return 1 if any(one.exitcode for one in storms) else 0


def _told_of(name: str, configured_url: str, kills: int, seed: int) -> None:
    """Ends this process with status 1 where there is a fault."""
    with tempfile.TemporaryDirectory() as folder:
        tell = partial(print, f"{name}:", flush=True)
        outcome = storm(Path(folder), configured_url, kills=kills, seed=seed, tell=tell)
    print(f"{name}, {outcome.report()}", flush=True)
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    sys.exit(main())
