"""docs/guide/pledges.md, followed to the letter."""

import pytest

from pledges.knowing import OVER_AT, OVER_WITH
from pledges.steps import WHY_NOT
from tests.docs.examples import ROOT, steps_of
from tests.docs.pages_and_code import codes_in, rows_of, section_of
from tests.docs.running import HOST, Reader
from tests.pledges.conftest import Ann, Pledging, _a_hash_that_costs_little, ann, pledging  # noqa: F401

GUIDE = ROOT / "docs" / "guide" / "pledges.md"


@pytest.mark.django_db
def test_every_example_of_the_guide_is_what_happens(pledging, settings):  # noqa: F811
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    shop, giver = pledging.ann.shop, pledging.ann.id
    reader = Reader()
    reader.memory.update(goal=pledging.ann.goal_id, key=shop.key, giver=giver)
    before = {"When gifts are made": lambda memory: pledging.work("2027-01-31T08:00:00")}
    reader.follow(steps_of(GUIDE), before)


@pytest.mark.no_database
def test_every_reason_of_ours_has_its_row():
    told = GUIDE.read_text()
    failures = {code for row in rows_of(section_of(told, "When a gift fails")) for code in codes_in(row[0])}
    assert set(WHY_NOT.values()) <= failures
    ends = {code for row in rows_of(section_of(told, "Pause, resume, end")) for code in codes_in(row[0])}
    assert {*OVER_AT.values(), *OVER_WITH.values(), "goal_deleted", "giver_erased", "end_date"} <= ends
