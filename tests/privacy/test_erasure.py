"""One giver erased everywhere: shown by a search of every byte of the database. Amounts and proofs stay."""

import json
import sqlite3
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from console import freed_space
from contributions.audit import faults_in_the_books
from contributions.models import Contribution, LedgerEntry, ProviderRequest, StatusChange
from contributions.redaction import redacted
from notifications.models import Event
from tests.conftest import Giver, PartnerClient, contribution_xml, register
from tests.databases import texts_of_the_database

SECRETS = {
    "Contributor": "Zacharias Quux", "Message": "Xylophone & Grüße", "Memo": "Memorandum-Vv7", "Reference": "zq-4711-ref",
    "ConfirmationURL": "https://shop.example/t?mail=zq@example.org", "CancelURL": "https://shop.example/c?mail=zq@example.org",
}  # fmt: skip
METADATA = {"Item": [{"Name": "mail", "Value": "zacharias@example.org"}]}
REASON = "Reason-Kk9 of Zacharias"
WORDS = (
    "Zacharias",
    "Xylophone",
    "Memorandum-Vv7",
    "zq-4711",
    "zq@example.org",
    "zacharias@",
    "Reason-Kk9",
    "Grüße",
    "Gr\\u00fc",
)
BODY = SECRETS | {"Amount": "20.00", "Metadata": METADATA}


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def give(shop, giver, goal, media="application/json", key="key-1"):
    """A gift that was paid and refunded in part, with its answers kept for retries; returns its Id."""
    path = f"/api/SavingGoal/{goal}/Contributions"
    made = shop.post(path, json.dumps(BODY, ensure_ascii=False), media="application/json", Idempotency_Key=key, Accept=media)
    assert made.status == 201, made.text
    gift = made.value("Id")
    giver.pay(made.value("ProviderURL"))
    refund = f"<Refund><Amount>5.00</Amount><Reason>{REASON}</Reason></Refund>"
    refunded = shop.post(f"/api/Contribution/{gift}/Refunds", refund, Idempotency_Key=f"{key}-refund", Accept=media)
    assert refunded.status == 201, refunded.text
    shop.post(f"/api/SavingGoal/{goal}/Close", Idempotency_Key=f"{key}-close", Accept=media)  # an answer with the goal's gifts
    shop.post(f"/api/SavingGoal/{goal}/Reopen")
    return gift


def found():
    texts = texts_of_the_database()
    return {word for word in WORDS if any(word in text for text in texts)}


def proofs():
    return [list(model.objects.order_by("pk").values()) for model in (LedgerEntry, ProviderRequest)]


@pytest.mark.django_db
@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_a_giver_is_erased_everywhere(shop, giver, media):
    """Gift, refund, events, kept answers, the simulator's books; another giver's words stay."""
    goal = shop.new_goal()
    gift = give(shop, giver, goal, media)
    other = shop.new_contribution(goal, Message="Of another").value("Id")
    assert found() >= {"Zacharias", "Xylophone", "Memorandum-Vv7", "zq-4711", "zq@example.org", "zacharias@", "Reason-Kk9"}
    before, history = proofs(), StatusChange.objects.count()
    version = int(shop.get(f"/api/Contribution/{gift}").value("RecordVersionNumber"))
    told = run("erase", gift, "--keep-file")
    assert "1 of 1 gifts were erased now" in told
    assert not [word for word in WORDS if word in told]
    assert found() == set()
    assert proofs() == before
    assert StatusChange.objects.count() == history + 1
    assert list(faults_in_the_books()) == []
    shown = shop.get(f"/api/Contribution/{gift}", Accept="application/json").json
    assert (shown["Contributor"], shown["Message"], shown["Amount"]) == ("[erased]", "[erased]", "20.00")
    assert (shown["RecordVersionNumber"], shown["RefundedAmount"]) == (version + 1, "5.00")
    assert shop.get(f"/api/Contribution/{other}").value("Message") == "Of another"


