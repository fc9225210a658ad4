"""Amazon refuses to complete a session whose approval it has not heard of, or still names constraints."""

import pytest

from tests.providers.gift import THANKS
from tests.providers.lag import hears_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_session_that_is_not_approved_yet_is_completed_later(gift, amazon, monkeypatch, signed_in):
    session = gift.press_button()
    if signed_in:
        amazon.sign_in(session)
    hears_after(monkeypatch, lambda: amazon.approve(session))
    address = f"/providers/amazon/return/{gift.id}?amazonCheckoutSessionId={session}"
    assert gift.lands_at(address) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
