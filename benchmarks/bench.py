"""`make bench`: everything that is measured, as a table with the machine, and as docs/benchmarks.md with its pictures.

    python -m benchmarks.bench [--quick] [--only PART ...] [--database SQLite|PostgreSQL]
    python -m benchmarks.bench --again PART ... [--database SQLite|PostgreSQL]
    python -m benchmarks.bench --check

`--quick` takes some minutes in place of an hour, on a machine that has other things to do: fewer and shorter rounds, fewer
gifts. Such a run, and one of some parts, is printed and kept in var/, and docs/benchmarks.md stays as it is. `--again` measures
these parts of the last whole run once more, in the place of what it had, and writes the page, which says so. `--check` holds
what was kept of the last run against targets.py, and ends with status 1 where a target is missed.
"""

import argparse
import importlib
import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, report
from benchmarks.measured import Measured, from_json
from benchmarks.servers import PEERS_PYTHON, ROOT
from benchmarks.stage import DATABASES, FULL, QUICK, Effort, Kind
from benchmarks.targets import TARGETS, missed
from tests.on_both_databases import postgres_url

PARTS = ("reads", "writes", "settlement", "lists", "waiting", "slow_provider", "growth", "memory", "before")
RESULTS = ROOT / "var" / "benchmarks.json"
DATA = ROOT / "var" / "benchmark-postgresql"
"""Of the embedded PostgreSQL, on the disk."""
PAGE, PICTURES = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks"


def main() -> int:
    asked = _asked()
    if asked.check:
        return check()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing that was started is left behind
    effort = QUICK if asked.quick else FULL
    RESULTS.parent.mkdir(exist_ok=True)
    kinds = [asked.database] if asked.database else list(DATABASES)
    whole = last_whole_run(RESULTS) if asked.again else None
    results = RESULTS.with_suffix(".again.json") if asked.again else RESULTS  # the whole run is kept until this one is over
    kept = measure(asked.again or asked.only or list(PARTS), kinds, effort, quick=asked.quick, results=results)
    if whole is not None:
        kept = with_the_rest_of(whole, kept, asked.again)
        RESULTS.write_text(json.dumps(kept, indent=1))
    lines = [from_json(line) for line in kept["lines"]]
    print("\n" + "\n".join(f"{name:20}{value}" for name, value in kept["machine"].items()))
    print(f"\n{report.text(lines)}")
    if asked.again or not (asked.quick or asked.only or asked.database or kept["failed"]):
        write(lines, kept["machine"], effort)
    for failure in kept["failed"]:
        print(f"FAILED: {failure}")
    return 1 if kept["failed"] else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--again", nargs="+", choices=PARTS)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.again and (asked.quick or asked.only):
        parser.error("--again is a part of a whole run: neither --quick nor --only go with it")
    return asked


def measure(parts: list[str], kinds: list[str], effort: Effort, *, quick: bool, results: Path) -> dict[str, Any]:
    """Everything, part by part; what was found so far is printed and kept in `results` after each."""
    kept: dict[str, Any] = {"quick": quick, "lines": [], "failed": []}
    loads = []
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_url(DATA)) if "PostgreSQL" in kinds else None
        kept["machine"] = machine.described(postgres)
        for part in parts:
            for name in kinds:
                began = time.monotonic()
                kind = Kind(name, postgres, DATA) if name == "PostgreSQL" and postgres else Kind(name, "sqlite:///")
                try:
                    lines = importlib.import_module(f"benchmarks.parts.{part}").measure(kind, effort)
                    kept["lines"] += [line.as_json() for line in lines]
                    print(report.text(lines))
                except (RuntimeError, OSError, subprocess.SubprocessError) as error:  # the other parts are worth having
                    kept["failed"].append(f"{part} on {name}: {error}")
                loads.append(machine.load_average())
                kept["machine"]["load average"] = f"{min(loads, key=float)} to {max(loads, key=float)}"
                results.write_text(json.dumps(kept, indent=1))
                print(f"{part} on {name}: {time.monotonic() - began:.0f} s, load average {loads[-1]}\n", flush=True)
    return kept


def last_whole_run(results: Path) -> dict[str, Any]:
    """What `--again` goes into, before anything is measured. Raises RuntimeError."""
    kept: dict[str, Any] = json.loads(results.read_text()) if results.exists() else {"lines": []}
    if {one.key for one in TARGETS} - {line["key"] for line in kept["lines"]}:
        raise RuntimeError("the last run was not a whole one: make bench")
    _check_may_be_shown(kept)
    return kept


def _check_may_be_shown(kept: dict[str, Any]) -> None:
    if kept["quick"] or kept["failed"]:
        raise RuntimeError(f"not to be shown: {kept['failed'] or 'it was a quick run'}")


def with_the_rest_of(whole: dict[str, Any], again: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    """The whole run with what was measured again. Raises RuntimeError where either is not to be shown."""
    _check_may_be_shown(whole)
    _check_may_be_shown(again)
    new = {(line["key"], line["database"]): line for line in again["lines"]}
    lines = [new.pop((line["key"], line["database"]), line) for line in whole["lines"]]
    where = again["machine"]
    once_more = f"{', '.join(parts)} at {where['commit']}, {where['date']}, load average {where['load average']}"
    before = whole["machine"].get("measured again")
    machine = whole["machine"] | {"measured again": f"{before}; {once_more}" if before else once_more}
    return whole | {"lines": lines + list(new.values()), "machine": machine}


def write(lines: list[Measured], told: dict[str, str], effort: Effort) -> None:
    """docs/benchmarks.md and its pictures. Raises CalledProcessError."""
    numbers = asdict(effort)
    how = f"{numbers['rounds']} rounds with samples of {numbers['seconds']:g} s, 8 connections, servers of two processes."
    PAGE.write_text(report.markdown(lines, told, how))
    subprocess.run([str(PEERS_PYTHON), "-m", "benchmarks.pictures", str(RESULTS), str(PICTURES)], cwd=ROOT, check=True)
    print(f"\nwritten: {PAGE.relative_to(ROOT)}, {PICTURES.relative_to(ROOT)}/")


def check(results: Path = RESULTS) -> int:
    """1 where the last run misses a target."""
    if not results.exists():
        print("Nothing has been measured yet: make bench.")
        return 1
    kept = json.loads(results.read_text())
    told = missed([from_json(line) for line in kept["lines"]])
    kind = "quick run" if kept["quick"] else "run"
    print(f"The {kind} of {kept['machine']['date']}, load average {kept['machine']['load average']}:")
    print("\n".join(f"MISSED: {sentence}" for sentence in told) or "every target is met")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
