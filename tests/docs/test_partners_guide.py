"""docs/partners.md, followed to the letter."""

import pytest

from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader

GUIDE = ROOT / "docs" / "partners.md"


@pytest.fixture(autouse=True)
def _the_address_that_the_guide_uses(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]


@pytest.mark.django_db
def test_every_example_of_the_partners_guide_is_what_happens():
    Reader().follow(steps_of(GUIDE))
