"""/pay/{id} of a gift whose button is on a page of ours: what the giver sees, and what the page lets happen."""

import re

import pytest

from tests.providers.amazon.gift import AmazonGift
from tests.providers.amazon.service import button_in, token_in
from tests.providers.gift import PITY, THANKS

pytestmark = pytest.mark.django_db


def page(gift: AmazonGift) -> str:
    answer = gift.giver.visit(gift.provider_url)
    assert answer.status == 200
    return answer.text


def post(gift: AmazonGift, token: str):
    return gift.giver.client.post(f"/pay/{gift.id}", {"token": token, "outcome": "cancel"})


def test_it_says_what_is_given_by_whom_and_for_what(gift):
    text = page(gift)
    for told in ("A bicycle for Anna", "20.00 USD", "Uncle Bob", "Anna&#x27;s Shop", "Amazon"):
        assert told in text
    assert '<html lang="en">' in text
    assert 'name="viewport"' in text


def test_markup_in_names_is_text(service, amazon, shop, giver):
    evil = AmazonGift(amazon, shop, giver, Name="&lt;script&gt;alert(1)&lt;/script&gt; &lt;!-- &amp; &quot;")
    text = page(evil)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "alert(1)" in button_in(text)["createCheckoutSessionConfig"]["payloadJSON"]


def test_scripts_come_from_us_and_amazon_alone(gift, settings):
    """None of ours is inline."""
    answer = gift.giver.visit(gift.provider_url)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].split()[:2] == [f"{settings.PUBLIC_BASE_URL}/providers/amazon/button.js", gift.amazon.base_url]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(policy["script-src"].split())
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    assert [(attributes, content) for attributes, content in scripts if "application/json" not in attributes] == [
        (f' src="{gift.amazon.script_url}" defer', ""),
        (f' src="{settings.PUBLIC_BASE_URL}/providers/amazon/button.js" defer', ""),
    ]
    assert "onclick" not in answer.text
    assert "PRIVATE" not in answer.text


def test_our_script_is_served_and_nobody_elses(gift):
    answer = gift.giver.visit("/providers/amazon/button.js")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "renderButton" in answer.text
    for name in ("paypal", "stripe", "google", "nobody"):
        assert gift.giver.visit(f"/providers/{name}/button.js").status == 404


def test_the_forms_token_is_good_once_and_for_this_gift_alone(gift, amazon, shop, giver):
    other = AmazonGift(amazon, shop, giver)
    good = token_in(page(gift))
    for bad in ("", "x", good[:-1], good + "A", token_in(page(other)), "é"):
        answer = post(gift, bad)
        assert answer.status_code == 400
        assert "This page was out of date" in answer.content.decode()
        assert gift.status == ("Submitted", None)
    assert [post(gift, good)["Location"] for _ in range(2)] == [f"{PITY}?Id={gift.id}"] * 2
    assert gift.value("RecordVersionNumber") == "2"
    gift.comes_back()
    assert [post(gift, good)["Location"] for _ in range(2)] == [f"{THANKS}?Id={gift.id}"] * 2


def test_without_keys_the_page_says_one_moment(gift, settings):
    settings.AMAZON_PAY_PRIVATE_KEY = ""
    answer = gift.giver.visit(gift.provider_url)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_verbs(gift):
    assert gift.giver.client.head(f"/pay/{gift.id}").status_code == 200
    assert gift.giver.client.put(f"/pay/{gift.id}").status_code == 405
    assert gift.giver.client.post("/pay/2222222222222222222222").status_code == 404
