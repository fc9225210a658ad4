"""Standing permissions in many seeded histories: limits, revocations, deaths, and never two payments."""

import os

import pytest

from tests.simulation.cells import faults, recorded
from tests.simulation.permissions import WorldWithPermissions
from tests.simulation.permissions_at_stripe import PermittingStripe
from tests.simulation.side import Wrong
from tests.tiers import amount

FIRST_SEED = int(os.environ.get("WHIPROUND_SEED", "1"))
TAKEN_OR_HELD = ("Settled", "Authorized")

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_goes_beyond_what_was_agreed_to(pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    with recorded() as seen:
        for seed in range(FIRST_SEED, FIRST_SEED + amount(pytestconfig, "histories with more")):
            try:
                lines += WorldWithPermissions(seed).run()
            except Wrong as wrong:
                pytest.fail(f"seed {seed}: {wrong}")
    assert any("gives" in line and line.rstrip().endswith(TAKEN_OR_HELD) for line in lines)
    assert faults(seen) == []


def test_the_same_seed_gives_the_same_history() -> None:
    assert WorldWithPermissions(3).run() == WorldWithPermissions(3).run()


@pytest.mark.timeout(900)
def test_nor_does_one_by_cards_that_stripe_has_saved(pytestconfig: pytest.Config) -> None:
    """The real adapter, and the fake's books as the truth."""
    lines: list[str] = []
    for seed in range(FIRST_SEED, FIRST_SEED + amount(pytestconfig, "adapter histories")):
        try:
            lines += WorldWithPermissions(seed, PermittingStripe).run()
        except Wrong as wrong:
            pytest.fail(f"seed {seed}: {wrong}")
    assert any("gives" in line and line.rstrip().endswith(TAKEN_OR_HELD) for line in lines)
