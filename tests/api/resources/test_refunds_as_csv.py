"""The CSV file of refunds: what is not known yet is an empty cell."""

import csv
import io

import pytest

from contributions.models import Refund

pytestmark = pytest.mark.django_db


def rows_of(shop):
    answer = shop.get("/api/Refunds?format=csv")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


def test_a_refund_has_its_date_only_once_it_is_done(shop, giver):
    gift = shop.new_contribution(shop.new_goal(), Amount="20.00")
    giver.pay(gift.value("ProviderURL"))
    assert shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund><Amount>5.00</Amount></Refund>").status == 201
    (done,) = rows_of(shop)
    assert (done["Amount"], done["Currency"], done["SettledDate"][:4]) == ("5.00", "USD", done["Date"][:4])

    Refund.objects.update(status=Refund.Status.PENDING, settled_at=None)  # as of one that the provider is still looking at
    (pending,) = rows_of(shop)
    assert (pending["Status"], pending["SettledDate"], pending["Reason"]) == ("Pending", "", "")
