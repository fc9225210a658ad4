"""The tables of tests/tiers.py speak of files that there are, and each tier has more than the one before."""

import pytest

from tests import tiers

pytestmark = pytest.mark.no_database


def test_every_file_in_the_tables_is_there():
    named = {*tiers.NOT_IN_QUICK, *tiers.EVERY_NTH_IN_QUICK}
    assert {name for name in named if not (tiers.TESTS / name).exists()} == set()
    assert not {*tiers.NOT_IN_QUICK} & {*tiers.EVERY_NTH_IN_QUICK}


@pytest.mark.parametrize("name", tiers.AMOUNTS)
def test_a_later_tier_plays_more(name: str, monkeypatch: pytest.MonkeyPatch):
    amounts = [tiers.AMOUNTS[name][tier] for tier in tiers.TIERS]
    assert amounts == sorted(set(amounts))
