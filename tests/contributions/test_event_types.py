"""One event for each rise of a contribution's RecordVersionNumber, called after what has happened."""

import pytest

from contributions import entries
from contributions.event_types import event_type
from contributions.models import Contribution
from contributions.status import Status
from notifications.models import Event
from tests.conftest import Giver

S = Status


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("came_from", "to", "kind", "expected"),
    [
        (None, S.SUBMITTED, None, "submitted"),
        (S.FAILED, S.SUBMITTED, None, "submitted"),
        (S.SUBMITTED, S.SETTLED, entries.Kind.CAPTURE, "settled"),
        (S.SETTLED, S.REFUNDED, entries.Kind.REFUND, "refunded"),
        (S.SETTLED, S.SETTLED, entries.Kind.REFUND, "refunded_in_part"),
        (S.SETTLED, S.REVERSED, entries.Kind.REVERSAL, "reversed"),
        (S.SETTLED, S.SETTLED, entries.Kind.REVERSAL, "reversed_in_part"),
        (S.REVERSED, S.SETTLED, entries.Kind.REVERSAL_WON, "settled"),
        (S.SETTLED, S.SETTLED, entries.Kind.REVERSAL_WON, "updated"),
        (S.REFUNDED, S.SETTLED, entries.Kind.REFUND_UNDONE, "refund_failed"),
        (S.SETTLED, S.SETTLED, entries.Kind.REFUND_UNDONE, "refund_failed"),
        (S.SETTLED, S.SETTLED, entries.Kind.FURTHER_CAPTURE, "updated"),
        (S.SUBMITTED, S.SUBMITTED, None, "updated"),
    ],
)
def test_an_event_is_called_after_what_has_happened(came_from, to, kind, expected):
    assert event_type(came_from, to, kind) == f"contribution.{expected}"


@pytest.mark.django_db
def test_a_part_that_is_given_back_is_one_event(shop):
    """P5: a refund of 5.00 of 20.00."""
    gift = shop.new_contribution(shop.new_goal(), Amount="20.00")
    Giver().pay(gift.value("ProviderURL"))
    assert shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund><Amount>5.00</Amount></Refund>").status == 201
    told = shop.get("/api/Events?format=json").json["Event"]
    assert [one["Type"].partition(".")[2] for one in told] == ["submitted", "settled", "refunded_in_part"]
    assert [one["Contribution"]["RecordVersionNumber"] for one in told] == [1, 2, 3]
    assert told[-1]["Contribution"] == shop.get(f"/api/Contribution/{gift.value('Id')}?format=json").json
    assert told[-1]["Contribution"]["RefundedAmount"] == "5.00"
    assert Event.objects.filter(about=gift.value("Id")).count() == Contribution.objects.get().version
