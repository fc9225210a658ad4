"""Whole gifts under a standing permission, from the giver's yes to the books: the same for every provider that keeps them.

Subclass PermissionGifts in a test module, with the fixtures `service`, `shop` and `giver` of the provider's conftest.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contributions.audit import faults_in_the_books
from contributions.models import Checkout
from contributions.worker import sync_all_due
from givers.due import sync_all_due as sync_permissions
from givers.models import Permission
from tests.conftest import Giver, PartnerClient
from tests.givers.conftest import Ann, body
from tests.planted_secrets import MARK

WHY = "The gift was not paid under a permission: {}; send the giver to ProviderURL."


class PermissionGifts:
    """The hooks, and the tests."""

    provider_name = "PayPal"
    payee = "anna@example.org"

    def agrees(self, setup_id: str) -> str:
        """The giver, at the provider's page; the address that the browser is sent to."""
        raise NotImplementedError

    def removes(self, token: str) -> None:
        """The giver ends it at the provider."""
        raise NotImplementedError

    def hear_of_removal(self, token: str) -> int:
        """What our webhook answers to the event about that."""
        raise NotImplementedError

    def wants_the_giver(self) -> None:
        """From now on the provider lets no gift pass without the giver."""
        raise NotImplementedError

    def charge_goes_wrong(self, fault: str, times: int) -> None:
        """The next calls that pay a gift."""
        raise NotImplementedError

    def nothing_goes_wrong(self) -> None:
        raise NotImplementedError

    def payments(self) -> int:
        """How many gifts the provider has taken money for."""
        raise NotImplementedError

    def is_kept(self, token: str) -> bool:
        """Whether the provider still takes this token."""
        raise NotImplementedError

    @pytest.fixture
    def later(self, moved_clock: Callable[[datetime], None]) -> Callable[..., None]:
        """Moves the clock ahead: later(hours=1)."""
        start = timezone.now()
        return lambda **span: moved_clock(start + timedelta(**span))

    @pytest.fixture
    def ann(self, service: None, shop: PartnerClient, giver: Giver) -> Any:
        made = shop.post("/api/Givers", body("Giver", ExternalId="customer-7", Name="Ann"))
        account = f"<ProviderName>{self.provider_name}</ProviderName><Credentials>{self.payee}</Credentials>"
        goal_id = shop.new_goal(PaymentProviders=f"<PaymentProvider>{account}</PaymentProvider>")
        yield Ann(shop, giver, made.value("Id") or "", goal_id)
        assert list(faults_in_the_books()) == []

    token_is_secret = True
    """See PermissionContract."""

    def at_the_providers(self, ann: Ann, permission_url: str) -> str:
        """The giver goes on to the provider; the id of the set-up."""
        page = ann.browser.checkout(permission_url)
        permission = Permission.objects.latest("pk")
        assert page == permission.url
        return permission.setup_id

    def agreed(self, ann: Ann) -> Permission:
        """Asked for over the API, agreed to at the provider's page."""
        made = ann.post_permission(ProviderName=self.provider_name)
        assert made.status == 201, made.text
        assert made.value("State") == "Requested"
        back = ann.browser.visit(self.agrees(self.at_the_providers(ann, made.value("PermissionURL") or "")))
        permission = Permission.objects.get(public_id=made.value("Id"))
        assert (back.status, permission.state) == (200, "Active"), back.text
        assert MARK in permission.token or not self.token_is_secret
        return permission

    def test_a_gift_is_settled_and_nobody_is_sent_away(self, ann):
        self.agreed(ann)
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, "Settled"), made.text
        assert "Notice" not in made.headers
        assert self.payments() == 1

    def test_what_the_permission_does_not_cover_goes_as_usual(self, ann):
        self.agreed(ann)
        made = ann.post_gift(Amount="60.00")
        assert (made.status, made.value("Status")) == (201, "Submitted")
        assert made.headers["Notice"] == WHY.format("Amount is more than the permission's MaximumAmount")

    def test_where_the_giver_is_wanted_they_get_a_link(self, ann):
        self.agreed(ann)
        self.wants_the_giver()
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, "Submitted"), made.text
        assert made.headers["Notice"] == WHY.format("the provider wants the giver to prove who they are")
        assert ann.browser.visit(made.value("ProviderURL") or "").status in {200, 303}
        assert (self.payments(), Permission.objects.get().used_minor) == (0, 0)

    @pytest.mark.parametrize("fault", ["drop", "do_then_drop", "error_503"])
    def test_after_silence_the_worker_asks_again(self, ann, later, fault):
        """Under the same id: it is paid once, and no other checkout is opened meanwhile."""
        self.agreed(ann)
        self.charge_goes_wrong(fault, 9)
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, "Pending"), made.text
        self.nothing_goes_wrong()
        later(minutes=10)
        sync_all_due()
        told = ann.shop.get(f"/api/Contribution/{made.value('Id')}")
        assert told.value("Status") == "Settled"
        assert (self.payments(), Checkout.objects.count()) == (1, 1)

    def test_a_held_gift_is_taken_when_the_partner_says_so(self, ann):
        account = f"<ProviderName>{self.provider_name}</ProviderName><Credentials>{self.payee}</Credentials>"
        ann.goal_id = ann.shop.new_goal(
            PaymentProviders=f"<PaymentProvider>{account}</PaymentProvider>", CapturePolicy="Manual", ExternalItemId="held-1"
        )
        self.agreed(ann)
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, "Authorized"), made.text
        taken = ann.shop.post(f"/api/Contribution/{made.value('Id')}/Capture")
        assert taken.value("Status") == "Settled", taken.text

    def test_taken_back_here_it_is_ended_there(self, ann):
        permission = self.agreed(ann)
        token = permission.token
        told = ann.shop.delete(f"/api/Permission/{permission.public_id}", If_Match="*")
        assert told.status in {200, 204}, told.text
        assert not self.is_kept(token)
        made = ann.post_gift()
        assert made.headers["Notice"] == WHY.format("the giver's permission was revoked")

    def test_removed_there_it_is_heard_here(self, ann):
        permission = self.agreed(ann)
        self.removes(permission.token)
        assert self.hear_of_removal(permission.token) == 200
        permission.refresh_from_db()
        assert (permission.state, permission.state_reason) == ("Revoked", "revoked_at_provider")

    def test_removed_there_it_is_found_out_here(self, ann, later):
        """By the worker, or by the next gift."""
        permission = self.agreed(ann)
        self.removes(permission.token)
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, "Submitted"), made.text
        later(minutes=10)
        sync_permissions()
        permission.refresh_from_db()
        assert permission.state == "Revoked"
        assert self.payments() == 0
