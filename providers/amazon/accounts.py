"""The Amazon Pay accounts of the operator. Credentials are a merchant ID, so they say which account is spoken to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from providers.amazon.button import Button
from providers.amazon.client import AmazonPayClient
from providers.amazon.notifications import Notice, Notifications, message_in
from providers.amazon.regions import REGIONS
from providers.amazon.sessions import Sessions
from providers.amazon.setting_names import FIRST
from providers.amazon.signing import Signer
from providers.base import ProviderNotOffered, ProviderUnavailable


@dataclass(frozen=True)
class AccountSettings:
    """One account, as the operator has set it up."""

    base: str
    public_key_id: str
    private_key: str = field(repr=False)
    merchant_id: str
    store_id: str
    region: str
    script_url: str
    topic: str
    ledger_currency: str = ""
    """What it is kept in, by default what is usual in the region."""
    currencies: tuple[str, ...] = ()
    """What it charges besides."""
    name: str = FIRST
    """In the names of its settings."""


class Account:
    """One account, and what is asked of Amazon with its keys. Thread-safe."""

    def __init__(self, told: AccountSettings, *, trust_roots_file: str = "") -> None:
        region = REGIONS[told.region]
        ledger_currency = told.ledger_currency or region.ledgers[0]
        self.name, self.merchant_id = told.name, told.merchant_id
        self.charges = tuple(dict.fromkeys((ledger_currency, *told.currencies)))
        """The currencies; what it is kept in first."""
        signer = Signer(told.public_key_id, told.private_key, region=region.code)
        self.client = AmazonPayClient(told.base, signer, trust_roots_file=trust_roots_file)
        self.sessions = Sessions(self.client, merchant_id=told.merchant_id, store_id=told.store_id)
        self.button = Button(
            self.client,
            merchant_id=told.merchant_id,
            store_id=told.store_id,
            region=region,
            ledger_currency=ledger_currency,
            script_url=told.script_url,
        )
        self.notifications = Notifications(
            self.client.caller.transport, base=told.base, topic=told.topic, merchant_id=told.merchant_id
        )


class Accounts:
    """All of one mode, live or test; at least one, which may be without keys."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.all = tuple(accounts)
        self._by_merchant_id: Mapping[str, Account] = {one.merchant_id: one for one in self.all if one.merchant_id}

    def is_one(self, merchant_id: str) -> bool:
        """Whether gifts can be collected for it."""
        return merchant_id in self._by_merchant_id

    def paid(self, merchant_id: str) -> Account:
        """The account that is paid. Raises ProviderUnavailable where the service has not got its keys (any more)."""
        if not self._by_merchant_id:
            return self.all[0]  # which cannot ask
        if account := self._by_merchant_id.get(merchant_id):
            return account
        raise ProviderUnavailable("the service has no keys of this Amazon Pay account")

    def charges(self, merchant_id: str) -> tuple[str, ...]:
        """The currencies that this account charges; without one, those that any does.

        Raises ProviderNotOffered where the service has not got its keys (any more).
        """
        if merchant_id and not self.is_one(merchant_id):
            raise ProviderNotOffered(
                "Amazon is not offered here for these Credentials: the service has no keys of that Amazon Pay account."
            )
        return self._by_merchant_id[merchant_id].charges if merchant_id else self.charged_by_any

    @property
    def charged_by_any(self) -> tuple[str, ...]:
        """The currencies that some account charges."""
        return tuple(dict.fromkeys(currency for account in self.all for currency in account.charges))

    def notice_in(self, body: bytes, headers: Mapping[str, str]) -> tuple[Account, Notice]:
        """A notification, proven to be from an account's own topic, and the account, which alone it can be about.

        Raises InvalidSignature; ProviderUnavailable without the certificate, or where nothing could be confirmed.
        """
        message = message_in(body)
        told = message["TopicArn"]  # not proven yet: it only says whose topic it has to be
        account = next((one for one in self.all if told and one.notifications.topic == told), self.all[0])
        return account, account.notifications.read(message, headers)
