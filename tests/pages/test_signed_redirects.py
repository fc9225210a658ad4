"""Signed redirects: what the giver brings back to a partner's site can be believed without a call."""

import base64
import hashlib
import hmac
import html
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

import clock
from partners import keys, redirect_secrets, registration
from partners.models import Partner
from tests.conftest import PartnerClient
from tests.picking import OpenGift

pytestmark = pytest.mark.django_db

SECRET = "/api/RedirectSecret"


def back(giver, url, outcome="approve"):
    """The address on the partner's site that the giver is sent to in the end."""
    return giver.pay(url, outcome).headers["Location"]


def signed_by(secret, address):
    """The query's pairs, each of the four names once, after the signature was computed anew by the book."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    told = {name: [value for key, value in pairs if key == name] for name in ("Id", "Status", "Time", "Signature")}
    assert [len(values) for values in told.values()] == [1, 1, 1, 1]
    signed = ".".join(told[name][0] for name in ("Id", "Status", "Time")).encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    assert told["Signature"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    return {name: values[0] for name, values in told.items()}


@pytest.mark.no_database
def test_the_published_vector_of_a_signature():
    """Computed by hand: printf Id.Status.Time | openssl dgst -sha256 -hmac SECRET -binary | base64 | tr +/ -_ | tr -d ="""
    secret = "rsec_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
    told = redirect_secrets.signature(secret, "c8RmS5DdX2XZ6aB9kLmNpQ", "Settled", 1767225600)
    assert told == "cP26rZz44DTPoPs9TNSOn3NtYzNbURRehylTQOrW46E"


def test_secret_is_shown_once_rotated_and_turned_off(shop):
    assert shop.get(SECRET).status == 404
    made = shop.post(SECRET, Idempotency_Key="k-1")
    assert (made.status, made.headers["Location"]) == (201, "http://give.example.test/api/RedirectSecret")
    assert re.fullmatch(r"rsec_[A-Za-z0-9_-]{43}", made.value("Secret"))
    assert made.value("RecordVersionNumber") == "1"
    again = shop.post(SECRET, Idempotency_Key="k-1")
    assert (again.status, again.value("Secret"), again.headers["Idempotent-Replayed"]) == (201, None, "true")
    assert (shop.post(SECRET).status, shop.post(SECRET).value("code")) == (409, "has_redirect_secret")
    shown = shop.get(SECRET)
    assert (shown.status, shown.value("Secret"), shown.headers["ETag"]) == (200, None, made.headers["ETag"])

    turned = shop.post(f"{SECRET}/Rotate", Idempotency_Key="k-2")
    assert turned.value("Secret") not in {None, made.value("Secret")}
    assert shop.post(f"{SECRET}/Rotate", Idempotency_Key="k-2").value("Secret") is None
    assert (turned.status, turned.value("RecordVersionNumber")) == (200, "2")
    stale = shop.delete(SECRET, If_Match=made.headers["ETag"])
    assert (stale.status, shop.get(SECRET).status) == (412, 200)
    assert [shop.delete(SECRET).status, shop.delete(SECRET).status, shop.post(f"{SECRET}/Rotate").status] == [204, 404, 404]
    assert shop.post(SECRET).value("RecordVersionNumber") == "3"


def test_secret_takes_no_body_and_is_kept_encrypted(shop):
    assert shop.post(SECRET, "<RedirectSecret/>").value("code") == "invalid_body"
    secret = shop.post(SECRET).value("Secret")
    stored = Partner.objects.exclude(redirect_secret_encrypted="").get()
    assert secret[5:] not in stored.redirect_secret_encrypted


@pytest.mark.parametrize(("outcome", "status"), [("approve", "Settled"), ("pending", "Pending"), ("decline", "Failed")])
def test_every_way_back_says_how_the_gift_stands(shop, giver, outcome, status):
    urls = {"ConfirmationURL": "https://shop.example/thanks?a=1&b=%20x", "CancelURL": "https://shop.example/no#top"}
    secret = shop.post(SECRET).value("Secret")
    gift = shop.new_contribution(shop.new_goal(**{name: url.replace("&", "&amp;") for name, url in urls.items()}))
    address = back(giver, gift.value("ProviderURL"), outcome)
    told = signed_by(secret, address)
    assert (told["Id"], told["Status"]) == (gift.value("Id"), status)
    assert address.startswith("https://shop.example/no?" if status == "Failed" else f"{urls['ConfirmationURL']}&")
    assert address.endswith("#top") == (status == "Failed")


def test_what_the_url_holds_of_these_names_gives_way(shop, giver):
    """A program that takes the first of two would be told the partner's own word in the place of ours."""
    secret = shop.post(SECRET).value("Secret")
    url = "https://shop.example/t?Status=Settled&x=1&amp;%53ignature=aa&time=9&y=Status&Id&Identity=7&&z"
    goal = shop.new_goal(CancelURL=url.replace("&amp;", "&").replace("&", "&amp;"))
    address = back(giver, shop.new_contribution(goal).value("ProviderURL"), "decline")
    assert signed_by(secret, address)["Status"] == "Failed"
    assert address.partition("&Id=")[0] == "https://shop.example/t?x=1&y=Status&Identity=7&z"


