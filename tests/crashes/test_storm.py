"""Real deaths under load, on the database that the tests run on. `make simulate` has two hundred on each."""

import os

import pytest

from tests.crashes.storm import KILLS_TO_A_DEPLOYMENT, storm
from tests.tiers import SEED, amount

EVERY_END = {"Submitted", "Authorized", "Settled", "Failed", "Canceled", "Refunded", "Reversed"}
"""What a gift can be once everything has been found out; Pending is not among them."""


@pytest.mark.timeout(900)
def test_after_kills_and_deployments_all_is_right(tmp_path, pytestconfig):
    """Nothing is lost, taken twice or stuck."""
    kills = amount(pytestconfig, "kills")
    outcome = storm(tmp_path, os.environ.get("DATABASE_URL", "sqlite:///"), kills=kills, seed=SEED)
    assert not outcome.faults, outcome.report()
    assert (outcome.kills, outcome.deployments, outcome.audit) == (kills, kills // KILLS_TO_A_DEPLOYMENT, "clean"), (
        outcome.report()
    )
    # And there was something to lose: a storm that nobody was out in proves nothing.
    assert outcome.acknowledged >= 3 * kills, outcome.report()
    assert outcome.told.interrupted >= kills, outcome.report()
    assert outcome.sums["orders_asked_again"] >= 1, outcome.report()
    assert set(outcome.sums["statuses"]) == EVERY_END, outcome.report()
