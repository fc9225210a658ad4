"""PINs: set, checked, replaced, taken away; and how few can be tried."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import connection

import encryption
from api.models import IdempotencyKey
from config import settings as our_settings
from givers import pins
from givers.models import Giver
from tests.givers.conftest import OTHER_PIN, PIN, body

pytestmark = pytest.mark.django_db

WRONG = "00000000"


def post(ann, **elements):
    return ann.shop.post(f"/api/Giver/{ann.id}/Pin", body("GiverPin", **elements))


def test_a_pin_is_set_checked_and_replaced(ann):
    assert post(ann, Verify=PIN).value("code") == "pin_not_set"
    made = post(ann, Pin=PIN)
    assert (made.status, made.value("PinSet")) == (200, "true")
    assert post(ann, Verify=PIN).status == 200
    wrong = post(ann, Verify=OTHER_PIN)
    assert (wrong.status, wrong.value("code"), wrong.value("TriesLeft")) == (403, "pin_wrong", "4")
    alone = post(ann, Pin=OTHER_PIN)
    assert (alone.status, alone.value("code")) == (403, "pin_needed"), "who replaces it has to know it"
    assert post(ann, Verify=OTHER_PIN, Pin=OTHER_PIN).status == 403
    assert post(ann, Verify=PIN, Pin=OTHER_PIN).status == 200
    assert (post(ann, Verify=PIN).status, post(ann, Verify=OTHER_PIN).status) == (403, 200)


def test_a_pin_that_is_forgotten_is_taken_away(ann, later):
    """With its lock: for the partner's support, which knows the giver otherwise."""
    assert ann.shop.delete(f"/api/Giver/{ann.id}/Pin").value("code") == "pin_not_set"
    ann.set_pin()
    for _ in range(5):
        post(ann, Verify=WRONG)
    assert post(ann, Verify=PIN).status == 423
    assert ann.shop.delete(f"/api/Giver/{ann.id}/Pin").status == 204
    assert post(ann, Pin=OTHER_PIN).status == 200
    assert post(ann, Verify=OTHER_PIN).status == 200


@pytest.mark.parametrize("pin", ["123", "123456789", "12 34", "abcd", "１２３４", ""])
def test_a_pin_has_four_to_eight_digits(ann, pin):
    told = post(ann, Pin=pin or " ")
    assert (told.status, told.value("code")) == (400, "invalid_body")
    assert "Pin must have 4 to 8 digits, as a string." in told.text
    assert pin == "" or pin not in told.text.replace("<status>", "")


def test_five_wrong_ones_lock_it_and_then_for_longer(ann, later):
    ann.set_pin()
    spans = []
    moved = 0
    for _ in range(3):
        answers = [post(ann, Verify=WRONG) for _ in range(5)]
        assert [one.status for one in answers] == [403] * 4 + [423]
        spans.append(int(answers[-1].headers["Retry-After"]))
        right = post(ann, Verify=PIN)
        assert (right.status, right.value("code")) == (423, "pin_locked"), "nobody learns whether it is right"
        moved += spans[-1] + 1
        later(seconds=moved)
    assert [round(seconds / 60) for seconds in spans] == [15, 30, 60]
    assert post(ann, Verify=PIN).status == 200
    assert [post(ann, Verify=WRONG).status for _ in range(5)][-1] == 423
    assert ann.row.pin_tries == 5, "a right one begins anew"


