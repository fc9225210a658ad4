"""/pay/{id} of a gift by Google Pay: what it says, and what it lets happen."""

import re

import pytest

from tests.providers.amazon.service import button_in
from tests.providers.google.gift import GoogleGift

pytestmark = pytest.mark.django_db


def policy_of(answer) -> dict[str, list[str]]:
    parts = (part.strip().split(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def test_it_says_what_is_given_by_whom_and_for_what(gift):
    text = gift.page()
    for told in ("A bicycle for Anna", "20.00 USD", "Uncle Bob", "Anna&#x27;s Shop", "Google"):
        assert told in text


def test_scripts_come_from_us_and_google_alone(gift):
    """No script of ours is inline and scripts come from here and from Google alone."""
    answer = gift.giver.visit(gift.provider_url)
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'", gift.google.base_url, "https://pay.google.com"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & {*policy["script-src"], *policy["connect-src"]}
    assert (policy["frame-ancestors"], policy["base-uri"]) == (["'none'"], ["'none'"])
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    assert [(attributes, content) for attributes, content in scripts if "application/json" not in attributes] == [
        (f' src="{gift.google.script_url}" defer', ""),
        (' src="/providers/google/button.js" defer', ""),
    ]
    assert "onclick" not in answer.text


def test_with_googles_own_script_page_trusts_google(gift, settings):
    """With Google's own script the page trusts Google and nobody else."""
    settings.GOOGLE_PAY_SCRIPT_URL = "https://pay.google.com/gp/p/js/pay.js"
    policy = policy_of(gift.giver.visit(gift.provider_url))
    assert policy["script-src"] == ["'self'", "https://pay.google.com"]
    assert policy["frame-src"] == ["https://pay.google.com"]
    assert policy["connect-src"] == ["https://pay.google.com", "https://google.com/pay", "https://www.google.com/pay"]
    assert policy["img-src"] == ["https://pay.google.com", "https://www.gstatic.com", "data:"]


def test_nothing_secret_is_in_the_page(gift, settings):
    text = gift.page()
    assert gift.google.publishable_key in text
    for secret in (gift.google.secret_key, *gift.google.signing_secrets, "client_secret", settings.SECRET_KEY):
        assert secret not in text


def test_our_script_is_served(gift):
    answer = gift.giver.visit("/providers/google/button.js")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "loadPaymentData" in answer.text


def test_every_message_that_our_script_shows_is_in_the_page(gift):
    text, script = gift.page(), gift.giver.visit("/providers/google/button.js").text
    for name in {*re.findall(r'"(pay-[a-z-]+)"', script)}:
        assert f'id="{name}"' in text, name


def test_markup_in_names_is_text(service, google, shop, giver):
    evil = GoogleGift(google, shop, giver, Name="&lt;script&gt;alert(1)&lt;/script&gt; &lt;!-- &amp; &quot;")
    text = evil.page()
    assert "<script>alert" not in text
    assert button_in(text)["environment"] == "TEST"


@pytest.mark.parametrize("tried", ["", "x", "<script>", "declined", "unproven", "lost", "stale", "junk"])
def test_what_address_says_of_try_before_only_chooses_sentence(tried, gift):
    """What an address says of the try before only chooses a sentence."""
    answer = gift.giver.visit(f"{gift.provider_url}?tried={tried}")
    assert answer.status == 200
    assert "<script>" not in answer.text.replace('<script id="pay-data"', "")
    assert (answer.text.count('<p class="notice" role="alert">') == 1) is (tried not in ("", "x", "<script>"))
    assert gift.status == ("Submitted", None)


@pytest.mark.parametrize("before", ["nothing", "a decline", "a bank that waits"])
def test_after_its_time_it_says_that_the_time_is_over(before, gift, later):
    if before != "nothing":
        gift.gives("card_that_is_declined" if before == "a decline" else "card_that_wants_a_word")
    later(hours=73)
    text = gift.page()
    assert "pay-data" not in text
    assert "The time for this gift is over" in text


def test_what_the_partner_has_deleted_is_not_for_sale(gift):
    gift.shop.delete(f"/api/Contribution/{gift.id}")
    assert "pay-data" not in gift.page()


def test_a_body_that_is_too_large_is_refused(gift):
    answer = gift.giver.client.post(f"/pay/{gift.id}", {"token": "x", "outcome": "pay", "payment": "x" * 100_000})
    assert answer.status_code in (400, 413)
    assert gift.status == ("Submitted", None)


def test_verbs(gift):
    assert gift.giver.client.head(f"/pay/{gift.id}").status_code == 200
    assert gift.giver.client.put(f"/pay/{gift.id}").status_code == 405
