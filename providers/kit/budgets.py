"""What strangers may make us ask of a provider: so many questions a minute that come to nothing, counted by themselves."""

import threading
import time

SECONDS = 60.0


class Budget:
    """`calls` at once, and as many again in each minute. Thread-safe. One process counts for itself.

    Whoever asks takes one, and gives it back where the question was worth it: so only what comes to nothing is counted, and
    webhooks that are the provider's do not run out of it, however many there are.
    """

    def __init__(self, calls: int) -> None:
        self._most = float(calls)
        self._left, self._counted_at = self._most, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """False where nothing is left."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._most, self._left + (now - self._counted_at) * self._most / SECONDS)
            self._counted_at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        """The question was worth it."""
        with self._lock:
            self._left = min(self._most, self._left + 1)
