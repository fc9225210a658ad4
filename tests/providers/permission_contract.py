"""What the service relies on where a provider keeps standing permissions: one suite for every such adapter.

Subclass PermissionContract in a test module and give it the `adapter` fixture and the hooks: what a giver does at this
provider, and what its own books say in the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import clock
from ids import new_id
from providers.base import AmountRefused, PayerActionRequired, PaymentRequest, PaymentState
from providers.permissions import KeepsPermissions, PermissionRequest, Standing
from tests.planted_secrets import MARK
from tests.providers.contract_steps import all_at_once, outcome, refused_with_a_reason
from tests.providers.payment_request import a_request

AUTHORIZED, CAPTURED = PaymentState.AUTHORIZED, PaymentState.CAPTURED


def a_permission(provider: str, /, **changes: Any) -> PermissionRequest:
    """Up to 50.00 USD a gift, of which the provider has not heard yet; but for `changes`."""
    reference, door = new_id(), f"https://give.example.test/providers/{provider.lower()}"
    request = PermissionRequest(
        provider=provider,
        reference=reference,
        giver=new_id(),
        currency="USD",
        maximum_minor=5000,
        total_minor=None,
        ends_at=None,
        description="Gifts at Anna's Shop",
        return_url=f"{door}/agreed/{reference}",
        cancel_url=f"{door}/not-agreed/{reference}",
        brand="Anna's Shop",
    )
    return replace(request, **changes)


class PermissionContract:
    """The hooks, and the tests."""

    provider_name = "PayPal"
    payee = "anna@example.org"
    token_is_secret = True
    """False where whoever has our keys alone can do something with it, and the provider puts it into other ids."""
    impossible: tuple[tuple[str, int], ...] = ()
    """(currency, maximum in minor units) that cannot be agreed to."""

    @pytest.fixture
    def adapter(self) -> KeepsPermissions:
        raise NotImplementedError

    def giver_agrees(self, wish: PermissionRequest) -> None:
        """At the provider's page."""
        raise NotImplementedError

    def giver_removes(self, wish: PermissionRequest) -> None:
        """At the provider, without us. `wish` has the token."""
        raise NotImplementedError

    def removal_told(self, wish: PermissionRequest) -> tuple[bytes, dict[str, str]]:
        """(body, headers) of the webhook event about that."""
        raise NotImplementedError

    def wants_the_giver(self) -> None:
        """From now on the provider lets no gift pass without the giver."""
        raise NotImplementedError

    def taken_in_its_books(self, reference: str) -> int:
        """How often the provider has taken or holds money for this gift."""
        raise NotImplementedError

    # --- steps --------------------------------------------------------------------------------------------------------

    def wish(self, **changes: Any) -> PermissionRequest:
        return a_permission(self.provider_name, **changes)

    def asked(self, adapter: KeepsPermissions) -> PermissionRequest:
        wish = self.wish()
        return replace(wish, setup_id=adapter.ask_permission(wish, request_id=new_id()).setup_id)

    def agreed(self, adapter: KeepsPermissions) -> PermissionRequest:
        wish = self.asked(adapter)
        self.giver_agrees(wish)
        told = adapter.find_permission(wish, request_id=new_id())
        assert told.standing is Standing.ACTIVE
        return replace(wish, token=told.token)

    def gift(self, **changes: Any) -> PaymentRequest:
        return a_request(self.provider_name, self.payee, **changes)

    def pay(self, adapter: KeepsPermissions, gift: PaymentRequest, token: str, request_id: str = "") -> PaymentRequest:
        opened = adapter.open_with_permission(gift, token, request_id=request_id or new_id())
        return replace(gift, checkout_id=opened.checkout_id, payee_id=opened.payee_id)

    # --- asking -------------------------------------------------------------------------------------------------------

    def test_the_giver_has_a_page_and_it_is_one(self, adapter):
        wish, request_id = self.wish(), new_id()
        first, again = (adapter.ask_permission(wish, request_id=request_id) for _ in range(2))
        assert first.setup_id == again.setup_id
        assert 1 <= len(first.setup_id) <= 255
        assert first.url.startswith("http")
        assert len(first.url) <= 2000

    def test_what_cannot_be_kept_is_refused_before_asking(self, adapter):
        adapter.check_permission(self.wish())
        for currency, maximum_minor in self.impossible:
            with pytest.raises(AmountRefused):
                adapter.check_permission(self.wish(currency=currency, maximum_minor=maximum_minor))

    def test_it_is_open_until_the_giver_agrees(self, adapter):
        """And the token is the same whenever it is asked for; nobody reads it in a log."""
        wish, request_id = self.asked(adapter), new_id()
        assert adapter.find_permission(wish, request_id=request_id).standing is Standing.OPEN
        self.giver_agrees(wish)
        told = [adapter.find_permission(wish, request_id=request_id) for _ in range(2)]
        assert [one.standing for one in told] == [Standing.ACTIVE] * 2
        assert told[0].token == told[1].token != ""
        assert MARK in told[0].token or not self.token_is_secret
        known = replace(wish, token=told[0].token)
        assert adapter.find_permission(known, request_id=request_id).standing is Standing.ACTIVE
        assert told[0].token not in f"{told} {known}"

    def test_a_set_up_that_is_none_is_refused(self, adapter):
        for setup_id in ("", "../../x", self.unknown_setup):
            refused_with_a_reason(
                lambda setup_id=setup_id: adapter.find_permission(self.wish(setup_id=setup_id), request_id=new_id())
            )

    unknown_setup = "5C991763VB2781612"

    # --- paying -------------------------------------------------------------------------------------------------------

    def test_one_request_id_pays_once(self, adapter):
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        first, again = (self.pay(adapter, gift, token, request_id) for _ in range(2))
        payment = adapter.find(first)
        assert first.checkout_id == again.checkout_id
        assert (payment.state, payment.amount_minor, payment.currency) == (CAPTURED, 2000, "USD")
        assert (payment.payee, payment.reference) == (self.payee, gift.reference)
        assert self.taken_in_its_books(gift.reference) == 1

    def test_another_gift_is_another_payment(self, adapter):
        token = self.agreed(adapter).token
        gifts = [self.pay(adapter, self.gift(), token) for _ in range(2)]
        assert len({one.checkout_id for one in gifts}) == 2
        assert [adapter.find(one).state for one in gifts] == [CAPTURED, CAPTURED]

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_under_one_id_pay_once(self, adapter):
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        answers = all_at_once(lambda: outcome(lambda: self.pay(adapter, gift, token, request_id)))
        assert len({one.checkout_id for one in answers if isinstance(one, PaymentRequest)}) == 1
        assert self.taken_in_its_books(gift.reference) == 1

    def test_a_gift_can_be_held_taken_and_let_go(self, adapter):
        token = self.agreed(adapter).token
        taken, let_go = (self.pay(adapter, self.gift(capture_at_once=False), token) for _ in range(2))
        assert [adapter.find(one).state for one in (taken, let_go)] == [AUTHORIZED, AUTHORIZED]
        assert adapter.capture(taken, request_id=new_id()).state is CAPTURED
        assert adapter.void(let_go, request_id=new_id()).state is PaymentState.VOIDED

    def test_a_gift_can_be_given_back(self, adapter):
        gift = self.pay(adapter, self.gift(), self.agreed(adapter).token)
        gift = replace(gift, payment_reference=adapter.find(gift).provider_reference)
        adapter.refund(gift, amount_minor=700, reference="refund-of-ours", request_id=new_id())
        assert [one.amount_minor for one in adapter.find(gift).refunds] == [700]

    def test_where_the_giver_is_wanted_nothing_is_taken(self, adapter):
        """Not later either: the same request id says the same."""
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        self.wants_the_giver()
        for _ in range(2):
            with pytest.raises(PayerActionRequired):
                self.pay(adapter, gift, token, request_id)
        assert self.taken_in_its_books(gift.reference) == 0

    # --- over ---------------------------------------------------------------------------------------------------------

    def over(self, adapter: KeepsPermissions) -> Iterator[Callable[[PermissionRequest], None]]:
        yield lambda wish: adapter.revoke_permission(wish, request_id=new_id())
        yield self.giver_removes

    def test_after_its_end_nothing_is_taken(self, adapter):
        """Whoever has ended it; what was taken before is told as before."""
        for end in self.over(adapter):
            wish, before, request_id = self.agreed(adapter), self.gift(), new_id()
            paid = self.pay(adapter, before, wish.token, request_id)
            end(wish)
            assert adapter.find_permission(wish, request_id=new_id()).standing is Standing.REVOKED
            after = self.gift()
            refused_with_a_reason(lambda wish=wish, after=after: self.pay(adapter, after, wish.token))
            assert self.taken_in_its_books(after.reference) == 0
            assert self.pay(adapter, before, wish.token, request_id).checkout_id == paid.checkout_id
            assert self.taken_in_its_books(before.reference) == 1
            adapter.revoke_permission(wish, request_id=new_id())

    def test_a_set_up_can_be_taken_back(self, adapter):
        for wish in (self.asked(adapter), self.agreed(adapter)):
            adapter.revoke_permission(replace(wish, token=""), request_id=new_id())
            assert outcome(lambda wish=wish: adapter.find_permission(wish, request_id=new_id()).standing) != Standing.ACTIVE

    def test_an_end_at_the_provider_is_told(self, adapter):
        wish = self.agreed(adapter)
        self.giver_removes(wish)
        body, headers = self.removal_told(wish)
        event = adapter.parse_webhook(body, headers)
        assert event.permission == wish.token
        assert event.event_id
        assert wish.token not in repr(event)

    def test_a_token_that_is_none_is_refused(self, adapter):
        for token in ("", "../../x", "nothing"):
            refused_with_a_reason(lambda token=token: self.pay(adapter, self.gift(), token))


LONG_AGO = timedelta(days=2)


def long_ago(gift: PaymentRequest) -> PaymentRequest:
    """The gift, as one that was first to be paid so long ago that no provider knows the request id any more."""
    return replace(gift, charged_since=clock.now() - LONG_AGO)
