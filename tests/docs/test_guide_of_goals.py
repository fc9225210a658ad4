"""docs/guide/goals.md, followed to the letter."""

import pytest

from tests.conftest import register
from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader


@pytest.mark.django_db
def test_every_example_of_the_guide_of_goals_is_what_happens(settings):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader = Reader()
    reader.memory["key"] = register("Ben's Shop").api_key
    reader.follow(steps_of(ROOT / "docs" / "guide" / "goals.md"))
