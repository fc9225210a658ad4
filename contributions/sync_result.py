"""What comes of a question to a provider, for whoever asks."""

from dataclasses import dataclass

from contributions.models import Contribution


@dataclass(frozen=True)
class SyncResult:
    """What came of asking, for whoever asked."""

    contribution: Contribution
    """As it is now."""
    asked: bool
    """False: somebody else was at it, and this is what was known."""
    silent: bool = False
    may_have_been_paid: bool = False
    """The giver had approved, and the provider did not answer the order to take or hold the money."""
    payer_action_url: str = ""
    """Where the giver can make good a payment that was just declined."""
    waits_for_payer: str = ""
    """Why nothing is paid yet, where the provider has just said so: `open`, `approved`, or the reason of a decline."""
