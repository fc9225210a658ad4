"""What the giver's way is told with elsewhere: the gift, and the provider with trouble to order."""

from tests.contributions.conftest import gift, provider

__all__ = ["gift", "provider"]
