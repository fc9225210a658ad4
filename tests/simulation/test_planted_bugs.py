"""A simulation that cannot find a mistake proves nothing: every planted one must be found."""

import pytest
from django.db import connection

from tests.simulation.planted_bugs import BUGS, Bug
from tests.simulation.provider import Wrong
from tests.simulation.world import World

MOST_HISTORIES = 400

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the bugs are in the code, not in the database: planted once")
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_simulation_finds(bug: Bug):
    with bug.planted():
        for seed in range(1, MOST_HISTORIES + 1):
            try:
                World(seed).run()
            except Wrong:
                return
    pytest.fail(f"{MOST_HISTORIES} histories did not find that {bug.name}")


def test_a_bug_is_gone_when_it_was_taken_out():
    with BUGS[0].planted():
        pass
    World(1).run()
