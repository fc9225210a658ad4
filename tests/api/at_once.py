"""A crowd of threads that all begin together."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def all_at_once(number, act):
    """What act(0), act(1), ... answer, each in a thread of its own and none before all are there."""
    gate = threading.Barrier(number)

    def one(which):
        try:
            gate.wait(timeout=60)
            return act(which)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))
