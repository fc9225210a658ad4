"""Small bodies that could take much memory, sent with a key to the server as it is started in production."""

import sys
from pathlib import Path

import pytest

from tests.api.serving import code
from tests.xml_schemas.peak_memory import BODIES

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peaks of other processes are read from /proc")

MOST_MEBIBYTES = 20


def processes_of(pid):
    """The server's process and all that it has started, as numbers."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def mebibytes(pid, name):
    """VmRSS or VmHWM, the peak since clear_peak()."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


def clear_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def test_a_small_body_takes_little_memory(server):
    """O3: 1.66 GB were seen for the first of them. The processes have answered before: what they load is not counted."""
    for _ in range(16):
        assert server.ask("POST", "/api/savings", b"<a/>")[0] == 400
    processes = processes_of(server.pid)
    assert len(processes) >= 3, "the server and its two workers"
    for what, body in BODIES.items():
        media = {} if body.startswith("<") else {"Content_Type": "application/json", "Accept": "application/xml"}
        before = {pid: mebibytes(pid, "VmRSS") for pid in processes}
        for pid in processes:
            clear_peak(pid)
        status, _, answer = server.ask("POST", "/api/savings", body.encode(), **media)
        grown = max(mebibytes(pid, "VmHWM") - before[pid] for pid in processes)
        assert (status, code(answer), grown < MOST_MEBIBYTES) == (400, "invalid_body", True), (what, grown)
