"""The part of tests/providers/contract.py about money that is held and given back."""

from datetime import UTC, datetime

import pytest

from ids import new_id
from providers.base import Payment, ProviderRefused, RefundState
from tests.providers.contract_steps import (
    AUTHORIZED,
    CAPTURED,
    VOIDED,
    Steps,
    all_at_once,
    outcome,
    refused_with_a_reason,
)


class HeldAndGivenBack(Steps):
    """The tests."""

    # --- holding ----------------------------------------------------------------------------------------------------

    def test_a_held_payment_says_until_when_and_is_not_taken(self, adapter):
        order, request_id = self.approved(adapter, capture_at_once=False), f"authorize-{new_id()}"
        first, again = (adapter.authorize(order, request_id=request_id) for _ in range(2))
        assert (first.state, again.state) == (AUTHORIZED, AUTHORIZED)
        assert first.provider_reference
        assert first.expires_at is not None
        assert first.expires_at > datetime.now(UTC)
        assert self.captures_in_its_books(order) == 0

    def test_a_held_payment_can_be_taken(self, adapter):
        order, request_id = self.held(adapter), f"capture-{new_id()}"
        assert [adapter.capture(order, request_id=request_id).state for _ in range(2)] == [CAPTURED, CAPTURED]
        assert self.captures_in_its_books(order) == 1

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_take_a_held_payment_once(self, adapter):
        same, each = self.held(adapter), self.held(adapter)
        request_id = f"capture-{new_id()}"
        answers = all_at_once(lambda: adapter.capture(same, request_id=request_id))
        assert {answer.state for answer in answers} == {CAPTURED}
        answers = all_at_once(lambda: outcome(lambda: adapter.capture(each, request_id=f"capture-{new_id()}")))
        assert len({answer.provider_reference for answer in answers if isinstance(answer, Payment)}) == 1
        assert (self.captures_in_its_books(same), self.captures_in_its_books(each)) == (1, 1)

    def test_a_held_payment_can_be_let_go_and_is_gone(self, adapter):
        order, request_id = self.held(adapter), f"void-{new_id()}"
        assert [adapter.void(order, request_id=request_id).state for _ in range(2)] == [VOIDED, VOIDED]
        refused_with_a_reason(lambda: adapter.capture(order, request_id=f"capture-{new_id()}"))
        refused_with_a_reason(lambda: adapter.renew(order, request_id=f"renew-{new_id()}"))
        again = outcome(lambda: adapter.void(order, request_id=f"void-{new_id()}"))
        assert isinstance(again, ProviderRefused) or again.state is VOIDED
        assert adapter.find(order).state is VOIDED
        assert self.captures_in_its_books(order) == 0

    def test_a_hold_is_renewed_or_the_provider_says_no(self, adapter):
        order = self.held(adapter)
        until = adapter.find(order).expires_at
        assert until is not None
        renewed = outcome(lambda: adapter.renew(order, request_id=f"renew-{new_id()}"))
        if isinstance(renewed, Payment):
            assert renewed.state is AUTHORIZED
            assert renewed.expires_at is not None
            assert renewed.expires_at >= until
        assert adapter.find(order).state is AUTHORIZED

    def test_only_what_is_held_can_be_let_go_or_held_for_longer(self, adapter):
        for order in (self.opened(adapter), self.approved(adapter), self.taken(adapter)):
            state = adapter.find(order).state
            refused_with_a_reason(lambda order=order: adapter.void(order, request_id=f"void-{new_id()}"))
            refused_with_a_reason(lambda order=order: adapter.renew(order, request_id=f"renew-{new_id()}"))
            assert adapter.find(order).state is state

    # --- giving back ------------------------------------------------------------------------------------------------

    def test_a_refund_is_made_once_per_request_id_and_can_be_found(self, adapter):
        order, reference, request_id = self.taken(adapter), new_id(), f"refund-{new_id()}"
        first, again = (adapter.refund(order, amount_minor=700, reference=reference, request_id=request_id) for _ in range(2))
        assert first.provider_reference
        assert again.provider_reference == first.provider_reference
        for told in (first, again, adapter.find_refund(order, first.provider_reference)):
            assert (told.state, told.amount_minor, told.reference) == (RefundState.COMPLETED, 700, reference)
        assert self.given_back_in_its_books(order) == 700

    def test_a_payment_tells_of_everything_given_back_of_it(self, adapter):
        order = self.taken(adapter)
        for amount_minor in (700, 1, 1299):
            adapter.refund(order, amount_minor=amount_minor, reference=new_id(), request_id=f"refund-{new_id()}")
        payment = adapter.find(order)
        assert sorted(refund.amount_minor for refund in payment.refunds) == [1, 700, 1299]
        assert len({refund.provider_reference for refund in payment.refunds}) == 3
        assert (payment.state, payment.amount_minor) == (CAPTURED, 2000)

    def test_never_more_is_given_back_than_was_taken(self, adapter):
        order = self.taken(adapter)

        def refund(amount_minor: int) -> object:
            return adapter.refund(order, amount_minor=amount_minor, reference=new_id(), request_id=f"refund-{new_id()}")

        refused_with_a_reason(lambda: refund(2001))
        refund(1500)
        refused_with_a_reason(lambda: refund(501))
        refund(500)
        refused_with_a_reason(lambda: refund(1))
        assert self.given_back_in_its_books(order) == 2000

    def test_only_what_is_taken_can_be_given_back(self, adapter):
        approved = [] if self.approving_pays else [self.approved(adapter)]
        for order in (self.opened(adapter), *approved, self.held(adapter)):
            refused_with_a_reason(
                lambda order=order: adapter.refund(order, amount_minor=1, reference=new_id(), request_id=f"refund-{new_id()}")
            )
            assert self.given_back_in_its_books(order) == 0

    @pytest.mark.django_db(transaction=True)
    def test_many_refunds_at_once_give_back_no_more_than_came(self, adapter):
        order = self.taken(adapter)
        answers = all_at_once(
            lambda: outcome(
                lambda: adapter.refund(order, amount_minor=300, reference=new_id(), request_id=f"refund-{new_id()}")
            )
        )
        assert sum(not isinstance(answer, ProviderRefused) for answer in answers) == 6
        assert self.given_back_in_its_books(order) == 1800
