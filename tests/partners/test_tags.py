"""PARTNER_IN_IDS: an id that ends with its partner's tag leads to the partner; ids of before go on working."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contributions.models import Contribution, Refund
from goals.models import SavingGoal
from ids import TAG_LETTERS, is_id, tag_of
from notifications import endpoints
from partners import tags
from partners.models import Partner
from tests.conftest import register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tags_are_read_anew():
    tags._partner_with.cache_clear()
    tags._tag_of.cache_clear()
    yield
    tags._partner_with.cache_clear()
    tags._tag_of.cache_clear()


@pytest.fixture
def tagged(settings):
    settings.PARTNER_IN_IDS = True


def asked_for(gift_id, giver):
    """The first statement that looks for the gift when its giver comes."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = giver.visit(f"/pay/{gift_id}")
    assert answer.status in {200, 303}, answer.text
    return next(one["sql"] for one in asked if 'FROM "contributions_contribution"' in one["sql"])


def test_the_whole_way_with_tagged_ids(tagged, shop, giver):
    goal = shop.new_goal()
    made = shop.new_contribution(goal)
    gift = made.value("Id")
    partner = SavingGoal.objects.get(public_id=goal).partner
    assert {len(goal), len(gift)} == {22 + TAG_LETTERS}
    assert tag_of(goal) == tag_of(gift) == partner.tag
    assert giver.pay(made.value("ProviderURL")).status == 303
    assert shop.get(f"/api/Contribution/{gift}").value("Status") == "Settled"
    refunded = shop.post(f"/api/Contribution/{gift}/Refunds", "<Refund/>")
    assert refunded.status == 201, refunded.text
    assert tag_of(Refund.objects.get().public_id) == partner.tag
    assert f'"partner_id" = {partner.pk}' in asked_for(gift, giver)


def test_an_endpoint_has_the_tag(tagged):
    partner = register("Listening Shop").partner
    endpoint, _ = endpoints.create(partner, "https://8.8.8.8/hook")
    assert tag_of(endpoint.public_id) == Partner.objects.get(pk=partner.pk).tag


def test_an_id_of_before_goes_on_working(shop, giver, settings):
    """And so does a tagged one once no new ones are made."""
    goal = shop.new_goal()
    old = shop.new_contribution(goal).value("Id")
    settings.PARTNER_IN_IDS = True
    new = shop.new_contribution(goal).value("Id")
    assert (len(old), len(new)) == (22, 22 + TAG_LETTERS)
    assert '"partner_id" = ' not in asked_for(old, giver).partition(" WHERE ")[2]
    settings.PARTNER_IN_IDS = False
    asked_for(new, giver)
    assert {one.public_id for one in Contribution.objects.all()} == {old, new}


def test_a_tag_of_nobodys_finds_nothing(tagged, shop, giver):
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    other = register("Another").partner
    for forged in (gift[:-1] + ("2" if gift[-1] != "2" else "3"), gift[:22] + other.tag):
        assert is_id(forged)
        assert giver.visit(f"/pay/{forged}").status == 404


def test_a_partner_made_by_an_old_process_gets_its_tag(tagged):
    partner = Partner.objects.create(name="Old", tag=None)
    made = tags.new_id_of(partner.pk)
    partner.refresh_from_db()
    assert tag_of(made) == partner.tag
    assert tags.partner_of(made) == partner.pk


def test_an_id_without_a_tag_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tags.by_public_id("vytxeTZskVKR7C7WgdSP3d") == {"public_id": "vytxeTZskVKR7C7WgdSP3d"}
