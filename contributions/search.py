"""Gifts found by whatever somebody has in hand: an id of ours or the provider's, a Reference, an amount, a part of a name.

Ids are looked up by indexes. Amounts and names have none: of these the newest gifts are read, so many and no more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.apps import apps
from django.db.models import Max, Q, QuerySet

import money
from contributions.models import Checkout, Contribution, Dispute, LedgerEntry, ProviderRequest, Refund
from givers.models import Giver, Permission
from goals.models import SavingGoal
from notifications.models import Event
from partners.models import Partner

MOST_FOUND = 20
NEWEST_READ = 200_000
"""How many gifts are looked through for an amount or a name."""

_AMOUNT = re.compile(r"(?:([A-Za-z]{3}) *)?([0-9]{1,12})(?:[.,]([0-9]{1,4}))?(?: *([A-Za-z]{3}))?")


@dataclass(frozen=True)
class Found:
    """The newest first, but for a gift whose own Id was given, which stands alone."""

    gifts: list[Contribution]
    are_all: bool
    """False: there are more than are told."""


def find(word: str) -> Found:
    """Gifts by one of: their Id or address, an id of the provider's, the Id of a refund, an event or their goal, giver,
    permission or pledge; their Reference, the goal's ExternalItemId; their amount, with or without a currency; a part of the
    giver's name."""
    word = word.strip()
    if not word or "\0" in word:
        return Found([], are_all=True)
    for text in _texts(word):
        pks = set(islice(_by_id(text), MOST_FOUND + 1))
        if pks:
            return _found(pks)
    pks = set(_by_clients_names(word)) | set(_by_amount(word)) | set(_by_name(word))
    return _found(pks)


def _found(pks: set[int]) -> Found:
    gifts = Contribution.objects.whole().filter(pk__in=pks).order_by("-pk")[: MOST_FOUND + 1]
    return Found(list(gifts)[:MOST_FOUND], are_all=len(pks) <= MOST_FOUND)


def _texts(word: str) -> Iterator[str]:
    """The word; of an address whatever in it may be an id: a giver may have kept that of our page or of the provider's."""
    yield word
    if "://" in word:
        try:
            parts = urlsplit(word)
        except ValueError:
            return
        yield from (segment for segment in reversed(parts.path.split("/")) if segment)
        yield from (value for _, value in parse_qsl(parts.query))


def _by_id(text: str) -> Iterator[int]:
    """The keys of the gifts that this is an id of, or of something of theirs. Every look-up is by an index."""
    if len(text) > 255:
        return
    yield from _newest(Contribution.objects.filter(public_id=text), "pk")
    yield from _newest(Checkout.objects.filter(Q(provider_checkout_id=text) | Q(payment_reference=text)), "contribution")
    yield from _newest(LedgerEntry.objects.filter(provider_reference=text), "contribution")
    yield from _newest(Refund.objects.filter(Q(public_id=text) | Q(provider_reference=text)), "contribution")
    yield from _newest(Dispute.objects.filter(provider_reference=text), "contribution")
    yield from _newest(ProviderRequest.objects.filter(Q(request_id=text) | Q(correlation_id=text)), "contribution")
    about = Event.objects.filter(public_id=text).values_list("about", flat=True).first()
    if about:
        yield from _newest(Contribution.objects.filter(public_id=about), "pk")
    goal = SavingGoal.objects.filter(public_id=text).first()
    if goal is not None:
        yield from _newest(Contribution.objects.filter(goal=goal), "pk")
    giver = Giver.objects.filter(public_id=text).first()
    if giver is not None:
        yield from _newest(Contribution.objects.filter(giver=giver), "pk")
    permission = Permission.objects.filter(public_id=text).first()
    if permission is not None:
        yield from _newest(Checkout.objects.filter(permission=permission), "contribution")
    pledge = apps.get_model("pledges", "Pledge")._default_manager.filter(public_id=text).first()  # of a room above this one
    if pledge is not None:
        yield from _newest(pledge.gifts, "contribution")


def _by_clients_names(word: str) -> Iterator[int]:
    """By Reference and ExternalItemId. Their indexes begin with the partner, so every partner is named."""
    partners = list(Partner.objects.values_list("pk", flat=True))
    yield from _newest(Contribution.objects.filter(partner__in=partners, reference=word[:255]), "pk")
    goals = SavingGoal.objects.filter(partner__in=partners, external_item_id=word[:255]).order_by("-pk")
    newest_goals = list(goals.values_list("pk", flat=True)[:MOST_FOUND])
    yield from _newest(Contribution.objects.filter(goal__in=newest_goals), "pk")


def _by_amount(word: str) -> Iterable[int]:
    told = _AMOUNT.fullmatch(word)
    if told is None:
        return []
    named = {code.upper() for code in (told[1], told[4]) if code}
    is_amount = Q(pk=None)
    for decimals in set(money.DECIMALS.values()):
        fraction = (told[3] or "").rstrip("0")
        currencies = [code for code, has in money.DECIMALS.items() if has == decimals and (not named or code in named)]
        if len(fraction) <= decimals and currencies:
            is_amount |= Q(amount_minor=int(told[2] + fraction.ljust(decimals, "0")), currency__in=currencies)
    return _newest(_recent().filter(is_amount), "pk")


def _by_name(word: str) -> Iterable[int]:
    """Whatever its case: a database may know that of ASCII alone, so others are tried as people write them."""
    is_name = Q(contributor__icontains=word)
    if not word.isascii():
        for variant in {word.lower(), word.upper(), word.title(), word.capitalize()}:
            is_name |= Q(contributor__contains=variant)
    return _newest(_recent().filter(is_name), "pk")


def _recent() -> QuerySet[Contribution]:
    newest: int = Contribution.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return Contribution.objects.filter(pk__gt=newest - NEWEST_READ)


def _newest(rows: QuerySet[Any], key: str) -> list[int]:
    return list(rows.order_by("-pk").values_list(key, flat=True)[: MOST_FOUND + 1])
