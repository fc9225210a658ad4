"""Every cell of the decision table is lived through by the simulation, or says why it cannot be."""

import os
from collections import Counter

import pytest

from contributions import sync
from contributions.causes import Cause
from contributions.decisions import decide
from contributions.models import Contribution
from tests.conftest import Giver, PartnerClient
from tests.simulation.cells import OLDER, UNREACHABLE, Cell, every_cell, reasons_for, recorded


def histories_asked_for() -> int:
    """How many histories a provider's side are to be searched for cells; 0: not now, it takes many minutes."""
    return int(os.environ.get("WHIPROUND_CELLS", "0"))


@pytest.mark.no_database
def test_every_reason_is_about_some_cell():
    cells = every_cell()
    assert [reason for reason in UNREACHABLE if not any(reason in reasons_for(cell) for cell in cells)] == []
    assert len(cells) > 250
    assert sum(bool(reasons_for(cell)) for cell in cells) < len(cells) / 2


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


@pytest.mark.django_db
@pytest.mark.timeout(0)
@pytest.mark.skipif(not histories_asked_for(), reason="takes long: set WHIPROUND_CELLS to a number of histories, 2000 say")
def test_every_cell_is_reached_or_says_why_not():
    from tests.simulation.sides import SIDES
    from tests.simulation.world import World

    with recorded() as seen:
        for side in SIDES.values():
            for seed in range(1, histories_asked_for() + 1):
                World(seed, side).run()
    wrong = [f"{cell} was reached, although {reasons_for(cell)[0]}" for cell in sorted(seen) if reasons_for(cell)]
    missing = [f"{cell} was not reached" for cell in sorted(every_cell() - seen.keys()) if not reasons_for(cell)]
    unknown = [f"{cell} is no cell of the table" for cell in sorted(seen.keys() - every_cell())]
    assert wrong + missing + unknown == []
    assert seen.total() > len(seen) > 0
    assert any(cell.status == OLDER for cell in seen)
