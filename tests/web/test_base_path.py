"""Every address on every page begins with PUBLIC_BASE_URL, path and all, or holds under any path."""

import re
from urllib.parse import urljoin

import pytest
from django.urls import get_resolver

from config.env import OWN_PATHS
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

HOST = "http://give.example.test"
BASE = f"{HOST}/give"
_IN_PAGES = re.compile(r'(?:\b(?:href|src|action|formaction|poster)=|content="\d+;\s*url=)"?([^"\s>]*)')
_IN_TEXT = re.compile(r"http://give\.example\.test[^\s<\"';,]*")


@pytest.fixture(autouse=True)
def _under_a_path(settings, tmp_path):
    settings.PUBLIC_BASE_URL = BASE
    settings.DOCS_SITE_DIR = tmp_path / "not built"


def strays(asked, answer):
    """What an answer names of this service that does not lie below the base; `asked`: its own address for the world."""
    text = answer.text
    named = [*_IN_PAGES.findall(text), *(value for name, value in answer.headers.items() if name == "Location")]
    absolute = {urljoin(asked, one.replace("&amp;", "&")) for one in named} | set(_IN_TEXT.findall(text))
    absolute |= {HOST + one for one in re.findall(r"(?<=[ ;])/(?:docs|problems)\b[^\s<]*", text)}  # in a sentence
    link = answer.headers.get("Link", "")
    absolute |= set(_IN_TEXT.findall(link.replace(">", " ")))
    return sorted(one for one in absolute if f"{one}/".startswith(f"{HOST}/") and not f"{one}/".startswith(f"{BASE}/"))


@pytest.mark.parametrize("prefix", ["", "/give"], ids=["the proxy strips the path", "the proxy hands it on"])
def test_every_address_on_every_page_begins_with_the_base(shop: PartnerClient, giver: Giver, prefix):
    two = goal_xml(PaymentProviders=PAYPAL_AND_STRIPE)
    goal = shop.post(f"{prefix}/api/savings", goal_xml())
    choice = shop.post(f"{prefix}/api/savings", two).value("Id")
    assert goal.headers["Location"] == f"{BASE}/api/SavingGoal/{goal.value('Id')}"
    gifts = [
        shop.post(f"{prefix}/api/SavingGoal/{one}/Contributions", contribution_xml()) for one in (goal.value("Id"), choice)
    ]
    assert [gift.value("ProviderURL") for gift in gifts] == [f"{BASE}/pay/{gift.value('Id')}" for gift in gifts]
    one, other = (gift.value("Id") for gift in gifts)
    shop.post(f"{prefix}/api/SavingGoal/{goal.value('Id')}/Contributions", contribution_xml())
    checkout = giver.visit(f"{prefix}/pay/{one}").headers["Location"]
    assert checkout.startswith(f"{BASE}/sandbox/checkout/")
    seen = []
    for path in (
        "/api/savings?limit=1", f"/api/SavingGoal/{goal.value('Id')}", "/api/Contributions?limit=1", "/api/nothing", "/nothing",
        f"/pay/{one}", f"/pay/{other}", "/pay/nobody", "/thank-you", f"/thank-you?Id={one}", f"/cancelled?Id={one}",
        f"/providers/paypal/cancel/{one}", f"/providers/paypal/return/{one}?token=x", "/problems", "/docs/errors/no_such_path/",
        checkout.removeprefix(BASE), "/sandbox/checkout/nothing",
    ):  # fmt: skip
        answer = shop.get(prefix + path) if path.startswith("/api") else giver.visit(prefix + path)
        assert answer.status < 500, (path, answer.text)
        assert (path, strays(BASE + path, answer)) == (path, [])
        assert answer.headers.get("Location") != BASE + path
        seen.append(answer.status)
    assert seen.count(404) == 5, "api/nothing, /nothing, /pay/nobody and the simulator's; the page of another token is 400"


def test_the_way_of_a_gift_under_a_path_ends_at_the_partner(shop, giver):
    """With a proxy that hands the path on: the addresses that the giver is given are followed as they are."""
    goal = shop.new_goal(ConfirmationURL="https://shop.example/thanks")
    gift = shop.new_contribution(goal)
    checkout = giver.visit(gift.value("ProviderURL")).headers["Location"]
    chosen = giver.client.post(checkout.removeprefix(HOST), {"outcome": "approve"})
    assert chosen["Location"].startswith(f"{BASE}/providers/paypal/return/")
    ended = giver.visit(chosen["Location"])
    assert (ended.status, ended.headers["Location"]) == (303, f"https://shop.example/thanks?Id={gift.value('Id')}")
    assert shop.get(f"/give/api/Contribution/{gift.value('Id')}").value("Status") == "Settled"


def test_every_path_of_the_service_is_known_to_the_check():
    first = {re.sub(r"^\^?([a-z-]*).*", r"\1", str(one.pattern)) for one in _patterns_in(get_resolver())}
    assert {"api", "pay", "providers", "demo"} <= first <= OWN_PATHS


def _patterns_in(resolver):
    for one in resolver.url_patterns:
        inner = hasattr(one, "url_patterns") and not str(one.pattern)
        yield from _patterns_in(one) if inner else [one]


def test_a_path_that_only_begins_alike_is_not_the_base(shop):
    """/givers is none of ours, and /give itself is the root, where nothing is served."""
    assert shop.get("/givers/api/savings").status == 404
    assert shop.get("/give").status == 404
    assert shop.get("/give/give/api/savings").status == 404


PAYPAL_AND_STRIPE = (
    "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials></PaymentProvider>"
    "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_1abcdefghijk</Credentials></PaymentProvider>"
)
