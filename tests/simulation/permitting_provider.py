"""The simulated provider with standing permissions: what givers were asked there, what they said, what was paid under it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import clock
from givers import sync
from givers.models import Permission
from givers.states import OVER
from providers.base import (
    Capability,
    OpenedCheckout,
    PayerActionRequired,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
)
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold, Standing
from tests.simulation.outside import OwnPayment
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import Wrong


@dataclass
class TruePermission:
    """What a giver was really asked, and has really said."""

    request: PermissionRequest
    standing: Standing = Standing.OPEN
    token: str = ""
    was_agreed: bool = False
    charges: list[OwnPayment] = field(default_factory=list)


class PermittingProvider(TruthfulProvider):
    """Keeps permissions besides."""

    capabilities = frozenset({Capability.KEEPS_PERMISSIONS})
    permission_token_argument = "token"
    magnitudes = {"USD": (1,)}  # type: ignore[assignment, dict-item]
    forgets_request_ids = False
    tokens_take_us = has_messages = False

    def __init__(self, random: Random, around: Callable[[str, str], None]) -> None:
        super().__init__(random, around)
        self.permissions: dict[str, TruePermission] = {}

    def check_permission(self, request: PermissionRequest) -> None:
        """Every one."""

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        def effect() -> OpenedPermission:
            if self._chance(0.03):
                raise ProviderRefused("provider_refused")
            if request_id not in self.answers:
                setup_id = f"S{len(self.permissions)}"
                self.permissions[setup_id] = TruePermission(request)
                self.answers[request_id] = OpenedPermission(setup_id, f"https://provider.example/{setup_id}")
            answer: OpenedPermission = self.answers[request_id]
            return answer

        opened: OpenedPermission = self._call("ask", request_id, effect)
        return opened

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        def effect() -> PermissionTold:
            true = self.permissions[request.setup_id]
            return PermissionTold(true.standing, true.token if true.standing is Standing.ACTIVE else "")

        told: PermissionTold = self._call("find_permission", request.setup_id, effect)
        return told

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        def effect() -> None:
            true = self.permissions[request.setup_id]
            if true.standing in {Standing.OPEN, Standing.ACTIVE}:
                true.standing = Standing.REVOKED

        self._call("revoke", request.setup_id, effect)

    def open_with_permission(self, order: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        def effect() -> OpenedCheckout:
            if request_id not in self.answers:
                self.answers[request_id] = self._charge(order, token)
            answer: OpenedCheckout = self.answers[request_id]
            return answer

        opened: OpenedCheckout = self._call("charge", order.reference, effect)
        return opened

    def _charge(self, order: PaymentRequest, token: str) -> OpenedCheckout:
        true = next((one for one in self.permissions.values() if one.token == token), None)
        if true is None or true.standing is not Standing.ACTIVE:
            raise ProviderRefused("permission_revoked")
        if Permission.objects.filter(public_id=true.request.reference, state__in=OVER, ended_at__lt=clock.now()).exists():
            raise Wrong(f"{order.reference} was taken under {true.request.reference}, which had been taken back")
        if self._chance(0.08):
            raise PayerActionRequired("authentication_required")
        if self._chance(0.08):
            raise ProviderRefused("instrument_declined")
        checkout_id = f"C{len(self.payments)}"
        payment = self.payments[checkout_id] = OwnPayment(
            order.reference, checkout_id, order.currency, order.payee, amount_minor=order.amount_minor, order=order
        )
        true.charges.append(payment)
        if self._chance(0.12):
            payment.state, payment.captured_at_effect = PaymentState.PENDING, self.effects
        else:
            self._reach(payment, PaymentState.CAPTURED if order.capture_at_once else PaymentState.AUTHORIZED)
        return OpenedCheckout(checkout_id, "")

    def tells_of(self, permission: Permission) -> str:
        """It has no messages: what they lead to is done."""
        return str(sync.sync(permission, heard=True).asked)

    def giver_answers(self, true: TruePermission) -> str:
        """At the provider's page; or later, in the account there."""
        if true.standing is Standing.OPEN:
            agrees = self.random.random() < 0.85
            true.standing = Standing.ACTIVE if agrees else Standing.DECLINED
            true.token, true.was_agreed = f"token-of-{true.request.reference}-{len(self.answers)}", agrees
        elif true.standing is Standing.ACTIVE and self.random.random() < 0.2:
            true.standing = Standing.REVOKED
        return true.standing
