"""Small mistakes where gifts come in cash and are matched: found by histories in which that happens; see planted_bugs.py."""

import ast

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import Place, instead

SEED = 8
"""Of the first history with cash and matchers; each eighth after it has them too."""

WRITTEN_BACK = "Matcher.objects.filter(**row_key(matcher)).update(matched_minor=matcher.matched_minor + moved)"


ONLY_ONCE_MORE = """
if not contribution.goal.is_matched or "-" not in (contribution.match_of or "-"):
    return
"""
"""A match is matched, and its own match is not (ids of gifts alone have a dash here): else there would be no end of it."""


def read_modify_write(place: Place) -> None:
    """The cap is not read under the lock, and what is counted is written as it was read."""
    (counted,) = (one for one in place.siblings if "_count(" in ast.unparse(one))
    place.siblings[place.siblings.index(counted)] = ast.parse(WRITTEN_BACK).body[0]
    place.replace(*ast.parse("pass").body)


BUGS = (
    Bug(
        "what came in cash is not marked apart",
        "what-no-provider-has-is-marked",
        instead('by_hand = ""'),
        seed=SEED,
    ),
    Bug(
        "a match is matched",
        "a-match-is-not-matched",
        instead(ONLY_ONCE_MORE),
        seed=32,
    ),
    Bug(
        "a move leaves no word for the matches",
        "a-match-is-due-with-the-move",
        instead("pass"),
        seed=112,
    ),
    Bug(
        "a cap is read before anybody waits for it, and written as it was read",
        "a-cap-is-read-under-lock",
        read_modify_write,
        seed=56,
    ),
    Bug(
        "what is matched does not count against the cap",
        "a-cap-is-counted-in-the-database",
        instead("pass"),
        seed=SEED,
    ),
    Bug(
        "a refund does not take its share back",
        "a-refund-takes-its-share-back",
        instead("moved = 0"),
        seed=SEED,
    ),
    Bug(
        "a gift is matched anew each time that it is looked at",
        "a-gift-is-matched-once",
        instead("pass"),
        seed=SEED,
    ),
)
