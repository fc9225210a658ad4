"""Who keeps books of their own that follow ours: what they write stands in the transaction of the move, or neither does.

Gift certificates do (certificates/), in a room above this one: a certificate is bought by a contribution, and pays others.
A room registers its follower as the process starts. Without one nothing of this happens.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from contributions.entries import Entry
from contributions.models import Contribution, Refund
from givers.models import Giver


class Follower(Protocol):
    """Told of every contribution, of which it follows the few that are its own: inside the transaction of what happens."""

    def moved(self, contribution: Contribution, entry: Entry | None, refund: Refund | None, at: datetime) -> None:
        """Its row, which is locked, has made a move, perhaps with this entry; its goal's row is not locked yet."""

    def reserved(self, contribution: Contribution) -> None:
        """Another sum of it is set aside for refunds now. Its row is locked."""

    def left_minor(self, contribution: Contribution, left_minor: int) -> int:
        """How much of what is left can be given back because somebody wishes it. Also outside a transaction."""

    def announce(self, contribution: Contribution, event: str, at: datetime) -> bool:
        """Tell the partner in other words; False: it is an ordinary contribution, told as such."""

    def erase(self, contribution: Contribution, elements: frozenset[str]) -> int:
        """Erase what persons have typed, as contributions/erasure.py does; returns how many values that were."""

    def forget(self, giver: Giver) -> None:
        """Erase what persons have typed of what is this giver's."""

    def work_off(self, stopped: Callable[[], bool]) -> None:
        """What has become due, in each of the worker's rounds. Not inside a transaction."""

    def faults(self) -> Iterator[str]:
        """A sentence for each fault in its books, for `audit`."""


_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """From now on this one is told."""
    if follower not in _followers:
        _followers.append(follower)


def tell_moved(contribution: Contribution, entry: Entry | None, refund: Refund | None, at: datetime) -> None:
    for follower in _followers:
        follower.moved(contribution, entry, refund, at)


def tell_reserved(contribution: Contribution) -> None:
    for follower in _followers:
        follower.reserved(contribution)


def left_minor(contribution: Contribution, left: int) -> int:
    for follower in _followers:
        left = follower.left_minor(contribution, left)
    return left


def announce(contribution: Contribution, event: str, at: datetime) -> bool:
    return any(follower.announce(contribution, event, at) for follower in _followers)


def erase(contribution: Contribution, elements: frozenset[str]) -> int:
    return sum(follower.erase(contribution, elements) for follower in _followers)


def forget(giver: Giver) -> None:
    for follower in _followers:
        follower.forget(giver)


def work_off(stopped: Callable[[], bool]) -> None:
    for follower in _followers:
        follower.work_off(stopped)


def faults() -> Iterator[str]:
    for follower in _followers:
        yield from follower.faults()
