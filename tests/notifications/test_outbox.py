"""The outbox: an event is written with its change or not at all, and never appears behind a reader."""

import json
import random
import threading
import time

import pytest
from django.db import connection, transaction

import clock
from contributions.models import Contribution, StatusChange
from notifications import outbox
from notifications.models import Event
from partners.registration import NewPartner
from tests.at_once import all_at_once
from tests.conftest import Giver, PartnerClient, register
from tests.eventually import SECONDS, join

WRITERS, EVENTS_EACH = 16, 12


@pytest.mark.django_db
def test_each_move_is_one_event_with_the_gift_as_it_was(shop, giver):
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "pending")
    in_between = shop.get(f"/api/Contribution/{gift.value('Id')}", Accept="application/json").json
    pending = Event.objects.latest("pk")
    assert (pending.type, pending.about, pending.position) == ("contribution.pending", gift.value("Id"), 2)
    assert json.loads(pending.content) == in_between
    assert list(json.loads(pending.content)) == list(in_between)  # in the order of the contract, too
    assert pending.public_id.startswith("evt_000000000002_")
    assert outbox.is_event_id(pending.public_id)


@pytest.mark.django_db
def test_making_a_gift_is_an_event_with_what_the_answer_shows(shop):
    made = shop.new_contribution(shop.new_goal())
    event = Event.objects.get()
    assert (event.type, event.about, event.version) == ("contribution.submitted", made.value("Id"), 1)
    assert json.loads(event.content) == shop.get(f"/api/Contribution/{made.value('Id')}", Accept="application/json").json


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_its_changes_transaction_is_refused(partner):
    with pytest.raises(RuntimeError, match="in the transaction"):
        outbox.announce(partner.pk, "contribution.settled", {}, at=clock.now())
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_made_leaves_no_event_and_no_gap(partner):
    class Broken(Exception):
        pass

    def announce() -> Event:
        return outbox.announce(partner.pk, "contribution.settled", {}, at=clock.now())

    with transaction.atomic():
        announce()
    with pytest.raises(Broken), transaction.atomic():  # noqa: PT012 - the transaction is what breaks
        announce()
        raise Broken
    with transaction.atomic():
        announce()
    assert list(Event.objects.values_list("position", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_every_partner_counts_its_own(shop, rival, giver):
    for client in (shop, rival, shop):
        giver.pay(client.new_contribution(client.new_goal()).value("ProviderURL"))
    assert list(Event.objects.order_by("pk").values_list("position", flat=True)) == [1, 2, 1, 2, 3, 4]


class Reader:
    """Follows the feed as a client does: pages of any size, a cursor that survives its own crashes, from anywhere."""

    def __init__(self, client: PartnerClient, seed: int) -> None:
        self.client, self.random = client, random.Random(seed)
        self.seen: list[str] = []
        self.cursor = ""

    def read(self) -> None:
        """One page. A reader that crashes forgets what it has not written down, and asks for it again."""
        query = f"?limit={self.random.choice([1, 7, 100, 100, 100])}" + (f"&after={self.cursor}" if self.cursor else "")
        answer = self.client.get(f"/api/Events{query}", Accept="application/json")
        assert answer.status == 200, answer.text
        page = [event["Id"] for event in answer.json["Event"]]
        if self.random.random() < 0.2:
            page = page[: self.random.randint(0, len(page))]
        self.seen += page
        self.cursor = self.seen[-1] if self.seen else ""

    def look_back(self) -> None:
        """From any cursor that was ever passed the same events follow."""
        if len(self.seen) > 2:
            place = self.random.randrange(len(self.seen) - 1)
            answer = self.client.get(f"/api/Events?limit=10&after={self.seen[place]}", Accept="application/json")
            again = [event["Id"] for event in answer.json["Event"]]
            known = self.seen[place + 1 : place + 11]
            assert again[: len(known)] == known


def write(new: NewPartner, index: int) -> None:
    """What one writer announces: it takes its time between taking a position and committing, and some of it is rolled back."""
    dice = random.Random(index)
    for number in range(EVENTS_EACH):
        try:
            with transaction.atomic():
                outbox.announce(new.partner.pk, "contribution.settled", {"writer": index, "number": number}, at=clock.now())
                with connection.cursor() as cursor:
                    if connection.vendor == "postgresql" and dice.random() < 0.2:
                        cursor.execute("SELECT pg_sleep(%s)", [dice.random() / 25])
                if dice.random() < 0.1:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        time.sleep(dice.random() / 20)  # so that readers keep up, and read at the very end of what there is


def follow(new: NewPartner, index: int, writing: threading.Event) -> Reader:
    """A reader that reads while they write, and then to the end."""
    reader = Reader(PartnerClient(new.api_key), index)
    while writing.is_set():
        reader.read()
        reader.look_back()
    for _ in range(2 * WRITERS * EVENTS_EACH):
        if len(reader.seen) == Event.objects.count():
            break
        reader.read()
    return reader


def readers_while_16_write(new: NewPartner) -> list[Reader]:
    """Three of them, each at its end."""
    writing, done = threading.Event(), threading.Semaphore(0)
    writing.set()

    def act(index: int) -> Reader | None:
        if index >= WRITERS:
            return follow(new, index, writing)
        try:
            write(new, index)
        finally:
            done.release()
        return None

    def stop_the_readers() -> None:
        try:
            for _ in range(WRITERS):
                assert done.acquire(timeout=SECONDS)
        finally:
            writing.clear()

    stopping = threading.Thread(target=stop_the_readers)
    stopping.start()
    readers = [one for one in all_at_once(WRITERS + 3, act) if isinstance(one, Reader)]
    join(stopping)
    return readers


@pytest.mark.django_db(transaction=True)
def test_while_16_write_readers_see_each_event_once():
    readers = readers_while_16_write(register("Busy Shop"))
    every = list(Event.objects.order_by("position").values_list("public_id", flat=True))
    assert len(readers) == 3
    for reader in readers:
        assert reader.seen == every
    assert WRITERS * EVENTS_EACH * 0.6 < len(every) < WRITERS * EVENTS_EACH
    assert every == sorted(every)
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == list(range(1, len(every) + 1))
    for index in range(WRITERS):  # what one writer wrote stands in the order in which it wrote it
        own = [json.loads(text) for text in Event.objects.order_by("position").values_list("content", flat=True)]
        numbers = [one["number"] for one in own if one["writer"] == index]
        assert numbers == sorted(numbers)


@pytest.mark.django_db(transaction=True)
def test_givers_at_once_make_as_many_events_as_moves(room_for_everybody):
    shop = PartnerClient(register("Shop").api_key)
    goals = [shop.new_goal() for _ in range(3)]
    pages = [shop.new_contribution(goals[number % 3]).value("ProviderURL") for number in range(12)]
    all_at_once(12, lambda index: Giver().pay(pages[index], ["approve", "decline"][index % 2]))
    moves = StatusChange.objects.all()
    assert moves.count() == 24
    told = {(event.about, event.version, event.type) for event in Event.objects.all()}
    ids = dict(Contribution.objects.values_list("pk", "public_id"))
    assert told == {(ids[move.contribution_id], move.version, move.event) for move in moves}
    assert sorted(Event.objects.values_list("position", flat=True)) == list(range(1, 25))
