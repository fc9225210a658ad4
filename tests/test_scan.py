"""`make scan`: what bandit finds is mended or has its reason in its line."""

import pytest

from tests.scan import is_justified, unjustified

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("x = f'...'  # noqa: S608 - our own text", True),
        ("x = f'...'  # noqa: S603, S608 - our own text", True),
        ("x = f'...'  # nosec B608 - our own text", True),
        ("x = f'...'  # noqa: S608", False),
        ("x = f'...'  # nosec", False),
        ("x = f'...'  # nosec B608", False),
        ("x = f'...'  # noqa: S603 - our own program", False),
        ("x = f'...'  # noqa: E501 - S608 - is another", False),
        ("x = f'...'", False),
    ],
)
def test_a_finding_needs_its_number_and_a_reason(line, is_one):
    assert is_justified("B608", [line]) == is_one


def test_a_finding_is_told_with_its_place(tmp_path):
    (tmp_path / "x.py").write_text("a = 1\nb = f'{a}'\nc = f'{a}'  # nosec B608 - our own\n")
    found = [
        {"filename": "x.py", "line_number": number, "line_range": [number], "test_id": "B608", "issue_text": "SQL"}
        for number in (2, 3)
    ]
    assert unjustified(found, tmp_path) == ["x.py:2 B608 SQL"]
