"""PayPal's vault: what givers have been asked to agree to, and the wallets that are saved for it. No HTTP here.

https://developer.paypal.com/api/payment-tokens/v3, read in November 2026.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.planted_secrets import planted
from tests.providers.paypal.errors import Refusal, refusal
from tests.providers.paypal.orders import GIVERS_EMAIL
from tests.providers.paypal.records import Account, new_paypal_id

SETUP_LIVES = timedelta(days=3)


@dataclass(eq=False)
class FakeSetup:
    """What one giver is asked to agree to."""

    id: str
    customer_id: str
    asked: dict[str, Any]
    created: datetime
    status: str = "PAYER_ACTION_REQUIRED"
    payer: Account | None = None
    pays_with: str = "balance"

    @property
    def context(self) -> dict[str, Any]:
        return self.asked.get("experience_context") or {}


@dataclass(eq=False)
class FakeWallet:
    """A saved wallet: its id is what pays in the giver's place."""

    setup: FakeSetup
    payer: Account
    pays_with: str
    id: str = field(default_factory=lambda: planted("t", secrets.token_urlsafe(24)[:32], 8), repr=False)


class Vault:
    """Set-ups and saved wallets. `forgets_setups`: once it was exchanged a set-up is not known any more."""

    def __init__(self, now: Callable[[], datetime], account: Callable[[str], Account]) -> None:
        self._now, self._account = now, account
        self.setups: dict[str, FakeSetup] = {}
        self.wallets: dict[str, FakeWallet] = {}
        self.enabled = False
        """The app may save wallets."""
        self.forgets_setups = False
        self.asks_again = False
        """PayPal wants the giver to approve what is paid with a saved wallet."""

    def ask(self, asked: dict[str, Any]) -> FakeSetup:
        if not self.enabled:
            raise refusal("NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE")
        source = (asked.get("payment_source") or {}).get("paypal")
        if not isinstance(source, dict) or source.get("usage_type") not in ("MERCHANT", "PLATFORM"):
            raise refusal("MISSING_REQUIRED_PARAMETER")
        context = source.get("experience_context") or {}
        if not (context.get("return_url") and context.get("cancel_url")):
            raise refusal("MISSING_REQUIRED_PARAMETER")
        setup = FakeSetup(new_paypal_id(), new_paypal_id(length=10), source, self._now())
        self.setups[setup.id] = setup
        return setup

    def setup(self, setup_id: str) -> FakeSetup:
        setup = self.setups.get(setup_id)
        over = setup is not None and setup.status != "VAULTED" and self._now() >= setup.created + SETUP_LIVES
        if setup is None or over or (setup.status == "VAULTED" and self.forgets_setups):
            raise refusal("INVALID_RESOURCE_ID")
        return setup

    def agree(self, setup_id: str, pays_with: str = "balance") -> str:
        """The giver agrees; the address that the browser is sent to. `pays_with`: as with orders, for what is paid later."""
        setup = self.setup(setup_id)
        if setup.status != "PAYER_ACTION_REQUIRED":
            raise ValueError(f"this is {setup.status}")
        setup.status, setup.payer, setup.pays_with = "APPROVED", self._account(GIVERS_EMAIL), pays_with
        return setup.context["return_url"]

    def exchange(self, asked: dict[str, Any]) -> FakeWallet:
        told = (asked.get("payment_source") or {}).get("token") or {}
        if told.get("type") != "SETUP_TOKEN":
            raise refusal("INVALID_PARAMETER_VALUE")
        setup = self.setup(str(told.get("id")))
        if setup.payer is None:
            raise refusal("PAYER_ACTION_REQUIRED")
        if setup.status != "APPROVED":
            raise refusal("TOKEN_ALREADY_EXCHANGED")
        wallet = FakeWallet(setup, setup.payer, setup.pays_with)
        setup.status = "VAULTED"
        self.wallets[wallet.id] = wallet
        return wallet

    def wallet(self, token: str) -> FakeWallet:
        if token not in self.wallets:
            raise Refusal(404, "TOKEN_NOT_FOUND")
        return self.wallets[token]

    def paying(self, token: str) -> FakeWallet:
        """The wallet that an order is to be paid with."""
        if token not in self.wallets:
            raise refusal("INVALID_RESOURCE_ID")
        return self.wallets[token]


def setup_json(setup: FakeSetup, base: str) -> dict[str, Any]:
    links = [{"href": f"{base}/v3/vault/setup-tokens/{setup.id}", "rel": "self", "method": "GET"}]
    if setup.status == "PAYER_ACTION_REQUIRED":
        approve = f"{base}/agreements/approve?approval_session_id={setup.id}"
        links.append({"href": approve, "rel": "approve", "method": "GET"})
    source = {"paypal": {"description": setup.asked["description"], "usage_type": setup.asked["usage_type"]}}
    return {
        "id": setup.id,
        "customer": {"id": setup.customer_id},
        "status": setup.status,
        "payment_source": source,
        "links": links,
    }


def wallet_json(wallet: FakeWallet, base: str) -> dict[str, Any]:
    address = f"{base}/v3/vault/payment-tokens/{wallet.id}"
    links = [{"href": address, "rel": rel, "method": method} for rel, method in (("self", "GET"), ("delete", "DELETE"))]
    source = {"usage_type": "MERCHANT", "email_address": wallet.payer.email, "account_id": wallet.payer.merchant_id}
    return {
        "id": wallet.id,
        "customer": {"id": wallet.setup.customer_id},
        "payment_source": {"paypal": source},
        "links": links,
    }
