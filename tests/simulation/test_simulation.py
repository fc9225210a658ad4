"""Money never goes missing: many seeded histories of everything that can happen, in every order."""

import os

import pytest
from django.db import connection

from tests.simulation.world import World
from tests.tiers import amount

FIRST_SEED = int(os.environ.get("WHIPROUND_SEED", "1"))

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_loses_or_invents_a_cent(pytestconfig: pytest.Config):
    histories = "histories" if connection.vendor == "sqlite" else "histories on PostgreSQL"
    for seed in range(FIRST_SEED, FIRST_SEED + amount(pytestconfig, histories)):
        try:
            World(seed).run()
        except AssertionError as wrong:
            pytest.fail(f"seed {seed}: {wrong}")


def test_the_same_seed_gives_the_same_history():
    assert World(7).run() == World(7).run()
    assert World(7).run() != World(8).run()