@pytest.mark.django_db(transaction=True)
def test_32_tries_at_once_get_five_looks(ann, monkeypatch):
    """Counted before the hash is computed, by the database: however many threads and processes there are."""
    ann.set_pin()
    looked, row, start = [], ann.row, threading.Barrier(32)
    monkeypatch.setattr(pins, "MOST_WAITING", 100)
    monkeypatch.setattr(pins, "_places", threading.BoundedSemaphore(100))
    monkeypatch.setattr(pins, "_turns", threading.BoundedSemaphore(32))
    check = pins.check_password

    def seen(pin, encoded, **how):
        looked.append(pin)
        return check(pin, encoded, **how)

    monkeypatch.setattr(pins, "check_password", seen)

    def attempt(number):
        start.wait(timeout=60)
        try:
            pins.verify(row, WRONG)
        except (pins.PinWrong, pins.PinLocked) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return "right"

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(attempt, range(32)))
    assert len(looked) == 5
    assert sorted(answers) == ["PinLocked"] * 28 + ["PinWrong"] * 4


def test_a_process_that_dies_over_the_last_try_leaves_it_locked(ann, monkeypatch):
    ann.set_pin()
    for _ in range(4):
        post(ann, Verify=WRONG)

    def dies(*told, **how):
        raise MemoryError

    monkeypatch.setattr(pins, "check_password", dies)
    assert post(ann, Verify=WRONG).status == 500
    monkeypatch.undo()
    assert post(ann, Verify=PIN).status == 423


def test_a_flood_of_pins_is_told_to_come_again(ann, monkeypatch):
    """A hash costs a good part of a second of a processor: one is computed at a time, and few requests wait for it."""
    ann.set_pin()
    monkeypatch.setattr(pins, "_places", threading.BoundedSemaphore(1))
    with pins._turn():
        busy = post(ann, Verify=PIN)
    assert (busy.status, busy.value("code"), "Retry-After" in busy.headers) == (503, "pins_busy", True)
    assert ann.row.pin_tries == 0
    assert post(ann, Verify=PIN).status == 200


def test_what_is_kept_of_a_pin_tells_nothing_of_it(ann):
    """Hashed by a hasher that takes memory, encrypted; and no plain digest of a body that holds one."""
    assert our_settings.PIN_HASHER == "scrypt"
    ann.set_pin()
    stored = Giver.objects.get().pin_encrypted
    assert stored.startswith("gAAAA")
    assert identify_hasher(encryption.decrypt(stored)).algorithm == "md5", "the tests' own"
    asked = body("GiverPin", Verify=PIN)
    assert ann.shop.post(f"/api/Giver/{ann.id}/Pin", asked, Idempotency_Key="pin-1").status == 200
    row = IdempotencyKey.objects.get()
    assert PIN.encode() not in bytes(row.answer_body)
    again = ann.shop.post(f"/api/Giver/{ann.id}/Pin", asked, Idempotency_Key="pin-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    other = ann.shop.post(f"/api/Giver/{ann.id}/Pin", body("GiverPin", Verify=OTHER_PIN), Idempotency_Key="pin-1")
    assert (other.status, other.value("code")) == (422, "idempotency_key_reused")


def test_a_gift_under_a_permission_needs_the_pin(ann):
    """A wrong one is a try; a repeated request is none; a gift that is paid as usual needs none."""
    ann.permission()
    ann.set_pin()
    assert (ann.post_gift().status, ann.post_gift().value("code")) == (403, "pin_needed")
    wrong = ann.post_gift(Pin=OTHER_PIN)
    assert (wrong.status, wrong.value("code"), wrong.value("TriesLeft")) == (403, "pin_wrong", "4")
    assert ann.row.pin_tries == 1
    paid = ann.post_gift(Pin=PIN, Idempotency_Key="gift-1")
    assert (paid.status, paid.value("Status")) == (201, "Settled")
    assert "Pin" not in paid.text
    for _ in range(5):
        ann.post_gift(Pin=OTHER_PIN)
    again = ann.post_gift(Pin=PIN, Idempotency_Key="gift-1")
    assert (again.status, again.value("Id")) == (201, paid.value("Id"))
    locked = ann.post_gift(Pin=PIN)
    assert (locked.status, locked.value("code")) == (423, "pin_locked")
    assert 890 < int(locked.headers["Retry-After"]) <= 901
    assert ann.post_gift(UsePermission="false").status == 201