@pytest.mark.django_db
def test_its_partner_hears_of_it_and_the_feed_shows_no_more(shop, giver):
    gift = give(shop, giver, shop.new_goal())
    before = {event.pk: json.loads(event.content) for event in Event.objects.all()}
    run("erase", gift, "--keep-file")
    newest = Event.objects.order_by("-position")[0]
    now = shop.get(f"/api/Contribution/{gift}", Accept="application/json").json
    assert (newest.type, json.loads(newest.content)) == ("contribution.updated", now)
    for pk, content in before.items():
        event = Event.objects.get(pk=pk)
        assert json.loads(event.content) == (redacted(content) if event.about == gift else content)
    feed = shop.get("/api/Events?limit=100").text
    assert not [word for word in WORDS if word in feed]
    assert feed.count("[erased]") >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_a_retry_is_answered_without_the_name(shop, giver, media):
    """The key still stands for its request: nothing is made twice."""
    goal = shop.new_goal()
    gift = give(shop, giver, goal, media)
    run("erase", gift, "--keep-file")
    path = f"/api/SavingGoal/{goal}/Contributions"
    headers = {"Idempotency_Key": "key-1", "Accept": media}
    again = shop.post(path, json.dumps(BODY, ensure_ascii=False), media="application/json", **headers)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (again.value("Id"), again.value("Contributor"), again.value("Status")) == (gift, "[erased]", "Submitted")
    assert Contribution.objects.count() == 1


@pytest.mark.django_db
def test_erasing_twice_changes_nothing(shop, giver):
    gift = give(shop, giver, shop.new_goal())
    run("erase", gift, "--keep-file")
    before = texts_of_the_database()
    assert "0 of 1 gifts were erased now" in run("erase", gift, "--keep-file")
    assert texts_of_the_database() == before


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["Zacharias Quux", "zq-4711-ref", "zacharias@example.org"])
def test_a_giver_is_found_within_a_partner(shop, rival, giver, word):
    mine = [give(shop, giver, shop.new_goal(), key=f"key-{number}") for number in range(2)]
    theirs = give(rival, giver, rival.new_goal())
    listed = run("erase", word, "--partner", "Anna's Shop", "--dry-run")
    assert "2 gifts would be erased. Nothing was changed." in listed
    assert all(gift in listed for gift in mine)
    assert Contribution.objects.filter(erased_at=None).count() == 3
    run("erase", word, "--partner", "Anna's Shop", "--keep-file")
    assert Contribution.objects.get(erased_at=None).public_id == theirs


@pytest.mark.django_db
def test_a_word_that_names_nobody_is_told(shop):
    shop.new_contribution(shop.new_goal())
    for arguments in (["Uncle Bob"], ["nobody", "--partner", "Anna's Shop"], ["Uncle Bob", "--partner", "Nobody"]):
        with pytest.raises(CommandError):
            run("erase", *arguments)
    assert Contribution.objects.filter(erased_at=None).count() == 1


@pytest.mark.django_db
def test_what_a_provider_was_asked_stays_until_it_answers(shop, giver):
    """The request that opens a checkout has the Memo in it, and has to be sent again unchanged."""
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    ProviderRequest.objects.filter(contribution__public_id=gift).update(outcome="unknown")
    with pytest.raises(CommandError, match="could not be erased yet"):
        run("erase", gift, "--keep-file")
    assert shop.get(f"/api/Contribution/{gift}").value("Contributor") == "Uncle Bob"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forged",
    [
        lambda content: content | {"Amount": "1.00"},
        lambda content: content | {"Contributor": "Mallory"},
        lambda content: content | {"Contributor": "[erased]", "Status": "Refunded"},
        lambda content: content | {"Message": None},
        lambda content: content | {"Metadata": {"Item": []}},
        lambda content: content | {"More": "x"},
        lambda content: {name: value for name, value in content.items() if name != "Contributor"},
        lambda content: {name: value for name, value in content.items() if name != "Amount"},
        lambda content: [content],
    ],
)
def test_an_event_changes_to_its_redaction_alone(shop, giver, forged):
    give(shop, giver, shop.new_goal())
    event = Event.objects.filter(type="contribution.settled").get()
    for text in (json.dumps(forged(json.loads(event.content)), ensure_ascii=False), "x", ""):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(content=text)


