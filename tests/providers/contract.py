"""What the service relies on, whoever the provider is: one suite for every adapter of providers.base.Provider.

Subclass ProviderContract in a test module, give it the `adapter` fixture and the hooks of contract_steps.py: what a giver
does at this provider, and what its own books say in the end.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from ids import new_id
from providers.base import (
    AmountRefused,
    CredentialsRefused,
    InvalidSignature,
    Payment,
    PaymentRequest,
    ProviderRefused,
    ProviderUnavailable,
    closes_checkouts,
)
from tests.providers.contract_money import HeldAndGivenBack
from tests.providers.contract_steps import (
    AUTHORIZED,
    CAPTURED,
    DECLINED,
    LAPSED,
    OPEN,
    STATUS_REASON,
    VOIDED,
    all_at_once,
    knowing,
    outcome,
    refused_with_a_reason,
)

__all__ = ["ClosingContract", "ProviderContract", "all_at_once", "knowing", "outcome", "refused_with_a_reason"]


class ProviderContract(HeldAndGivenBack):
    """The tests: of opening, asking and taking here, of held and given back in contract_money.py."""

    # --- who it is --------------------------------------------------------------------------------------------------

    def test_it_has_a_name_for_its_contributions_and_for_the_token(self, adapter):
        assert STATUS_REASON.fullmatch(adapter.key)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", adapter.return_token_argument)

    def test_what_it_cannot_carry_is_refused_before_opening(self, adapter):
        for currency, amount_minor in self.currencies:
            adapter.check_currency(currency)
            adapter.check_amount(amount_minor, currency)
        for currency, amount_minor in self.impossible_amounts:
            with pytest.raises(AmountRefused, match=r"^[A-Z].*[.]$"):
                adapter.check_amount(amount_minor, currency)
            refused_with_a_reason(
                lambda currency=currency, amount_minor=amount_minor: adapter.open_checkout(
                    self.order(currency=currency, amount_minor=amount_minor), request_id=f"open-{new_id()}"
                )
            )

    def test_credentials_that_identify_no_payee_are_refused(self, adapter):
        """With a sentence."""
        adapter.check_credentials(self.payee)
        for bad in self.bad_credentials:
            with pytest.raises(CredentialsRefused, match="must "):
                adapter.check_credentials(bad)

    # --- opening ----------------------------------------------------------------------------------------------------

    def test_a_checkout_has_an_id_and_a_page_for_the_giver(self, adapter):
        checkout = adapter.open_checkout(self.order(), request_id=f"open-{new_id()}")
        address = urlsplit(checkout.url)
        assert 1 <= len(checkout.checkout_id) <= 255
        assert address.scheme in {"http", "https"}
        assert address.hostname
        assert len(checkout.url) <= 2000

    def test_a_checkout_says_until_when_it_can_be_paid(self, adapter):
        expires_at = adapter.open_checkout(self.order(), request_id=f"open-{new_id()}").expires_at
        if self.time_to_pay is None:
            assert expires_at is None
        else:
            assert abs(expires_at - datetime.now(UTC) - self.time_to_pay) < timedelta(minutes=1)

    def test_the_same_request_id_opens_the_same_checkout(self, adapter):
        """And another one another."""
        order, request_id = self.order(), f"open-{new_id()}"
        first, again = (adapter.open_checkout(order, request_id=request_id) for _ in range(2))
        other = adapter.open_checkout(order, request_id=f"open-{new_id()}")
        assert (again.checkout_id, again.url) == (first.checkout_id, first.url)
        assert other.checkout_id != first.checkout_id

    # --- asking -----------------------------------------------------------------------------------------------------

    def test_a_payment_says_in_its_own_words_what_was_asked_for(self, adapter):
        for currency, amount_minor in self.currencies:
            order = self.approved(adapter, currency=currency, amount_minor=amount_minor)
            taken = adapter.capture(order, request_id=f"capture-{new_id()}")
            for payment in (taken, adapter.find(knowing(order, taken))):
                said = (payment.state, payment.amount_minor, payment.currency, payment.payee, payment.reference)
                assert said == (CAPTURED, amount_minor, currency, self.payee, order.reference)

    def test_what_nobody_has_approved_is_open(self, adapter):
        payment = adapter.find(self.opened(adapter))
        assert (payment.state, payment.amount_minor, payment.currency) == (OPEN, 2000, "USD")

    def test_asking_never_moves_money(self, adapter):
        approved, approved_to_hold = self.approved(adapter), self.approved(adapter, capture_at_once=False)
        for order, state in (
            (self.opened(adapter), OPEN),
            (approved, self.approved_state(approved)),
            (approved_to_hold, self.approved_state(approved_to_hold)),
            (self.held(adapter), AUTHORIZED),
            (self.taken(adapter), CAPTURED),
        ):
            before = (self.captures_in_its_books(order), self.given_back_in_its_books(order))
            assert [adapter.find(order).state for _ in range(3)] == [state] * 3
            assert (self.captures_in_its_books(order), self.given_back_in_its_books(order)) == before

    def test_a_checkout_that_it_does_not_know_is_refused(self, adapter):
        """Or there is no answer; nothing else comes of it."""
        for checkout_id in (new_id(), "", "5O190127TN364715T"):
            order = self.order(checkout_id=checkout_id, payment_reference="3C679366HH908993F")
            for ask in (
                lambda order=order: adapter.find(order),
                lambda order=order: adapter.authorize(order, request_id=f"authorize-{new_id()}"),
                lambda order=order: adapter.capture(order, request_id=f"capture-{new_id()}"),
                lambda order=order: adapter.renew(order, request_id=f"renew-{new_id()}"),
                lambda order=order: adapter.void(order, request_id=f"void-{new_id()}"),
                lambda order=order: adapter.refund(order, amount_minor=1, reference="r", request_id=f"refund-{new_id()}"),
                lambda order=order: adapter.find_refund(order, "1JU08902781691411"),
            ):
                with pytest.raises((ProviderRefused, ProviderUnavailable)) as raised:
                    ask()
                if isinstance(raised.value, ProviderRefused):
                    assert STATUS_REASON.fullmatch(raised.value.reason)

    # --- taking -----------------------------------------------------------------------------------------------------

    def test_an_approved_payment_is_taken_once_per_request_id(self, adapter):
        order, request_id = self.approved(adapter), f"capture-{new_id()}"
        first, again = (adapter.capture(order, request_id=request_id) for _ in range(2))
        assert (first.state, again.state) == (CAPTURED, CAPTURED)
        assert first.provider_reference
        assert again.provider_reference == first.provider_reference
        assert self.captures_in_its_books(order) == 1

    def test_what_is_taken_is_not_taken_by_another_request_id(self, adapter):
        order = self.taken(adapter)
        answer = outcome(lambda: adapter.capture(order, request_id=f"capture-{new_id()}"))
        if isinstance(answer, Payment):  # told as it is
            assert (answer.state, answer.provider_reference) == (CAPTURED, order.payment_reference)
        else:
            assert STATUS_REASON.fullmatch(answer.reason)
        assert self.captures_in_its_books(order) == 1
        assert adapter.find(order).state is CAPTURED

    def test_what_nobody_has_approved_cannot_be_taken_or_held(self, adapter):
        order = self.opened(adapter)
        refused_with_a_reason(lambda: adapter.capture(order, request_id=f"capture-{new_id()}"))
        refused_with_a_reason(lambda: adapter.authorize(order, request_id=f"authorize-{new_id()}"))
        assert adapter.find(order).state is OPEN
        assert self.captures_in_its_books(order) == 0

    def test_a_declined_instrument_pays_nothing(self, adapter):
        order = self.opened(adapter)
        self.giver_declines(order)
        if adapter.find(order).state is not DECLINED:  # it shows only when the money is to be taken
            refused_with_a_reason(lambda: adapter.capture(order, request_id=f"capture-{new_id()}"))
        assert self.captures_in_its_books(order) == 0

    def test_a_declined_giver_can_pay_in_the_same_checkout(self, adapter):
        """With another instrument."""
        order = self.opened(adapter)
        self.giver_declines(order)
        self.giver_approves(order)
        assert adapter.find(order).state is self.approved_state(order)
        assert adapter.capture(order, request_id=f"capture-{new_id()}").state is CAPTURED

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_with_one_request_id_take_the_money_once(self, adapter):
        order, request_id = self.approved(adapter), f"capture-{new_id()}"
        answers = all_at_once(lambda: adapter.capture(order, request_id=request_id))
        assert {(answer.state, answer.amount_minor) for answer in answers} == {(CAPTURED, 2000)}
        assert len({answer.provider_reference for answer in answers}) == 1
        assert self.captures_in_its_books(order) == 1

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_with_ids_of_their_own_take_it_once(self, adapter):
        order = self.approved(adapter)
        answers = all_at_once(lambda: outcome(lambda: adapter.capture(order, request_id=f"capture-{new_id()}")))
        taken = {answer.provider_reference for answer in answers if isinstance(answer, Payment)}
        assert len(taken) == 1
        assert self.captures_in_its_books(order) == 1

    # --- webhooks ---------------------------------------------------------------------------------------------------

    def test_an_event_names_its_checkout(self, adapter):
        order = self.opened(adapter)
        body, headers = self.signed_report(order)
        event = adapter.parse_webhook(body, headers)
        assert event.checkout_id == order.checkout_id
        assert event.event_id

    def test_an_event_that_is_forged_or_damaged_is_refused(self, adapter):
        order = self.opened(adapter)
        body, headers = self.signed_report(order)
        forgeries: list[tuple[bytes, dict[str, str]]] = [
            (body, {}),
            (body + b" ", headers),
            (body[:-1], headers),
            (b"", headers),
            (body.replace(order.checkout_id.encode(), new_id().encode()), headers),
            (b"\xff\xfe" + body, headers),
        ]
        for name, value in headers.items():
            if name.lower() == "content-type":
                continue
            for wrong in ("", value[:-1], value + "0", "é", "\udc80", "\x00", ",", "x" * 10_000):
                forgeries.append((body, headers | {name: wrong}))
        for forged_body, forged_headers in forgeries:
            with pytest.raises(InvalidSignature):
                adapter.parse_webhook(forged_body, forged_headers)


class ClosingContract(ProviderContract):
    """The tests for an adapter that meets providers.base.ClosesCheckouts as well."""

    def can_be_paid(self, order: PaymentRequest) -> bool:
        """Whether a giver who has the page open still could pay."""
        raise NotImplementedError

    def test_a_closed_checkout_cannot_be_paid(self, adapter):
        assert closes_checkouts(adapter)
        order, request_id = self.opened(adapter), f"close-{new_id()}"
        assert self.can_be_paid(order)
        assert [adapter.close(order, request_id=request_id).state for _ in range(2)] == [VOIDED, VOIDED]
        assert adapter.close(order, request_id=f"close-{new_id()}").state is VOIDED
        assert not self.can_be_paid(order)
        assert adapter.find(order).state in {DECLINED, LAPSED, VOIDED}

    def test_a_checkout_is_closed_after_a_decline_as_well(self, adapter):
        order = self.opened(adapter)
        self.giver_declines(order)
        assert adapter.close(order, request_id=f"close-{new_id()}").state is VOIDED
        assert not self.can_be_paid(order)

    def test_closing_what_is_paid_leaves_it_paid(self, adapter):
        """And tells so."""
        for order, state in ((self.taken(adapter), CAPTURED), (self.held(adapter), AUTHORIZED)):
            assert adapter.close(order, request_id=f"close-{new_id()}").state is state
            assert adapter.find(order).state is state

    def test_a_checkout_that_it_does_not_know_is_not_closed(self, adapter):
        for checkout_id in (new_id(), ""):
            answer = outcome(lambda checkout_id=checkout_id: adapter.close(self.order(checkout_id=checkout_id), request_id="c"))
            assert isinstance(answer, ProviderRefused)
