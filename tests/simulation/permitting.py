"""Standing permissions at real adapters in the simulation: what is alike wherever a fake's books are the truth."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from givers.models import Permission
from providers.base import PaymentState
from providers.permissions import Standing
from tests.simulation.permitting_provider import TruePermission
from tests.simulation.side import TruePayment
from tests.simulation.with_fake import Message, WithFake


class Permitting(WithFake):
    """A side where givers can agree once; before a side of WithFake's in a class's bases."""

    magnitudes = {"USD": (1,)}
    has_messages = True
    tokens_take_us = True
    """What givers agree to comes to what can pay only when we ask for that."""
    forgets_request_ids = False
    """What was asked for too long ago is not asked for again."""

    def new_fake(self) -> Any:
        self._seen: dict[str, int] = {}
        """When each payment was first seen."""
        return super().new_fake()  # type: ignore[safe-super]

    # --- what each has of its own -----------------------------------------------------------------------------------

    @abstractmethod
    def charges(self) -> Mapping[str, list[TruePayment]]:
        """What was paid while its giver was away, by what is called `key` in `agreements`."""

    @abstractmethod
    def agreements(self) -> Iterator[tuple[str, TruePermission]]:
        """Everything that givers were asked to agree to, and its key: empty where it has come to nothing that could pay."""

    @abstractmethod
    def agrees(self, setup_id: str) -> None:
        """The giver says yes. Raises ValueError where it is too late."""

    @abstractmethod
    def declines(self, setup_id: str) -> None:
        """The giver says no, or goes away."""

    @abstractmethod
    def removes(self, key: str) -> None:
        """The giver takes it back at the provider."""

    @abstractmethod
    def messages_about(self, setup_id: str) -> list[tuple[Any, Callable[[], Message]]]:
        """Every event so far about what a giver was asked, as `messages` has them about gifts."""

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        """In the order in which they were made, wherever they are written down."""
        charged = [payment for payments in self.charges().values() for payment in payments]
        found = {payment.checkout_id: payment for payment in (*super().truth(), *charged)}  # type: ignore[safe-super]
        for checkout_id in found:
            self._seen.setdefault(checkout_id, len(self._seen))
        yield from sorted(found.values(), key=lambda payment: self._seen[payment.checkout_id])

    @property
    def permissions(self) -> Mapping[str, TruePermission]:
        """By the provider's id of what givers were asked."""
        charges, found = self.charges(), {}
        for key, true in self.agreements():
            true.charges = charges.get(key, [])  # type: ignore[assignment]
            found[true.request.setup_id] = true
        return found

    def tells_of(self, permission: Permission) -> str:
        """By any of its messages about it; what that was answered."""
        return self.delivers_one_of(self.messages_about(permission.setup_id))

    # --- what givers do -----------------------------------------------------------------------------------------------

    def giver_answers(self, true: TruePermission) -> str:
        """At the provider's page, or not at all; or later, in the account there."""
        setup_id = true.request.setup_id
        if true.standing is Standing.OPEN:
            try:
                self.agrees(setup_id) if self.random.random() < 0.85 else self.declines(setup_id)
            except ValueError:
                return "too late"
        elif true.standing is Standing.ACTIVE and self.random.random() < 0.2:
            self.removes(next(key for key, one in self.agreements() if one.request.setup_id == setup_id))
        return self.permissions[setup_id].standing

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        """Where a permission pays nobody chooses."""
        chosen: bool = not self._is_charge(payment) and super().giver_chooses(payment, state)  # type: ignore[misc]
        return chosen

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        if not self._is_charge(payment):
            super().lets_approve_something_else(payment)  # type: ignore[misc]

    def _is_charge(self, payment: TruePayment) -> bool:
        return any(one.checkout_id == payment.checkout_id for charges in self.charges().values() for one in charges)
