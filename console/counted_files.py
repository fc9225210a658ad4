"""What all processes have counted: the files in PROMETHEUS_MULTIPROC_DIR added up, those of ended processes put together.

A counter must not fall when a process ends, so its file cannot just be deleted; left alone, files would pile up with every
restart. Here they are merged into one for each machine, by the reader's own means.
"""

import fcntl
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

import metrics

GONE = "0"
"""Stands where the number of a process does in the name of the file of those that are gone."""


class AllProcesses(Collector):
    """A collector of prometheus_client's over the files of one folder."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def describe(self) -> list[Metric]:
        """Nothing: nobody knows it without reading the files."""
        return []

    def collect(self) -> Iterable[Metric]:
        with self._locked():  # whoever reads waits a moment for whoever merges
            merge_those_that_are_gone(self._folder)
            return list(MultiProcessCollector(None, str(self._folder)).collect())  # type: ignore[no-untyped-call]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def merge_those_that_are_gone(folder: Path) -> int:
    """Put the files of this machine's ended processes together, a file for each type; returns how many were merged."""
    gone: dict[str, list[Path]] = defaultdict(list)
    for file in folder.glob(f"*_{metrics.HOST}-*.db"):
        number = file.stem.rpartition("-")[2]
        if number != GONE and number.isdigit() and not _runs(int(number)):
            gone[file.stem.partition("_")[0]].append(file)
    for kind, files in gone.items():
        _merge(files, folder / f"{kind}_{metrics.HOST}-{GONE}.db")
    return sum(map(len, gone.values()))


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _merge(files: list[Path], into: Path) -> None:
    sums: Counter[str] = Counter()
    for file in [*files, into] if into.exists() else files:
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
            sums[key] += value
    new = into.with_suffix(".new")
    new.unlink(missing_ok=True)  # of one that was killed at it
    written = MmapedDict(str(new))  # type: ignore[no-untyped-call]
    for key, value in sums.items():
        written.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]
    new.replace(into)
    for file in files:
        file.unlink()
