"""What the service has to know of a provider before it asks it for anything: each folder under providers/ has one `SPEC`."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from providers.base import CheckedProvider

Adapter = TypeVar("Adapter", bound=CheckedProvider)


class MakesAdapters(Protocol):
    """Makes the adapter from the settings: the same one as long as these are the same. Also without keys."""

    def __call__(self, *, is_test: bool = False) -> CheckedProvider: ...


def in_mode(adapter: Adapter, test_key: str, *, is_test: bool) -> Adapter:
    """A new adapter as it is, or as that of the test environment: all is alike but its account, and its key in our rows."""
    if is_test:
        adapter.key = test_key
    return adapter


def is_test_environment(adapter: CheckedProvider) -> bool:
    """Whether `in_mode` has made it that of the test environment."""
    return adapter.key != type(adapter).key


@dataclass(frozen=True)
class ProviderSpec:
    """One provider that can be paid for real."""

    name: str
    """As it is printed. In a path it is in lower case; in a request its case does not matter."""
    how_to_pay: str
    """How a giver would say it, after "pay"."""
    key: str
    """Provider.key of its adapter: stored with every contribution, so never changed."""
    adapter: MakesAdapters
    settings: tuple[str, ...]
    """The settings without which it is not offered."""
    payees_are_ours: bool = False
    """Only accounts that the operator has set up can be paid: without keys nobody can say which these are."""
    account: str = ""
    """Adapters that name the same account here get each other's webhooks; empty: nobody shares its account."""

    @property
    def test_key(self) -> str:
        """Provider.key of its adapter for test records."""
        return f"{self.name.lower()}_test"
