"""What PayPal refuses of a payment that stands: the money stays where it is, our books catch up, a person is told."""

import pytest
from django.core.management import call_command

from contributions.worker import sync_all_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def capture(gift):
    return gift.shop.post(f"/api/Contribution/{gift.id}/Capture", "")


@pytest.mark.parametrize("refusal", ["403 PERMISSION_DENIED", "422 PAYEE_ACCOUNT_RESTRICTED"])
def test_a_hold_that_may_not_be_taken_stays_until_it_may(held, paypal, later, capsys, refusal):
    paypal.next("capture_authorization", refusal.partition(" ")[2])
    assert (capture(held).value("Status"), held.value("StatusReason")) == ("Authorized", None)
    assert held.shop.get(f"/api/SavingGoal/{held.row.goal.public_id}").value("AuthorizedAmount") == "20.00"
    with pytest.raises(SystemExit):
        call_command("attention")
    assert "cannot_be_taken" in capsys.readouterr().out
    later(days=1, minutes=1)
    sync_all_due()
    assert (held.status, held.current_amount) == (("Settled", None), "20.00")
    call_command("attention")


def test_the_rest_is_refunded_where_a_report_was_lost(gift, paypal):
    gift.comes_back()
    paypal.dashboard_refund(gift.order.captures[0].id, "5.00")
    answer = gift.refund()
    assert (answer.value("Amount"), answer.value("Status")) == ("15.00", "Completed")
    assert (gift.status, gift.value("RefundedAmount")) == (("Refunded", "refunded"), "20.00")
