"""Public ids: nothing about them can be guessed, counted or ordered, and nothing else passes for one."""

import itertools

import pytest
import shortuuid

from ids import is_id, new_id

LETTERS = set("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")


def test_an_id_is_22_letters_that_do_not_look_alike():
    made = [new_id() for _ in range(2000)]
    assert {len(one) for one in made} == {22}
    assert set().union(*made) == LETTERS
    assert all(is_id(one) for one in made)


def test_an_id_carries_the_122_random_bits_of_a_version_4_uuid():
    made = {shortuuid.decode(new_id()) for _ in range(2000)}
    assert len(made) == 2000
    assert {one.version for one in made} == {4}
    ones = [sum(one.int >> bit & 1 for one in made) for bit in range(128)]
    fixed = [bit for bit, times in enumerate(ones) if times in (0, 2000)]
    assert len(fixed) == 6, "every bit but the six that say version and variant takes both values"
    assert all(800 < times < 1200 for bit, times in enumerate(ones) if bit not in fixed), "nine deviations round half"


def test_ids_come_in_no_order():
    made = [new_id() for _ in range(500)]
    assert 150 < sum(first < second for first, second in itertools.pairwise(made)) < 350


@pytest.mark.django_db
def test_goals_and_contributions_get_such_ids_over_the_wire(shop):
    goals = [shop.new_goal() for _ in range(5)]
    gifts = [shop.new_contribution(goals[0]).value("Id") for _ in range(5)]
    assert len({*goals, *gifts}) == 10
    assert all(is_id(one) for one in goals + gifts)


def test_what_new_id_cannot_have_made_is_no_id():
    real = "vytxeTZskVKR7C7WgdSP3d"
    assert is_id(real)
    for impostor in (
        "", "1", real[:-1], real + "2", real + "\n", "\n" + real, " " + real, real + "\0", real[:-1] + "0", real[:-1] + "1",
        real[:-1] + "l", real[:-1] + "I", real[:-1] + "O", real[:-1] + "é", real[:-1] + "２", real[:-1] + "-", real[:-1] + "_",
        real[:-1] + "/", real[:-1] + "%", real[:-1] + "'", "../../../../etc/passwd", "0" * 22, "z" * 10_000,
        "123e4567-e89b-12d3-a456-426614174000",
    ):  # fmt: skip
        assert not is_id(impostor), impostor
