"""Every cell of the decision table is lived through by the simulation, or says why it cannot be."""

from collections import Counter
from collections.abc import Sequence

import pytest

from contributions import sync
from contributions.causes import Cause
from contributions.decisions import decide
from contributions.models import Contribution
from tests.conftest import Giver, PartnerClient
from tests.simulation.cells import OLDER, UNREACHABLE, Cell, every_cell, faults, is_lived_elsewhere, reasons_for, recorded
from tests.simulation.stories import STORIES
from tests.simulation.test_planted_bugs import BUGS
from tests.simulation.words import history_of
from tests.tiers import amount, sample

CELLS = every_cell()
REACHABLE = sorted(cell for cell in CELLS if not reasons_for(cell) and not is_lived_elsewhere(cell))


@pytest.mark.no_database
def test_every_reason_is_about_some_cell():
    assert [reason for reason in UNREACHABLE if not any(reason in reasons_for(cell) for cell in CELLS)] == []
    assert len(CELLS) > 250
    assert len(REACHABLE) > len(CELLS) / 2
    assert {cell.says for cell in REACHABLE if cell.status == OLDER} > {"captured", "reversed"}


@pytest.mark.django_db
def test_a_paid_gift_is_recorded_cell_by_cell(shop: PartnerClient, giver: Giver):
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    with recorded() as seen:
        giver.pay(Contribution.objects.whole().get(public_id=gift).current_checkout.url)
        sync.sync(Contribution.objects.whole().get(public_id=gift), cause=Cause.WORKER)
    assert seen == Counter(
        {
            Cell("Submitted", "approved", "collect"): 1,
            Cell("Submitted", "captured", "collect"): 1,
            Cell("Settled", "captured", "collect"): 2,  # once after the move, once for the worker
        }
    )
    assert sync.decide is decide


def histories_to_play(config: pytest.Config) -> Sequence[Cell]:
    """The cells in whose histories bugs are planted, and some of the others; in full all.

    A decision that has changed in any cell is found in every tier: contributions/test_decisions.py holds the printed table to
    the code. Here it is seen that what is decided is done.
    """
    planted = {bug.history for bug in BUGS}
    others = [cell for cell in REACHABLE if str(cell) not in planted]
    return sorted([cell for cell in REACHABLE if str(cell) in planted] + [*sample(config, others)])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", histories_to_play(metafunc.config), ids=str)


@pytest.mark.one_database
@pytest.mark.django_db
def test_a_history_reaches(cell: Cell, pytestconfig: pytest.Config):
    """The short history of its own: nothing depends on chance, so that none can get lost unnoticed."""
    history = history_of(cell)
    history.rounds_of_rest = amount(pytestconfig, "rounds of rest")
    with recorded() as seen:
        history.run()
    assert cell in seen, "\n".join([f"{cell} was not reached:", *history.log])
    assert faults(seen) == []
    assert history.uncalled == set()


@pytest.mark.one_database
@pytest.mark.django_db
@pytest.mark.parametrize("name", STORIES)
def test_a_story_goes_as_it_is_told(name: str, pytestconfig: pytest.Config):
    story = STORIES[name]()
    story.rounds_of_rest = amount(pytestconfig, "rounds of rest")
    story.run()
    assert story.uncalled == set()
