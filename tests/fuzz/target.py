"""What is fuzzed: inputs without end, and a check that says what kind of answer each has had, or fails."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

SECONDS_FOR_ONE = 2.0
"""Of the processor, for one input: none may cost much more than it weighs, on whatever machine."""

BATCH = 500


@dataclass(frozen=True)
class Target:
    """`check` takes one input and returns the kind of answer in a word or two; it raises whatever is wrong with the answer."""

    inputs: SearchStrategy[Any]
    check: Callable[[Any], str]


def told_in_a_line(refused: Exception, *, begins: str = "", ends: str = "") -> None:
    """Fails where the sentence of a refusal is none that can be shown."""
    text = str(refused)
    assert "\n" not in text, text
    assert text.startswith(begins), text
    assert text.endswith(ends), text


class TooSlow(AssertionError):
    """An input took more time than its size explains."""


def play(target: Target, *, examples: int, seed_number: int, shrink: bool = True) -> Counter[str]:
    """How many inputs had each kind of answer. Raises what the check raised, for the smallest input that is found."""
    kinds: Counter[str] = Counter()

    @seed(seed_number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(target.inputs)
    def each(given_input: Any) -> None:
        started = time.thread_time()
        kinds[target.check(given_input)] += 1
        if time.thread_time() - started > SECONDS_FOR_ONE:
            raise TooSlow(f"{time.thread_time() - started:.1f} s of the processor")

    each()
    return kinds


def play_for(target: Target, seconds: float, *, seed_number: int) -> Counter[str]:
    """As `play`, over and over with other seeds until the time is over."""
    kinds: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            kinds += play(target, examples=BATCH, seed_number=seed_number)
        except Exception as error:
            error.add_note(f"Again: with --seed {seed_number}")
            raise
        seed_number += 1
    return kinds


def resident_mebibytes() -> float:
    """What this process has in memory now (Linux); 0 where that is not told."""
    try:
        with open("/proc/self/statm") as told:
            pages = int(told.read().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
