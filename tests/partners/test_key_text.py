"""What keys are made of, and how whatever is secret is compared."""

import ast
import inspect
import re
import secrets
import string

import pytest

from partners import key_text
from tests.docs.examples import ROOT

pytestmark = pytest.mark.no_database

NAMES = re.compile(r"(?:signature|signed|secret|token|digest|mac|password)s?$")
ROOMS = ("api", "config", "console", "contributions", "hooks", "notifications", "pages", "partners", "providers", "web")
NO_SECRET = {
    "config/unsafe.py": "a setting, at the start: nobody times it",
    "console/management/commands/console_user.py": "the operator has typed both",
    "providers/paypal/permissions.py": "the token that was asked about, and the provider's answer",
    "partners/keys.py": "two hashes, of what the operator typed",
}
"""Where such a comparison gives nothing away."""


@pytest.mark.parametrize(("is_test", "begins"), [(False, "wr_live_"), (True, "wr_test_")])
def test_a_key_has_256_random_bits_and_says_its_mode(is_test, begins, monkeypatch):
    """43 letters of 62 are 256 bits; each is drawn by the system's generator for secrets."""
    drawn, choice = [], secrets.choice
    monkeypatch.setattr(secrets, "choice", lambda letters: drawn.append(choice(letters)) or drawn[-1])
    new_key = inspect.unwrap(key_text.new_key)  # without the mark of the tests
    made = {new_key(is_test=is_test) for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(f"{begins}[A-Za-z0-9]{{43}}", key) for key in made)
    assert {letter for key in made for letter in key.removeprefix(begins)} == {*string.ascii_letters, *string.digits}
    assert sorted(drawn) == sorted("".join(key.removeprefix(begins) for key in made))


def test_no_secret_is_compared_letter_by_letter():
    """`==` ends at the first letter that differs, which can be timed: signatures and tokens go through compare_digest."""
    found = {where for room in ROOMS for where in places_in(room)}
    assert {file for file, _ in found} == set(NO_SECRET), found


def places_in(room):
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq | ast.In) for one in node.ops):
                names = {getattr(side, "attr", getattr(side, "id", "")) for side in (node.left, *node.comparators)}
                texts = [side for side in (node.left, *node.comparators) if isinstance(side, ast.Constant)]
                if any(NAMES.search(name) for name in names) and not texts:
                    yield str(file.relative_to(ROOT)), node.lineno
