"""Ids: nobody can guess one, or tell from one how many there are and which came first."""

import itertools
import re
import uuid

import pytest
import shortuuid

from ids import is_id, new_id
from tests.conftest import contribution_xml, goal_xml

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def sample():
    return [new_id() for _ in range(500)]


def test_500_ids_are_500_different_ones(sample):
    assert len(set(sample)) == 500


def test_an_id_is_22_characters_that_need_no_escaping(sample):
    """An id is 22 characters that need no escaping and do not look alike."""
    for one in sample:
        assert re.fullmatch(f"[{ALPHABET}]{{22}}", one)
        assert is_id(one)


def test_an_id_carries_the_122_random_bits_of_a_version_4_uuid(sample):
    """Nothing of it is a clock, a counter or a machine: each of the 122 bits is 1 about half the time."""
    uuids = [shortuuid.decode(one) for one in sample]
    assert {(one.version, one.variant) for one in uuids} == {(4, uuid.RFC_4122)}
    fixed = {bit for bit in range(128) if len({one.int >> bit & 1 for one in uuids}) == 1}
    assert fixed == {79, 78, 77, 76, 63, 62}  # the version and the variant
    for bit in set(range(128)) - fixed:
        ones = sum(one.int >> bit & 1 for one in uuids)
        assert 150 < ones < 350  # nine standard deviations round 250


def test_ids_are_in_no_order_of_time(sample):
    rising = sum(first < second for first, second in itertools.pairwise(sample))
    assert 150 < rising < 350


@pytest.mark.django_db
def test_goals_and_contributions_get_such_ids_over_the_wire(shop):
    goals = [shop.post("/api/savings", goal_xml()).value("Id") for _ in range(5)]
    gifts = [shop.post(f"/api/SavingGoal/{goals[0]}/Contributions", contribution_xml()).value("Id") for _ in range(5)]
    assert len({*goals, *gifts}) == 10
    assert all(is_id(one) for one in goals + gifts)


@pytest.mark.parametrize(
    "text",
    ["", "1", "A" * 21, "A" * 23, "A" * 21 + "0", "A" * 21 + "l", "A" * 21 + "\n", "A" * 22 + "\n", "Ａ" * 22, "A" * 21 + "é"],
)
def test_what_is_no_id_never_reaches_the_database(text):
    assert not is_id(text)
