"""What a pledge says of its giver: on the private page, erased, exported, and purged."""

import json
import re

import pytest
from django.core.management import call_command

from contributions import everything_kept, retention
from givers import permissions
from givers.models import Permission
from givers.private_page import page_url
from notifications.models import Event
from partners.models import Partner
from pledges.models import Pledge
from tests.databases import texts_of_the_database

pytestmark = pytest.mark.django_db

WORDS = ("Annabella", "quuxes", "quux-17")
"""Of what the giver said; too long to stand in a random id."""
SAID = {"Contributor": "Annabella Quux", "Message": "For the quuxes", "Reference": "quux-17", "StartDate": "2027-01-05"}


def said_in(texts):
    return [text for text in texts if any(word in str(text) for word in WORDS)]


def test_a_giver_ends_a_pledge_on_the_private_page(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-31", TimeZone="Europe/Berlin")
    url = page_url(pledging.ann.row)
    page = pledging.ann.browser.visit(url)
    assert "20.00 USD every month for" in page.text
    assert "The next gift is taken on 31 January 2027." in page.text
    form = dict(re.findall(r'name="(pledge|token)" value="([^"]*)"', page.text[page.text.index("<h2>Pledge") :]))
    browser = pledging.ann.browser
    assert browser.client.post(browser._path(url), {"pledge": pledge_id, "token": "1"}).status_code == 400
    assert pledging.row(pledge_id).state == "Active"
    assert browser.client.post(browser._path(url), form | {"pledge": pledge_id}).status_code == 303
    row = pledging.row(pledge_id)
    assert (row.state, row.state_reason) == ("Ended", "giver_ended")
    assert "You have ended it." in browser.visit(url).text


def test_a_pledge_without_a_permission_is_no_promise(pledging):
    """On the page it is over as soon as its permission is, and not only once a worker has looked."""
    pledging.pledge(StartDate="2027-01-31")
    permissions.revoke(Permission.objects.select_related("giver__partner").get(), "giver_revoked")
    page = pledging.ann.browser.visit(page_url(pledging.ann.row)).text
    assert "The next gift is taken" not in page
    assert "What you had agreed to was taken back." in page
    assert "End this pledge" not in page


def test_events_of_pledges_do_not_name_anybody(pledging):
    pledging.pledge(**SAID)
    told = "".join(Event.objects.filter(type__startswith="pledge.").values_list("content", flat=True))
    assert "GiverId" in told
    assert said_in([told]) == []


def test_an_erased_giver_is_gone_from_pledges(pledging):
    pledge_id = pledging.pledge(**SAID, Idempotency_Key="one")
    pledging.work("2027-01-05T09:00:00")
    assert pledging.ann.shop.delete(f"/api/Giver/{pledging.ann.id}").status == 204
    row = pledging.row(pledge_id)
    assert (row.state, row.state_reason, row.contributor, row.message, row.reference) == (
        "Ended", "giver_erased", "[erased]", None, "",
    )  # fmt: skip
    assert said_in(texts_of_the_database()) == []
    assert pledging.post(StartDate="2027-01-06").status == 400


def test_the_operators_command_ends_and_erases_a_pledge(pledging):
    pledge_id = pledging.pledge(**SAID)
    shop = Partner.objects.get(pk=pledging.row(pledge_id).partner_id).name
    call_command("erase", "Annabella Quux", partner=shop, keep_file=True)
    row = pledging.row(pledge_id)
    assert (row.state, row.contributor) == ("Ended", "[erased]")
    assert said_in(texts_of_the_database()) == []


def test_pledges_are_in_an_export(pledging):
    pledging.pledge(**SAID)
    pledging.work("2027-01-05T09:00:00")
    name = Partner.objects.get(pk=Pledge.objects.get().partner_id).name
    told = json.loads("".join(everything_kept.of_partner(name)))
    assert (told["pledges.Pledge"][0]["contributor"], len(told["pledges.PledgedGift"])) == ("Annabella Quux", 1)


def test_names_of_pledges_that_ended_long_ago_go(pledging, settings):
    settings.RETAIN_NAMES_DAYS = settings.RETAIN_MESSAGES_DAYS = 30
    ids = [pledging.pledge(**SAID) for _ in range(2)]
    pledging.ann.shop.delete(f"/api/Pledge/{ids[0]}")
    pledging.at("2027-03-04T12:00:00")
    purged = retention.purge()
    assert (purged.numbers["names of pledges"], purged.numbers["messages of pledges"]) == (1, 1)
    assert [(pledging.row(one).contributor, pledging.row(one).message) for one in ids] == [
        ("[erased]", None), ("Annabella Quux", "For the quuxes"),
    ]  # fmt: skip
