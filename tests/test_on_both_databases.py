"""The suite in shares: every test runs where it must, nothing is left out, and the end is told as it is."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.eventually import SECONDS, eventually, join, killed_if_late
from tests.on_both_databases import ROOT, RUN, UNWANTED, Share, kill_what_is_left_of, run, shares_of_the_suite

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard():
    """Also by what the tests start, and where pytest runs in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


SUITE = """
import pytest

def test_money(): pass

@pytest.mark.no_database
def test_signature(): pass

@pytest.mark.no_database
@pytest.mark.django_db
def test_signature_that_is_kept(): pass

@pytest.fixture
def db(): pass

@pytest.fixture
def shop(db): pass

@pytest.mark.no_database
def test_signature_of_a_shop(shop): pass

@pytest.mark.one_database
@pytest.mark.django_db
def test_planted_bug(): pass

@pytest.mark.no_database
def test_certificate(): pass
"""

MARKERS = "[pytest]\nmarkers =\n    no_database\n    one_database\n    django_db\n"


OF_EACH, ONCE = ["money", "signature_that_is_kept", "signature_of_a_shop"], ["signature", "planted_bug", "certificate"]

CHOICES = [
    ([], [*OF_EACH, *ONCE], 0),
    (["--share", "each"], OF_EACH, 0),
    (["--share", "once"], ONCE, 0),
    (["--share", "each", "-k", "signature"], OF_EACH[1:], 0),
    (["--share", "once", "-m", "no_database"], ["signature", "certificate"], 0),
    (["--share", "each", "-k", "certificate"], [], pytest.ExitCode.NO_TESTS_COLLECTED),
    (["--share", "all", "-k", "signature"], ["signature", *OF_EACH[1:]], 0),
    (["--share", "both"], [], pytest.ExitCode.USAGE_ERROR),
]
"""What pytest is asked for, the tests that it chooses, and its status."""

ASK_PYTEST = """
import json, sys
import pytest
for arguments in json.loads(sys.argv[1]):
    status = pytest.main(["-p", "tests.shares", "-p", "no:django", "--collect-only", "-q", *arguments])
    print(f"=== {int(status)}", flush=True)
"""


def test_a_share_has_what_uses_a_database_or_the_rest(tmp_path):
    """Without a share everything runs."""
    (tmp_path / "pytest.ini").write_text(MARKERS)
    (tmp_path / "test_it.py").write_text(SUITE)
    command = [sys.executable, "-c", ASK_PYTEST, json.dumps([arguments for arguments, _, _ in CHOICES])]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS)
    told = re.findall(r"(.*?)^=== (\d+)$", done.stdout, re.DOTALL | re.MULTILINE)
    found = [(re.findall(r"::test_(\w+)", printed), int(status)) for printed, status in told]
    assert [(sorted(names), status) for names, status in found] == [(sorted(names), status) for _, names, status in CHOICES]


def test_all_run_on_sqlite_and_what_must_hold_on_postgresql(tmp_path):
    sqlite, postgresql = shares_of_the_suite("postgresql://there", ["-x", "tests/api"], run_id="r1", folder=tmp_path)
    for share in (sqlite, postgresql):
        assert share.command[3:5] == ["-p", "tests.shares"]
        assert share.command[share.command.index("--testrunuid") + 1] == "r1"
        assert share.command[-2:] == ["-x", "tests/api"]
    assert sqlite.command[sqlite.command.index("--share") + 1] == "all"
    assert postgresql.command[postgresql.command.index("--share") + 1] == "each"
    assert postgresql.environment["DATABASE_URL"] == "postgresql://there"
    assert sqlite.environment["DATABASE_URL"].startswith("sqlite:///")
    assert sqlite.output != postgresql.output


def test_a_share_writes_bytecode_whatever_is_set_outside(share, monkeypatch):
    """Else every process, and every server that a test starts, compiles the project anew."""
    monkeypatch.setenv(UNWANTED, "1")
    one = share("A", f"import os; raise SystemExit({UNWANTED!r} in os.environ)")
    assert run([one], at_once=1) == 0


def test_a_process_that_outlives_its_run_is_killed():
    command = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
    environment = os.environ | {RUN: "a-run-of-this-test"}
    with subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True) as left:
        with killed_if_late(left):
            assert left.stdout is not None
            assert left.stdout.readline() == "here\n"
        kill_what_is_left_of("a-run-of-this-test")
        assert left.wait(SECONDS) == -signal.SIGKILL


@pytest.fixture
def share(tmp_path):
    """A share that does what a piece of Python says, and has `folder` to leave its traces in."""

    def make(name, code):
        return Share(name, [sys.executable, "-c", code], {"FOLDER": str(tmp_path)}, tmp_path / f"{name}.log")

    return make


def test_what_each_printed_stands_together_and_is_summed_up(share, capfdbinary):
    shares = [share("A", "print('of a'); raise SystemExit(0)"), share("B", "print('of b')"), share("C", "raise SystemExit(5)")]
    assert run(shares, at_once=2) == 0
    printed = re.sub(r"\d+ s", "N s", capfdbinary.readouterr().out.decode())
    assert printed == (
        "\n=== A\nof a\n=== A: passed in N s\n"
        "\n=== B\nof b\n=== B: passed in N s\n"
        "\n=== C\n=== C: nothing to do in N s\n"
        "\n=== A: passed in N s\n=== B: passed in N s\n=== C: nothing to do in N s\n"
    )


