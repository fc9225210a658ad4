"""What the fake PayPal answers about saved wallets, and to orders that are paid with one."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

from tests.providers.line import Call, Reply
from tests.providers.paypal import webhooks
from tests.providers.paypal.reading import json_object
from tests.providers.paypal.records import FakeOrder
from tests.providers.paypal.vault import FakeWallet, setup_json, wallet_json


class VaultAnswers:
    """The part of FakePayPal about them."""

    def agree(self, setup_id: str, pays_with: str = "balance") -> str:
        """The giver agrees that what is asked is paid without them; the address that the browser is sent to.

        `setup_id`: PayPal's, also with its customer behind it, as our adapter has it.
        """
        with self._lock:
            return self.vault.agree(setup_id.partition(":")[0], pays_with)

    def remove_wallet(self, token: str) -> None:
        """The giver ends it at PayPal."""
        with self._lock:
            self._announce_wallet("VAULT.PAYMENT-TOKEN.DELETED", self.vault.wallets.pop(token))

    def _announce_wallet(self, event_type: str, wallet: FakeWallet) -> None:
        event = webhooks.envelope(event_type, wallet_json(wallet, self.base_url), self.now, self.base_url)
        self._reports.append((wallet.id, event))

    def _save_wallet(self, call: Call) -> Callable[[int], Reply]:
        setup = self.vault.ask(json_object(call))
        return lambda status: Reply(status, setup_json(setup, self.base_url))

    def _get_setup(self, call: Call) -> Reply:
        return Reply(200, setup_json(self.vault.setup(call.values["id"]), self.base_url))

    def _exchange(self, call: Call) -> Callable[[int], Reply]:
        wallet = self.vault.exchange(json_object(call))
        self._announce_wallet("VAULT.PAYMENT-TOKEN.CREATED", wallet)
        return lambda status: Reply(status, wallet_json(wallet, self.base_url))

    def _list_wallets(self, call: Call) -> Reply:
        customer_id = parse_qs(call.query)["customer_id"][0]
        saved = [one for one in self.vault.wallets.values() if one.setup.customer_id == customer_id]
        told = [wallet_json(one, self.base_url) for one in saved]
        links = [{"href": f"{self.base_url}{call.path}?{call.query}", "rel": "self", "method": "GET"}]
        return Reply(200, {"customer": {"id": customer_id}, "payment_tokens": told, "links": links})

    def _get_wallet(self, call: Call) -> Reply:
        return Reply(200, wallet_json(self.vault.wallet(call.values["id"]), self.base_url))

    def _delete_wallet(self, call: Call) -> Reply:
        if call.values["id"] in self.vault.wallets:
            self.remove_wallet(call.values["id"])
        return Reply(204)

    @contextlib.contextmanager
    def _is_no_order_where_refused(self, order: FakeOrder) -> Iterator[None]:
        """An order that is made and paid in one call is not there where it is not paid."""
        try:
            yield
        except Exception:
            del self.orders[order.id]
            raise

    def _pay_with_wallet(self, order: FakeOrder, wallet: FakeWallet) -> Any:
        order.paid_by = wallet.id
        if self.vault.asks_again:
            return
        with self._is_no_order_where_refused(order):
            self.books.approve(order, wallet.pays_with, wallet.payer.email)
            pay = self.books.capture_order if order.intent == "CAPTURE" else self.books.authorize_order
            pay(order, ())
