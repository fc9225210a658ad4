"""Environment variables that are nearly the name of a setting: a slip of the pen that nobody would be told of otherwise."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping

OURS_ALONE = ("PAYPAL_", "STRIPE_", "AMAZON_PAY_", "GOOGLE_PAY_", "PLATFORM_FEE_")
"""What begins like this is meant for this service, or for a tool of the provider's; it is told of however far it is."""

OF_LIVE_TESTS = re.compile(r"(?:PAYPAL|STRIPE|AMAZON_PAY|GOOGLE_PAY)_LIVE_[A-Z_]+")
"""`make live` reads these (docs/operators.md)."""

LIKE, LIKE_AT_ALL, SHORT = 0.8, 0.5, 8
_PREFIXES = ("DJANGO", "WHIPROUND", "APP")


def misspelt_now(settings: Iterable[str]) -> dict[str, str]:
    """Those of this process that have a value; see misspelt()."""
    return misspelt((name for name, value in os.environ.items() if value.strip()), settings)


def misspelt(names: Iterable[str], settings: Iterable[str]) -> dict[str, str]:
    """The names that are no setting but look like one, each with the setting that is meant."""
    ours = {_plain(setting): setting for setting in settings}
    known = set(ours.values())
    found = {name: _meant(name, ours) for name in names if name not in known and not OF_LIVE_TESTS.fullmatch(name)}
    return {name: meant for name, meant in found.items() if meant}


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _meant(name: str, ours: Mapping[str, str]) -> str:
    """The setting that is nearest, "" where none is near."""
    plain = _plain(name)
    for prefix in _PREFIXES:
        if plain.removeprefix(prefix) in ours:
            return ours[plain.removeprefix(prefix)]
    words, ours_alone = set(name.upper().split("_")), name.upper().startswith(OURS_ALONE)
    near = difflib.get_close_matches(plain, ours, n=3, cutoff=LIKE_AT_ALL if ours_alone else LIKE)
    near = [one for one in near if len(one) > SHORT or _differ_by_a_letter(plain, one)]
    if not ours_alone:  # another program's own variable has words of its own: NIX_SSL_CERT_FILE, SECRET_KEY_BASE
        near = [one for one in near if not words > set(ours[one].split("_"))]
    with_all_words = [one for one in near if words <= set(ours[one].split("_"))]
    return ours[(with_all_words or near)[0]] if near else ""


def _differ_by_a_letter(one: str, other: str) -> bool:
    """For short names, to which much of what others need is alike."""
    return abs(len(one) - len(other)) <= 1 and difflib.SequenceMatcher(None, one, other).ratio() > LIKE
