"""docs/guide/requests.md, followed to the letter, and its tables."""

import pytest

from tests.conftest import goal_xml
from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader

GUIDE = ROOT / "docs" / "guide" / "requests.md"


@pytest.mark.django_db
def test_every_example_of_the_page_on_requests_is_real(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    Reader().follow(steps_of(GUIDE))


def test_the_dates_of_the_page_are_printed_as_it_says(shop):
    _, _, section = GUIDE.read_text().partition("## When a goal ends")
    rows = [row.split("|") for row in section.partition("\n## ")[0].split("\n") if row.startswith("| `2031")]
    assert len(rows) == 4
    for _, sent, _, printed, _ in rows:
        for given in sent.split(","):
            made = shop.post("/api/savings", goal_xml(EndDate=given.strip(" `")))
            assert made.value("EndDate") == printed.strip(" `")
            assert ("Notice" in made.headers) == ("T18:00:00`" in given)
