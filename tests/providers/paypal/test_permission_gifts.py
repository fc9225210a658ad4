"""Gifts under a standing permission at PayPal, from the giver's yes to the books."""

import pytest

from tests.givers.conftest import later  # noqa: F401 - a fixture
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

    def test_without_the_switch_it_is_a_clear_400(self, ann, settings):
        settings.PAYPAL_VAULT = False
        refused = ann.post_permission()
        assert refused.status == 400
        assert "PayPal keeps no standing permissions here" in refused.text