@pytest.mark.django_db
def test_a_goals_event_never_changes(shop, giver):
    shop.post(f"/api/SavingGoal/{shop.new_goal(Metadata='<Item><Name>a</Name><Value>b</Value></Item>')}/Close")
    event = Event.objects.get(type="goal.closed")
    content = {name: value for name, value in json.loads(event.content).items() if name != "Metadata"}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(content=json.dumps(content, ensure_ascii=False))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="one file, which can be searched")
def test_no_byte_is_left_in_the_file():
    """Neither in the database file nor in its write-ahead log, rows that were rewritten many times included."""
    shop, giver = PartnerClient(register("Anna's Shop").api_key), Giver()
    goal = shop.new_goal()
    gifts = [give(shop, giver, goal, key=f"key-{number}") for number in range(5)]
    shop.new_contribution(goal, Contributor="Somebody else")
    path = Path(connection.settings_dict["NAME"])
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]

    def bytes_of_it():
        return b"".join(file.read_bytes() for file in files if file.exists())

    assert b"Zacharias" in bytes_of_it()
    told = run("erase", "Zacharias Quux", "--partner", "Anna's Shop")
    assert "5 of 5 gifts were erased now" in told
    assert "its -wal file is empty" in told
    kept = bytes_of_it()
    assert [word for word in WORDS if word.encode() in kept] == []
    assert all(gift.encode() in kept for gift in gifts)
    assert b"Somebody else" in kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the write-ahead log is SQLite's")
def test_who_reads_all_the_time_is_told(monkeypatch):
    """The command ends with a sentence; once the reader has gone it does the rest."""
    monkeypatch.setattr(freed_space, "PATIENCE_SECONDS", 0.2)
    shop, giver = PartnerClient(register("Anna's Shop").api_key), Giver()
    gift = give(shop, giver, shop.new_goal())
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM contributions_contribution").fetchall()
    with pytest.raises(CommandError, match="everything is erased"):
        run("erase", gift)
    assert found() == set()
    reader.close()
    assert "its -wal file is empty" in run("erase", gift)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="VACUUM cannot run within a transaction")
def test_postgresql_lets_go_of_the_rows():
    shop, giver = PartnerClient(register("Anna's Shop").api_key), Giver()
    gift = give(shop, giver, shop.new_goal())
    assert "(VACUUM)" in run("erase", gift)
    assert found() == set()


@pytest.mark.django_db
def test_an_erased_gift_can_still_be_paid(shop, giver):
    goal = shop.new_goal()
    made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(Memo="Memorandum-Vv7"))
    run("erase", made.value("Id"), "--keep-file")
    giver.pay(made.value("ProviderURL"))
    paid = shop.get(f"/api/Contribution/{made.value('Id')}")
    assert (paid.value("Status"), paid.value("Contributor")) == ("Settled", "[erased]")
    assert list(faults_in_the_books()) == []


@pytest.mark.parametrize("media", ["application/xml", "application/json"])
@pytest.mark.parametrize("has_matched", [True, False], ids=["with a match", "without any"])
def test_a_matchers_name_is_erased_too(db, media, has_matched):
    """In the matcher, its matches, their events, and the answer that is kept for who asks for it again."""
    shop = PartnerClient(register("Quux Shop").api_key)
    goal = shop.new_goal(PaymentProviders="<PaymentProvider><ProviderName>Offline</ProviderName></PaymentProvider>")
    body = json.dumps({"Name": "Zacharias Quux", "MaximumTotal": "50.00"})
    path = f"/api/SavingGoal/{goal}/Matchers"
    made = shop.post(path, body, media="application/json", Accept=media, Idempotency_Key="m")
    if has_matched:
        shop.new_contribution(goal)
    assert any("Zacharias" in text for text in texts_of_the_database())
    run("erase", "Zacharias Quux", "--partner", "Quux Shop", "--keep-file")
    assert [text for text in texts_of_the_database() if "Zacharias" in text] == []
    assert shop.get(f"/api/Matcher/{made.value('Id')}").value("Name") == "[erased]"
    again = shop.post(path, body, media="application/json", Accept=media, Idempotency_Key="m")
    assert (again.status, again.value("Name"), again.value("Id")) == (201, "[erased]", made.value("Id"))
    assert list(faults_in_the_books()) == []
