"""Standing permissions in many seeded histories: limits, revocations, deaths, and never two payments."""

import pytest

from tests.simulation.cells import faults, recorded
from tests.simulation.permissions import WorldWithPermissions
from tests.simulation.side import Wrong
from tests.simulation.sides import PERMITTING_ADAPTERS
from tests.tiers import SEED, amount

TAKEN_OR_HELD = ("Settled", "Authorized")

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_goes_beyond_what_was_agreed_to(pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    with recorded() as seen:
        for seed in range(SEED, SEED + amount(pytestconfig, "histories with more")):
            try:
                lines += WorldWithPermissions(seed).run()
            except Wrong as wrong:
                pytest.fail(f"seed {seed}: {wrong}")
    assert any("gives: gift-" in line for line in lines)
    assert faults(seen) == []


@pytest.mark.full  # test_simulation.py shows it of the world that this one is made from
def test_the_same_seed_gives_the_same_history() -> None:
    assert WorldWithPermissions(3).run() == WorldWithPermissions(3).run()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("provider", PERMITTING_ADAPTERS)
def test_nor_does_one_through_an_adapter(pytestconfig: pytest.Config, provider: str) -> None:
    """The real one, and the fake's books as the truth."""
    lines: list[str] = []
    for seed in range(SEED, SEED + amount(pytestconfig, "adapter histories")):
        try:
            lines += WorldWithPermissions(seed, PERMITTING_ADAPTERS[provider]).run()
        except Wrong as wrong:
            pytest.fail(f"seed {seed}: {wrong}")
    assert any("gives" in line and line.rstrip().endswith(TAKEN_OR_HELD) for line in lines)
