"""The providers without a network, as the registry knows them."""

import functools
from dataclasses import dataclass

from providers.local.adapter import LocalProvider


@dataclass(frozen=True)
class LocalSpec:
    """One way to give that no company has a part in: offered without keys, to live and to test records alike."""

    name: str
    """As it is printed."""
    key: str
    """Provider.key of its adapter: stored with every contribution, so never changed."""
    by_clients: bool
    """Whether a client can ask for it; else only the service makes such gifts."""

    @property
    def test_key(self) -> str:
        """Provider.key of its adapter for test records."""
        return f"{self.key}_test"

    def adapter(self, *, is_test: bool = False) -> LocalProvider:
        """The same one each time."""
        return _adapter(self.name, self.test_key if is_test else self.key)


@functools.cache
def _adapter(name: str, key: str) -> LocalProvider:
    return LocalProvider(name, key)


OFFLINE = LocalSpec(name="Offline", key="offline", by_clients=True)
"""Cash, a cheque, a bank transfer: it arrived, says the client."""

CERTIFICATE = LocalSpec(name="Certificate", key="certificate", by_clients=True)
"""What a giver has on gift certificates, which were paid for when they were bought."""

MATCH = LocalSpec(name="Match", key="match", by_clients=False)
"""What a matcher adds to somebody else's gift."""
