"""What an adapter's test module brings along for tests/providers/contract.py, and the steps that its tests go.

`order` stands for our payment request, as in every subclass.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ids import new_id
from providers.base import (
    Payment,
    PaymentRequest,
    PaymentState,
    Provider,
    ProviderRefused,
)
from tests import at_once
from tests.providers.payment_request import a_request

STATUS_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
MANY = 16

OPEN, APPROVED, AUTHORIZED = PaymentState.OPEN, PaymentState.APPROVED, PaymentState.AUTHORIZED
CAPTURED, DECLINED, VOIDED = PaymentState.CAPTURED, PaymentState.DECLINED, PaymentState.VOIDED
LAPSED = PaymentState.LAPSED


class Steps:
    """The hooks: what a giver does at this provider, and what its own books say in the end."""

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
        """(body, headers) of a webhook event about this payment, as the provider sends it."""
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
    return at_once.all_at_once(MANY, lambda _: work())
