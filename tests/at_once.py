"""A crowd of threads that all begin together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def all_at_once(number: int, act: Callable[[int], Answer]) -> list[Answer]:
    """What act(0), act(1), ... answer, each in a thread of its own and none before all are there."""
    gate = threading.Barrier(number)

    def one(which: int) -> Answer:
        try:
            gate.wait(timeout=60)
            return act(which)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))
