"""Credentials at rest: unreadable without a key, readable through a change of keys, refused once tampered with."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from encryption import UnreadableSecret, decrypt, encrypt

pytestmark = pytest.mark.no_database


@examples(deadline=None, derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_secret_comes_back_exactly(secret):
    assert decrypt(encrypt(secret)) == secret


def test_the_stored_text_shows_nothing_and_never_repeats():
    first, second = encrypt("anna@example.org"), encrypt("anna@example.org")
    assert first.isascii()
    assert second.isascii()
    assert first != second
    assert "anna" not in first
    assert len(encrypt("a")) == len(encrypt("anna@example.o")), "the length of a short secret does not show"


def test_any_text_can_be_a_key_and_a_similar_one_is_another(settings):
    for key in ("x", "a key with blanks", "żółw", "k" * 10_000, "SGVsbG8="):
        settings.CREDENTIALS_KEYS = [key]
        stored = encrypt("anna@example.org")
        assert decrypt(stored) == "anna@example.org"
        settings.CREDENTIALS_KEYS = [key + " "]
        with pytest.raises(UnreadableSecret):
            decrypt(stored)


def test_a_changed_text_is_refused_wherever_it_was_changed():
    stored = encrypt("anna@example.org")
    for place in range(len(stored.rstrip("=")) - 1):
        other = "A" if stored[place] != "A" else "B"
        with pytest.raises(UnreadableSecret):
            decrypt(stored[:place] + other + stored[place + 1 :])


def test_what_was_never_encrypted_is_refused_unquoted():
    for text in ("", "anna@example.org", "gAAAAA", "é", "\0", "A" * 200):
        with pytest.raises(UnreadableSecret) as refused:
            decrypt(text)
        assert "anna" not in str(refused.value)
