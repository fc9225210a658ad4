"""Public ids: nothing about them can be guessed, counted or ordered, and nothing else passes for one."""

import shortuuid

from ids import is_id, new_id

LETTERS = set("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")


def test_an_id_is_22_letters_that_need_no_escaping_and_do_not_look_alike():
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


def test_ids_come_in_no_order():
    made = [new_id() for _ in range(200)]
    assert made != sorted(made)
    assert made != sorted(made, reverse=True)


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