def test_status_signed_is_that_of_the_moment(shop, giver, moved_clock):
    """A giver who comes back again after a refund brings what is true then, with that moment's time."""
    secret = shop.post(SECRET).value("Secret")
    gift = shop.new_contribution(shop.new_goal(ConfirmationURL="https://shop.example/t"))
    way_back = giver.choose(gift.value("ProviderURL"), "approve")
    first = signed_by(secret, giver.visit(way_back).headers["Location"])
    assert shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund/>").status == 201
    moved_clock(clock.now() + timedelta(minutes=2))
    again = signed_by(secret, giver.visit(way_back).headers["Location"])
    assert (first["Status"], again["Status"]) == ("Settled", "Refunded")
    assert 119 <= int(again["Time"]) - int(first["Time"]) <= 130


def test_the_links_on_our_own_pages_are_signed_too(shop, giver):
    """/pay of a gift that is over, and /thank-you, lead back with a link."""
    secret = shop.post(SECRET).value("Secret")
    gift = shop.new_contribution(shop.new_goal(ConfirmationURL="https://shop.example/t"))
    giver.pay(gift.value("ProviderURL"))
    for page in (gift.value("ProviderURL"), f"/thank-you?Id={gift.value('Id')}"):
        (link,) = re.findall(r'href="(https://shop\.example/t[^"]*)"', giver.visit(page).text)
        assert signed_by(secret, html.unescape(link))["Status"] == "Settled"


def test_saying_no_before_a_checkout_is_signed(shop, giver):
    """Where the giver was to pick a provider and went back instead."""
    secret = shop.post(SECRET).value("Secret")
    gift = OpenGift(shop, giver, CancelURL="https://shop.example/no?n=1")
    address = gift.sends("cancel").headers["Location"]
    assert signed_by(secret, address)["Status"] == "Canceled"
    assert address.startswith("https://shop.example/no?n=1&Id=")


def test_rotation_signs_with_the_new_secret_alone(shop, giver):
    old = shop.post(SECRET).value("Secret")
    goal = shop.new_goal(ConfirmationURL="https://shop.example/t")
    new = shop.post(f"{SECRET}/Rotate").value("Secret")
    address = back(giver, shop.new_contribution(goal).value("ProviderURL"))
    signed_by(new, address)
    with pytest.raises(AssertionError):
        signed_by(old, address)
    shop.delete(SECRET)
    gift = shop.new_contribution(goal)
    assert back(giver, gift.value("ProviderURL")) == f"https://shop.example/t?Id={gift.value('Id')}"


def test_live_and_test_have_secrets_of_their_own(shop):
    shop.post(SECRET)
    live = registration.in_mode(Partner.objects.get(), is_test=False)
    other = PartnerClient(keys.issue(live))
    assert other.get(SECRET).status == 404
    assert other.post(SECRET).status == 201
    assert shop.get(SECRET).value("RecordVersionNumber") == "1"


def test_a_giver_comes_back_also_when_the_secret_is_lost(shop, giver, settings, caplog):
    """CREDENTIALS_KEYS without the key that it was kept under: the redirect is as it was without a secret."""
    shop.post(SECRET)
    gift = shop.new_contribution(shop.new_goal(ConfirmationURL="https://shop.example/t"))
    Partner.objects.update(redirect_secret_encrypted="unreadable")
    assert back(giver, gift.value("ProviderURL")) == f"https://shop.example/t?Id={gift.value('Id')}"
    assert "redirect not signed" in [record.message for record in caplog.records]
