"""/pay/{id} of a gift by Google Pay: what is Google's in it. What is in every such page: tests/providers/amazon."""

import re

import pytest

from tests.providers.amazon.service import button_in
from tests.providers.google.gift import GoogleGift

pytestmark = pytest.mark.django_db


def policy_of(answer) -> dict[str, list[str]]:
    parts = (part.strip().split(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def test_scripts_come_from_us_and_google_alone(gift, settings):
    ours = f"{settings.PUBLIC_BASE_URL}/providers/google/button.js"
    answer = gift.giver.visit(gift.provider_url)
    assert policy_of(answer)["script-src"] == [ours, gift.google.base_url, "https://pay.google.com"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    assert [(attributes, content) for attributes, content in scripts if "application/json" not in attributes] == [
        (f' src="{gift.google.script_url}" defer', ""),
        (f' src="{ours}" defer', ""),
    ]
    settings.GOOGLE_PAY_SCRIPT_URL = "https://pay.google.com/gp/p/js/pay.js"
    policy = policy_of(gift.giver.visit(gift.provider_url))
    assert policy["script-src"] == [ours, "https://pay.google.com"]
    assert policy["frame-src"] == ["https://pay.google.com"]
    assert policy["connect-src"] == ["https://pay.google.com", "https://google.com/pay", "https://www.google.com/pay"]
    assert policy["img-src"] == ["https://pay.google.com", "https://www.gstatic.com", "data:"]


def test_nothing_secret_is_in_the_page(gift, settings):
    text = gift.page()
    assert gift.google.publishable_key in text
    for secret in (gift.google.secret_key, *gift.google.signing_secrets, "client_secret", settings.SECRET_KEY):
        assert secret not in text


def test_every_message_that_our_script_shows_is_in_the_page(gift):
    answer = gift.giver.visit("/providers/google/button.js")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "loadPaymentData" in answer.text
    text = gift.page()
    for name in {*re.findall(r'"(pay-[a-z-]+)"', answer.text)}:
        assert f'id="{name}"' in text, name


def test_markup_in_names_is_text(service, google, shop, giver):
    evil = GoogleGift(google, shop, giver, Name="&lt;script&gt;alert(1)&lt;/script&gt; &lt;!-- &amp; &quot;")
    text = evil.page()
    assert "<script>alert" not in text
    assert button_in(text)["environment"] == "TEST"


@pytest.mark.parametrize("tried", ["", "<script>", "declined", "unproven", "lost", "stale", "junk"])
def test_what_the_address_says_only_chooses_a_sentence(tried, gift):
    answer = gift.giver.visit(f"{gift.provider_url}?tried={tried}")
    assert answer.status == 200
    assert "<script>" not in answer.text.replace('<script id="pay-data"', "")
    assert (answer.text.count('<p class="notice" role="alert">') == 1) is (tried not in ("", "<script>"))
    assert gift.status == ("Submitted", None)


def test_a_body_that_is_too_large_is_refused(gift):
    answer = gift.giver.client.post(f"/pay/{gift.id}", {"token": "x", "outcome": "pay", "payment": "x" * 100_000})
    assert answer.status_code in (400, 413)
    assert gift.status == ("Submitted", None)
