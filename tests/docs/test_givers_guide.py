"""docs/guide/givers.md and docs/guide/permissions.md, followed to the letter."""

import pytest

from contributions import giving
from givers.states import PermissionState
from tests.docs.examples import ROOT, steps_of
from tests.docs.pages_and_code import codes_in, rows_of, section_of
from tests.docs.running import HOST, Reader

GUIDE = ROOT / "docs" / "guide"


@pytest.mark.django_db
def test_every_example_of_both_pages_is_what_happens(shop, settings):
    goal = shop.new_goal()
    ann = shop.post("/api/Givers", "<Giver><ExternalId>customer-8</ExternalId></Giver>").value("Id") or ""
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    for page in ("givers", "permissions"):
        reader = Reader()
        reader.memory.update(goal=goal, key=shop.key)
        if page == "permissions":
            reader.memory.update(ann=ann)
        reader.follow(steps_of(GUIDE / f"{page}.md"))


@pytest.mark.no_database
def test_every_state_is_documented():
    rows = rows_of(section_of((GUIDE / "permissions.md").read_text(), "States"))
    assert {codes_in(row[0])[0] for row in rows} == set(PermissionState)
    reasons = {code for row in rows for code in codes_in(row[1])}
    assert reasons == {
        "client_revoked", "giver_revoked", "revoked_at_provider", "giver_declined", "giver_erased", "end_date", "not_agreed",
        "expired_at_provider",
    }  # fmt: skip


@pytest.mark.no_database
def test_every_reason_is_one_sentence_of_a_notice():
    for why in (*giving.WHY_NOT, "provider_refused"):
        sentence = giving.notice(why)
        assert sentence.isascii()
        assert "," not in sentence
