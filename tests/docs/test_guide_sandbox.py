"""docs/guide/sandbox.md, followed to the letter."""

import pytest

from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader


@pytest.mark.django_db
def test_every_example_of_the_sandbox_page_is_what_happens(settings):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    Reader().follow(steps_of(ROOT / "docs" / "guide" / "sandbox.md"))
