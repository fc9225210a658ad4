"""Payees in the simulated world: kept once, paid by many goals, and for a while unable to be paid."""

from contextlib import suppress
from random import Random

from contributions import payees as checking
from contributions.models import Attention
from goals import payees
from goals.models import Payee
from partners.models import Partner
from providers.payees import PayeeState
from tests.simulation.side import ProviderSide, Wrong

KEPT = "payee-1"


class Payees:
    """A mixin of the World, which gives it what is annotated here."""

    random: Random
    provider: ProviderSide
    _partner: Partner

    def _paid_to(self) -> str | Payee:
        """A goal names the payee's credentials, or the payment account that is kept."""
        if not self.provider.restricts_payees or self.random.random() < 0.4:
            return self.provider.payee
        return payees.create(self._partner, self.provider.name, self.provider.payee, public_id=KEPT)

    def _payee_changes(self) -> str:
        """The provider lets nobody pay them, or lets everybody again; and perhaps the client has that checked."""
        restricted = self.random.random() < 0.5
        self.provider.restricts(restricted)
        told = "restricted" if restricted else "may be paid"
        return f"{told}, {self._client_checks_payee()}" if self.random.random() < 0.5 else told

    def _client_checks_payee(self) -> str:
        payee = Payee.objects.filter(public_id=KEPT).first()
        if payee is None:
            return "nobody to check"
        with suppress(checking.PayeeNotChecked):
            return str(checking.check(payee).state)
        return "no answer"

    def check_payees_at_rest(self) -> None:
        """Nobody is restricted any more; and whoever goals are paid to is not called so."""
        for payee in Payee.objects.all():
            called = payee.state == PayeeState.RESTRICTED and payees.live_accounts_of(payee).exists()
            waits = Attention.objects.filter(kind="payee_restricted", about=payee.public_id).exists()
            if called:
                raise Wrong(f"{payee.public_id} is called restricted, and is not any more")
            if waits and payees.live_accounts_of(payee).exists():
                raise Wrong(f"{payee.public_id} waits for a person, and nothing is wrong with it")
