"""What a provider has told beside a move, for the books."""

from dataclasses import replace

from contributions import platform_fees
from contributions.booking import Evidence
from contributions.decision_types import Move, Told
from contributions.entries import CAPTURES
from contributions.models import Checkout
from providers.base import Payment


def evidence_of(move: Move, checkout: Checkout, told: Told) -> Evidence:
    """What stands beside the entry of the move."""
    if not isinstance(told, Payment):
        return Evidence(checkout.number)
    evidence = Evidence(checkout.number, told.provider_reference, told.correlation_id)
    if move.entry is not None and move.entry.kind in CAPTURES:
        fee, net, ours = platform_fees.told_beyond_books(checkout, told)
        evidence = replace(evidence, fee_minor=fee, net_minor=net, platform_fee_minor=ours)
    return evidence
