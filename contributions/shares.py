"""Who kept what of a gift's money: sums of the ledger entries of its current checkout, in minor units. Pure.

Fee: what the provider kept of the captures, less what it has given back of that with refunds.
Platform fee: what the operator kept, less what it has given back.
Net: what the payee got of the captures, less what refunds and disputes have taken from the payee: a refund takes its amount
without the fees that are given back with it.

None where they are not known: where the provider does not tell it of a capture; of the operator's fee and the net also where
it does not tell what of the operator's fee a refund has given back. A fee of its own that a provider does not speak of in a
refund it has kept.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from contributions.entries import CAPTURES, DISPUTES, REFUNDS, Entry, Kind

SHARES = ("fee_minor", "net_minor", "platform_fee_minor")


class Told(Protocol):
    """What the provider has told beside an entry: booking.Evidence."""

    @property
    def provider_reference(self) -> str: ...
    @property
    def fee_minor(self) -> int | None: ...
    @property
    def net_minor(self) -> int | None: ...
    @property
    def platform_fee_minor(self) -> int | None: ...
    @property
    def refund(self) -> object | None: ...


class Gift(Protocol):
    """What is known so far: a Contribution."""

    settled_minor: Any
    fee_minor: Any
    net_minor: Any
    platform_fee_minor: Any


def columns_with(gift: Gift, entry: Entry | None, told: Told, *, asked_fee_minor: int, now: datetime) -> Mapping[str, Any]:
    """The contribution's columns as they are with one more entry, or with a move that has none.

    `asked_fee_minor`: what the operator has asked the provider to keep for it.
    """
    is_capture = entry is not None and entry.kind in CAPTURES
    learnt: dict[str, Any] = {}
    if told.provider_reference and told.refund is None and (is_capture or gift.settled_minor is None):
        learnt["provider_reference"] = told.provider_reference
    if entry is None:
        return learnt
    if is_capture:
        return learnt | _captured(gift, told, now)
    if entry.kind in DISPUTES:
        return {"net_minor": _plus(gift.net_minor, entry.collected_delta_minor)}
    return _given_back(gift, entry, told, asked_fee_minor) if entry.kind in REFUNDS else learnt


def nothing_taken_yet() -> Mapping[str, Any]:
    """The columns of a gift that is to be paid in another checkout."""
    return {"provider_reference": ""}


def _captured(gift: Gift, told: Told, now: datetime) -> dict[str, Any]:
    if gift.settled_minor is None:
        return {"settled_at": now, **{name: getattr(told, name) for name in SHARES}}
    return {name: _plus(getattr(gift, name), getattr(told, name)) for name in SHARES}


def _given_back(gift: Gift, entry: Entry, told: Told, asked_fee_minor: int) -> dict[str, Any]:
    """A refund, or one that was none after all: what was given back with it is kept again."""
    sign = 1 if entry.kind is Kind.REFUND_UNDONE else -1
    fee = sign * (told.fee_minor or 0)
    ours = None if told.platform_fee_minor is None else sign * told.platform_fee_minor
    ours = 0 if ours is None and not asked_fee_minor else ours
    from_payee = None if ours is None else entry.collected_delta_minor - fee - ours
    return {
        "fee_minor": _plus(gift.fee_minor, fee),
        "net_minor": _plus(gift.net_minor, from_payee),
        "platform_fee_minor": _plus(gift.platform_fee_minor, ours),
    }


def _plus(known: int | None, more: int | None) -> int | None:
    return None if known is None or more is None else known + more
