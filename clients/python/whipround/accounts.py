"""Payment accounts: payees kept once and used by many goals."""

from collections.abc import Iterator
from typing import Any

from whipround.reading import written
from whipround.records import PaymentAccount
from whipround.requests_of import Requests


class PaymentAccounts(Requests):
    """What can be done with payees."""

    def create_payment_account(
        self, *, provider_name: str, credentials: str | None = None, idempotency_key: str | None = None
    ) -> PaymentAccount:
        """A payee. Without credentials they are to be onboarded by link, where the provider does that."""
        values = {"provider_name": provider_name} | ({"credentials": credentials} if credentials is not None else {})
        return self._act(
            PaymentAccount, "PaymentAccounts", body=written(PaymentAccount, values), idempotency_key=idempotency_key
        )

    def get_payment_account(self, account_id: str) -> PaymentAccount:
        return self._one(PaymentAccount, self.connection.call("GET", "PaymentAccount", account_id))

    def list_payment_accounts(self, *, limit: int = 50) -> Iterator[PaymentAccount]:
        """Yours, newest first, page by page as you go."""
        return self._pages(PaymentAccount, "PaymentAccounts", query={}, limit=limit)

    def update_payment_account(self, account_id: str, version: int, **changes: Any) -> PaymentAccount:
        """New `credentials` hold for all goals that name the account. Raises VersionConflict."""
        body = written(PaymentAccount, changes) | {"RecordVersionNumber": version}
        return self._one(PaymentAccount, self.connection.call("PATCH", "PaymentAccount", account_id, body=body))

    def delete_payment_account(self, account_id: str) -> None:
        """Raises Conflict while a goal names it."""
        self.connection.call("DELETE", "PaymentAccount", account_id)

    def onboard(self, account_id: str) -> PaymentAccount:
        """A fresh `onboarding_url`: send the payee there at once, and nobody else."""
        return self._act(PaymentAccount, "PaymentAccount", account_id, "Onboarding")

    def check_payment_account(self, account_id: str) -> PaymentAccount:
        """Have the provider asked how the payee stands."""
        return self._act(PaymentAccount, "PaymentAccount", account_id, "Check")
