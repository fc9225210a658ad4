"""Nothing financial is ever erased or rewritten, not even by somebody with the database open."""

import pytest
from django.db import DatabaseError, transaction

from contributions.models import LedgerEntry, StatusChange

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [LedgerEntry, StatusChange])
@pytest.mark.parametrize("deed", ["update", "delete"])
def test_what_is_entered_stays_as_it_is(gift, model, deed):
    gift.pay("approve")
    before = list(model.objects.order_by("pk").values())
    assert before
    rows = model.objects.all()
    forge = {"update": lambda: rows.update(at=before[0]["at"]), "delete": lambda: rows._raw_delete("default")}[deed]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        forge()
    assert list(model.objects.order_by("pk").values()) == before
