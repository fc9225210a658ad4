"""Which adapter stands behind which provider's name."""

from django.conf import settings

from providers.base import Provider, ProviderNotOffered
from providers.sandbox.adapter import SandboxProvider

PROVIDER_NAMES = ("PayPal", "Amazon", "Google", "Stripe")
"""As they are printed. In a path they are in lower case; in a request their case does not matter."""

_BY_LOWER_CASE = {name.lower(): name for name in PROVIDER_NAMES}
_SANDBOX = SandboxProvider()
_ADAPTERS: dict[str, Provider] = {_SANDBOX.key: _SANDBOX}


def canonical_name(text: str) -> str | None:
    """The provider's name as it is printed: canonical_name("Paypal") is "PayPal"; None for a stranger's."""
    return _BY_LOWER_CASE.get(text.lower())


def adapter_offered(name: str) -> Provider:
    """The adapter that opens new checkouts for this provider. Raises ProviderNotOffered."""
    if name in settings.PROVIDERS_WITH_KEYS:
        raise ProviderNotOffered(
            f"{name} is not offered: its keys are set, but this release has no adapter for it yet; "
            "unset them to have the simulator play it under SANDBOX=1."
        )
    if not settings.SANDBOX:
        raise ProviderNotOffered(f"{name} is not offered here: the service has no {name} keys.")
    return _SANDBOX


def reporting_adapter(lower_case_name: str) -> Provider | None:
    """Who may send reports in this provider's name; None where nobody does."""
    name = canonical_name(lower_case_name)
    try:
        return adapter_offered(name) if name else None
    except ProviderNotOffered:
        return None


def adapter(key: str) -> Provider:
    """The adapter that opened a contribution's checkout, whatever is offered today."""
    return _ADAPTERS[key]
