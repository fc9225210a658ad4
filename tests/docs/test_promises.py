"""docs/promises.md: what partners are promised, each with tests that are there; and no promise without a row."""

import re

import pytest

from tests.conftest import SHARED
from tests.docs.examples import ROOT
from tests.docs.pages_and_code import rows_of, section_of
from tests.docs.test_faults import has_test

pytestmark = pytest.mark.no_database

_PAGE = (ROOT / "docs" / "promises.md").read_text()
ROWS = rows_of(_PAGE.partition("\n## ")[0])
OTHER_ROWS = rows_of(section_of(_PAGE, "Other ways to give"))
CONTRACT = SHARED / "contract.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize(("what", "held_by"), [(what, held_by) for _, what, held_by in (*ROWS, *OTHER_ROWS)])
def test_a_promise_names_tests_that_are_there(what, held_by):
    named = _NAMED.findall(held_by)
    assert named
    assert held_by.count("::") == len(named), "a name that is not read as one"
    assert [f"{file}::{name}" for file, name in named if not has_test(file, name)] == []


def test_each_promise_stands_once_and_in_order():
    places = [tuple(int(number) for number in mark.split(".")) for mark, *_ in ROWS]
    assert places == sorted(places)
    assert len({what for _, what, _ in (*ROWS, *OTHER_ROWS)}) == len(ROWS) + len(OTHER_ROWS)


@pytest.mark.skipif(not CONTRACT.is_file(), reason="the contract is kept elsewhere, and not beside this checkout")
def test_each_mark_of_the_contract_has_a_row():
    marks = [*dict.fromkeys(mark for mark, *_ in ROWS)]
    assert [mark for mark in marks if not mark.startswith("9.")] == marks_of(CONTRACT.read_text())


def test_marks_are_counted_by_section():
    contract = "| [P] | a legend |\n## 1. Requests\n| a [P] | b [P] c |\n[O] d\n## 2. Paths\n### More\n[P] **e**\n"
    assert marks_of(contract) == ["1.1", "1.2", "2.1"]


def marks_of(contract: str) -> list[str]:
    """Each [P] of the contract as SECTION.PLACE, in their order; what stands before the first section is its legend."""
    sections = re.split(r"^## (\d+)\b.*$", contract, flags=re.MULTILINE)[1:]
    return [
        f"{section}.{place}"
        for section, text in zip(sections[::2], sections[1::2], strict=True)
        for place in range(1, text.count("[P]") + 1)
    ]
