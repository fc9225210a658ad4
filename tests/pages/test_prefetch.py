"""A browser that fetches ahead, or a link scanner that says so: nobody is there, so nothing is asked and nothing changes."""

import pytest

from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db

TELLS = [
    ("Sec-Purpose", "prefetch"),
    ("Sec-Purpose", "prefetch;prerender"),
    ("Sec-Purpose", "prefetch;anonymous-client-ip"),
    ("Sec-Purpose", "Prerender"),
    ("Purpose", "prefetch"),
    ("X-Purpose", "preview"),
    ("X-Moz", "prefetch"),
]


@pytest.fixture
def gift(provider, shop, giver):
    return Gift(shop, giver)


@pytest.mark.parametrize(("header", "value"), TELLS)
def test_a_way_back_that_is_fetched_ahead_does_nothing(gift, giver, provider, header, value):
    back = giver.choose(gift.provider_url, "approve").removeprefix("http://give.example.test")
    for address in (back, back.replace("/return/", "/cancel/"), back + "&looks=1"):
        answer = giver.client.get(address, headers={header: value})
        assert (answer.status_code, answer["Cache-Control"], answer.content) == (503, "no-store", b"")
    assert (provider.calls["find"], gift.status, gift.version) == (0, "Submitted", "1")
    assert giver.visit(back).headers["Location"] == f"https://shop.example/thanks?Id={gift.id}"
    assert gift.status == "Settled"


@pytest.mark.parametrize(("header", "value"), TELLS)
def test_a_page_to_pay_that_is_fetched_ahead_does_nothing(gift, giver, provider, header, value):
    calls = provider.calls.copy()
    for _ in range(2):
        answer = giver.client.get(f"/pay/{gift.id}", headers={header: value})
        assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    posted = giver.client.post(f"/pay/{gift.id}", {"choosing": "1", "outcome": "cancel"}, headers={header: value})
    assert (posted.status_code, provider.calls, gift.status) == (503, calls, "Submitted")
    assert giver.visit(f"/pay/{gift.id}").status == 303


@pytest.mark.parametrize(("header", "value"), [("Sec-Purpose", ""), ("Purpose", "navigate"), ("Sec-Fetch-Purpose", "prefetch")])
def test_anybody_else_is_served(gift, giver, header, value):
    assert giver.client.get(f"/pay/{gift.id}", headers={header: value}).status_code == 303
