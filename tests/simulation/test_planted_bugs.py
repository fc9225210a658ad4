"""A simulation that cannot find a mistake proves nothing: every planted one must be found."""

import re
import warnings

import pytest
from django.db import connection

from tests.simulation.planted_bugs import BUGS, Bug
from tests.simulation.side import Wrong
from tests.simulation.sides import SIDES
from tests.simulation.world import World

MOST_HISTORIES = 1000

MISPLANTED = re.compile(r"raised (TypeError|NameError|UnboundLocalError|AttributeError|ImportError|SyntaxError)\b")
"""What a bug does that no longer fits the function that it is planted in: the simulation would find that, and not the bug."""

pytestmark = pytest.mark.django_db


@pytest.mark.one_database
@pytest.mark.filterwarnings("default:.* was searched for:UserWarning")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the bugs are in the code, not in the database: planted once")
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_simulation_finds(bug: Bug):
    if bug.seed is not None and finds(bug, bug.seed):
        World(bug.seed, SIDES[bug.side]).run()  # the same history is clean without the bug
        return
    # The code has changed, and with it what happens in a history: search anew.
    found = next((seed for seed in range(1, MOST_HISTORIES + 1) if finds(bug, seed)), None)
    assert found is not None, f"{MOST_HISTORIES} histories did not find that {bug.name}"
    World(found, SIDES[bug.side]).run()
    warnings.warn(f"{bug.name}: was searched for, as seed={bug.seed} is out of date; seed={found} finds it", stacklevel=1)


def finds(bug: Bug, seed: int) -> bool:
    """Whether this history goes wrong with the bug in it."""
    with bug.planted():
        try:
            World(seed, SIDES[bug.side]).run()
        except Wrong as wrong:
            if MISPLANTED.search(str(wrong)):
                pytest.fail(f"{bug.name}: another bug than that was planted: {wrong}")
            return True
    return False


def test_a_bug_is_gone_when_it_was_taken_out():
    with BUGS[0].planted():
        pass
    World(1).run()
