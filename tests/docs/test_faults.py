"""docs/faults.md: every scenario has its proof, or says why it has none."""

import ast
import re

import pytest

from tests.docs.examples import ROOT
from tests.docs.pages_and_code import rows_of

pytestmark = pytest.mark.no_database

ROWS = rows_of((ROOT / "docs" / "faults.md").read_text())
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
_WITHOUT = re.compile(r"(not yet|does not apply)\b.{10,}")


def test_every_scenario_has_its_row_once_and_in_order():
    assert [number for number, *_ in ROWS] == [str(number) for number in range(1, 69)]
    assert len({what for _, what, _ in ROWS}) == 68


@pytest.mark.parametrize(("number", "proof"), [(number, proof) for number, _, proof in ROWS])
def test_a_scenario_names_its_tests_or_says_why_there_is_none(number, proof):
    named = _NAMED.findall(proof)
    assert named or _WITHOUT.match(proof)
    assert proof.count("::") == sum(1 + name.count("::") for _, name in named), "a name that is not read as one"
    for file, name in named:
        assert has_test(file, name), f"{file}::{name}"


def test_a_test_that_is_not_there_is_not_found():
    assert has_test("tests/docs/test_faults.py", "test_a_test_that_is_not_there_is_not_found")
    assert not has_test("tests/docs/test_faults.py", "test_a_test_that_is_nowhere")
    assert not has_test("tests/docs/test_faults_of_others.py", "test_a_test_that_is_not_there_is_not_found")


def has_test(file: str, name: str) -> bool:
    """Whether the file has the test: `test`, or `Class::test`."""
    if not (ROOT / file).exists():
        return False
    body = ast.parse((ROOT / file).read_text()).body
    *classes, test = name.split("::")
    for wanted in classes:
        (body,) = [one.body for one in body if isinstance(one, ast.ClassDef) and one.name == wanted] or [[]]
    return any(isinstance(one, ast.FunctionDef) and one.name == test for one in body)
