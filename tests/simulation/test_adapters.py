"""Money never goes missing, whichever adapter it goes through: the same histories in front of the fakes of the providers."""

import pytest
from django.db import connection

from tests.simulation.cells import faults, recorded
from tests.simulation.sides import ADAPTERS
from tests.simulation.world import World
from tests.tiers import SEED, amount

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="no adapter knows of the database: played beside one"),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ADAPTERS)
def test_no_history_with_an_adapter_loses_or_invents_a_cent(name: str, pytestconfig: pytest.Config):
    """Nor is a cell of the decision table reached that is called unreachable. The same seed gives the same history."""
    histories: list[list[str]] = []
    with recorded() as seen:
        for seed in range(SEED, SEED + amount(pytestconfig, "adapter histories")):
            try:
                histories.append(World(seed, ADAPTERS[name]).run())
            except AssertionError as wrong:
                pytest.fail(f"seed {seed}: {wrong}")
    assert faults(seen) == []
    assert len(seen) > 5
    assert World(SEED, ADAPTERS[name]).run() == histories[0]
    assert histories[0] not in histories[1:]
