"""No test can hang: waiting has a deadline everywhere in tests/."""

import ast
import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.eventually import eventually, eventually_in_loop, join, killed_if_late

pytestmark = pytest.mark.no_database

TESTS = Path(__file__).resolve().parent

WAITS = {"join", "wait", "result", "communicate", "acquire"}
"""Methods that wait for ever where they are given nothing."""
TAKES_SECONDS = {"run": "subprocess", "check_output": "subprocess", "check_call": "subprocess"}
CONNECTS = {"urlopen": 3, "create_connection": 2, "HTTPConnection": 3, "HTTPSConnection": 3}
"""Calls, and how many arguments they have where the time-out is one of them."""


def endless(source: str) -> list[int]:
    """The lines of a module that wait without a deadline or poll by themselves."""
    tree, found = ast.parse(source), set()
    bounded = {call for one in ast.walk(tree) if isinstance(one, ast.Await) for call in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.While) and any(_sleeps(one) for one in ast.walk(node)) and not _looks_at_the_clock(node):
            found.add(node.lineno)
        if isinstance(node, ast.Call) and node not in bounded and _waits_for_ever(node):
            found.add(node.lineno)
    return sorted(found)


def _called(call: ast.Call) -> tuple[str, str]:
    """("subprocess", "run") for subprocess.run(...)."""
    if isinstance(call.func, ast.Attribute):
        return ast.unparse(call.func.value), call.func.attr
    return "", ast.unparse(call.func)


def _looks_at_the_clock(node: ast.While) -> bool:
    return "monotonic()" in ast.unparse(node) or "give_up" in ast.unparse(node.test)


def _sleeps(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node)[1] in {"sleep", "_wait"}


def _waits_for_ever(call: ast.Call) -> bool:
    of, name = _called(call)
    given = {keyword.arg for keyword in call.keywords}
    if given & {"timeout", None}:
        return False
    if name in CONNECTS:
        return len(call.args) < CONNECTS[name]
    if TAKES_SECONDS.get(name) == of or (of == "requests" and name in {"get", "post", "put", "request"}):
        return True
    return name in WAITS and not call.args and not call.keywords


def test_nothing_waits_without_a_deadline():
    places = []
    for path in sorted(TESTS.rglob("*.py")):
        source = path.read_text()
        lines = source.splitlines()
        places += [f"{path.relative_to(TESTS)}:{at}" for at in endless(source) if "# deadline: " not in lines[at - 1]]
    assert places == [], "use tests/eventually.py, or say `# deadline: ...` where what ends it is out of sight"


@pytest.mark.parametrize(
    "line",
    [
        "thread.join()",
        "gate.wait()",
        "process.communicate()",
        "future.result()",
        "subprocess.run(['x'], check=True)",
        "urlopen('http://x')",
        "requests.get('http://x')",
        "create_connection(('x', 1))",
        "while not there: time.sleep(1)",
    ],
)
def test_what_could_wait_for_ever_is_found(line: str):
    assert endless(line) == [1]


def test_waiting_ends_with_the_answer_or_at_the_deadline():
    answers = iter([0, None, "there"])
    assert eventually(lambda: next(answers)) == "there"
    with pytest.raises(AssertionError, match=r"waited 0\.02 seconds in vain: a bus"):
        eventually(lambda: False, "a bus", seconds=0.02)
    with pytest.raises(AssertionError, match=r"waited 0\.02 seconds in vain: a tram"):
        asyncio.run(eventually_in_loop(lambda: False, "a tram", seconds=0.02))


def test_a_thread_that_does_not_end_is_named():
    over = threading.Event()
    thread = threading.Thread(target=over.wait, args=(60,), name="dawdler")
    thread.start()
    try:
        with pytest.raises(AssertionError, match="the end of dawdler"):
            join(thread, seconds=0.02)
    finally:
        over.set()
        join(thread)


def test_a_silent_process_is_killed():
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, killed_if_late(process, 0.05):
        assert process.stdout is not None
        assert process.stdout.readline() == ""
    assert process.returncode == -9
