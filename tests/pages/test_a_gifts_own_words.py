"""A gift's own addresses come before its goal's, and an anonymous giver's name stands on no page of ours."""

import pytest

pytestmark = pytest.mark.django_db

GOALS = {"ConfirmationURL": "https://shop.example/thanks", "CancelURL": "https://shop.example/pity"}
OWN = {"ConfirmationURL": "https://own.example/yes?a=b", "CancelURL": "https://own.example/no"}
NAME = "Uncle Bob"


def escaped(said):
    return {name: value.replace("&", "&amp;") for name, value in said.items()}


@pytest.mark.parametrize(
    ("own", "outcome", "lands_at"),
    [
        (OWN, "approve", "https://own.example/yes?a=b&Id="),
        (OWN, "cancel", "https://own.example/no?Id="),
        (OWN, "decline", "https://own.example/no?Id="),
        ({"CancelURL": OWN["CancelURL"]}, "approve", "https://shop.example/thanks?Id="),
        ({"ConfirmationURL": OWN["ConfirmationURL"]}, "cancel", "https://shop.example/pity?Id="),
        ({}, "approve", "https://shop.example/thanks?Id="),
    ],
)
def test_a_contribution_may_have_its_own_addresses(shop, giver, own, outcome, lands_at):
    gift = shop.new_contribution(shop.new_goal(**GOALS), **own)
    answer = giver.pay(gift.value("ProviderURL"), outcome)
    assert (answer.status, answer.headers["Location"]) == (303, lands_at + gift.value("Id"))
    assert escaped({"back": lands_at})["back"] in giver.visit(f"/thank-you?Id={gift.value('Id')}").text


def test_own_addresses_do_without_any_of_the_goal(shop, giver):
    gift = shop.new_contribution(shop.new_goal(), **OWN)
    assert giver.pay(gift.value("ProviderURL"), "cancel").headers["Location"] == f"{OWN['CancelURL']}?Id={gift.value('Id')}"


@pytest.mark.parametrize("outcome", ["approve", "cancel", "decline", "pending"])
def test_an_anonymous_givers_name_is_on_no_page(shop, giver, outcome):
    gift = shop.new_contribution(shop.new_goal(CapturePolicy="Manual"), Contributor=NAME, Anonymous="true")
    giver.pay(gift.value("ProviderURL"), outcome)
    pages = [giver.visit(f"{path}") for path in (f"/thank-you?Id={gift.value('Id')}", f"/pay/{gift.value('Id')}")]
    for page in pages:
        assert NAME not in page.text
        assert "{giver}" not in page.text
        assert ", !" not in page.text
    told = shop.get(f"/api/Contribution/{gift.value('Id')}")
    assert (told.value("Contributor"), told.value("Anonymous")) == (NAME, "true"), "the partner is told who gives"


def test_who_is_not_anonymous_is_thanked_by_name(shop, giver):
    gift = shop.new_contribution(shop.new_goal(), Contributor=NAME)
    giver.pay(gift.value("ProviderURL"), "approve")
    assert f"Thank you, <bdi>{NAME}</bdi>!" in giver.visit(f"/thank-you?Id={gift.value('Id')}").text
    anonymous = shop.new_contribution(shop.new_goal(), Contributor=NAME, Anonymous="true")
    giver.pay(anonymous.value("ProviderURL"), "approve")
    assert "<h1>Thank you!</h1>" in giver.visit(f"/thank-you?Id={anonymous.value('Id')}").text


def test_an_anonymous_giver_picks_without_a_name(shop, giver):
    amazon = "<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>A2EXAMPLE</Credentials></PaymentProvider>"
    paypal = "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>a@b.example</Credentials></PaymentProvider>"
    gift = shop.new_contribution(shop.new_goal(PaymentProviders=paypal + amazon), Contributor=NAME, Anonymous="true")
    page = giver.visit(gift.value("ProviderURL"))
    assert "How would you like to pay?" in page.text
    assert "Given anonymously" in page.text
    assert NAME not in page.text
