"""The primary dies under way: its standby is promoted, PgBouncer is led there, and the service goes on by itself."""

import threading
import time
from random import Random

import psutil
import pytest

from tests.cluster.conftest import ClusteredService
from tests.crashes.people import ShopAndGivers
from tests.crashes.processes import SHORT_LEASES
from tests.crashes.storm import Outcome, let_everything_be_found_out, prove
from tests.crashes.told import Person, Town
from tests.eventually import eventually, join

pytestmark = [pytest.mark.full, pytest.mark.one_database, pytest.mark.timeout(600)]

PEOPLE = 6
GIFTS_BEFORE, GIFTS_AFTER = 12, 12
"""How many are acknowledged before the primary is killed, and how many more once its standby has taken over."""
SECONDS_WITHOUT_A_PRIMARY = 3
PATIENCE_SECONDS = 120


def processes_of(service):
    """All processes of the server and the worker, the servers' own ones too."""
    started = [psutil.Process(process.pid) for process in service.processes.values()]
    return sorted(one.pid for first in started for one in (first, *first.children(recursive=True)))


def test_the_primary_dies_and_nothing_acknowledged_is_lost(cluster, tmp_path):
    """Synchronous commit: what a client was told is on both machines. Its requests meanwhile are refused, and asked again."""
    service = ClusteredService(cluster, tmp_path, SHORT_LEASES)
    outcome = Outcome()
    told, town = outcome.told, Town(outcome.told)
    try:
        key = service.new_partner("Shop")
        service.start_server()
        service.start_worker()
        people = [ShopAndGivers(Person(service.base_url, key, told), town, Random(n), str(n)) for n in range(PEOPLE)]
        threads = [threading.Thread(target=one.live, name=one.name) for one in people]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: outcome.acknowledged >= GIFTS_BEFORE, "gifts before", seconds=PATIENCE_SECONDS)
            running = processes_of(service)
            cluster.primary.kill()
            time.sleep(SECONDS_WITHOUT_A_PRIMARY)
            cluster.standby.promote()
            cluster.pooler.lead_to(cluster.standby)
            before = outcome.acknowledged
            eventually(lambda: outcome.acknowledged >= before + GIFTS_AFTER, "gifts after", seconds=PATIENCE_SECONDS)
            assert processes_of(service) == running
        finally:
            town.over.set()
            join(*threads, seconds=PATIENCE_SECONDS)
        assert told.interrupted == 0  # no process of the service has died, so nobody's line was cut
        let_everything_be_found_out(service)
        prove(service, outcome)
    finally:
        service.kill_everything()
    assert outcome.faults == [], outcome.report()
    assert outcome.audit == "clean"
    assert told.answers[503] > 0, outcome.summary()
