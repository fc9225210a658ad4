"""The tables of tests/tiers.py speak of files that there are, and each tier has more than the one before."""

from dataclasses import dataclass
from math import gcd
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import shares, tiers
from tests.tables import TESTS

pytestmark = pytest.mark.no_database


def test_every_file_in_the_tables_is_there():
    named = {*tiers.NOT_IN_QUICK, *tiers.EVERY_NTH_IN_QUICK, *shares.ABOUT_THE_DATABASE, *shares.ONLY_ELSEWHERE}
    assert {name for name in named if not (TESTS / name).exists()} == set()
    assert not {*tiers.NOT_IN_QUICK} & {*tiers.EVERY_NTH_IN_QUICK}


@pytest.mark.parametrize("name", tiers.AMOUNTS)
def test_a_later_tier_plays_more(name: str, monkeypatch: pytest.MonkeyPatch):
    amounts = [tiers.AMOUNTS[name][tier] for tier in tiers.TIERS]
    assert amounts == sorted(set(amounts))


def test_turns_together_have_all_and_full_has_it_each_time():
    whole = list(range(100))
    in_test, in_full = SimpleNamespace(getoption=lambda _: "test"), SimpleNamespace(getoption=lambda _: "full")
    turns = [tiers.sample(in_test, whole, turn) for turn in range(2 * tiers.ONE_IN["test"])]
    assert sorted(number for turn in turns[: tiers.ONE_IN["test"]] for number in turn) == whole
    assert turns[0] == turns[tiers.ONE_IN["test"]] != turns[1]
    assert tiers.sample(in_full, whole, 3) == whole
    assert gcd(tiers.ONE_IN["test"], shares.SAMPLE) == 1, "else PostgreSQL's sample of tests would meet one turn alone"


def test_a_sample_has_what_is_about_the_database_and_some_of_all():
    """As `make test` runs it on PostgreSQL."""
    files = {"console/test_commands.py": 3, "api/test_matrix.py": 7, "console_test.py": 1}
    items = [Item(name, number) for name, many in files.items() for number in range(many)]
    in_a_browser = Item("api/test_matrix.py", 7, marks=("browser",))
    chosen = [(item.name, item.number) for item in shares.sampled([in_a_browser, *items])]
    whole = [("console/test_commands.py", number) for number in range(3)]
    assert chosen == [*whole, ("api/test_matrix.py", 0), ("api/test_matrix.py", 5), ("console_test.py", 0)]


def test_what_runs_on_one_database_only_runs_on_the_other():
    """The storm, before a push; later it runs on both."""
    items = [Item("crashes/test_storm.py", 0), Item("api/test_matrix.py", 0)]
    assert shares.chosen_of(items, "all", "test") == items[1:]
    assert shares.chosen_of(items, "each", "test") == items
    assert shares.chosen_of(items, "all", "full") == shares.chosen_of(items, "each", "full") == items


@dataclass
class Item:
    """As much of a pytest.Item as the sample looks at."""

    name: str
    number: int
    marks: tuple[str, ...] = ()
    fixturenames = ("db",)

    @property
    def path(self) -> Path:
        return TESTS / self.name

    def get_closest_marker(self, name: str) -> bool:
        return name in self.marks
