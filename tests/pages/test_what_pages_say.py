"""Every page of ours about a gift: true of the money, with the partner's name and a way back, and safe from strangers' text."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from contributions.worker import sync_all_due
from providers.base import PaymentState
from providers.sandbox.models import SandboxCheckout
from tests.contributions.conftest import Gift
from tests.picking import PITY, THANKS, OpenGift, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(provider, shop, giver):
    return Gift(shop, giver)


def words_of(page: str) -> str:
    """What is read of a page's body, without its markup."""
    body = page[page.index("<body>") :]
    return re.sub(r"\s+", " ", re.sub(r"<(?!/?bdi)[^>]*>", " ", body).replace("<bdi>", "").replace("</bdi>", "")).strip()


def seen(gift: Gift, path: str = "/thank-you") -> str:
    answer = gift.giver.visit(f"{path}?Id={gift.id}")
    assert answer.status == 200
    return answer.text


# --- What happened to the money ---------------------------------------------------------------------------------------


def test_what_the_partner_withdraws_the_giver_did_not_cancel(gift):
    """The page is open while the partner deletes the gift."""
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    for page in (seen(gift), seen(gift, "/cancelled"), gift.giver.visit(gift.provider_url).text):
        assert "Anna&#x27;s Shop has withdrawn this gift. Nothing was charged." in words_of(page)
        assert "You cancelled" not in page


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("OnGoalReached", "It is charged only if the goal is reached."),
        ("Manual", "It is charged only when Anna&#x27;s Shop accepts it."),
    ],
)
def test_what_is_held_has_not_arrived(provider, shop, giver, policy, sentence):
    gift = Gift(shop, giver, CapturePolicy=policy)
    gift.pay()
    page = words_of(seen(gift))
    assert "is reserved at PayPal: 20.00 USD. You have not been charged." in page
    assert sentence in page
    assert "arrived" not in page
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    page = words_of(seen(gift))
    assert "has withdrawn this gift. Nothing was charged. 20.00 USD was reserved and has been released." in page


def test_a_goal_that_ends_unreached_charges_nothing(provider, shop, giver, moved_clock):
    ends = datetime.now(UTC) + timedelta(hours=1)
    gift = Gift(shop, giver, CapturePolicy="OnGoalReached", EndDate=ends.isoformat())
    gift.pay()
    moved_clock(ends + timedelta(hours=1))
    sync_all_due()
    assert "did not reach its goal in time. Nothing was charged." in words_of(seen(gift))


def test_what_was_given_back_in_part_says_both_sums(gift, shop):
    gift.pay()
    assert shop.post(f"/api/Contribution/{gift.id}/Refunds", "<Refund><Amount>12.50</Amount></Refund>").status == 201
    assert "Anna&#x27;s Shop has given 12.50 USD of your 20.00 USD back to you. 7.50 USD has arrived" in words_of(seen(gift))
    assert shop.post(f"/api/Contribution/{gift.id}/Refunds", "<Refund/>").status == 201
    assert "back to you: 20.00 USD of 20.00 USD" in words_of(seen(gift))


def test_what_was_taken_back_says_so(gift, provider):
    gift.pay()
    provider.lies("find", 1, state=PaymentState.REVERSED, reason="chargeback")
    assert gift.shop.post(f"/api/Contribution/{gift.id}/Check").value("Status") == "Reversed"
    assert "After a dispute 20.00 USD was taken back for you through PayPal." in words_of(seen(gift))


@pytest.mark.parametrize(
    ("refused", "sentence"), [(True, "is being given back to you."), (False, "has been given back to you.")]
)
def test_what_was_withdrawn_and_charged_all_the_same_goes_back(gift, provider, refused, sentence):
    """The giver approved as the partner deleted it, and the provider took the money."""
    gift.giver.choose(gift.provider_url, "approve")
    SandboxCheckout.objects.update(state=SandboxCheckout.State.CAPTURED)
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    if refused:
        provider.refuses("refund", "payee_has_too_little")
    gift.giver.visit(f"/providers/paypal/return/{gift.id}?token={gift.checkout.provider_checkout_id}")
    assert f"has withdrawn this gift. 20.00 USD was charged and {sentence}" in words_of(seen(gift))


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("decline", "PayPal declined the payment for A bicycle for Anna. Nothing was charged."),
        ("cancel", "You cancelled your gift for A bicycle for Anna. Nothing was charged."),
    ],
)
def test_the_page_with_a_choice_says_what_came_before(provider, shop, giver, outcome, sentence):
    gift = OpenGift(shop, giver)
    assert "charged" not in words_of(gift.looks())
    gift.comes_back(gift.picks("PayPal"), outcome)
    assert sentence in words_of(gift.looks())


# --- The way back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "path", "back"),
    [
        ("approve", "/thank-you", THANKS),
        ("approve", "/pay/{id}", THANKS),
        ("pending", "/thank-you", THANKS),
        ("decline", "/cancelled", PITY),
        ("cancel", "/thank-you", PITY),
        ("", "/thank-you", PITY),
    ],
)
def test_every_page_leads_back_to_the_partner(gift, outcome, path, back):
    if outcome:
        gift.pay(outcome)
    page = gift.giver.visit(f"{path.format(id=gift.id)}?Id={gift.id}").text
    assert f'<a href="{back}?Id={gift.id}">Back to <bdi>Anna&#x27;s Shop</bdi></a>' in page


def test_an_expired_gift_leads_back_and_says_how_to_begin_anew(gift, moved_clock):
    moved_clock(datetime.now(UTC) + timedelta(hours=73))
    page = gift.giver.visit(gift.provider_url).text
    assert "Nothing was charged. To give after all, go back to Anna&#x27;s Shop and begin anew." in words_of(page)
    assert f'href="{PITY}?Id={gift.id}"' in page


