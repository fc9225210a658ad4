"""The two places of each gift (web/places.py), shared by all processes of one machine."""

import fcntl
import hashlib
import logging
import os
import tempfile
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)


class SlotFile:
    """Bytes of one file, each locked by one process at a time. The kernel unlocks what a process leaves when it ends.

    Where no such file can be had, each process counts for itself.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        self._owner = 0

    def lock(self, slot: int) -> bool:
        """Whether it is ours now."""
        file = self._opened()
        if file is None:
            return True
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except (BlockingIOError, PermissionError):  # it depends on the system which of them says that another has it
            return False
        return True

    def unlock(self, slot: int) -> None:
        """Give back what lock() has given."""
        file = self._opened()
        if file is not None:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, slot)

    def _opened(self) -> int | None:
        if self._owner != os.getpid():
            self._owner = os.getpid()
            try:
                self._file = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except OSError as error:
                self._file = None
                log.warning("places not shared", extra={"error": str(error)})
        return self._file


def path() -> Path:
    """One for each database, beside it where it is a file; else for each user of the machine."""
    if settings.DATABASE_URL.startswith("sqlite:////"):
        return Path(f"{settings.DATABASE_URL.removeprefix('sqlite:///')}-places")
    name = hashlib.blake2b(settings.DATABASE_URL.encode(), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"whipround-places-{os.getuid()}-{name}"
