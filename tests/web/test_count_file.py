"""The file that requests are counted in: it counts exactly, forgets, and has an end."""

import threading

import pytest

from tests.eventually import join

pytestmark = pytest.mark.no_database


def test_threads_at_once_count_exactly(counts):
    passed = []

    def ask():
        passed.extend(counts.acquire_sliding_window_entry("k", 100, 3600) for _ in range(60))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert (len(passed), passed.count(True)) == (480, 100)


def test_the_file_forgets_and_has_an_end(counts, moment, monkeypatch):
    monkeypatch.setattr("web.count_file.MOST_ROWS", 50)
    for number in range(200):
        moment[0] += 0.01
        counts.acquire_sliding_window_entry(f"stranger {number}", 10, 60)
    counts.sweep()
    assert (counts.get("stranger 199"), counts.get("stranger 150"), counts.get("stranger 149")) == (1, 1, 0)
    moment[0] += 200
    counts.sweep()
    assert counts.reset() == 0


def test_a_moment_ahead_is_counted_and_an_hour_is_not(counts, moment):
    """Of two processes one may be in the next window already; and a clock that was put right must not lock anybody out."""
    moment[0] += 60
    assert [counts.acquire_sliding_window_entry("k", 2, 60) for _ in range(3)] == [True, True, False]
    moment[0] -= 0.5
    assert counts.acquire_sliding_window_entry("k", 2, 60) is False
    moment[0] -= 3600
    assert counts.acquire_sliding_window_entry("k", 2, 60) is True
