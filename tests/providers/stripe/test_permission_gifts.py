"""Gifts under a standing permission at Stripe, from the giver's yes to the books."""

import pytest

from tests.providers.gift import heard_at
from tests.providers.permission_gifts import PermissionGifts
from tests.providers.stripe.fake import FakeStripe

pytestmark = pytest.mark.django_db


class TestGiftsByStripe(PermissionGifts):
    provider_name, payee = "Stripe", "acct_1PgafTB7WZ01zgkW"

    @pytest.fixture(autouse=True)
    def _stripe(self, stripe: FakeStripe) -> None:
        self.stripe = stripe

    def agrees(self, setup_id: str) -> str:
        return self.stripe.agree(setup_id)

    def removes(self, token: str) -> None:
        self.stripe.remove_card(token.partition(":")[2])

    def hear_of_removal(self, token: str) -> int:
        hook = self.stripe.webhooks_of(token.partition(":")[2])[-1]
        return heard_at("stripe", hook.body, hook.headers)

    def wants_the_giver(self) -> None:
        self.stripe.books.asks_again = True

    def charge_goes_wrong(self, fault: str, times: int) -> None:
        self.stripe.next("create_intent", fault, times)

    def nothing_goes_wrong(self) -> None:
        self.stripe.no_more_faults()

    def payments(self) -> int:
        return len([one for one in self.stripe.books.intents.values() if one.status == "succeeded"])

    def is_kept(self, token: str) -> bool:
        return bool(self.stripe.books.saved[token.partition(":")[2]].customer)

    def test_a_word_about_the_set_up_is_heard(self, ann):
        """Of a giver who has agreed, and does not come back to us."""
        made = ann.post_permission(ProviderName="Stripe")
        ann.browser.checkout(made.value("PermissionURL") or "")
        setup_id = next(iter(self.stripe.books.setups))
        self.stripe.agree(setup_id)
        hook = next(one for one in self.stripe.webhooks_of(setup_id) if one.event_type == "setup_intent.succeeded")
        assert heard_at("stripe", hook.body, hook.headers) == 200
        assert ann.shop.get(f"/api/Permission/{made.value('Id')}").value("State") == "Active"
