"""docs/guide/certificates.md, followed to the letter."""

import pytest

from tests.conftest import PartnerClient, register
from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader


@pytest.mark.django_db
def test_every_example_of_the_guide_is_what_happens(settings):
    shop, reader = PartnerClient(register("Anna's Shop").api_key), Reader()
    reader.memory.update(key=shop.key, goal=shop.new_goal())
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader.follow(steps_of(ROOT / "docs" / "guide" / "certificates.md"))
