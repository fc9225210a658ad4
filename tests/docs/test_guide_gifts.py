"""docs/guide/gifts.md, followed to the letter."""

import re

import pytest

from tests.docs.examples import ROOT, steps_of
from tests.docs.pages_and_code import codes_in, rows_of, section_of
from tests.docs.running import HOST, Reader

GUIDE = ROOT / "docs" / "guide" / "gifts.md"


@pytest.mark.django_db
def test_every_example_of_the_guide_is_what_happens(shop, settings):
    goal = shop.new_goal()
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader = Reader()
    reader.memory.update(goal=goal, key=shop.key)
    reader.follow(steps_of(GUIDE))


@pytest.mark.no_database
def test_the_example_of_refunds_adds_up():
    """As tests/providers/paypal/test_shares_told.py shows it to happen: what is left is what the three have of it."""
    rows = rows_of(section_of(GUIDE.read_text(), "Who kept what of the money"))
    sums = [[round(100 * float(cell)) for cell in row[1:]] for row in rows if re.fullmatch(r"-?[0-9.]+", row[-1])]
    assert len(sums) == 3
    for refunded, fee, platform_fee, net in sums:
        assert fee + platform_fee + net == 2000 - refunded
    named = {name for row in rows for name in codes_in(row[0])}
    assert named == {"ProviderReference", "SettledDate", "Fee", "PlatformFee", "Net"}