@pytest.mark.parametrize(("status", "place"), [(1, 0), (2, 1), (3, 2), (4, 0), (-9, 1)])
def test_one_failure_fails_the_whole_and_the_others_end(status, place, share, capfdbinary):
    ends = [0, 0, 0]
    ends[place] = status
    how = "import os, sys; print('lived'); sys.stdout.flush(); os.kill(os.getpid(), 9) if {0} < 0 else sys.exit({0})"
    assert run([share(str(number), how.format(end)) for number, end in enumerate(ends)], at_once=2) == 1
    printed = capfdbinary.readouterr().out.decode()
    assert printed.count("lived\n") == 3
    assert re.findall(r"=== (\d): FAILED", printed) == [str(place)] * 2


def test_where_no_share_has_anything_to_do_something_is_wrong(share, capfdbinary):
    assert run([share(name, "raise SystemExit(5)") for name in "ABC"], at_once=2) == 1
    assert b"No share has a test that fits: FAILED" in capfdbinary.readouterr().out


WAITS_FOR = """
import os, pathlib, time
folder = pathlib.Path(os.environ["FOLDER"])
(folder / "{me}").touch()
end = time.monotonic() + 60
while not (folder / "{other}").exists():
    if time.monotonic() > end: raise SystemExit(1)
    time.sleep(0.01)
"""


def test_the_third_starts_when_one_of_the_first_two_has_ended(share, capfdbinary):
    """A waits for C, which starts only when B is over: with one at a time, A would wait in vain."""
    shares = [
        share("A", WAITS_FOR.format(me="a", other="c")),
        share("B", "import os, sys; sys.exit(os.path.exists(os.environ['FOLDER'] + '/c'))"),
        share("C", "import os; open(os.environ['FOLDER'] + '/c', 'w')"),
    ]
    assert run(shares, at_once=2) == 0


def test_a_share_that_hangs_is_stopped_and_has_failed(share, capfdbinary):
    assert run([share("A", "import time; time.sleep(600)"), share("B", "")], at_once=2, seconds=0.5) == 1
    assert b"=== Not at the end after 0.5 s: FAILED" in capfdbinary.readouterr().out


def test_no_more_run_at_once_than_are_wanted(share, tmp_path, capfdbinary):
    code = (
        "import os, time; folder = os.environ['FOLDER'] + '/running'\n"
        "os.mkdir(folder); time.sleep(0.05); os.rmdir(folder)"  # fails where another is at it
    )
    assert run([share(name, code) for name in "ABC"], at_once=1) == 0


def test_the_end_of_a_share_is_noticed_while_another_is_shown(share, tmp_path, capfdbinary):
    """Else the time that it is said to have taken would be that of the ones before it as well."""
    shares = [share("A", WAITS_FOR.format(me="a", other="noticed")), share("B", "")]

    def tell_a() -> None:
        eventually(lambda: shares[1].status is not None)
        (tmp_path / "noticed").touch()

    teller = threading.Thread(target=tell_a)
    teller.start()
    assert run(shares, at_once=2) == 0
    join(teller)


INTERRUPTED = """
import signal, sys
from pathlib import Path
from tests import on_both_databases
from tests.on_both_databases import Share, run
folder = Path(sys.argv[1])
on_both_databases.SECONDS_TO_STOP = float(sys.argv[2])
signal.signal(signal.SIGTERM, signal.default_int_handler)
code = '''
import os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
name = sys.argv[2]
service = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
while True:
    try:
        (folder / (name + ".pid")).write_text(f"{os.getpid()} {service.pid}")
        (folder / name).touch()
        time.sleep(600)
    except KeyboardInterrupt:
        if name == "B" and sys.argv[3] == "stubborn":
            continue
        service.kill()
        service.wait()
        (folder / (name + ".tidied")).touch()
        sys.exit(2)
'''
command = [sys.executable, "-c", code, str(folder)]
shares = [Share(name, [*command, name, sys.argv[3]], {}, folder / (name + ".log")) for name in "ABC"]
sys.exit(run(shares, at_once=2))
"""


def is_alive(process_id):
    """Running, and not only waiting to be forgotten."""
    state = Path(f"/proc/{process_id}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells in /proc who is alive")
@pytest.mark.parametrize(
    ("signal_number", "temper", "patience", "tidied"),
    [(signal.SIGINT, "willing", 60, ["A", "B"]), (signal.SIGTERM, "stubborn", 0.5, ["A"])],
)
def test_ctrl_c_lets_the_shares_tidy_up_and_starts_no_other(temper, patience, tidied, signal_number, tmp_path):
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path), str(patience), temper]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        eventually(lambda: (tmp_path / "A").exists() and (tmp_path / "B").exists())
        process.send_signal(signal_number)
        printed, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, printed) == (130, "\n=== A\n\n=== Interrupted\n")
    assert sorted(found.stem for found in tmp_path.glob("*.tidied")) == tidied
    assert not (tmp_path / "C").exists()
    process_ids = [each for name in "AB" for each in (tmp_path / f"{name}.pid").read_text().split()]
    assert len(process_ids) == 4
    eventually(lambda: not any(is_alive(each) for each in process_ids))
