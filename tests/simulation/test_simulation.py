"""Money never goes missing: many seeded histories of everything that can happen, in every order."""

import pytest

from tests.simulation.cells import faults, recorded
from tests.simulation.followers import Followed
from tests.simulation.world import World
from tests.tiers import SEED, amount

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_loses_or_invents_a_cent(pytestconfig: pytest.Config):
    """Feed alone has the same books as polling alone, and no cell is reached that is called unreachable.

    WHIPROUND_HISTORIES says how many: a thousand find what a few do not.
    """
    followed = 0
    with recorded() as seen:
        for seed in range(SEED, SEED + amount(pytestconfig, "histories")):
            history = Followed(seed)
            try:
                history.run()
            except AssertionError as wrong:
                pytest.fail(f"seed {seed}: {wrong}")
            followed += len(history.follower.books)
    assert followed > 0
    assert faults(seen) == []
    assert len(seen) > 5


def test_the_same_seed_gives_the_same_history():
    """Whether somebody follows it or not."""
    once = World(7).run()
    assert once == Followed(7).run()
    assert once != World(8).run()
