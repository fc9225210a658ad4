"""Gifts under a standing permission at PayPal, from the giver's yes to the books."""

import pytest

from contributions.worker import sync_all_due
from providers.paypal.requests import order_for
from tests.providers.payment_request import a_request
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.gift import hear
from tests.providers.permission_gifts import PermissionGifts

pytestmark = pytest.mark.django_db


class TestGiftsByPayPal(PermissionGifts):
    @pytest.fixture(autouse=True)
    def _paypal(self, paypal: FakePayPal, service: None, settings) -> None:
        self.paypal = paypal
        settings.PAYPAL_VAULT = paypal.vault.enabled = True

    def agrees(self, setup_id: str) -> str:
        return self.paypal.agree(setup_id)

    def removes(self, token: str) -> None:
        self.paypal.remove_wallet(token)

    def hear_of_removal(self, token: str) -> int:
        return hear(self.paypal.webhooks_of(token)[-1])

    def wants_the_giver(self) -> None:
        self.paypal.vault.asks_again = True

    def charge_goes_wrong(self, fault: str, times: int) -> None:
        self.paypal.next("create", fault, times)

    def nothing_goes_wrong(self) -> None:
        self.paypal.no_more_faults()

    def payments(self) -> int:
        return len(self.paypal.captures)

    def is_kept(self, token: str) -> bool:
        return token in self.paypal.vault.wallets

    def test_an_event_tells_of_a_gift_paypal_was_asked_for_long_ago(self, ann, later):
        """It is not sent again once PayPal may have forgotten its id; the event names the order."""
        self.agreed(ann)
        self.charge_goes_wrong("do_then_drop", 9)
        made = ann.post_gift()
        self.nothing_goes_wrong()
        later(hours=7)
        asked = len(self.paypal.calls_of("create"))
        sync_all_due()
        assert (len(self.paypal.calls_of("create")), self.status_of(ann, made)) == (asked, "Pending")
        [order] = self.paypal.orders.values()
        assert hear(self.paypal.webhooks_of(order.id)[-1]) == 200
        assert (self.status_of(ann, made), self.payments()) == ("Settled", 1)

    def test_an_event_about_another_order_tells_nothing(self, ann):
        """Its custom_id is the gift's, its amount is not."""
        self.agreed(ann)
        self.charge_goes_wrong("drop", 9)
        made = ann.post_gift()
        self.nothing_goes_wrong()
        wanted = a_request("PayPal", "anna@example.org", reference=made.value("Id"), amount_minor=700)
        other = self.paypal.books.create(order_for(wanted), self.paypal.app.account)
        self.paypal.approve(other.id)
        self.paypal.books.capture_order(other, ())
        self.charge_goes_wrong("drop", 9)
        assert hear(self.paypal.webhooks_of(other.id)[-1]) == 503
        assert self.status_of(ann, made) == "Pending"

    @staticmethod
    def status_of(ann, made):
        return ann.shop.get(f"/api/Contribution/{made.value('Id')}").value("Status")

    def test_without_the_switch_it_is_a_clear_400(self, ann, settings):
        settings.PAYPAL_VAULT = False
        refused = ann.post_permission()
        assert refused.status == 400
        assert "PayPal keeps no standing permissions here" in refused.text
