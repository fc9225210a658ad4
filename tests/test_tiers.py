"""The tables of tests/tiers.py speak of files that there are, and each tier has more than the one before."""

from dataclasses import dataclass
from math import gcd
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import shares, tiers
from tests.tables import TESTS, is_in

pytestmark = pytest.mark.no_database


def test_every_file_in_the_tables_is_there():
    in_tiers = {*tiers.NOT_IN_QUICK, *tiers.CASES_OF}
    in_shares = {*shares.ABOUT_THE_DATABASE, *shares.ONLY_ON_POSTGRESQL, *shares.ONLY_ON_SQLITE}
    assert {name for name in in_tiers | in_shares if not (TESTS / name.partition("::")[0]).exists()} == set()
    assert [name for name in shares.ABOUT_THE_DATABASE if is_in(shares.ONLY_ON_SQLITE, name)] == []
    assert [name for name in shares.WHOLE_ON_BOTH if not is_in(shares.ABOUT_THE_DATABASE, name)] == []


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


def test_seeds_together_play_every_case_of_a_test():
    cases = list(range(7))
    assert [tiers.some_of(cases, 2, seed) for seed in (1, 2, 5)] == [[0, 3], [1, 4], [4, 0]]
    assert {case for seed in range(1, 8) for case in tiers.some_of(cases, 2, seed)} == set(cases)
    assert tiers.some_of(cases, 7) == cases


FILES = {
    "console/test_commands.py": 25,  # about the database
    "api/test_matrix.py": 25,
    "test_bigint.py": 2,  # about the database, and whole on both
    "console_test.py": 1,
}


@pytest.mark.parametrize(("most", "in_test"), [(400, 100), (60, 20), (10, 10)])
def test_a_push_waits_for_some_examples_and_full_for_all(most: int, in_test: int):
    assert tiers.examples(most, "test") == in_test
    assert tiers.examples(most, "full") == most


def test_each_database_has_its_own_whole_and_some_of_all():
    """As `make test` runs them: what one has only in part the other has whole."""
    items = [Item(name, number) for name, many in FILES.items() for number in range(many)]
    in_a_browser = Item("api/test_matrix.py", 25, marks=("browser",))
    once = Item("console/test_commands.py", 25, marks=("one_database",))
    everything = [in_a_browser, *items, once]
    on_sqlite, on_postgresql = (shares.chosen_of(everything, share, "test") for share in ("all", "each"))
    assert chosen(on_postgresql) == {"console/test_commands.py": [*range(25)], "api/test_matrix.py": [0, 23]} | SMALL
    assert chosen(on_sqlite) == {"console/test_commands.py": [0, 23, 25], "api/test_matrix.py": [25, *range(25)]} | SMALL
    assert {*on_sqlite, *on_postgresql} == {*everything}


SMALL = {"test_bigint.py": [0, 1], "console_test.py": [0]}


def chosen(items: list["Item"]) -> dict[str, list[int]]:
    """The numbers of each file's tests."""
    return {name: [item.number for item in items if item.name == name] for name in FILES}


def test_what_runs_on_one_database_only_runs_on_the_other():
    """The storm and the demo, before a push; later they run on both."""
    items = [Item("crashes/test_storm.py", 0), Item("api/test_matrix.py", 0), Item("demo/test_story.py", 0)]
    assert shares.chosen_of(items, "all", "test") == items[1:]
    assert shares.chosen_of(items, "each", "test") == items[:2]
    assert shares.chosen_of(items, "all", "full") == shares.chosen_of(items, "each", "full") == items


@dataclass(frozen=True)
class Item:
    """As much of a pytest.Item as shares.py looks at."""

    name: str
    number: int
    marks: tuple[str, ...] = ()
    fixturenames: tuple[str, ...] = ("db",)

    @property
    def path(self) -> Path:
        return TESTS / self.name

    def get_closest_marker(self, name: str) -> bool:
        return name in self.marks
