"""Pledges in many seeded histories: sleeping workers, months' ends, failures, pauses, deaths; one gift for each number."""

import pytest

from tests.simulation.cells import faults, recorded
from tests.simulation.pledges import WorldWithPledges
from tests.simulation.side import Wrong
from tests.tiers import SEED, amount

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_makes_a_gift_too_many(pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    with recorded() as seen:
        for seed in range(SEED, SEED + amount(pytestconfig, "histories with more")):
            try:
                lines += WorldWithPledges(seed).run()
            except Wrong as wrong:
                pytest.fail(f"seed {seed}: {wrong}")
    assert any("pledges: pledge-" in line for line in lines)
    assert faults(seen) == []


@pytest.mark.full  # test_simulation.py shows it of the world that this one is made from
def test_the_same_seed_gives_the_same_history() -> None:
    assert WorldWithPledges(3).run() == WorldWithPledges(3).run()
