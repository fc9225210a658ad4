"""Gifts under a standing permission at Amazon Pay, from the giver's yes to the books."""

import pytest

import leases
from givers.models import Permission
from tests.givers.conftest import Ann
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import hear
from tests.providers.amazon.service import button_in
from tests.providers.permission_gifts import PermissionGifts

pytestmark = pytest.mark.django_db

RETURN = "/providers/amazon/agreed/{}?amazonCheckoutSessionId={}"


class TestGiftsByAmazon(PermissionGifts):
    provider_name, payee = "Amazon", FakeAmazon.merchant_id
    token_is_secret = False

    @pytest.fixture(autouse=True)
    def _amazon(self, amazon: FakeAmazon, service: None, settings) -> None:
        self.amazon = amazon
        settings.AMAZON_PAY_RECURRING = True

    def at_the_providers(self, ann: Ann, permission_url: str) -> str:
        page = ann.browser.visit(permission_url)
        assert page.status == 200, page.text
        assert "Up to 50.00 USD a gift" in page.text
        return self.amazon.press_button(button_in(page.text)).id

    def agrees(self, setup_id: str) -> str:
        return self.amazon.approve(setup_id)

    def removes(self, token: str) -> None:
        self.amazon.books.close(self.amazon.books.permissions[token.partition(":")[2]], "BuyerClosed")

    def hear_of_removal(self, token: str) -> int:
        return hear(*self.amazon.notifications()[-1])

    def wants_the_giver(self) -> None:
        self.amazon.books.asks_again = True

    def charge_goes_wrong(self, fault: str, times: int) -> None:
        self.amazon.next("create_charge", fault, times)

    def nothing_goes_wrong(self) -> None:
        self.amazon.no_more_faults()

    def payments(self) -> int:
        return len([one for one in self.amazon.charges.values() if one.state == "Captured"])

    def is_kept(self, token: str) -> bool:
        return self.amazon.books.permissions[token.partition(":")[2]].state == "Chargeable"

    # --- of Amazon alone ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(("silent", "status"), [(0, "Settled"), (9, "Pending")])
    def test_what_is_only_held_is_taken_without_a_notice(self, ann, silent, status):
        """Nobody is sent on: it is paid under the permission, now or when the worker asks."""
        self.agreed(ann)
        self.charge_goes_wrong("only_held", 1)
        self.amazon.next("capture", "error_503", silent)
        made = ann.post_gift()
        assert (made.status, made.value("Status")) == (201, status)
        assert "Notice" not in made.headers

    def asked(self, ann: Ann) -> Permission:
        made = ann.post_permission(ProviderName="Amazon")
        return Permission.objects.get(public_id=made.value("Id"))

    def test_another_permissions_session_changes_nothing(self, ann):
        mine, other = self.asked(ann), self.asked(ann)
        session_id = self.at_the_providers(ann, f"/permission/{other.public_id}")
        self.amazon.approve(session_id)
        assert ann.browser.visit(RETURN.format(mine.public_id, session_id)).status == 400
        mine.refresh_from_db()
        assert (mine.state, mine.setup_id) == ("Requested", "")

    def test_a_giver_can_think_again(self, ann):
        """Back without a yes, then once more to the button: the newer session takes the older one's place."""
        permission = self.asked(ann)
        first = self.at_the_providers(ann, f"/permission/{permission.public_id}")
        assert ann.browser.visit(self.amazon.give_up(first)).status == 200
        assert ann.browser.visit(RETURN.format(permission.public_id, first)).status == 200
        permission.refresh_from_db()
        assert (permission.state, permission.setup_id) == ("Requested", first)
        second = self.at_the_providers(ann, f"/permission/{permission.public_id}")
        assert ann.browser.visit(self.amazon.approve(second)).status == 200
        permission.refresh_from_db()
        assert (permission.state, permission.setup_id) == ("Active", second)

    def test_a_newer_session_waits_while_the_first_is_unknown(self, ann):
        """Or what the giver has agreed to in the first would stand at Amazon, and nobody here would know of it."""
        permission = self.asked(ann)
        first, second = (self.at_the_providers(ann, f"/permission/{permission.public_id}") for _ in range(2))
        back = self.amazon.approve(first)
        self.amazon.next("get_permission", "error_503", 99)
        ann.browser.visit(back)
        assert ann.browser.visit(RETURN.format(permission.public_id, second)).status == 503
        self.amazon.no_more_faults()
        assert ann.browser.visit(back).status == 200
        permission.refresh_from_db()
        assert (permission.state, permission.setup_id) == ("Active", first)

    def test_a_newer_session_waits_while_somebody_asks(self, ann):
        """They may be completing the first at this moment."""
        permission = self.asked(ann)
        first, second = (self.at_the_providers(ann, f"/permission/{permission.public_id}") for _ in range(2))
        ann.browser.visit(RETURN.format(permission.public_id, first))
        permission.refresh_from_db()
        assert leases.take(permission)
        assert ann.browser.visit(RETURN.format(permission.public_id, second)).status == 503
        permission.refresh_from_db()
        assert permission.setup_id == first

    def test_a_silent_amazon_is_asked_again(self, ann):
        permission = self.asked(ann)
        session_id = self.at_the_providers(ann, f"/permission/{permission.public_id}")
        back = self.amazon.approve(session_id)
        self.amazon.next("get_session", "error_503", 9)
        assert ann.browser.visit(back).status == 503
        self.amazon.no_more_faults()
        assert ann.browser.visit(back).status == 200
        permission.refresh_from_db()
        assert permission.state == "Active"
