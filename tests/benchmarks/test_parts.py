"""Every part of the benchmark runs, with next to no effort: nothing is said of what it measures."""

import importlib
import json
import subprocess

import pytest

from benchmarks import bench
from benchmarks.measured import Measured
from benchmarks.report import PICTURES
from benchmarks.servers import PEERS_PYTHON, ROOT
from benchmarks.stage import SMOKE
from benchmarks.targets import BEFORE, TARGETS
from tests.benchmarks.conftest import kind
from tests.benchmarks.test_targets import a_run

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]


def _has_commit() -> bool:
    done = subprocess.run(["git", "cat-file", "-e", BEFORE], cwd=ROOT, capture_output=True, check=False, timeout=60)
    return done.returncode == 0


@pytest.mark.parametrize("part", bench.PARTS)
def test_a_part_measures_what_it_names(part, tmp_path, monkeypatch):
    if part == "reads" and not PEERS_PYTHON.exists():
        pytest.skip("make bench installs what the peers need")
    if part == "before" and not _has_commit():
        pytest.skip(f"this is no checkout of git with {BEFORE}")
    monkeypatch.setenv("BENCHMARK_FOLDER", str(tmp_path))
    lines = importlib.import_module(f"benchmarks.parts.{part}").measure(kind(), SMOKE)
    assert lines
    for line in lines:
        assert isinstance(line, Measured)
        assert line.values
        assert all(value >= 0 for value in line.values)


def test_every_target_is_measured_by_some_part():
    """By its key, in the source of the parts."""
    sources = "".join((ROOT / "benchmarks" / "parts" / f"{part}.py").read_text() for part in bench.PARTS)
    made = {key for key in (target.key for target in TARGETS) if f'"{key}"' in sources}
    put_together = {"poll/plain_django", "return/pgbench spread", "before/304", "before/return"}
    assert {target.key for target in TARGETS} - made - put_together == set()
    assert all(f'f"{beginning}' in sources for beginning in ("poll/{", "return/pgbench {", "before/{"))


@pytest.mark.skipif(not PEERS_PYTHON.exists(), reason="make bench installs what draws the pictures")
def test_a_picture_is_drawn_of_each_group(tmp_path):
    results = tmp_path / "run.json"
    results.write_text(json.dumps({"lines": [line.as_json() for line in a_run()]}))
    command = [str(PEERS_PYTHON), "-m", "benchmarks.pictures", str(results), str(tmp_path / "pictures")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    assert {file.stem for file in (tmp_path / "pictures").iterdir()} == set(PICTURES)
