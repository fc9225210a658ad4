"""What the service relies on, whoever the provider is: one suite for every adapter of providers.base.Provider.

Subclass ProviderContract in a test module, give it the `adapter` fixture and the hooks: what a giver does at this
provider, and what its own books say in the end.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from ids import new_id
from providers.base import (
    AmountRefused,
    CredentialsRefused,
    InvalidSignature,
    Payment,
    PaymentRequest,
    PaymentState,
    Provider,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    closes_checkouts,
)
from tests.providers.payment_request import a_request

STATUS_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
MANY = 16

OPEN, APPROVED, AUTHORIZED = PaymentState.OPEN, PaymentState.APPROVED, PaymentState.AUTHORIZED
CAPTURED, DECLINED, VOIDED = PaymentState.CAPTURED, PaymentState.DECLINED, PaymentState.VOIDED
LAPSED = PaymentState.LAPSED


class ProviderContract:
    """The tests. What an adapter's own test module has to bring along comes first."""

    payee = "anna@example.org"
    """Credentials that this provider knows."""

    bad_credentials: tuple[str, ...] = ("",)
    currencies: tuple[tuple[str, int], ...] = (("USD", 2000),)
    """(currency, amount in minor units) in which this provider can be paid."""

    impossible_amounts: tuple[tuple[str, int], ...] = ()
    """(currency, amount in minor units) that this provider cannot carry."""

    approving_pays = False
    """Whether the giver's approval takes the money, or holds it, there and then: nothing is left to be ordered."""

    time_to_pay: timedelta | None = None
    """How long a checkout can be paid at this provider; None where that is not known as it is opened."""

    @pytest.fixture
    def adapter(self) -> Provider:
        raise NotImplementedError

    def giver_approves(self, order: PaymentRequest) -> None:
        """The giver logs in at the provider and agrees to pay."""
        raise NotImplementedError

    def giver_declines(self, order: PaymentRequest) -> None:
        """The giver tries to pay with something that the provider will not take."""
        raise NotImplementedError

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        """How often the provider has taken the money."""
        raise NotImplementedError

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        """How much the provider has given back, in minor units."""
        raise NotImplementedError

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        """(body, headers) of a webhook about this order, as the provider sends it."""
        raise NotImplementedError

    # --- steps ------------------------------------------------------------------------------------------------------

    def order(self, **changes: Any) -> PaymentRequest:
        """A payment that has not been opened yet."""
        return a_request("PayPal", self.payee, **changes)

    def opened(self, adapter: Provider, **changes: Any) -> PaymentRequest:
        order = self.order(**changes)
        return replace(order, checkout_id=adapter.open_checkout(order, request_id=f"open-{new_id()}").checkout_id)

    def approved(self, adapter: Provider, **changes: Any) -> PaymentRequest:
        order = self.opened(adapter, **changes)
        self.giver_approves(order)
        return order

    def approved_state(self, order: PaymentRequest) -> PaymentState:
        """What a payment is as soon as the giver has agreed to it."""
        if not self.approving_pays:
            return APPROVED
        return CAPTURED if order.capture_at_once else AUTHORIZED

    def held(self, adapter: Provider) -> PaymentRequest:
        order = self.approved(adapter, capture_at_once=False)
        return knowing(order, adapter.authorize(order, request_id=f"authorize-{new_id()}"))

    def taken(self, adapter: Provider) -> PaymentRequest:
        order = self.approved(adapter)
        return knowing(order, adapter.capture(order, request_id=f"capture-{new_id()}"))

    # --- who it is --------------------------------------------------------------------------------------------------

    def test_it_has_a_name_for_its_contributions_and_for_the_token(self, adapter):
        assert STATUS_REASON.fullmatch(adapter.key)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", adapter.return_token_argument)

    def test_what_it_cannot_carry_is_refused_before_anything(self, adapter):
        """What it cannot carry is refused before anything is opened."""
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

    def test_credentials_that_identify_payee_are_taken_and_others(self, adapter):
        """Credentials that identify a payee are taken and others are refused with a sentence."""
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

    def test_same_request_id_opens_same_checkout(self, adapter):
        """The same request id opens the same checkout and another one another."""
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

    def test_checkout_that_it_does_not_know_is_refused(self, adapter):
        """A checkout that it does not know is refused or without an answer and nothing else."""
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

    def test_taken_payment_is_not_taken_again_under_another_request(self, adapter):
        """A taken payment is not taken again under another request id."""
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

    def test_giver_whose_instrument_was_declined_can_pay(self, adapter):
        """A giver whose instrument was declined can pay with another in the same checkout."""
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
    def test_many_at_once_with_their_own_request_ids_take_money_once(self, adapter):
        """Many at once with their own request ids take the money once."""
        order = self.approved(adapter)
        answers = all_at_once(lambda: outcome(lambda: adapter.capture(order, request_id=f"capture-{new_id()}")))
        taken = {answer.provider_reference for answer in answers if isinstance(answer, Payment)}
        assert len(taken) == 1
        assert self.captures_in_its_books(order) == 1

    # --- holding ----------------------------------------------------------------------------------------------------

    def test_held_payment_is_not_taken(self, adapter):
        """A held payment is not taken and says until when it is held."""
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

    def test_held_payment_is_held_for_longer_or_provider_says_no(self, adapter):
        """A held payment is held for longer or the provider says no."""
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
    def test_many_refunds_at_once_never_give_back(self, adapter):
        """Many refunds at once never give back more than was taken."""
        order = self.taken(adapter)
        answers = all_at_once(
            lambda: outcome(
                lambda: adapter.refund(order, amount_minor=300, reference=new_id(), request_id=f"refund-{new_id()}")
            )
        )
        assert sum(not isinstance(answer, ProviderRefused) for answer in answers) == 6
        assert self.given_back_in_its_books(order) == 1800

    # --- reports ----------------------------------------------------------------------------------------------------

    def test_a_report_names_its_checkout(self, adapter):
        order = self.opened(adapter)
        body, headers = self.signed_report(order)
        report = adapter.parse_webhook(body, headers)
        assert report.checkout_id == order.checkout_id
        assert report.event_id

    def test_webhook_that_is_not_providers_or_was_damaged_is_refused(self, adapter):
        """A webhook that is not the providers or was damaged is forged."""
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

    def test_closing_what_is_paid_tells_that_it_is_paid_and_leaves(self, adapter):
        """Closing what is paid tells that it is paid and leaves it so."""
        for order, state in ((self.taken(adapter), CAPTURED), (self.held(adapter), AUTHORIZED)):
            assert adapter.close(order, request_id=f"close-{new_id()}").state is state
            assert adapter.find(order).state is state

    def test_a_checkout_that_it_does_not_know_is_not_closed(self, adapter):
        for checkout_id in (new_id(), ""):
            answer = outcome(lambda checkout_id=checkout_id: adapter.close(self.order(checkout_id=checkout_id), request_id="c"))
            assert isinstance(answer, ProviderRefused)


def knowing(order: PaymentRequest, payment: Payment) -> PaymentRequest:
    """The order as it is asked for once the provider's own id of the payment is known."""
    return replace(order, payment_reference=payment.provider_reference)


def refused_with_a_reason(ask: Callable[[], object]) -> None:
    """A definite no, with a code fit for StatusReason."""
    with pytest.raises(ProviderRefused) as refused:
        ask()
    assert STATUS_REASON.fullmatch(refused.value.reason)


def outcome(ask: Callable[[], Any]) -> Any:
    """What it answers, or the refusal."""
    try:
        return ask()
    except ProviderRefused as refusal:
        return refusal


def all_at_once(work: Callable[[], Any]) -> list[Any]:
    """What MANY calls return that all start in the same instant."""
    gate = threading.Barrier(MANY)

    def one(_: int) -> Any:
        try:
            gate.wait(timeout=60)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))
