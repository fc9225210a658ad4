"""The giver's private page: it lists permissions and takes them back, for whoever has the link and nobody else."""

import re

import pytest

from givers.models import Permission
from givers.private_page import page_url
from givers.states import PermissionState
from pages import permission_sentences
from pages.permission_sentences import Agreement

pytestmark = pytest.mark.django_db


def form_in(text):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


def press(ann, url, **fields):
    return ann.browser.client.post(ann.browser._path(url), fields)


def test_a_giver_takes_a_permission_back(ann):
    permission = ann.permission()
    url = ann.shop.get(f"/api/Giver/{ann.id}", Accept="application/json").json["GiverURL"]
    page = ann.browser.visit(url)
    assert page.status == 200
    assert "may take gifts of up to 50.00 USD each from you" in page.text
    assert "Together they are 100.00 USD at most, of which 0.00 USD is used." in page.text
    pressed = press(ann, url, **form_in(page.text))
    assert (pressed.status_code, pressed["Location"]) == (303, url)
    permission.refresh_from_db()
    assert (permission.state, permission.state_reason) == ("Revoked", "giver_revoked")
    after = ann.browser.visit(url)
    assert ("You have taken this permission back." in after.text, "<form" in after.text) == (True, False)
    assert ann.post_gift().value("Status") == "Submitted"


def test_only_the_present_link_lets_anybody_in(ann, shop):
    ann.permission()
    old = page_url(ann.row)
    for path in (f"/giver/{ann.id}", f"/giver/{ann.id}?Key=", f"{old}x", f"{old}&Key=1", "/giver/nobody?Key=1"):
        assert ann.browser.visit(path).status == 404, path
    rotated = shop.post(f"/api/Giver/{ann.id}/Rotate", Accept="application/json")
    assert rotated.status == 200, rotated.text
    assert ann.browser.visit(old).status == 404
    assert ann.browser.visit(rotated.json["GiverURL"]).status == 200
    assert press(ann, old, permission=Permission.objects.get().public_id).status_code == 404


def test_a_form_is_good_once_and_for_its_permission(ann):
    first, second = ann.permission(), ann.permission()
    url = page_url(ann.row)
    fields = form_in(ann.browser.visit(url).text.partition(second.public_id)[2])
    for wrong in ({}, {"permission": second.public_id}, fields | {"permission": second.public_id}, fields | {"token": "1"}):
        assert press(ann, url, **wrong).status_code == 400, wrong
    assert {one.state for one in Permission.objects.all()} == {"Active"}
    assert fields["permission"] == first.public_id
    assert press(ann, url, **fields).status_code == 303
    stale = press(ann, url, **fields)
    assert (stale.status_code, b"out of date" in stale.content) == (400, True)


def test_the_page_has_the_headers_and_no_script(ann):
    answer = ann.browser.visit(page_url(ann.row))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer", "the link's key is in no Referer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("<script" in answer.text, "noindex" in answer.text, 'name="viewport"' in answer.text) == (False, True, True)
    head = ann.browser.client.head(ann.browser._path(page_url(ann.row)))
    assert (head.status_code, head.content) == (200, b"")


def test_a_browser_that_fetches_ahead_changes_nothing(ann):
    made = ann.post_permission()
    for path in (made.value("PermissionURL"), page_url(ann.row)):
        answer = ann.browser.client.get(ann.browser._path(path), HTTP_SEC_PURPOSE="prefetch")
        assert answer.status_code == 503
    assert ann.browser.client.head(ann.browser._path(made.value("PermissionURL"))).status_code == 200


def test_strangers_text_is_text(ann, shop):
    from tests.conftest import PartnerClient, register
    from tests.givers.conftest import body

    other = PartnerClient(register("<b>Shop</b> & Sons").api_key)
    made = other.post("/api/Givers", body("Giver", ExternalId="1"))
    page = ann.browser.visit(made.value("GiverURL"))
    assert "&lt;b&gt;Shop&lt;/b&gt; &amp; Sons" in page.text
    assert "<b>Shop" not in page.text


@pytest.mark.parametrize("state", PermissionState)
@pytest.mark.parametrize(
    "reason", ["", "giver_revoked", "client_revoked", "giver_declined", "end_date", "not_agreed", "a_new_one"]
)
@pytest.mark.parametrize("came_back", [False, True])
def test_every_state_has_plain_words(state, reason, came_back):
    said = permission_sentences.said_of(
        Agreement(state, reason, "Anna's Shop", "PayPal", "USD", 5000, 10000, 2000, came_back=came_back)
    )
    told = " ".join((said.heading, *said.sentences))
    assert said.sentences
    assert not re.search(r"[{}_]|None", told)
