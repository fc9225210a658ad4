"""A provider that hears of the giver's approval only after we have asked for the first time."""

from collections.abc import Callable
from typing import Any

import pytest


def hears_after(monkeypatch: pytest.MonkeyPatch, hears: Callable[[], Any], *, questions: int = 2) -> None:
    """The giver who comes back waits, and `hears` is what happens at the provider after so many questions of ours."""
    asked = 0

    def pause(seconds: float) -> None:
        nonlocal asked
        asked += 1
        if asked == questions:
            hears()

    monkeypatch.setattr("pages.patience.LAG_SECONDS", 60)
    monkeypatch.setattr("pages.patience.LAG_AT_BANK_SECONDS", 60)
    monkeypatch.setattr("pages.patience.LAG_PAUSES_SECONDS", (0.01,))
    monkeypatch.setattr("pages.patience._pause", pause)
