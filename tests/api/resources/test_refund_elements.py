"""A Refund says of which contribution it is, and why it failed."""

import pytest

from contributions.models import Refund
from providers.base import ProviderRefused
from providers.sandbox.adapter import SandboxProvider
from tests.raising import raising
from tests.xml_schemas.answers import check_fits_both_schemas

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(shop, giver):
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "approve")
    return gift.value("Id")


def test_a_refund_names_its_contribution(shop, settled):
    made = shop.post(f"/api/Contribution/{settled}/Refunds", "<Refund><Amount>5</Amount></Refund>")
    assert (made.status, made.value("ContributionId"), made.value("StatusReason")) == (201, settled, None)
    listed = shop.get(f"/api/Contribution/{settled}/Refunds")
    check_fits_both_schemas(made.body)
    check_fits_both_schemas(listed.body)
    assert listed.value("ContributionId") == settled


def test_a_refund_that_failed_says_why(shop, settled, monkeypatch):
    monkeypatch.setattr(SandboxProvider, "refund", raising(ProviderRefused("insufficient_funds")))
    made = shop.post(f"/api/Contribution/{settled}/Refunds", "<Refund/>")
    assert (made.value("Status"), made.value("StatusReason")) == ("Failed", Refund.objects.get().failure) != ("Failed", "")
    assert made.value("StatusReason") == "insufficient_funds"
    check_fits_both_schemas(made.body)


def test_a_list_of_refunds_asks_once_for_all(shop, settled, django_assert_max_num_queries):
    """It names the contribution of each without asking for it again."""
    path = f"/api/Contribution/{settled}/Refunds"
    for _ in range(3):
        shop.post(path, "<Refund><Amount>1</Amount></Refund>")
    with django_assert_max_num_queries(5):
        assert shop.get(path).text.count("<ContributionId>") == 3


def test_what_get_gave_can_be_sent(shop, settled):
    """Read-only elements are ignored."""
    body = f"<Refund><Amount>1</Amount><ContributionId>{settled}</ContributionId><StatusReason>x</StatusReason></Refund>"
    assert shop.post(f"/api/Contribution/{settled}/Refunds", body).value("Status") == "Completed"
