"""The page where a person claims a certificate: only by its link, and only with its code."""

import re

import pytest

from certificates import codes
from givers.models import Giver
from pages import claim_page
from tests.certificates.conftest import row

pytestmark = pytest.mark.django_db


def form_in(text):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


def press(counter, url, **fields):
    return counter.browser.client.post(counter.browser._path(url), fields)


@pytest.fixture
def offered(counter):
    """The certificate's Id, its ClaimURL and its code."""
    certificate_id = counter.sold(Message="Happy &lt;birthday&gt;!")
    shown = counter.get(certificate_id)
    return certificate_id, shown.value("ClaimURL"), shown.value("ClaimCode")


def test_a_person_claims_it(counter, offered):
    certificate_id, url, code = offered
    page = counter.browser.visit(url)
    assert page.status == 200
    assert ("for Ann" in re.sub(r"<[^>]+>|[\u2068\u2069]", "", page.text), "25.00" in page.text) == (True, True)
    assert "Happy &lt;birthday&gt;!" in page.text
    assert code not in page.text
    pressed = press(counter, url, **form_in(page.text), code=code.lower())
    assert (pressed.status_code, pressed["Location"]) == (303, url)
    giver = Giver.objects.get()
    assert (giver.external_id, giver.name) == (f"certificate-{certificate_id}", "Ann")
    assert counter.get(certificate_id).value("GiverId") == giver.public_id
    assert counter.give(counter.shop.new_goal(), giver.public_id).status == 201
    after = counter.browser.visit(url)
    assert ("It is claimed" in after.text, "<form" in after.text) == (True, False)
    assert press(counter, url, **form_in(page.text), code=code).status_code == 400, "a form is good once"


def test_only_its_link_leads_there(counter, offered):
    certificate_id, url, code = offered
    other = counter.get(counter.sold()).value("ClaimURL")
    paths = (f"/certificate/{certificate_id}", f"{url}x", f"{url}&Key=1", "/certificate/nobody?Key=1")
    for path in (*paths, url.split("?")[0] + "?" + other.split("?")[1]):
        assert counter.browser.visit(path).status == 404, path
        assert press(counter, path, code=code).status_code == 404, path
    assert row(certificate_id).giver_id is None


def test_guessing_ends(counter, offered, caplog):
    certificate_id, url, code = offered
    token = form_in(counter.browser.visit(url).text)
    for _ in range(claim_page.OF_PAGE.quota):
        assert press(counter, url, **token, code=codes.new_code()).status_code == 403
    refused = press(counter, url, **token, code=code)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= claim_page.OF_PAGE.seconds + 1, "counted in windows of the clock"
    assert "too many wrong codes" in refused.content.decode()
    assert row(certificate_id).giver_id is None
    told = [one for one in caplog.records if one.getMessage() == "claim_refused"]
    assert len(told) == claim_page.OF_PAGE.quota


def test_another_certificates_code_is_a_wrong_one(counter, offered):
    certificate_id, url, _ = offered
    other_id = counter.sold()
    other = counter.get(other_id).value("ClaimCode")
    page = counter.browser.visit(url)
    assert press(counter, url, **form_in(page.text), code=other).status_code == 403
    assert (row(certificate_id).giver_id, row(other_id).giver_id) == (None, None)


def test_what_cannot_be_claimed_has_no_form(counter, offered, later):
    certificate_id, url, code = offered
    token = form_in(counter.browser.visit(url).text)
    counter.refund(certificate_id)
    page = counter.browser.visit(url)
    assert ("cannot be claimed now" in page.text, "<form" in page.text) == (True, False)
    assert press(counter, url, **token, code=code).status_code == 400
    expiring = counter.get(counter.sold(ExpiresDate="2031-01-01")).value("ClaimURL")
    later(days=3650)
    assert "It has expired" in counter.browser.visit(expiring).text
