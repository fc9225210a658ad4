"""Gift certificates in many seeded histories: both sides of every entry, whatever dies, is refunded or charged back."""

import pytest

from tests.simulation.certificates import WorldWithCertificates
from tests.simulation.side import Wrong
from tests.tiers import SEED, amount

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(900)
def test_no_history_spends_what_is_not_there(pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    for seed in range(SEED, SEED + amount(pytestconfig, "histories with more")):
        try:
            lines += WorldWithCertificates(seed).run()
        except Wrong as wrong:
            pytest.fail(f"seed {seed}: {wrong}")
    for what in ("spends: spent-", "gives_back: spent-", "claims: certificate-"):
        assert any(what in line for line in lines), what


@pytest.mark.full  # test_simulation.py shows it of the world that this one is made from
def test_the_same_seed_gives_the_same_history() -> None:
    assert WorldWithCertificates(3).run() == WorldWithCertificates(3).run()
