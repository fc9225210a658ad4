"""What a body costs in memory does not grow with how often it makes us repeat its names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.xml_schemas.peak_memory import BODIES

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_BODY_BYTES = 64 * 1024


@pytest.mark.parametrize("name", BODIES)
def test_a_small_body_takes_little_memory(name):
    """Before names were limited the first of these took 1.7 GB."""
    assert len(BODIES[name]) <= LARGEST_BODY_BYTES
    command = [sys.executable, "-m", "tests.xml_schemas.peak_memory", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stdout)
    assert told["mebibytes"] < 20
    (fault,) = told["faults"]
    assert " more than " in fault
