"""Why a provider gave no answer to `manage.py check_provider`, and what helps then: advice by cause."""

from urllib.parse import urlsplit

from providers.base import Finding, KeysRefused, ProviderUnavailable
from providers.kit.proxied import ProxyTrouble
from providers.kit.transport import Failure, NoAnswer

_UNREACHABLE = frozenset({Failure.CONNECTION, Failure.TIMEOUT})


def not_answered(
    error: ProviderUnavailable, provider: str, base: str, *, about: str, setting: str, keys: str, can_wait: bool = False
) -> Finding:
    """`about` is what was asked, `setting` names where the provider is, `keys` says what helps where it does not take them."""
    host = urlsplit(base).netloc
    if isinstance(error, KeysRefused):
        return Finding(False, f"{about}: {error}", keys, can_wait=can_wait)
    if isinstance(error, ProxyTrouble):
        how = (
            "Does the provider proxy run at PROVIDER_PROXY_URL, with the same PROVIDER_PROXY_KEYS, the same _API_BASE and this "
            f"account's secret? Its own log says more. {provider} has seen nothing."
        )
        return Finding(False, f"{about}: {error}", how, can_wait=can_wait)
    if not isinstance(error, NoAnswer) or error.answer is not None:
        how = f"{provider} is in trouble just now, and there is nothing to change here: run this again in a few minutes."
        return Finding(False, f"{about}: {error}", how, can_wait=can_wait)
    if error.failure in _UNREACHABLE:
        how = (
            f"Is this machine connected, does it look up names, and does the firewall let it out to {host}? Nobody has seen "
            "the keys, so leave the keys as they are; then run this again."
        )
        return Finding(False, f"{provider} cannot be reached at {host} ({error})", how, can_wait=can_wait)
    if error.failure == Failure.TLS:
        how = (
            "Is the clock of this machine right? If a proxy opens TLS on the way, set SSL_CERT_FILE to its authority's "
            "certificate. Nobody has seen the keys."
        )
        return Finding(False, f"{host} can be reached, but its certificate is not believed ({error})", how, can_wait=can_wait)
    how = f"Something else than {provider} answers: is {setting} right, or is there a proxy in between?"
    return Finding(False, f"what {host} answers is not to be understood ({error})", how, can_wait=can_wait)