def test_pages_about_trouble_lead_back_as_well(gift, provider, shop):
    """A wrong token, a provider that refuses, one that is silent."""
    wrong = gift.giver.visit(f"/providers/paypal/return/{gift.id}?token=x")
    gift.pay("decline")
    provider.refuses("open", "payee_cannot_receive")
    refused = gift.giver.visit(gift.provider_url)
    provider.drops_the_call("open")
    silent = gift.giver.visit(gift.provider_url)
    assert [wrong.status, refused.status, silent.status] == [400, 502, 503]
    for page in (wrong, refused, silent):
        assert f'<a href="{PITY}?Id={gift.id}">Back to <bdi>Anna&#x27;s Shop</bdi></a>' in page.text


def test_a_goal_with_one_address_leads_there(shop, giver, provider):
    open_gift = OpenGift(shop, giver, CancelURL="", PaymentProviders=account("PayPal") + account("Amazon"))
    assert f'href="{THANKS}?Id={open_gift.id}">Back to' in open_gift.looks()
    nowhere = OpenGift(shop, giver, CancelURL="", ConfirmationURL="")
    assert "You can close this page, or go back to Anna&#x27;s Shop, which sent you here." in words_of(nowhere.looks())


def test_a_crash_on_a_gifts_page_leads_back(gift, monkeypatch):
    """Our fault: still the partner's name, and where to look how the gift stands."""

    def breaks(*arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("pages.pay.reopening.may_be_paid", breaks)
    crashed = gift.giver.visit(gift.provider_url)
    assert (crashed.status, "a bug" in crashed.text) == (500, False)
    assert f'<a href="{PITY}?Id={gift.id}">Back to <bdi>Anna&#x27;s Shop</bdi></a>' in crashed.text
    assert gift.giver.client.get("/pay/nobody").status_code == 404


# --- A few looks, then a button ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/thank-you", "/cancelled", "/pay/{id}"])
def test_a_pending_page_looks_3_times_then_waits_for_a_button(gift, path):
    """A page that changes by itself for ever is no page for a screen reader (WCAG 2.2, 2.2.2 and 3.2.5)."""
    gift.pay("pending")
    address, waits = f"{path.format(id=gift.id)}?Id={gift.id}", []
    while True:
        page = gift.giver.visit(address).text
        found = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', page)
        button = re.search(r'<a class="button go" href="([^"]+)">Look again</a>', page)
        assert button
        if found is None:
            break
        waits.append(int(found[1]))
        address = _from(address, found[2])
    assert waits == [5, 15, 40]
    by_hand = gift.giver.visit(_from(address, button[1])).text
    assert ("http-equiv" in by_hand, "Look again" in by_hand) == (False, True)
    sync_all_due(whether_due_or_not=True)
    assert "has arrived" in gift.giver.visit(_from(address, button[1])).text


def _from(address: str, link: str) -> str:
    link = link.replace("&amp;", "&")
    return address.partition("?")[0] + link if link.startswith("?") else link


def test_a_page_to_pay_does_not_open_a_checkout_by_itself(gift, provider):
    """It looks where nothing is opened: who reads that it was declined decides themselves whether to try again."""
    gift.pay("pending")
    assert f'url=http://give.example.test/thank-you?Id={gift.id}&amp;looks=1"' in gift.giver.visit(gift.provider_url).text


@pytest.mark.parametrize("looks", ["-1", "x", "9" * 400, "٣", "", "2&looks=1"])
def test_a_strange_number_of_looks_is_no_trouble(gift, looks):
    gift.pay("pending")
    assert gift.giver.visit(f"/thank-you?Id={gift.id}&looks={looks}").status == 200


@pytest.mark.parametrize("outcome", ["approve", "cancel", "decline", ""])
def test_what_has_an_outcome_does_not_look_again(gift, outcome):
    if outcome:
        gift.pay(outcome)
    assert "http-equiv" not in seen(gift)


# --- Strangers' text --------------------------------------------------------------------------------------------------

EVIL = "Bob\u202eevil\u2069\u2066\u0085\u2028</title><b>x"
SHOWN = "Bobevil  &lt;/title&gt;&lt;b&gt;x"


@pytest.mark.parametrize("outcome", ["", "approve", "pending", "decline"])
def test_a_name_does_not_change_our_line(provider, shop, giver, outcome):
    """A right-to-left override in Contributor or Name, in the body and in the title."""
    typed = EVIL.replace("<", "&lt;").replace(">", "&gt;")
    goal = shop.new_goal(Name=typed, PaymentProviders=account("PayPal"))
    made = shop.new_contribution(goal, Contributor=typed)
    assert made.xml.findtext("Contributor") == EVIL, "kept exactly"
    if outcome:
        giver.pay(made.value("ProviderURL"), outcome)
    page = giver.visit(f"/thank-you?Id={made.value('Id')}").text
    _check_isolated(page)


def test_the_page_with_a_choice_is_safe_as_well(provider, shop, giver):
    typed = EVIL.replace("<", "&lt;").replace(">", "&gt;")
    page = OpenGift(shop, giver, Name=typed).looks()
    _check_isolated(page)


def _check_isolated(page: str) -> None:
    assert not re.search("[\u202a-\u202e\u2066\u2067\u0085\u2028]", page)
    title = re.search(r"<title>(.*?)</title>", page, re.S)
    assert title
    assert "\u2068Bobevil" in title[1]
    assert title[1].count("\u2068") == title[1].count("\u2069") == 1
    for inside in re.findall(r"<h1>(.*?)</h1>|<p>(.*?)</p>", page):
        text = "".join(inside)
        assert text.count("Bobevil") == text.count("<bdi>Bobevil")
