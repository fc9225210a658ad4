"""docs/security.md: each row of what holds names tests that are there."""

import re

import pytest

from tests.docs.examples import ROOT
from tests.docs.pages_and_code import rows_of
from tests.docs.test_faults import has_test

pytestmark = pytest.mark.no_database

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = rows_of(PAGE.partition("\n## What holds, by which test\n")[2])
_FILE = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize(("what", "holds", "held_by"), ROWS)
def test_a_row_names_tests_that_are_there(what, holds, held_by):
    """One, or a whole file of them."""
    named = _FILE.findall(held_by)
    assert named
    assert holds
    assert held_by == "<br>".join(f"`{file}::{name}`" if name else f"`{file}`" for file, name in named)
    assert [file for file, name in named if not (has_test(file, name) if name else (ROOT / file).is_file())] == []


def test_each_row_stands_once():
    assert len(ROWS) > 70
    assert len({what for what, *_ in ROWS}) == len(ROWS)
