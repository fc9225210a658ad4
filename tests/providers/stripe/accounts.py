"""The fake Stripe's connected accounts: made by the platform, onboarded by link, restricted by Stripe.

The shapes are those of Stripe's own fixtures (account, account_link); what an account can be is what
https://docs.stripe.com/api/accounts/object tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.providers.line import Call
from tests.providers.stripe.objects import Refusal, new_id

if TYPE_CHECKING:
    from tests.providers.stripe.fake import FakeStripe

Json = dict[str, Any]

NO_CONNECT = "You can only create new accounts if you've signed up for Connect, which you can learn how to do at " + (
    "https://stripe.com/docs/connect."
)


def account(account_id: str, **changes: Any) -> Json:
    """A connected account that can be paid, but for `changes`."""
    nothing_due = {"currently_due": [], "disabled_reason": None, "past_due": [], "pending_verification": []}
    return {
        "id": account_id, "object": "account", "type": "none", "country": "US", "metadata": {},
        "capabilities": {"card_payments": "active", "transfers": "active"}, "charges_enabled": True, "payouts_enabled": True,
        "details_submitted": True, "requirements": nothing_due,
    } | changes  # fmt: skip


def unfinished(account_id: str, metadata: Json) -> Json:
    """As Stripe has made it just now."""
    due = {"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"}
    off = {"charges_enabled": False, "payouts_enabled": False, "details_submitted": False}
    inactive = {"card_payments": "inactive", "transfers": "inactive"}
    return account(account_id, metadata=metadata, capabilities=inactive, requirements=due, **off)


class Accounts:
    """`connect`: whether the platform has signed up for it."""

    def __init__(self, of_books: set[str]) -> None:
        self.connect = True
        self.by_id = {account_id: account(account_id) for account_id in sorted(of_books)}
        self._of_books = of_books

    def find(self, account_id: str) -> Json:
        if account_id not in self.by_id:
            sentence = f"The provided key does not have access to account '{account_id}' (or that account does not exist)."
            raise Refusal(403, sentence, code="account_invalid")
        return self.by_id[account_id]

    def make(self, asked: Json) -> Json:
        if not self.connect:
            raise Refusal(400, NO_CONNECT)
        account_id = f"acct_{new_id('', 16).strip('_')}"
        self.by_id[account_id] = unfinished(account_id, asked.get("metadata", {}))
        return self.by_id[account_id]

    def finish(self, account_id: str) -> None:
        """The payee has told Stripe everything, and Stripe is content."""
        self.by_id[account_id] = account(account_id, metadata=self.by_id[account_id]["metadata"])
        self._of_books.add(account_id)

    def restrict(self, account_id: str, reason: str) -> None:
        """Stripe lets nobody pay them any more."""
        inactive = {"card_payments": "inactive", "transfers": "inactive"}
        changes = {"capabilities": inactive, "requirements": {"disabled_reason": reason}, "charges_enabled": False}
        self.by_id[account_id] = self.by_id[account_id] | changes


def link(it: FakeStripe, call: Call, asked: Json) -> Json:
    it.connected.find(asked["account"])
    for name in ("refresh_url", "return_url"):
        if not asked.get(name, "").startswith("http"):
            raise Refusal(400, "Not a valid URL", code="url_invalid", param=name)
    url = f"{it.base_url}/setup/e/{asked['account']}/{new_id('x', 12)}"
    now = it.books.seconds()
    return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}
