"""Which adapter stands behind which provider's name. A new provider is a folder with a SPEC, and a line here."""

import functools
from collections.abc import Callable, Iterable, Mapping

from django.conf import settings

from providers.amazon.spec import SPEC as AMAZON
from providers.base import CheckedProvider, Finding, Provider, ProviderNotOffered
from providers.google.spec import SPEC as GOOGLE
from providers.kit.spec import ProviderSpec
from providers.local.spec import CERTIFICATE, MATCH, OFFLINE, LocalSpec
from providers.paypal.spec import SPEC as PAYPAL
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.strict import StrictSandbox
from providers.stripe.spec import SPEC as STRIPE

SPECS: tuple[ProviderSpec, ...] = (PAYPAL, AMAZON, GOOGLE, STRIPE)
"""The companies that move money."""

LOCAL: tuple[LocalSpec, ...] = (OFFLINE, CERTIFICATE, MATCH)
"""The ways to give that no company has a part in: no keys, no webhooks, nobody to ask."""

COMPANY_NAMES = tuple(spec.name for spec in SPECS)
"""Who sends givers back and reports by webhook; in a path in lower case."""

PROVIDER_NAMES = (*COMPANY_NAMES, *(spec.name for spec in LOCAL if spec.by_clients))
"""What a client can name, as they are printed; in a request their case does not matter."""

NAMES_OF_GIFTS = (*COMPANY_NAMES, *(spec.name for spec in LOCAL))
"""What a gift's ProviderName can be."""

LOCAL_NAMES = frozenset(spec.name for spec in LOCAL)

HOW_TO_PAY = {spec.name: spec.how_to_pay for spec in SPECS}
"""How a giver would say it, after "pay"."""

_BY_LOWER_CASE = {name.lower(): name for name in NAMES_OF_GIFTS}
_ACCOUNTS = {spec.key: spec.account for spec in SPECS if spec.account} | {
    spec.test_key: f"{spec.account} test" for spec in SPECS if spec.account
}
_NEED_NO_KEYS = frozenset(spec.name for spec in SPECS if not spec.settings)
SIMULATOR = SandboxProvider.key
"""Provider.key of the simulator."""

_SANDBOX = SandboxProvider()
_FOR_TEST = frozenset({SIMULATOR, *(spec.test_key for spec in SPECS), *(spec.test_key for spec in LOCAL)})
_LOCAL: Mapping[str, LocalSpec] = {spec.name: spec for spec in LOCAL}
_ADAPTERS: dict[str, Provider] = {_SANDBOX.key: _SANDBOX} | {
    adapter.key: adapter for spec in LOCAL for adapter in (spec.adapter(), spec.adapter(is_test=True))
}

_WITH_KEYS: Mapping[str, Callable[[], CheckedProvider]] = {spec.name: spec.adapter for spec in SPECS}
"""The adapters of those who can be paid for real, by the provider's name."""

_WITH_TEST_KEYS: Mapping[str, Callable[[], CheckedProvider]] = {
    spec.name: functools.partial(spec.adapter, is_test=True) for spec in SPECS
}
"""The adapters of their test environments."""

_BY_KEY: Mapping[str, Callable[[], Provider]] = {spec.key: spec.adapter for spec in SPECS} | {
    spec.test_key: functools.partial(spec.adapter, is_test=True) for spec in SPECS
}
"""The same by Provider.key, whether offered today or not: without keys each answers that it cannot ask."""


def canonical_name(text: str) -> str | None:
    """The provider's name as it is printed: canonical_name("Paypal") is "PayPal"; None for a stranger's."""
    return _BY_LOWER_CASE.get(text.lower())


def adapter_offered(name: str, *, is_test: bool) -> Provider:
    """The adapter that opens new checkouts of live records, or of test records, at this provider. Raises ProviderNotOffered.

    For live records that is never the simulator, for test records never an adapter that moves real money.
    """
    if name in _LOCAL:
        return _LOCAL[name].adapter(is_test=is_test)
    if not is_test:
        if name in settings.PROVIDERS_WITH_KEYS or name in _NEED_NO_KEYS:
            return _WITH_KEYS[name]()
        raise ProviderNotOffered(f"{name} is not offered here: the service has no live {name} keys.")
    if name in settings.PROVIDERS_WITH_TEST_KEYS or name in _NEED_NO_KEYS:
        return _WITH_TEST_KEYS[name]()
    if not settings.SANDBOX:
        raise ProviderNotOffered(
            f"{name} is not offered here for tests: the service has no {name} test keys, and no simulator."
        )
    return _strict(name) if settings.SANDBOX_STRICT else _SANDBOX


@functools.cache
def _strict(name: str) -> Provider:
    """The simulator by this provider's rules."""
    spec = next(spec for spec in SPECS if spec.name == name)
    return StrictSandbox(spec.adapter(), knows_payees=not spec.payees_are_ours)


def webhook_adapters(lower_case_name: str) -> list[Provider]:
    """Who may send webhooks in this provider's name: about live records, about test records, or both. None: nobody does."""
    name = canonical_name(lower_case_name)
    offered: list[Provider] = []
    if name not in COMPANY_NAMES:
        return []
    for is_test in (False, True):
        try:
            offered.append(adapter_offered(name, is_test=is_test))
        except ProviderNotOffered:
            continue
    return offered


def adapters_sharing_account(key: str) -> frozenset[str]:
    """The keys of the adapters whose payments this one's webhooks may be about: its own, and who shares its account."""
    account = _ACCOUNTS.get(key)
    return frozenset({key, *(other for other, its_account in _ACCOUNTS.items() if its_account == account)})


def providers_sharing_account(key: str) -> list[str]:
    """The names of the providers whose payees this adapter's webhooks may be about."""
    return [spec.name for spec in SPECS if {spec.key, spec.test_key} & adapters_sharing_account(key)]


def host_of(key: str, provider: str) -> str:
    """Names whose servers answer the adapter with this key: where they hang, they hang for all who share this name.

    Live and test differ, and who shares an account shares it. The simulator plays each provider by itself. Empty where there
    are none: see LOCAL.
    """
    if provider in _LOCAL:
        return ""
    return f"{key} as {provider}" if key == SIMULATOR else _ACCOUNTS.get(key, key)


def host_to_open(provider: str, *, is_test: bool) -> str:
    """As host_of, of the adapter that opens new checkouts at this provider; empty where it is not offered."""
    try:
        return host_of(adapter_offered(provider, is_test=is_test).key, provider)
    except ProviderNotOffered:
        return ""


def is_for_test(adapter: Provider) -> bool:
    """Whether it pays test records. What the simulator was paid for older live records is none of anybody's money either."""
    return adapter.key in _FOR_TEST


def adapter(key: str) -> Provider:
    """The adapter that opened a contribution's checkout, whatever is offered today."""
    return _BY_KEY[key]() if key in _BY_KEY else _ADAPTERS[key]


def names_with_checks() -> list[str]:
    """The providers that `manage.py check_provider` knows."""
    return sorted(_WITH_KEYS)


def checks_of(name: str, *, is_test: bool = False) -> Iterable[Finding] | None:
    """What is right and wrong about a provider's keys, found out as it is iterated; None where there is no adapter yet."""
    adapters = _WITH_TEST_KEYS if is_test else _WITH_KEYS
    return adapters[name]().check_setup() if name in adapters else None
