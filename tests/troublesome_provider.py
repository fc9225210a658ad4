"""A provider that goes wrong on demand: the simulator, with trouble in front of it and after it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from providers.base import (
    Capability,
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.models import SandboxCheckout


class TroublesomeProvider:
    """Meets providers.base.Provider. `calls` counts what was asked of it, by operation; `request_ids` with which ids."""

    key = "sandbox"
    return_token_argument = "token"
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self) -> None:
        self.inner = SandboxProvider()
        self.calls: Counter[str] = Counter()
        self.request_ids: dict[str, list[str]] = {}
        self._trouble: dict[str, list[Callable[[Callable[[], Any]], Any]]] = {}

    # --- what can go wrong -------------------------------------------------------------------------------------

    def drops_the_call(self, operation: str, times: int = 1) -> None:
        """The next calls never reach the provider."""

        def dropped(call: Callable[[], Any]) -> Any:
            raise ProviderUnavailable("no route to host")

        self._add(operation, dropped, times)

    def drops_the_answer(self, operation: str, times: int = 1) -> None:
        """The next calls are done, and then the line goes dead."""

        def lost(call: Callable[[], Any]) -> Any:
            call()
            raise ProviderUnavailable("read timed out")

        self._add(operation, lost, times)

    def refuses(self, operation: str, reason: str = "instrument_declined") -> None:
        def refused(call: Callable[[], Any]) -> Any:
            raise ProviderRefused(reason, "no", correlation_id="debug-1")

        self._add(operation, refused, 1)

    def wants_the_giver(self, operation: str, url: str = "", times: int = 1) -> None:
        """The next calls are refused until the giver has acted, at `url`."""

        def refused(call: Callable[[], Any]) -> Any:
            raise PayerActionRequired("instrument_declined", "no", correlation_id="debug-1", url=url)

        self._add(operation, refused, times)

    def crashes(self, operation: str, *, after: bool) -> None:
        """This process dies at the call: an exception that nothing in the product catches."""

        def crash(call: Callable[[], Any]) -> Any:
            if after:
                call()
            raise ProcessDied

        self._add(operation, crash, 1)

    def lies(self, operation: str, times: int = 1, **wrong: Any) -> None:
        """The next answers carry these values instead."""
        self._add(operation, lambda call: replace(call(), **wrong), times)

    def meanwhile(self, operation: str, happens: Callable[[], Any]) -> None:
        """Something else happens while the call is on its way."""

        def interrupted(call: Callable[[], Any]) -> Any:
            happens()
            return call()

        self._add(operation, interrupted, 1)

    def afterwards(self, operation: str, happens: Callable[[], Any]) -> None:
        """Something happens once the call is answered and before anybody can write the answer down."""

        def answered(call: Callable[[], Any]) -> Any:
            answer = call()
            happens()
            return answer

        self._add(operation, answered, 1)

    def _add(self, operation: str, trouble: Callable[[Callable[[], Any]], Any], times: int) -> None:
        self._trouble.setdefault(operation, []).extend([trouble] * times)

    # --- providers.base.Provider ---------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        self.inner.check_credentials(credentials)

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        self.inner.check_currency(currency, payee=payee)

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        self.inner.check_amount(amount_minor, currency, payee=payee)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        self.inner.check_refund(amount_minor, currency)

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        return self._do("open", request_id, lambda: self.inner.open_checkout(order, request_id=request_id))

    def find(self, order: PaymentRequest) -> Payment:
        return self._do("find", "", lambda: self.inner.find(order))

    def authorize(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._do("authorize", request_id, lambda: self.inner.authorize(order, request_id=request_id))

    def capture(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._do("capture", request_id, lambda: self.inner.capture(order, request_id=request_id))

    def void(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._do("void", request_id, lambda: self.inner.void(order, request_id=request_id))

    def renew(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._do("renew", request_id, lambda: self.inner.renew(order, request_id=request_id))

    def refund(self, order: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        wanted = {"amount_minor": amount_minor, "reference": reference, "request_id": request_id}
        return self._do("refund", request_id, lambda: self.inner.refund(order, **wanted))

    def find_refund(self, order: PaymentRequest, provider_reference: str) -> ProviderRefund:
        return self._do("find_refund", "", lambda: self.inner.find_refund(order, provider_reference))

    # --- providers.permissions.KeepsPermissions, where a test has put KEEPS_PERMISSIONS among the capabilities -----------

    permission_token_argument = "token"

    def check_permission(self, request: PermissionRequest) -> None:
        self.inner.check_permission(request)

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        return self._do("ask", request_id, lambda: self.inner.ask_permission(request, request_id=request_id))

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        return self._do("find_permission", request_id, lambda: self.inner.find_permission(request, request_id=request_id))

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        self._do("revoke", request_id, lambda: self.inner.revoke_permission(request, request_id=request_id))

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        made = lambda: self.inner.open_with_permission(request, token, request_id=request_id)  # noqa: E731
        return self._do("charge", request_id, made)

    def close(self, order: PaymentRequest, *, request_id: str) -> Payment:
        """Only where a test has put CLOSES_CHECKOUTS among the capabilities."""
        return self._do("close", request_id, lambda: self._closed(order))

    def _closed(self, order: PaymentRequest) -> Payment:
        unpaid = SandboxCheckout.objects.filter(checkout_id=order.checkout_id, state=SandboxCheckout.State.OPEN)
        unpaid.update(state=SandboxCheckout.State.VOIDED)
        return self.inner.find(order)

    def parse_webhook(self, body: bytes, headers: Any) -> WebhookEvent:
        return self.inner.parse_webhook(body, headers)

    def _do(self, operation: str, request_id: str, call: Callable[[], Any]) -> Any:
        self.calls[operation] += 1
        self.request_ids.setdefault(operation, []).append(request_id)
        waiting = self._trouble.get(operation)
        return waiting.pop(0)(call) if waiting else call()


class ProcessDied(BaseException):
    """Stands for SIGKILL: outside Exception, so that no handler of the product sees it."""


__all__ = ["PaymentState", "ProcessDied", "TroublesomeProvider"]
